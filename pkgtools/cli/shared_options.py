# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Options that several commands have."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.policy.sources import absolute
from pkgtools.runtime.pythons import CPYTHON_STEM

from . import completing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.facts import InstalledPath

python_option = click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="PATH",
    help="An interpreter beside those in /usr/bin, or a directory.",
)
rule_option = click.option(
    "--rule",
    "-r",
    "only",
    metavar="ID",
    multiple=True,
    shell_complete=completing.rule_ids,
    help="Only this rule; may be given several times.",
)


def texts(values: object) -> tuple[str, ...]:
    """Return what was given for an option that may be given several times."""
    return tuple(map(str, values)) if isinstance(values, tuple) else ()


def named_pythons(given: Iterable[str]) -> Iterator[InstalledPath]:
    """Yield the absolute paths of what was named by --python. Raises UsageError for a name that names none."""
    for one in given:
        if "/" not in one and not Path(one).exists():
            found = shutil.which(one) or shutil.which(CPYTHON_STEM + one)
            near = f"; did you mean {found}?" if found else "; --python takes a path, as /usr/bin/python3.11"
            raise UsageError(f"{one}: no such interpreter{near}")
        yield absolute(one)
