# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The administrator's file: what it sets, what a bad line costs, and who has to heed it."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Reason
from pkgtools.runtime.policy.admin import DEBIAN_FILE, AdminPolicy, read_admin_policy
from pkgtools.runtime.policy.configuration import EXCLUSIONS
from pkgtools.runtime.system.trust import Tree
from tests.runtime.batches import batch, install
from tests.runtime.faults import require_strace
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of

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
        ("# a comment\n\nlevels = 1\n", AdminPolicy(levels=(1,))),
        (
            "exclude = /opt/a/b.py, /opt//c/\nexclude=/srv/d\n",
            AdminPolicy(excluded=tuple(map(InstalledPath, ["/opt/a/b.py", "/opt/c", "/srv/d"]))),
        ),
    ],
)
def test_setting_is_read(text: str, expected: AdminPolicy, sandbox: Sandbox) -> None:
    sandbox.write(FILE, text)
    assert read(sandbox) == expected


@pytest.mark.parametrize(
    ("debian", "ours", "levels"),
    [
        ("[DEFAULT]\n# how to byte-compile\nbyte-compile = standard\n", "", (0,)),
        ("[DEFAULT]\nbyte-compile = standard, optimize\n", "", (0, 1)),
        ("[DEFAULT]\nbyte-compile=optimize # as ever\n", "", (1,)),
        ("[DEFAULT]\nbyte-compile = everything\n", "", (0,)),
        ("byte-compile", "", (0,)),
        ("[DEFAULT]\nbyte-compile = optimize\n", "levels = 0,2\n", (0, 2)),
    ],
)
def test_debians_file_decides_of_levels_where_ours_does_not(
    debian: str, ours: str, levels: tuple[int, ...], sandbox: Sandbox
) -> None:
    sandbox.write("/etc/python3/debian_config", debian)
    if ours:
        sandbox.write(FILE, ours)
    assert read(sandbox) == AdminPolicy(levels=levels)


def test_t5_debians_file_is_not_heeded_where_others_can_write_it(sandbox: Sandbox) -> None:
    sandbox.write("/etc/python3/debian_config", "byte-compile = optimize\n", mode=0o666)
    policy = read(sandbox)
    assert policy.levels == (0,)
    assert [one.path for one in policy.problems] == ["/etc/python3/debian_config"]


@pytest.mark.parametrize("excluded", [MODULE, "/usr/lib/python3/dist-packages", "/usr/lib/python3/dist-packages/a"])
def test_excluded_modules_are_compiled_by_no_batch_and_no_package(excluded: str, sandbox: Sandbox) -> None:
    other = sandbox.write("/usr/lib/python3/dist-packages/a/n.py")
    sandbox.write(MODULE)
    sandbox.write(FILE, f"exclude = {excluded}\n")
    left = {one for one in (MODULE, other) if one == excluded or one.startswith(f"{excluded}/")}
    assert sandbox.run("pkgtools-trigger").status == 0
    made = sandbox.pycs("/usr/lib/python3/dist-packages")
    assert made == {pyc_of(one) for one in {MODULE, other} - left}


@pytest.mark.parametrize(
    "line",
    [
        *(
            "compile = perhaps",
            "levels = 3",
            "levels",
            "exclude = a",
            "exclude = /",
            "exclude = /opt/a, b",
            "exclude",
            "invalidation-mode = never",
            "colour = red",
        ),
        *(f"{key} = {value}" for key in ("a", "colour", "k", "z") for value in ("no", "0", "checked-hash")),
    ],
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


TEXTS = {
    FILE: "levels = 0,1\n",
    str(DEBIAN_FILE): "byte-compile = standard, optimize\n",
    f"{EXCLUSIONS}/host": f"dir|-|{PUBLIC}/host\n",
}


@pytest.mark.parametrize("path", [FILE, str(DEBIAN_FILE)])
def test_t22_batch_does_nothing_while_others_can_write_a_file_of_settings(path: str, sandbox: Sandbox) -> None:
    sandbox.write(path, TEXTS[path])
    install(sandbox, "acme", "a")
    assert batch(sandbox).status == 0
    install(sandbox, "other", "b")
    before = sandbox.below(PUBLIC)
    os.chmod(sandbox.path(path), 0o666)
    ran = sandbox.run("pkgtools-trigger")
    assert (ran.status, ran.talk.count("\n")) == (2, 1)
    assert path in ran.talk
    assert sandbox.below(PUBLIC) == before
    os.chmod(sandbox.path(path), 0o644)
    assert batch(sandbox).status == 0
    assert sandbox.pycs(PUBLIC) > {name for name in before if name.endswith(".pyc")}


@pytest.mark.parametrize("path", TEXTS)
def test_batch_does_nothing_while_a_file_can_t_be_read(path: str, sandbox: Sandbox) -> None:
    """With what is so by default it would remove levels that the file asks for, or compile what that excludes."""
    require_strace()
    sandbox.write(path, TEXTS[path])
    install(sandbox, "acme", "a")
    install(sandbox, "host", "a")
    assert batch(sandbox).status == 0
    install(sandbox, "other", "b")
    before = sandbox.below(PUBLIC)
    wrapper = ("/usr/bin/strace", "-o", "/dev/null", "-P", sandbox.path(path), "--inject=read:error=EIO")
    ran = sandbox.run("pkgtools-trigger", wrapper=wrapper)
    assert (ran.status, ran.talk.count("\n")) == (2, 1)
    assert path in ran.talk
    assert sandbox.below(PUBLIC) == before
    assert batch(sandbox).status == 0
    assert sandbox.pycs(PUBLIC) > {name for name in before if name.endswith(".pyc")}


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
