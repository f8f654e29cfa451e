# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules that a batch is about and does not compile: bytecode of earlier runs is never left stale or too open."""

from __future__ import annotations

import os
import py_compile
from collections.abc import Callable

import pytest

from tests.runtime.batches import NEW, WHEN, batch, install, spoil
from tests.runtime.records import know, know_by_rpm
from tests.runtime.sandbox import PUBLIC, Sandbox, permissions, pyc_of

_OVERRIDES = "/var/lib/dpkg/statoverride"
_BCEP = "/usr/share/python3/bcep/small"


def _exclude(sandbox: Sandbox, source: str) -> None:
    sandbox.write(_BCEP, f"file|-4.0|{source}\n")


def _exclude_directory(sandbox: Sandbox, source: str) -> None:
    sandbox.write("/usr/share/pkgtools/private.d/small.conf", f"exclude||{os.path.dirname(source)}|.*\n")


def _switch_off(sandbox: Sandbox, _: str) -> None:
    sandbox.write("/etc/pkgtools/bytecode.conf", "compile = no\n")


_ways = pytest.mark.parametrize("stop", [_exclude, _exclude_directory, _switch_off])
Stop = Callable[[Sandbox, str], None]


@_ways
@pytest.mark.parametrize("levels", ["0", "0,1,2"])
def test_a_module_that_is_replaced_keeps_no_bytecode_of_its_old_text(stop: Stop, levels: str, sandbox: Sandbox) -> None:
    """The new text has the size and the time of the old one, so that each interpreter would run the old one's."""
    sandbox.write("/etc/pkgtools/bytecode.conf", f"levels = {levels}\n")
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    stop(sandbox, source)
    batch(sandbox)
    install(sandbox, "small", "m", version="2", text=NEW)
    foretold = batch(sandbox, "--dry-run").by_path()
    ran = batch(sandbox)
    assert ran.of(pyc_of(source)) == ("removed", "replaced-source")
    assert (sandbox.pycs("/"), ran.status, ran.talk) == (set(), 0, "")
    assert not sandbox.exists(f"{PUBLIC}/small/__pycache__")
    assert ran.by_path() == foretold


@_ways
def test_bytecode_that_is_right_stays_where_nothing_is_compiled(stop: Stop, sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    stop(sandbox, source)
    batch(sandbox)
    before = os.stat(sandbox.path(pyc_of(source)))
    install(sandbox, "small", "m", version="2")
    batch(sandbox)
    assert os.stat(sandbox.path(pyc_of(source))) == before


@_ways
@pytest.mark.parametrize(
    ("mode", "stays"),
    [
        (py_compile.PycInvalidationMode.TIMESTAMP, True),
        (py_compile.PycInvalidationMode.CHECKED_HASH, True),
        (py_compile.PycInvalidationMode.UNCHECKED_HASH, False),
    ],
)
def test_what_another_tool_made_is_judged_by_its_header(
    mode: py_compile.PycInvalidationMode, stays: bool, stop: Stop, sandbox: Sandbox
) -> None:
    """Debian's py3compile goes on compiling where the administrator wants nothing from us."""
    (source,) = install(sandbox, "small", "m")
    stop(sandbox, source)
    batch(sandbox)
    install(sandbox, "small", "m", version="2", text=NEW)
    os.makedirs(sandbox.path(f"{PUBLIC}/small/__pycache__"))
    py_compile.compile(sandbox.path(source), sandbox.path(pyc_of(source)), source, invalidation_mode=mode)
    batch(sandbox)
    assert sandbox.exists(pyc_of(source)) is stays
    sandbox.write(source, NEW + "more = 1\n", mtime=WHEN + 1)
    know(sandbox, [source], "small", version="3", mtime=WHEN)
    ran = batch(sandbox)
    assert sandbox.exists(pyc_of(source)) is (stays and mode is py_compile.PycInvalidationMode.CHECKED_HASH)
    assert ran.status == 0


def test_a_pyc_that_another_tool_made_since_is_not_taken_for_the_recorded_one(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    _switch_off(sandbox, source)
    batch(sandbox)
    install(sandbox, "small", "m", version="2", text=NEW)
    py_compile.compile(sandbox.path(source), sandbox.path(pyc_of(source)), source)
    batch(sandbox)
    assert sandbox.pycs("/") == {pyc_of(source)}


@_ways
def test_a_look_at_everything_removes_what_is_stale(stop: Stop, sandbox: Sandbox) -> None:
    source, other = install(sandbox, "small", "m", "n")
    batch(sandbox)
    stop(sandbox, source)
    batch(sandbox)
    sandbox.write(source, NEW, mtime=WHEN)
    assert batch(sandbox, "--all").of(pyc_of(source)) == ("removed", "replaced-source")
    assert sandbox.pycs("/") == {pyc_of(other)}


def test_only_what_a_batch_is_about_is_looked_at(sandbox: Sandbox) -> None:
    (source,), (other,) = install(sandbox, "small", "m"), install(sandbox, "other", "m")
    batch(sandbox)
    _switch_off(sandbox, source)
    batch(sandbox)
    spoilt = spoil(sandbox, other)
    install(sandbox, "small", "m", version="2", text=NEW)
    batch(sandbox)
    assert sandbox.pycs("/") == {pyc_of(other)}
    assert sandbox.read(pyc_of(other)) == spoilt


def test_a_module_that_becomes_a_link_keeps_no_bytecode_of_its_old_text(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    os.unlink(sandbox.path(source))
    sandbox.write(f"{PUBLIC}/small/n.py", NEW, mtime=WHEN)
    os.symlink("n.py", sandbox.path(source))
    know(sandbox, [source, f"{PUBLIC}/small/n.py"], "small", version="2", mtime=WHEN)
    ran = batch(sandbox)
    assert ran.of(pyc_of(source)) == ("removed", "replaced-source")
    assert sandbox.pycs("/") == {pyc_of(f"{PUBLIC}/small/n.py")}


@_ways
def test_a_module_that_is_made_secret_takes_its_bytecode_along(stop: Stop, sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    stop(sandbox, source)
    batch(sandbox)
    os.chmod(sandbox.path(source), 0o600)
    sandbox.write(_OVERRIDES, f"root root 0600 {source}\n")
    ran = batch(sandbox)
    assert ran.of(pyc_of(source)) == ("repaired", "wrong-mode")
    assert permissions(sandbox.path(pyc_of(source))) == 0o600


@_ways
def test_a_module_that_comes_secret_takes_its_bytecode_along(stop: Stop, sandbox: Sandbox) -> None:
    """dpkg applies an override of before to what it unpacks; the batch is about the package."""
    (source,) = install(sandbox, "small", "m")
    sandbox.write(_OVERRIDES, f"root root 0640 {source}\n")
    batch(sandbox)
    stop(sandbox, source)
    batch(sandbox)
    install(sandbox, "small", "m", version="2")
    os.chown(sandbox.path(source), 0, 7)
    os.chmod(sandbox.path(source), 0o640)
    batch(sandbox)
    found = os.stat(sandbox.path(pyc_of(source)))
    assert (found.st_mode & 0o777, found.st_gid) == (0o640, 7)


def test_what_is_excluded_for_some_versions_is_compiled_for_others(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    other = pyc_of(source, tag="cpython-38")
    batch(sandbox)
    sandbox.write(_BCEP, f"file|-3.8|{source}\n")
    batch(sandbox)
    sandbox.write(other, sandbox.read(pyc_of(source)))
    sandbox.write(source, NEW + "more = 1\n", mtime=WHEN)
    know(sandbox, [source], "small", version="2", mtime=WHEN)
    foretold = batch(sandbox, "--dry-run")
    ran = batch(sandbox)
    assert ran.all_of(pyc_of(source)) == {("compiled", "stale-source")} == foretold.all_of(pyc_of(source))
    assert sandbox.pycs("/") == {pyc_of(source)}


def test_what_cannot_be_looked_at_is_reported_or_left_alone(sandbox: Sandbox) -> None:
    open_one, linked, gone = install(sandbox, "small", "open/m", "n", "o")
    batch(sandbox)
    _switch_off(sandbox, open_one)
    batch(sandbox)
    os.chmod(sandbox.path(os.path.dirname(open_one)), 0o777)
    victim = sandbox.write("/srv/victim.pyc", b"another's")
    os.unlink(sandbox.path(pyc_of(linked)))
    os.symlink(sandbox.path(victim), sandbox.path(pyc_of(linked)))
    os.unlink(sandbox.path(gone))
    know(sandbox, [open_one, linked, gone, f"{PUBLIC}/nowhere/p.py"], "small", version="2", mtime=WHEN)
    ran = batch(sandbox)
    assert ran.of(os.path.dirname(open_one)) == ("refused", "writable-by-others")
    assert (ran.status, sandbox.pycs("/")) == (2, {victim, *map(pyc_of, (open_one, linked, gone))})


def test_a_dry_run_changes_no_mode(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    _switch_off(sandbox, source)
    batch(sandbox)
    os.chmod(sandbox.path(source), 0o600)
    sandbox.write(_OVERRIDES, f"root root 0600 {source}\n")
    foretold = batch(sandbox, "--dry-run").by_path()
    assert permissions(sandbox.path(pyc_of(source))) == 0o644
    assert foretold == batch(sandbox).by_path() == {pyc_of(source): ("repaired", "wrong-mode")}


def test_what_rpm_packages_ship_keeps_its_mode_and_its_content(sandbox: Sandbox) -> None:
    """rpm records both; its own update replaces them."""
    source, other = install(sandbox, "small", "m", "n")
    batch(sandbox)
    know_by_rpm(sandbox, f"{PUBLIC}/small/__pycache__", [pyc_of(source), pyc_of(other)])
    _switch_off(sandbox, source)
    batch(sandbox)
    install(sandbox, "small", "m", version="2", text=NEW)
    os.chmod(sandbox.path(other), 0o600)
    know(sandbox, [source, other], "small", version="2", mtime=WHEN)
    assert batch(sandbox).of(pyc_of(source)) == ("kept", "packaged")
    assert permissions(sandbox.path(pyc_of(other))) == 0o644
