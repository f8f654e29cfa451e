# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""With which group work is done as the owner of a directory: never with one that the owner is not in."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.system.accounts import NOGROUP, group_for
from tests.runtime.sandbox import APP, Sandbox, pyc_of

FRED, FREDS, SHARED, OTHERS = 65531, 65530, 65529, 65528
_PASSWD = f"root:x:0:0::/root:/bin/sh\nbroken\nfred:x:{FRED}:{FREDS}::/:/bin/sh\n"
_GROUP = f"root:x:0:\nfreds:x:{FREDS}:\nshared:x:{SHARED}:barney,fred\nothers:x:{OTHERS}:barney,freda\n"


@pytest.fixture
def system(sandbox: Sandbox) -> Sandbox:
    sandbox.write("/etc/passwd", _PASSWD)
    sandbox.write("/etc/group", _GROUP)
    return sandbox


@pytest.mark.parametrize(
    ("user", "group", "expected"),
    [
        (FRED, FREDS, FREDS),
        (FRED, SHARED, SHARED),
        (FRED, OTHERS, FREDS),
        (FRED, 0, FREDS),
        (FRED, 7, FREDS),
        (1234, 7, 7),
        (1234, OTHERS, NOGROUP),
        (1234, 0, NOGROUP),
    ],
)
def test_a_group_is_taken_that_its_user_is_in(user: int, group: int, expected: int, system: Sandbox) -> None:
    tree = system.tree()
    assert group_for(tree, user, group) == expected
    tree.close()


@pytest.mark.parametrize("passwd", ["none", "directory"])
def test_a_system_without_users_has_the_directorys_group(passwd: str, sandbox: Sandbox) -> None:
    if passwd == "directory":
        sandbox.directory("/etc/passwd")
    tree = sandbox.tree()
    assert (group_for(tree, FRED, OTHERS), group_for(tree, FRED, 0)) == (OTHERS, NOGROUP)
    tree.close()


@pytest.mark.parametrize(("group", "expected"), [(SHARED, SHARED), (OTHERS, FREDS)])
def test_t22_nothing_is_done_with_a_group_that_a_directory_inherited(
    group: int, expected: int, system: Sandbox
) -> None:
    """Whoever makes a directory below one with the setgid bit has its group on it, and none of its rights."""
    source = system.write(f"{APP}/theirs/m.py", owner=(FRED, FREDS))
    secret = system.write(f"{APP}/theirs/secret.py", owner=(0, group), mode=0o640)
    system.directory(f"{APP}/theirs", owner=(FRED, group))
    system.compile("--as-owner", f"{APP}/theirs")
    assert os.stat(system.path(pyc_of(source))).st_gid == expected
    assert system.exists(pyc_of(secret)) is (group == SHARED)
