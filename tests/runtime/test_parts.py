# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is wanted is compiled part by part, so that memory doesn't grow with the number of modules."""

from __future__ import annotations

import pytest

from pkgtools.runtime.compile import job
from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted, parts
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.compile.perform import Performer
from pkgtools.runtime.compile.steps import CompilePlan
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.report import Report
from tests.runtime.sandbox import APP, HERE, Sandbox, pyc_of


def _wanted(directory: str, count: int) -> Wanted:
    names = tuple(f"m{number}.py" for number in range(count))
    return Wanted(InstalledPath(APP), InstalledPath(f"{APP}/{directory}"), names, (HERE,), (0,))


@pytest.mark.parametrize(
    ("counts", "cut"),
    [
        ((), []),
        ((3,), [[3]]),
        ((9,), [[9]]),
        ((2, 2, 2), [[2, 2], [2]]),
        ((3, 9, 1), [[3], [9], [1]]),
        ((4, 0, 0), [[4, 0, 0]]),
    ],
)
def test_parts_hold_whole_directories(
    counts: tuple[int, ...], cut: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_SOURCES_OF_A_PART", 4)
    found = parts([_wanted(f"d{number}", count) for number, count in enumerate(counts)])
    assert [[len(one.names) for one in part] for part in found] == cut


def test_one_part_is_named_before_the_next_is_planned(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [_wanted(f"d{number}", 3) for number in range(3)]
    sources = [sandbox.write(f"{one.directory}/{name}") for one in wanted for name in one.names]
    sandbox.compile(sources[0])  # nothing to do for this one
    named: list[int] = []
    shown: list[tuple[int, int]] = []
    real = Performer.perform

    def perform(performer: Performer, plan: CompilePlan) -> object:
        named.append(len(sandbox.pycs()))
        return real(performer, plan)

    monkeypatch.setattr(Performer, "perform", perform)
    monkeypatch.setattr(job, "_SOURCES_OF_A_PART", 4)
    tree, report = sandbox.tree(), Report("compile")
    settings = CompileSettings(progress=lambda done, total: shown.append((done, total)))
    compile_wanted(tree, wanted, CompileRun(settings=settings), report)
    tree.close()
    assert named == [1, 3, 6]
    assert sandbox.pycs() == set(map(pyc_of, sources))
    assert shown == [(done, 9) for done in range(2, 10)]
    assert report.exit_code(strict=True) == 0
