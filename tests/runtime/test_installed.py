# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Interpreters that are slow to answer, and what /usr/bin/python3 leads to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pkgtools.runtime.errors import EnvironmentFault
from pkgtools.runtime.facts import Interpreter, Reason
from pkgtools.runtime.system import interpreters
from pkgtools.runtime.system.all_interpreters import Installed
from pkgtools.runtime.system.interpreters import CACHE, find_interpreters, require_interpreters
from pkgtools.runtime.system.trust import Tree
from tests.runtime.sandbox import Sandbox

_SAYS = "cpython 3 13 cpython-313 f30d0d0a 030d0ff000000000"
SLOW = "/usr/bin/python3.13"


def find(sandbox: Sandbox) -> Installed:
    tree = Tree(str(sandbox.root), frozenset({0, os.geteuid()}))
    try:
        return find_interpreters(tree)
    finally:
        tree.close()


@pytest.fixture
def asked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have an interpreter that hangs, wait a moment for it, and return a file with a line for each time it is asked."""
    for program in ("sh", "sleep"):
        shutil.copyfile(f"/bin/{program}", sandbox.path(sandbox.write(f"/bin/{program}", b"", mode=0o755)))
    log = sandbox.root / "asked"
    sandbox.write(SLOW, f"#!/bin/sh\necho >> {log}\nexec sleep 600\n", mode=0o755)
    sandbox.directory(CACHE)
    monkeypatch.setattr(interpreters, "_in_root", lambda _tree, argv: (f"{sandbox.root}{argv[0]}", *argv[1:]))
    monkeypatch.setattr(interpreters, "PATIENCE", 0.5)
    return log


def test_no_run_waits_twice_for_an_interpreter_that_hangs(sandbox: Sandbox, asked: Path) -> None:
    for _ in range(3):
        (problem,) = [one for one in find(sandbox).problems if one.path == SLOW]
        assert problem.reason is Reason.BROKEN_INTERPRETER
        assert f"remove {CACHE}/interpreters" in problem.detail
    assert asked.read_text().count("\n") == 1


def test_an_interpreter_that_was_replaced_is_asked_again(sandbox: Sandbox, asked: Path) -> None:
    find(sandbox)
    sandbox.write(f"{SLOW}.new", f"#!/bin/sh\necho {_SAYS}\n", mode=0o755)
    Path(sandbox.path(f"{SLOW}.new")).rename(sandbox.path(SLOW))
    assert (3, 13) in {one.version for one in find(sandbox).interpreters}
    assert asked.exists()


def test_one_that_fails_at_once_is_asked_each_time(sandbox: Sandbox, asked: Path) -> None:
    """Its library may be unpacked only after its program, which stays the same."""
    sandbox.write(SLOW, f"#!/bin/sh\necho >> {asked}\nexit 1\n", mode=0o755)
    find(sandbox)
    find(sandbox)
    assert asked.read_text().count("\n") >= 2


LINKS: dict[str, tuple[dict[str, str], str | None]] = {
    "Debian's own": ({"/usr/bin/python3": "python3.13"}, "/usr/bin/python3.13"),
    "alternatives": (
        {"/usr/bin/python3": "/etc/alternatives/python3", "/etc/alternatives/python3": "/usr/bin/python3.15"},
        "/usr/bin/python3.15",
    ),
    "by the other name of a merged /usr": ({"/usr/bin/python3": "/bin/python3.15"}, "/usr/bin/python3.15"),
    "relative, upwards": ({"/usr/bin/python3": "../bin/./python3.15"}, "/usr/bin/python3.15"),
    "elsewhere": ({"/usr/bin/python3": "/opt/acme/bin/python3.15"}, "/usr/bin/python3.13"),
    "loop": ({"/usr/bin/python3": "python3"}, "/usr/bin/python3.13"),
    "dangling": ({"/usr/bin/python3": "python3.99"}, "/usr/bin/python3.13"),
}


@pytest.mark.parametrize("case", LINKS.values(), ids=LINKS)
def test_default_is_what_python3_leads_to_at_its_end(
    case: tuple[dict[str, str], str | None], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    links, wanted = case
    for number in (13, 15):
        sandbox.write(f"/usr/bin/python3.{number}", b"", mode=0o755)
    sandbox.write("/usr/share/python3/debian_defaults", "[DEFAULT]\ndefault-version = python3.13\n")
    for path, target in links.items():
        sandbox.directory(os.path.dirname(path))
        Path(sandbox.path(path)).unlink(missing_ok=True)
        os.symlink(target, sandbox.path(path))
    monkeypatch.setattr(interpreters, "_describe", _described)
    default = find(sandbox).default
    assert (default.path if default else None) == wanted


def _described(_tree: Tree, path: str, _identity: str) -> str:
    minor = path.rpartition(".")[2]
    return _SAYS.replace("13", minor).replace("f30d", f"{int(minor):02x}0d") if minor.isdigit() else ""


def test_a_link_that_others_can_change_decides_nothing(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (13, 15):
        sandbox.write(f"/usr/bin/python3.{number}", b"", mode=0o755)
    sandbox.write("/usr/share/python3/debian_defaults", "[DEFAULT]\ndefault-version = python3.13\n")
    sandbox.directory("/etc/alternatives")
    os.symlink("/usr/bin/python3.15", sandbox.path("/etc/alternatives/python3"))
    Path(sandbox.path("/usr/bin/python3")).unlink(missing_ok=True)
    os.symlink("/etc/alternatives/python3", sandbox.path("/usr/bin/python3"))
    monkeypatch.setattr(interpreters, "_describe", _described)
    assert _version(find(sandbox).default) == (3, 15)
    os.chmod(sandbox.path("/etc/alternatives"), 0o777)
    assert _version(find(sandbox).default) == (3, 13)


def _version(interpreter: Interpreter | None) -> tuple[int, int] | None:
    return interpreter.version if interpreter else None


def test_cache_with_anything_in_it_ends_no_run(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.write("/usr/bin/python3.13", b"", mode=0o755)
    monkeypatch.setattr(interpreters, "_describe", _described)
    sandbox.directory(CACHE)
    find(sandbox)
    known = sandbox.read(f"{CACHE}/interpreters").decode()
    for text in (known.replace(" ", "\t"), known.replace("\t", ""), known + "\t\t\n", "\0\n\t"):
        sandbox.write(f"{CACHE}/interpreters", text)
        assert (3, 13) in {one.version for one in find(sandbox).interpreters}


def test_an_only_interpreter_that_does_not_answer_is_named(sandbox: Sandbox, asked: Path) -> None:
    for name in os.listdir(sandbox.path("/usr/bin")):
        if name.startswith("python3") and f"/usr/bin/{name}" != SLOW:
            Path(sandbox.path(f"/usr/bin/{name}")).unlink()
    installed = find(sandbox)
    assert installed.interpreters == ()
    with pytest.raises(EnvironmentFault, match=f"{SLOW}: .*interpreters"):
        require_interpreters(installed)
    assert asked.exists()
