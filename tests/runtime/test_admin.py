# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The administrator's file: what it sets, what a bad line costs, and who has to heed it."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.admin import AdminPolicy, read_admin_policy
from pkgtools.runtime.facts import InvalidationMode, Reason
from pkgtools.runtime.trust import Tree
from tests.runtime.sandbox import Sandbox

FILE = "/etc/pkgtools/bytecode.conf"
MODULE = "/usr/lib/python3/dist-packages/m.py"
CACHE = "/usr/lib/python3/dist-packages/__pycache__"


def read(sandbox: Sandbox) -> AdminPolicy:
    tree = Tree(os.fspath(sandbox.root))
    try:
        return read_admin_policy(tree)
    finally:
        tree.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", AdminPolicy()),
        ("# nothing\n\n", AdminPolicy()),
        ("compile = no\n", AdminPolicy(compile=False)),
        ("compile=yes # as before\n", AdminPolicy()),
        ("levels = 2, 0\n", AdminPolicy(levels=(0, 2))),
        ("invalidation-mode = checked-hash", AdminPolicy(mode=InvalidationMode.CHECKED_HASH)),
        ("levels = 1\nlevels = 0\n", AdminPolicy()),
    ],
)
def test_setting_is_read(text: str, expected: AdminPolicy, sandbox: Sandbox) -> None:
    sandbox.write(FILE, text)
    assert read(sandbox) == expected


@pytest.mark.parametrize(
    "line", ["compile = perhaps", "levels = 3", "levels", "invalidation-mode = never", "colour = red"]
)
def test_t5_bad_line_is_told_and_changes_nothing_else(line: str, sandbox: Sandbox) -> None:
    sandbox.write(FILE, f"levels = 1\n{line}\n")
    policy = read(sandbox)
    assert policy._replace(problems=()) == AdminPolicy(levels=(1,))
    assert [(o.reason, o.path, o.detail.partition(":")[0]) for o in policy.problems] == [
        (Reason.BAD_SETTING, FILE, "line 2")
    ]


def test_t22_file_that_others_can_write_sets_nothing_and_is_told(sandbox: Sandbox) -> None:
    sandbox.write(FILE, "compile = no\n")
    os.chmod(sandbox.path(FILE), 0o666)
    policy = read(sandbox)
    assert (policy.compile, [o.reason for o in policy.problems]) == (True, [Reason.WRITABLE_BY_OTHERS])


def test_no_file_is_the_default(sandbox: Sandbox) -> None:
    assert read(sandbox) == AdminPolicy()


def test_levels_and_mode_hold_where_options_say_nothing(sandbox: Sandbox) -> None:
    sandbox.write(MODULE, "x = 1\n")
    sandbox.write(FILE, "levels = 0,1\ninvalidation-mode = unchecked-hash\n")
    assert sandbox.compile(MODULE).status == 0
    made = {name: sandbox.read(f"{CACHE}/{name}")[4:8] for name in sorted(os.listdir(sandbox.path(CACHE)))}
    unchecked = (1).to_bytes(4, "little")
    assert made == {"m.cpython-311.opt-1.pyc": unchecked, "m.cpython-311.pyc": unchecked}
    assert sandbox.compile("--invalidation-mode", "timestamp", "-O", "0", MODULE).status == 0
    assert sandbox.read(f"{CACHE}/m.cpython-311.pyc")[4:8] == bytes(4)


def test_switched_off_for_package_managers_and_not_for_who_names_paths(sandbox: Sandbox) -> None:
    sandbox.write(MODULE, "x = 1\n")
    sandbox.write(FILE, "compile = no\n")
    ran = sandbox.compile("--rpm-stdin", given=f"{MODULE}\n".encode())
    assert (ran.status, [(told.status, told.reason) for told in ran.told]) == (0, [("skipped", "switched-off")])
    assert not sandbox.exists(CACHE)
    assert sandbox.compile(MODULE).status == 0
    assert sandbox.exists(f"{CACHE}/m.cpython-311.pyc")
