# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Packages one after the other, or several at once by processes of their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pkgtools.check.one_package import CheckTask, check_package
from pkgtools.model.finding import CheckVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .member_budget import MemberBudget


def check_all(paths: Iterable[Path], task: CheckTask, jobs: int) -> Iterator[CheckVerdict]:
    """Yield a verdict for each package, in the order of the paths, `jobs` of them being worked on at once."""
    if jobs == 1:
        yield from map(partial(check_package, task=task), paths)
        return
    from .member_budget import shared_budget  # noqa: PLC0415 - what one package alone doesn't pay for
    from .parallel import each_in_order  # noqa: PLC0415 - as above

    with shared_budget(jobs) as budget:
        for path, verdict in each_in_order(partial(_check_within, task=task, budget=budget), paths, jobs):
            killed = f"{path}: the process that read it was killed or crashed"
            yield verdict or CheckVerdict(origin=str(path), error=killed)


def _check_within(path: Path, *, task: CheckTask, budget: MemberBudget) -> CheckVerdict:
    with budget.of_package() as grow:
        return check_package(path, task=task, grow=grow)
