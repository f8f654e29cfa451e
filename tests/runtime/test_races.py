# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What changes while we work: sources that are replaced, and directories that an unprivileged user swaps."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pkgtools.runtime.compile.cache_directories import CacheDirectories
from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.facts import CacheState, InstalledPath, Ownership, Policy
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.packages import Owned
from tests.lab.tree import differences
from tests.runtime.faults import require_strace
from tests.runtime.sandbox import APP, HERE, HOST_PYTHON, TAG, Ran, Sandbox, pyc_of, reference_pyc, temporaries

BOTH_WAYS = True
STORES = True

FRED = 65534
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
ROUNDS = 3
MANY_ROUNDS = 80


@contextmanager
def attacker(act: Callable[[], None], user: int = FRED) -> Iterator[None]:
    """Repeat an act as an unprivileged user until the block ends; whatever fails is tried again."""
    process = os.fork()
    if process == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            while True:
                try:
                    act()
                except OSError:
                    continue
        finally:
            os._exit(1)
    try:
        yield
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def exchange(one: str, other: str) -> Callable[[], None]:
    """Return the act of swapping two names at once (renameat2)."""
    library = ctypes.CDLL(None, use_errno=True)

    def act() -> None:
        library.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)

    return act


def _victim(sandbox: Sandbox) -> str:
    """Make a directory of root's that looks like a place for a cache, with what an attacker would like changed."""
    sandbox.write("/victim/m.py", "value = 'secret'\n", mode=0o600)
    sandbox.write(f"/victim/m.{TAG}.pyc", b"root's own", mode=0o600)
    sandbox.write(f"/victim/__pycache__/m.{TAG}.pyc", b"root's own", mode=0o600)
    return "/victim"


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(MANY_ROUNDS, marks=pytest.mark.slow)])
@pytest.mark.parametrize("option", [(), ("--as-owner",)], ids=["as-root", "as-owner"])
@pytest.mark.parametrize("swapped", ["directory", "cache"])
@pytest.mark.parametrize("command", ["pkgtools-compile", "pkgtools-clean"])
def test_t22_swapping_a_directory_for_a_link_never_leads_out_of_it(
    command: str, swapped: str, option: tuple[str, ...], rounds: int, sandbox: Sandbox
) -> None:
    victim = _victim(sandbox)
    home = sandbox.directory("/srv/fred", 0o755, (FRED, FRED))
    sandbox.write(f"{home}/app/m.py", owner=(FRED, FRED))
    sandbox.directory(f"{home}/app", 0o755, (FRED, FRED))
    sandbox.directory(f"{home}/app/__pycache__", 0o755, (FRED, FRED))
    name = f"{home}/app" if swapped == "directory" else f"{home}/app/__pycache__"
    os.symlink(sandbox.path(victim if swapped == "directory" else f"{victim}/__pycache__"), sandbox.path(f"{home}/x"))
    os.chown(sandbox.path(f"{home}/x"), FRED, FRED, follow_symlinks=False)
    before = sandbox.below(victim)
    with attacker(exchange(sandbox.path(name), sandbox.path(f"{home}/x"))):
        for _ in range(rounds):
            ran = sandbox.run(command, *option, home)
            assert ran.status in {0, 2}
    assert differences(before, sandbox.below(victim)) == []
    owners = {entry.uid for path, entry in sandbox.below(home).items() if entry.kind != "symlink"}
    assert owners == {FRED}


def test_t16_t22_names_swapped_inside_a_cache_while_it_is_taken_over_lead_nowhere(sandbox: Sandbox) -> None:
    victim = _victim(sandbox)
    source = sandbox.write(f"{APP}/m.py")
    cache = sandbox.directory(f"{APP}/__pycache__", 0o777, (FRED, FRED))
    link = sandbox.path(f"{cache}/link")
    os.symlink(sandbox.path(f"{victim}/m.{TAG}.pyc"), link)
    sandbox.write(pyc_of(source), reference_pyc(sandbox, source), owner=(FRED, FRED))
    before = sandbox.below(victim)
    for _ in range(ROUNDS):
        sandbox.directory(cache, 0o777, (FRED, FRED))
        with attacker(exchange(sandbox.path(pyc_of(source)), link)):
            assert sandbox.compile(APP).status == 0
        entry = sandbox.below(APP)[pyc_of(source)]
        assert (entry.kind, entry.mode, entry.uid) == ("file", 0o644, 0)
        assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert differences(before, sandbox.below(victim)) == []


def test_t22_hard_link_planted_as_a_pyc_is_neither_written_nor_given_away(sandbox: Sandbox) -> None:
    victim = _victim(sandbox)
    source = sandbox.write(f"{APP}/m.py")
    sandbox.directory(f"{APP}/__pycache__", 0o777)
    os.link(sandbox.path(f"{victim}/m.{TAG}.pyc"), sandbox.path(pyc_of(source)))
    before = {path: (e.mode, e.uid, e.size, e.mtime_ns) for path, e in sandbox.below(victim).items()}
    assert sandbox.compile(APP).status == 0
    assert {path: (e.mode, e.uid, e.size, e.mtime_ns) for path, e in sandbox.below(victim).items()} == before
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


@contextmanager
def _busy_replacing(sandbox: Sandbox, path: str, contents: tuple[bytes, bytes]) -> Iterator[None]:
    """Replace a file by rename, as dpkg does, again and again: each time other content, same size and same mtime."""
    place = sandbox.path(path)

    def act() -> None:
        for content in contents:
            with open(f"{place}.new", "wb") as stream:
                stream.write(content)
            os.utime(f"{place}.new", (1_700_000_000, 1_700_000_000))
            os.rename(f"{place}.new", place)

    with attacker(act, user=0):
        yield


def _judge(sandbox: Sandbox, source: str) -> bool:
    """Whether the pyc, if there is one, holds what the source says."""
    return not sandbox.exists(pyc_of(source)) or sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_t23_source_replaced_during_compilation_never_leaves_stale_code(sandbox: Sandbox) -> None:
    source = f"{APP}/m.py"
    contents = (b"value = 'a' * 10\n", b"value = 'b' * 10\n")
    for path in (source, f"{APP}/n.py"):
        sandbox.write(path, contents[0], mtime=1_700_000_000)
    for _ in range(ROUNDS):
        with _busy_replacing(sandbox, source, contents):
            ran = sandbox.compile(APP)
        assert (ran.status, temporaries(sandbox)) in [(0, []), (0, [f"{source}.new"])]
        assert _said_or_right(ran, source)
        sandbox.compile(APP)
        assert _judge(sandbox, source)


def _said_or_right(ran: Ran, source: str) -> bool:
    told = ran.all_of(pyc_of(source))
    told = told - {("compiled", "reused")}
    return told <= {("compiled", "missing"), ("skipped", "source-changed"), ("compiled", "unproven")} or told <= {
        ("compiled", "stale-source"),
        ("fresh", "up-to-date"),
        ("skipped", "no-source"),
        ("skipped", "source-changed"),
        ("compiled", "sealed"),
    }


LATER = {
    "same-size-and-time": ("value = 'a' * 10\n", "value = 'b' * 10\n", 1_600_000_000),
    "longer": ("value = 'a' * 10\n", "value = 'a' * 10 + 'more'\n", 1_600_000_000),
    "same-content": ("value = 'a' * 10\n", "value = 'a' * 10\n", 1_600_000_000),
    "newer": ("value = 'a' * 10\n", "value = 'b' * 10\n", 1_600_000_077),
}


@pytest.mark.parametrize("what", LATER)
def test_t23_source_replaced_between_reading_and_naming_is_compiled_again(what: str, sandbox: Sandbox) -> None:
    require_strace()
    before, after, mtime = LATER[what]
    source = sandbox.write(f"{APP}/m.py", before, mtime=1_600_000_000)
    other = sandbox.write(f"{APP}/n.py")
    place, cache = sandbox.path(source), sandbox.path(f"{APP}/__pycache__")
    sandbox.directory(f"{APP}/__pycache__")
    sandbox.write(f"{source}.new", after, mtime=mtime)

    def replace_once_read() -> None:
        if len([name for name in os.listdir(cache) if name.endswith(".tmp")]) == 2:
            os.rename(f"{place}.new", place)
            time.sleep(60)

    # the sync comes after the reading and before the naming: hold it up
    delay = ("--trace=syncfs", "--inject=syncfs:delay_enter=400000:when=1")
    with attacker(replace_once_read, user=0):
        ran = sandbox.compile(APP, wrapper=("/usr/bin/strace", "-f", "--seccomp-bpf", "-o", "/dev/null", *delay))
    assert (ran.status, ran.of(pyc_of(other))[0]) == (0, "compiled")
    assert not sandbox.exists(f"{source}.new")
    assert ran.of(pyc_of(source))[0] == "compiled"
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert temporaries(sandbox) == []


def test_t23_two_runs_at_once_leave_whole_pycs(sandbox: Sandbox, tmp_path: Path) -> None:
    sources = [sandbox.write(f"{APP}/m{n}.py", f"def f():\n    return {n}\n") for n in range(60)]

    def other_runs() -> None:
        while not enough.is_set():
            sandbox.compile("-f", APP)

    enough = threading.Event()
    others = threading.Thread(target=other_runs)
    others.start()
    try:
        for _ in range(6):
            assert sandbox.compile("-f", APP).status == 0
    finally:
        enough.set()
        others.join()  # else the last one would still be at work
    assert sandbox.compile(APP).status == 0
    assert [s for s in sources if sandbox.read(pyc_of(s)) != reference_pyc(sandbox, s)] == []
    assert [p for p in temporaries(sandbox) if p.startswith(APP)] == []
    assert HOST_PYTHON.exists()


@pytest.mark.parametrize("how", ["cleaned", "moved", "exchanged"])
def test_cache_directory_that_another_run_took_away_is_made_again(how: str, sandbox: Sandbox) -> None:
    """Its descriptor is kept from when a pyc in it was read."""
    source = sandbox.write(f"{APP}/m.py")
    sandbox.compile(source)
    tree = sandbox.tree()
    base, path = InstalledPath(APP), InstalledPath(f"{APP}/__pycache__")
    found = tree.open(base, path)
    if how == "cleaned":
        assert sandbox.clean(APP).status == 0
    else:
        os.rename(sandbox.path(path), sandbox.path("/opt/moved"))
    if how == "exchanged":
        sandbox.directory(path)
    assert found in tree.descriptors()
    cache = CacheState(base, path, True, Ownership(0o755, 0, 0), None, False)
    made = CacheDirectories(tree, lambda _: None, lambda _: Owned()).ensure(cache)
    assert os.fstat(made).st_ino == os.stat(sandbox.path(path)).st_ino
    tree.close()


def test_pyc_that_goes_while_it_is_compared_is_compiled(sandbox: Sandbox) -> None:
    for number in range(3):
        sandbox.write(f"{APP}/m{number}.py")
    sandbox.compile(APP)
    tree, report = sandbox.tree(), Report("compile")

    def clean(done: int, _jobs: int) -> None:
        if done == 1:
            assert sandbox.clean(APP).status == 0

    settings = CompileSettings(workers=3, progress=clean)  # the others have been read by then
    wanted = [Wanted(InstalledPath(APP), InstalledPath(APP), ("m0.py", "m1.py", "m2.py"), (HERE,), (0,))]
    compile_wanted(tree, wanted, CompileRun(Policy(verify=True), settings), report)
    tree.close()
    assert report.exit_code(strict=True) == 0
    assert len(sandbox.pycs()) >= 2  # all but the one that was compared first


def test_level_that_another_run_makes_meanwhile_stays(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py", "value = 1\n")
    sandbox.compile("-O", "0,1", APP)
    sandbox.write(source, "value = 2\n", mtime=1_700_000_000)
    tree, report = sandbox.tree(), Report("compile")

    def compile_the_other(_done: int, _jobs: int) -> None:
        assert sandbox.compile("-O", "1", APP).of(pyc_of(source, 1)) == ("compiled", "stale-source")

    wanted = [Wanted(InstalledPath(APP), InstalledPath(APP), ("m.py",), (HERE,), (0,))]
    compile_wanted(tree, wanted, CompileRun(Policy(), CompileSettings(progress=compile_the_other)), report)
    tree.close()
    assert sandbox.pycs() >= {pyc_of(source, 1)}
