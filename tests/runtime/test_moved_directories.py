# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A package directory that root has moved to another disk and linked back is served where its package lists it."""

from __future__ import annotations

import os

import pytest

from tests.lab.needs import need_tools
from tests.runtime.records import PACKAGE, know
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of
from tests.runtime.test_clean_siblings import clean_package

MOVED = "/mnt/big/tf"
LISTED = f"{PUBLIC}/tf"
MODULES = ("__init__.py", "sub/deep.py")
FRED = (1000, 1000)


def _move(sandbox: Sandbox, *, target: str = MOVED, owner: tuple[int, int] = (0, 0)) -> list[str]:
    """Lay out a package whose directory is a link; return its sources as the package lists them."""
    for name in MODULES:
        sandbox.write(f"{MOVED}/{name}")
    os.symlink(target, sandbox.path(LISTED))
    os.chown(sandbox.path(LISTED), *owner, follow_symlinks=False)
    sources = [f"{LISTED}/{name}" for name in MODULES]
    know(sandbox, sources)
    return sources


@pytest.mark.parametrize("target", [MOVED, "../../../../mnt/big/tf"], ids=["absolute", "relative"])
def test_package_is_compiled_and_cleaned_through_roots_own_link(target: str, sandbox: Sandbox) -> None:
    sources = _move(sandbox, target=target)
    ran = sandbox.compile("-p", PACKAGE)
    assert (ran.status, ran.talk, {one.path for one in ran.told}) == (0, "", {pyc_of(source) for source in sources})
    assert sandbox.pycs("/") == {pyc_of(f"{MOVED}/{name}") for name in MODULES}
    sandbox.write(f"{MOVED}/__init__.py", "value = 'of the next version'\n")
    assert sandbox.compile("-p", PACKAGE).of(pyc_of(sources[0]))[0] == "compiled"
    ran = sandbox.clean("-p", PACKAGE)
    assert (ran.status, ran.talk, sandbox.pycs("/")) == (0, "", set())
    assert not sandbox.exists(f"{MOVED}/sub/__pycache__")


def test_package_is_cleaned_through_the_link_without_python(sandbox: Sandbox) -> None:
    need_tools(("dpkg-query",))
    _move(sandbox, target="../../../../mnt/big/tf")  # an absolute one would lead out of the made-up system
    sandbox.compile("-p", PACKAGE)
    clean_package("shell", sandbox)
    assert sandbox.pycs("/") == set()


def test_link_in_a_directory_that_was_moved_is_one_of_roots_as_well(sandbox: Sandbox) -> None:
    sources = _move(sandbox)
    os.rename(sandbox.path(f"{MOVED}/sub"), sandbox.path("/mnt/sub"))
    os.symlink("/mnt/sub", sandbox.path(f"{MOVED}/sub"))
    assert {one.path for one in sandbox.compile("-p", PACKAGE).told} == {pyc_of(source) for source in sources}
    assert sandbox.exists(f"/mnt/sub/{os.path.basename(os.path.dirname(pyc_of(sources[1])))}")


REFUSED = {
    "another user's link": "symlink",
    "link to another user's directory": "not-root-owned",
    "link to nowhere": "symlink",
    "link to itself": "symlink",
    "link to a file": "not-a-directory",
}


@pytest.mark.parametrize("command", ["compile", "clean"])
@pytest.mark.parametrize("how", REFUSED)
def test_other_links_are_refused_and_reported_once_for_each_directory(how: str, command: str, sandbox: Sandbox) -> None:
    if how == "another user's link":
        _move(sandbox, owner=FRED)
    else:
        targets = {
            "link to nowhere": "/mnt/nowhere",
            "link to itself": "tf",
            "link to a file": "/mnt/big/tf/__init__.py",
        }
        _move(sandbox, target=targets.get(how, MOVED))
    planted = sandbox.write(pyc_of(f"{MOVED}/__init__.py"), b"bytes")
    if how == "link to another user's directory":
        sandbox.directory(MOVED, 0o755, FRED)
    ran = sandbox.compile("-p", PACKAGE) if command == "compile" else sandbox.clean("-p", PACKAGE)
    assert ran.status == 2
    assert {(one.status, one.reason) for one in ran.told} == {("refused", REFUSED[how])}
    assert sandbox.read(planted) == b"bytes"


def test_walk_follows_no_link(sandbox: Sandbox) -> None:
    """Else two names of one directory would have its modules compiled twice."""
    _move(sandbox)
    assert sandbox.compile(PUBLIC).told == ()
    assert sandbox.pycs("/") == set()
