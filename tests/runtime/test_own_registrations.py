# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Batches compile a registered directory for the interpreter that its registration names, and for no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.runtime.batches import WHEN, batch
from tests.runtime.own_pythons import LIBRARY, PREFIX, PROGRAM, begin_with, give_tag, system_with_own_python
from tests.runtime.records import know
from tests.runtime.sandbox import Sandbox, pyc_of

DROP_IN = "/usr/share/pkgtools/private.d/acme.conf"
APP = f"{PREFIX}/app"
MODULE = f"{APP}/a.py"
SITE = f"{LIBRARY}/site-packages/b.py"
TAG = "cpython-398"


@pytest.fixture
def system(tmp_path: Path) -> Sandbox:
    """Return a system with a package that has a Python, a module, one in that Python's library, and registers both."""
    sandbox = system_with_own_python(tmp_path / "root")
    give_tag(sandbox, TAG)
    for path in (MODULE, SITE):
        sandbox.write(path, mtime=WHEN)
    sandbox.write(DROP_IN, f"compile-for||{APP}|{PROGRAM}\ncompile-for||{os.path.dirname(SITE)}|{PROGRAM}\n")
    know(sandbox, [PREFIX, APP, os.path.dirname(SITE), MODULE, SITE, PROGRAM, DROP_IN], "acme", mtime=WHEN)
    return sandbox


def test_a_batch_compiles_for_it_and_for_no_other(system: Sandbox) -> None:
    ran = batch(system)
    assert (ran.status, ran.talk) == (0, "")
    assert system.pycs(PREFIX) == {pyc_of(MODULE, tag=TAG), pyc_of(SITE, tag=TAG)}
    assert {one.interpreter for one in ran.told if one.status == "compiled"} == {PROGRAM}


def test_its_tags_are_never_dead(system: Sandbox) -> None:
    batch(system)
    before = system.below(PREFIX)
    ran = batch(system, "--all")
    assert [one for one in ran.told if one.status != "fresh"] == []
    assert system.below(PREFIX) == before


def test_nothing_is_done_while_nothing_changes(system: Sandbox) -> None:
    batch(system)
    begin_with(system, "raise SystemExit('it is not asked')")
    assert batch(system).told == ()


def test_one_that_others_can_change_is_told_once_and_loses_nothing(system: Sandbox) -> None:
    batch(system)
    before = system.pycs(PREFIX)
    os.chmod(system.path(f"{LIBRARY}/os.py"), 0o666)
    ran = batch(system, "--all")
    assert len(ran.talk.splitlines()) == 1
    assert f"need {PROGRAM}, which isn't run: {LIBRARY}/os.py: mode 0666: chmod go-w it" in ran.talk
    assert system.pycs(PREFIX) == before
    assert batch(system, "--all").talk == ""
    os.chmod(system.path(f"{LIBRARY}/os.py"), 0o644)
    system.write(MODULE, "value = 'changed'\n")
    assert batch(system, "--all").of(pyc_of(MODULE, tag=TAG)) == ("compiled", "stale-source")


def test_another_one_in_its_place_compiles_anew(system: Sandbox) -> None:
    batch(system)
    give_tag(system, "cpython-399")
    ran = batch(system)
    assert ran.of(pyc_of(MODULE, tag="cpython-399")) == ("compiled", "missing")
    assert ran.of(pyc_of(MODULE, tag=TAG)) == ("removed", "dead-tag")


@pytest.mark.parametrize("owners", [("other",), ("acme", "other"), ()], ids=["other", "both", "none"])
def test_a_package_names_one_for_its_own_directories_alone(system: Sandbox, owners: tuple[str, ...]) -> None:
    know(system, [MODULE, SITE, DROP_IN, *([APP] if "acme" in owners else [])], "acme", mtime=WHEN)
    if "other" in owners:
        know(system, [APP], "other", mtime=WHEN)
    ran = batch(system, "--all")
    assert f"need {PROGRAM}, which isn't run: {DROP_IN}: {APP}: it is of" in ran.talk
    assert not any(path.startswith(f"{APP}/") for path in system.pycs(PREFIX))


def test_an_administrator_s_registration_of_what_no_package_has_is_obeyed(system: Sandbox) -> None:
    local = system.write("/srv/app/c.py")
    system.write("/usr/share/pkgtools/private.d/local.conf", f"compile-for||/srv/app|{PROGRAM}\n")
    batch(system)
    assert system.pycs("/srv/app") == {pyc_of(local, tag=TAG)}


def test_a_range_that_leaves_it_out_is_told(system: Sandbox) -> None:
    system.write(DROP_IN, f"compile-for|3.99-|{APP}|{PROGRAM}\n")
    ran = batch(system)
    assert f"are not for {PROGRAM}, Python 3.11" in ran.talk
    assert system.pycs(APP) == set()


def test_a_library_of_another_version_below_is_not_its_own(system: Sandbox) -> None:
    other = system.write(f"{APP}/lib/python3.1/site-packages/m.py")
    ran = batch(system, "--all")
    assert ran.of(other) == ("skipped", "not-served")
    assert "need Python 3.1," in ran.talk


def test_the_scripts_of_a_package_compile_for_it_too(system: Sandbox) -> None:
    ran = system.compile("-p", "acme")
    assert ran.all_of(pyc_of(MODULE, tag=TAG)) == {("compiled", "missing")}
    assert {one.interpreter for one in ran.told} == {PROGRAM}


def test_it_is_removed_with_its_package(system: Sandbox) -> None:
    batch(system)
    system.clean("-p", "acme")
    assert system.pycs(APP) == set()


def test_a_kind_of_line_that_is_newer_than_the_runtime_is_passed_over(system: Sandbox) -> None:
    system.write(DROP_IN, f"compile-by-moonlight|3.9-|{APP}|{PROGRAM}|x\ncompile||{APP}\n")
    ran = batch(system)
    assert (ran.status, ran.talk) == (0, "")
    assert system.pycs(APP) == {pyc_of(MODULE)}
