# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Owner, group and mode of what is written: the table of umask, setgid, default ACL, source mode and owner.

What is expected is spelled out here, from what the people on the system may do; nothing is computed by the runtime.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.runtime.acl import ACCESS, DEFAULT, acls_of, set_acl
from tests.runtime.sandbox import APP, Ran, Sandbox, permissions, pyc_of

SERVICE = 65533
ALICE = 65532
UMASKS = (0o000, 0o002, 0o022, 0o027, 0o077, 0o777)
SETGID = (False, True)
DEFAULT_ACLS = ("none", "open", "closed")
PYC_MODES = {
    0o644: 0o644,
    0o640: 0o640,
    0o600: 0o600,
    0o444: 0o644,
    0o440: 0o640,
    0o400: 0o600,
    0o755: 0o644,
    0o750: 0o640,
    0o664: 0o644,
    0o666: 0o644,
    0o604: 0o604,
    0o2755: 0o644,
    0o4711: 0o600,
}
"""Source mode -> the only right mode of its pyc: readers the same, root alone writes, nobody executes."""
GROUP_MATTERS = {0o640, 0o440, 0o750, 0o604}
"""Modes in which the group's members may read and others not, or the other way round."""
GROUPS = (0, SERVICE)


class Case(NamedTuple):
    umask: int
    setgid: bool
    acl: str
    mode: int
    group: int

    @property
    def directory(self) -> str:
        return f"{APP}/{'setgid' if self.setgid else 'plain'}-{self.acl}"

    @property
    def source(self) -> str:
        return f"{self.directory}/m{self.mode:o}_{self.group}.py"

    def __str__(self) -> str:
        bits = (
            f"{self.umask:03o}-{'setgid' if self.setgid else 'plain'}-acl_{self.acl}-{self.mode:04o}-group{self.group}"
        )
        return f"umask{bits}"


CASES = [Case(*values) for values in itertools.product(UMASKS, SETGID, DEFAULT_ACLS, PYC_MODES, GROUPS)]


class Made(NamedTuple):
    sandbox: Sandbox
    ran: Ran


@pytest.fixture(scope="module")
def compiled(scratch: Path) -> Callable[[int], Made]:
    """Return a function: umask -> a system with all the sources of the table, compiled under it."""
    made: dict[int, Made] = {}

    def compile_under(umask: int) -> Made:
        if umask not in made:
            sandbox = Sandbox(scratch / f"umask-{umask:03o}-{os.getpid()}")
            for case in CASES:
                _lay_out(sandbox, case)
            made[umask] = Made(sandbox, sandbox.compile("-O", "0,1", APP, umask=umask))
        return made[umask]

    return compile_under


def _lay_out(sandbox: Sandbox, case: Case) -> None:
    if not sandbox.exists(case.directory):
        sandbox.directory(case.directory, 0o2755 if case.setgid else 0o755, (0, SERVICE))
        if case.acl != "none":
            every = 7 if case.acl == "open" else 0
            where = sandbox.path(case.directory)
            set_acl(where, DEFAULT, owner=7, user=(ALICE, 7), group=every, mask=7, other=every)
    sandbox.write(case.source, mode=case.mode, owner=(0, case.group))
    os.chmod(sandbox.path(case.source), case.mode)
    _drop_acls(sandbox.path(case.source))
    os.chmod(sandbox.path(case.source), case.mode)


def _drop_acls(path: str) -> None:
    for name in acls_of(path):
        os.removexattr(path, name)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_t1_t3_t4_readers_of_a_source_read_its_pyc_and_root_alone_writes(
    case: Case, compiled: Callable[[int], Made]
) -> None:
    made = compiled(case.umask)
    for level in (0, 1):
        path = made.sandbox.path(pyc_of(case.source, level))
        found = os.lstat(path)
        group = case.group if case.mode in GROUP_MATTERS else 0
        assert (permissions(path), found.st_uid, found.st_gid) == (PYC_MODES[case.mode], 0, group)
        assert acls_of(path) == []


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_t1_t4_cache_directories_are_roots_whatever_umask_acl_and_setgid_say(
    umask: int, compiled: Callable[[int], Made]
) -> None:
    made = compiled(umask)
    directories = {case.directory for case in CASES}
    found = {d: os.lstat(made.sandbox.path(f"{d}/__pycache__")) for d in directories}
    assert {d: (s.st_mode & 0o7777, s.st_uid, s.st_gid) for d, s in found.items()} == dict.fromkeys(
        directories, (0o755, 0, 0)
    )
    assert [d for d in directories if acls_of(made.sandbox.path(f"{d}/__pycache__"))] == []
    assert (made.ran.status, made.ran.talk) == (0, "")


def test_t1_all_umasks_give_the_same_result(compiled: Callable[[int], Made]) -> None:
    tables = [
        {path: (entry.kind, entry.mode, entry.uid, entry.gid, entry.size) for path, entry in below.items()}
        for below in (compiled(umask).sandbox.below(APP) for umask in UMASKS)
    ]
    assert all(table == tables[0] for table in tables[1:])
    assert len(tables[0]) > 3 * len(CASES) // len(UMASKS)


class Parent(NamedTuple):
    mode: int
    group: int
    cache_mode: int
    cache_group: int


PARENTS = [
    Parent(0o755, 0, 0o755, 0),
    Parent(0o755, SERVICE, 0o755, 0),
    Parent(0o750, SERVICE, 0o750, SERVICE),
    Parent(0o2750, SERVICE, 0o750, SERVICE),
    Parent(0o700, SERVICE, 0o700, 0),
    Parent(0o711, SERVICE, 0o711, 0),
    Parent(0o710, SERVICE, 0o710, SERVICE),
    Parent(0o555, 0, 0o755, 0),
    Parent(0o705, SERVICE, 0o705, SERVICE),
    Parent(0o1755, 0, 0o755, 0),
]


@pytest.mark.parametrize("parent", PARENTS, ids=lambda p: f"{p.mode:04o}-group{p.group}")
def test_t3_who_may_enter_a_directory_may_enter_its_cache(parent: Parent, sandbox: Sandbox) -> None:
    sandbox.directory(f"{APP}/sub", parent.mode, (0, parent.group))
    sandbox.write(f"{APP}/sub/m.py")
    assert sandbox.compile(APP).status == 0
    found = os.lstat(sandbox.path(f"{APP}/sub/__pycache__"))
    assert (found.st_mode & 0o7777, found.st_uid, found.st_gid) == (parent.cache_mode, 0, parent.cache_group)


def test_t3_service_account_reads_the_pyc_of_its_0640_source_and_a_stranger_does_not(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py", mode=0o640, owner=(0, SERVICE))
    sandbox.compile(APP)
    pyc = sandbox.path(pyc_of(f"{APP}/m.py"))
    assert (_can_read(pyc, 1000, SERVICE), _can_read(pyc, 1000, 1000)) == (True, False)


def test_t3_group_that_the_sources_acl_shuts_out_cannot_read_the_pyc(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py", mode=0o640, owner=(0, SERVICE))
    set_acl(sandbox.path(source), ACCESS, owner=6, user=(ALICE, 4), group=0, mask=4, other=0)
    assert not _can_read(sandbox.path(source), 1000, SERVICE)
    sandbox.compile(APP)
    assert not _can_read(sandbox.path(pyc_of(source)), 1000, SERVICE)


REFUSED_SOURCES = [(0o600, 1000), (0o640, 1000), (0o604, 1000)]


@pytest.mark.parametrize(("mode", "owner"), REFUSED_SOURCES, ids=lambda value: f"{value:o}")
def test_t5_source_whose_owner_could_not_read_the_pyc_is_refused_aloud(mode: int, owner: int, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py", mode=mode, owner=(owner, owner))
    good = sandbox.write(f"{APP}/good.py")
    ran = sandbox.compile(APP)
    assert (ran.status, ran.of(source)) == (2, ("refused", "owner-cannot-read"))
    assert sandbox.pycs() == {pyc_of(good)}


def test_t3_world_readable_source_of_another_owner_gets_a_pyc_that_is_roots(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py", mode=0o644, owner=(1000, 1000))
    assert sandbox.compile(APP).status == 0
    entry = sandbox.below(APP)[pyc_of(source)]
    assert (entry.mode, entry.uid, entry.gid) == (0o644, 0, 0)


def _can_read(path: str, user: int, group: int) -> bool:
    """Ask the kernel, as that user."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
            os.close(os.open(path, os.O_RDONLY))
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(process, 0)[1] == 0
