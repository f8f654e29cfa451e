# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is left in the store of upgrades: who drops it, when, and at what cost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pkgtools.runtime.compile.reuse import STORE
from tests.runtime.batches import batch, install
from tests.runtime.faults import require_strace
from tests.runtime.records import forget
from tests.runtime.sandbox import Sandbox
from tests.runtime.upgrades import POSTINST, PRERM, SETTINGS, installed, prerm, stored

_LATER = (
    "import runpy, sys, time\n"
    "now = time.time\n"
    "time.time = lambda: now() + 90_000\n"
    "sys.argv = sys.argv[3:]\n"
    "runpy.run_path(sys.argv[0], run_name='__main__')\n"
)
TOMORROW = ("/usr/bin/python3", "-IBSc", _LATER)
"""Runs a command 25 hours later: no file's change time can be set."""


def test_postinst_drops_what_its_prerm_put_aside_of_modules_that_went(sandbox: Sandbox) -> None:
    """dpkg knows the new files only by then, and a run without a batch, as a package with its own call has it."""
    installed(sandbox, "a", "b", "old")
    install(sandbox, "other", "x")
    batch(sandbox)
    prerm(sandbox)
    sandbox.clean("-p", "other", environment=PRERM)
    forget(sandbox, "acme")
    install(sandbox, "acme", "a", version="2")
    assert sandbox.compile("-p", "acme", environment=POSTINST).status == 0
    assert len(stored(sandbox)) == 1
    assert sandbox.compile("-p", "other", environment=POSTINST).status == 0
    assert os.listdir(sandbox.path(STORE)) == []


@pytest.mark.parametrize("name", ["a b", "\udcff", "$(x)", "'", "x" * 200], ids=repr)
def test_postinst_drops_modules_of_any_name(name: str, sandbox: Sandbox) -> None:
    installed(sandbox, "a", name)
    prerm(sandbox)
    assert len(stored(sandbox)) == 2
    forget(sandbox, "acme")
    install(sandbox, "acme", "a", version="2")
    sandbox.compile("-p", "acme", environment=POSTINST)
    assert os.listdir(sandbox.path(STORE)) == []


RUNS: dict[str, tuple[str, ...]] = {
    "compile": ("pkgtools-compile", "/opt/app"),
    "compile switched off": ("pkgtools-compile", "-p", "acme"),
    "compile for a version that is missing": ("pkgtools-compile", "-V", "3.99", "/opt/app"),
    "clean": ("pkgtools-clean", "/opt/app"),
    "batch": ("pkgtools-trigger",),
}


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("what", RUNS)
def test_any_run_drops_what_is_older_than_a_day(what: str, old: bool, sandbox: Sandbox) -> None:
    installed(sandbox, "a", "b")
    prerm(sandbox)
    if what.endswith("off"):
        sandbox.write(SETTINGS, "compile = no\n")
    wrapper = TOMORROW if old else ()
    sandbox.run(*RUNS[what], "--dry-run", wrapper=wrapper)
    assert len(stored(sandbox)) == 2
    sandbox.run(*RUNS[what], wrapper=wrapper)
    drops_all = old or what in {"batch", "compile switched off"}  # for the latter is the package's own postinst
    assert len(stored(sandbox)) == (0 if drops_all else 2)


def test_administrator_s_store_keeps_what_is_old(sandbox: Sandbox) -> None:
    sandbox.write(SETTINGS, "store-size = 1000000\n")
    installed(sandbox, "a", "b")
    prerm(sandbox)
    for what in ("compile", "clean", "batch"):
        sandbox.run(*RUNS[what], wrapper=TOMORROW)
        assert len(stored(sandbox)) == 2


def test_cost_of_a_postinst_does_not_grow_with_what_others_put_aside(sandbox: Sandbox, tmp_path: Path) -> None:
    """In a large upgrade all prerms run before the first postinst."""
    require_strace()
    source, *_ = installed(sandbox, "a", "b")
    install(sandbox, "other", *(f"m{number}" for number in range(300)))
    batch(sandbox)
    calls = []
    for number, package in enumerate(("none", "other")):
        sandbox.clean("-p", "other", environment=PRERM) if package == "other" else None
        log = tmp_path / f"log{number}"
        sandbox.compile("-p", "acme", environment=POSTINST, wrapper=("/usr/bin/strace", "-o", str(log), "--trace=file"))
        calls.append(len(log.read_text(errors="replace").splitlines()))
    assert len(stored(sandbox)) == 300
    assert calls[1] - calls[0] < 60
    assert sandbox.exists(source)
