# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The plan of a cleaning is what is carried out: on random trees a dry run says what the real run then does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.runtime.clean.job import CleanChoice, CleanRun, clean_orphans, clean_places, clean_sources
from pkgtools.runtime.clean.observe import CleanPlace
from pkgtools.runtime.clean.plan import made_here, orphans_and_dead
from pkgtools.runtime.facts import InstalledPath, Outcome, Status
from pkgtools.runtime.policy.selection import select_paths
from pkgtools.runtime.policy.version_range import parse_version_range
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.trust import Tree
from tests.lab.tree import differences
from tests.lab.work import examples
from tests.runtime.records import know
from tests.runtime.sandbox import APP, TAG, Sandbox

Clean = Callable[[Tree, CleanRun, Report], None]
_TOP = InstalledPath(APP)


def _sources(tree: Tree, run: CleanRun, report: Report) -> None:
    clean_sources(tree, select_paths(tree, [_TOP]).directories, run, report)


def _orphans(tree: Tree, run: CleanRun, report: Report) -> None:
    clean_orphans(tree, [_TOP], run, report)


def _by(choice: CleanChoice) -> Clean:
    def clean(tree: Tree, run: CleanRun, report: Report) -> None:
        places = [CleanPlace(_TOP, InstalledPath(f"{APP}{directory}")) for directory in ("", "/pkg", "/pkg/sub")]
        clean_places(tree, places, choice, run, report)

    return clean


_DEAD = CleanChoice(orphans_and_dead(frozenset({TAG}), frozenset({TAG})), floor=_TOP)
CLEANS: dict[str, tuple[Clean, CleanRun]] = {
    "sources": (_sources, CleanRun()),
    "sources of one version": (_sources, CleanRun(parse_version_range("3.9"))),
    "orphans": (_orphans, CleanRun()),
    "dead": (_by(_DEAD), CleanRun()),
    "made here": (_by(CleanChoice(made_here, recorded=True, floor=_TOP)), CleanRun()),
}
ENDS = [".py", ".py", ".hy", ".pyc", ".so", ".x", ".py39.nbi", f".{TAG}-pytest-7.pyc"]
ENDS += [f".{TAG}.pyc", ".cpython-39.pyc", f".{TAG}.opt-1.pyc", f".{TAG}.pyc.99"]
FILES = st.tuples(
    st.sampled_from(["", "pkg/", "pkg/sub/"]),
    st.sampled_from(["", "", "__pycache__/"]),
    st.sampled_from(["m", "n", "m.f"]),
    st.sampled_from(ENDS),
)


@pytest.mark.parametrize("what", CLEANS)
@settings(max_examples=examples(60))
@given(
    files=st.dictionaries(FILES, st.booleans(), min_size=1, max_size=24),
    compiled=st.booleans(),
    directory=st.sampled_from([None, "/pkg", "/pkg/sub", "/pkg/__pycache__", f"/__pycache__/m.{TAG}.pyc/x"]),
)
def test_dry_run_says_what_the_real_run_does(
    scratch: Path, what: str, files: dict[tuple[str, ...], bool], compiled: bool, directory: str | None
) -> None:
    """`files`: with whether a package owns one; `directory`: one that a package owns; `compiled`: some are ours."""
    subprocess.run(["/bin/rm", "-rf", scratch / f"dry-{os.getpid()}"], check=True)
    sandbox = Sandbox(scratch / f"dry-{os.getpid()}")
    for parts in files:
        sandbox.write(f"{APP}/{''.join(parts)}")
    if compiled:
        sandbox.compile(APP)
    if directory is not None and not sandbox.exists(APP + os.path.dirname(directory)):
        sandbox.directory(APP + directory)
    know(sandbox, [f"{APP}/{''.join(parts)}" for parts, owned in files.items() if owned] + [f"{APP}{directory}"])
    clean, run = CLEANS[what]
    before = sandbox.below(APP)
    foretold = _done(clean, sandbox, run._replace(dry_run=True))
    assert differences(before, sandbox.below(APP)) == []
    assert _done(clean, sandbox, run) == foretold
    gone = {path for path in before if path not in sandbox.below(APP)}
    assert {one.path for one in foretold if one.status is Status.REMOVED} == gone
    assert [one for one in _done(clean, sandbox, run) if one.status is Status.REMOVED] == []


def _done(clean: Clean, sandbox: Sandbox, run: CleanRun) -> set[Outcome]:
    tree, report = sandbox.tree(), Report("clean", dry_run=run.dry_run)
    clean(tree, run, report)
    tree.close()
    return set(report.outcomes)
