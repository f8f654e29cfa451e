# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""pkgtools-compile --python: an interpreter that isn't the distribution's compiles, and never as root."""

from __future__ import annotations

import contextlib
import errno
import marshal
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, cast

import pytest

from pkgtools.runtime.compile.exchange import CompileRequest, LevelTask
from pkgtools.runtime.compile.job import CompileSettings
from pkgtools.runtime.compile.pipes import answers
from pkgtools.runtime.compile.resolve import Ticket
from pkgtools.runtime.errors import EnvironmentFault
from pkgtools.runtime.facts import InstalledPath, Interpreter, Outcome, Reason, Status
from pkgtools.runtime.system import confined
from pkgtools.runtime.system import own_interpreter as own
from pkgtools.runtime.system.confined import Confinement
from pkgtools.runtime.system.trust import Tree
from tests.lab.places import trusted_directory
from tests.runtime.interpreters import VARIABLE, other_interpreters
from tests.runtime.own_pythons import (
    LIBRARY,
    NAME,
    PREFIX,
    PROGRAM,
    add_built_python,
    begin_with,
    compile_with,
    system_with_own_python,
)
from tests.runtime.sandbox import Sandbox, pyc_of

MODULE = f"{PREFIX}/app/a.py"
STRANGER = (4711, 4711)
HANGS = "while True: pass"


@pytest.fixture
def system(tmp_path: Path) -> Sandbox:
    return system_with_own_python(tmp_path / "root", MODULE)


@contextlib.contextmanager
def _opened(sandbox: Sandbox) -> Iterator[Tree]:
    tree = sandbox.tree()
    yield tree
    tree.close()


@contextlib.contextmanager
def _opened_machine() -> Iterator[Tree]:
    tree = Tree("/")
    yield tree
    tree.close()


def _users_of_processes() -> set[str]:
    said = subprocess.run(["ps", "-eo", "uid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in said.splitlines()]
    return {uid for uid, state in rows if not state.startswith("Z")}


def _as_worker(prelude: str) -> str:
    """Do it not when it's asked what it is, and only when it is to compile."""
    return f"import sys, posix\nif 'def serve' in sys.orig_argv[-1]:\n    {prelude}"


def _processes_in(sandbox: Sandbox) -> list[str]:
    """Return the processes of this machine that have the sandbox for their root directory, zombies left out."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/root") == str(sandbox.root):
                found.append(name)
        except OSError:
            continue
    return found


def test_it_compiles_for_its_own_tag_and_nothing_else_runs(system: Sandbox) -> None:
    ran = compile_with(system)
    assert (ran.status, ran.of(pyc_of(MODULE))) == (0, ("compiled", "missing"))
    assert ran.told[0].interpreter == PROGRAM
    assert compile_with(system).told == ()
    assert compile_with(system, "--verify").summary["fresh"] == 1


def test_a_library_of_its_version_is_its_own_and_no_other_s(system: Sandbox) -> None:
    its_own, other = f"{LIBRARY}/site-packages/m.py", f"{PREFIX}/lib/python3.1/site-packages/m.py"
    for path in (its_own, other, "/usr/lib/python3/dist-packages/m.py"):
        system.write(path)
    ran = system.compile("--python", PROGRAM, its_own, other, "/usr/lib/python3/dist-packages")
    assert ran.of(pyc_of(its_own)) == ("compiled", "missing")
    assert ran.of(other) == ran.of("/usr/lib/python3/dist-packages/m.py") == ("skipped", "not-served")
    assert f"are none that {PROGRAM} imports" in ran.talk


def test_its_processes_have_a_user_of_their_own_and_no_rights() -> None:
    tree = Tree("/")
    confinement = Confinement(tree, workers=4)
    said = confinement.ask(("/bin/sh", "-c", "cat /proc/self/status; cat /proc/self/limits; pwd; echo $HOME"), 60) or ""
    facts = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    uid = str(confinement.uid)
    assert facts["Uid"].split() == facts["Gid"].split() == [uid] * 4
    assert facts["Groups"].split() == []
    assert {facts[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert facts["NoNewPrivs"].strip() == "1"
    assert said.splitlines()[-2:] == ["/", "/nonexistent"]
    assert "Max file size             0 " in said
    assert confinement.uid not in {0, Confinement(tree).uid}
    tree.close()


def test_a_session_of_its_own_so_that_it_reaches_no_terminal() -> None:
    tree = Tree("/")
    said = Confinement(tree, workers=4).ask(("/bin/sh", "-c", "ps -o sid= -p $$; echo $$"), 60) or ""
    assert len(set(said.split())) == 1
    tree.close()


WRITES = """
import posix
for name in ("setuid", "setgid", "seteuid"):
    try:
        getattr(posix, name)(0)
    except OSError:
        pass
for path in ("/etc/evil", "/opt/acme/app/evil", "/opt/acme/app/__pycache__/a.evil.pyc", "/tmp/evil"):
    try:
        posix.write(posix.open(path, posix.O_WRONLY | posix.O_CREAT), b"evil")
    except OSError:
        pass
try:
    posix.remove("/opt/acme/app/b.py")
except OSError:
    pass
"""


def test_what_it_tries_as_root_it_can_t(system: Sandbox) -> None:
    system.directory("/etc")
    system.directory("/tmp", mode=0o755)
    system.write(f"{PREFIX}/app/b.py")
    begin_with(system, WRITES)
    before = system.below("/etc", "/tmp", PREFIX)
    ran = compile_with(system)
    assert ran.status == 0
    after = system.below("/etc", "/tmp", PREFIX)
    assert {path for path in after if path not in before} == {
        f"{PREFIX}/app/__pycache__",
        pyc_of(MODULE),
        pyc_of(f"{PREFIX}/app/b.py"),
    }
    assert all(path in after for path in before)


def test_it_signals_nobody(system: Sandbox) -> None:
    """One process of the test is its victim, and never all: this test has to be harmless where the fence is broken."""
    victim = subprocess.Popen(["/bin/sleep", "600"], user=65534, group=65534)
    begin_with(system, f"import posix\ntry:\n    posix.kill({victim.pid}, 9)\nexcept OSError:\n    pass")
    try:
        ran = compile_with(system)
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()
    assert ran.status == 0


@pytest.mark.parametrize("old_kernel", [False, True])
def test_what_it_leaves_behind_is_ended(old_kernel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if old_kernel:
        monkeypatch.setattr(os, "pidfd_open", _has_none)
    with _opened_machine() as tree:
        confinement = Confinement(tree, workers=4)
        said = confinement.ask(("/bin/sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"), 60)
        assert (said or "").strip().isdigit()
        assert str(confinement.uid) not in _users_of_processes()


def _has_none(_number: int) -> int:
    raise OSError(errno.ENOSYS, "Function not implemented")


def test_an_ordinary_user_s_interpreter_stays_his_own() -> None:
    with _opened_machine() as tree:
        tree.uid = 1000
        confinement = Confinement(tree)
        assert confinement.uid is None
        assert confinement.argv(("/bin/true",)) == (
            "/usr/bin/setsid",
            "/usr/bin/setpriv",
            "--no-new-privs",
            "--",
            "/bin/true",
        )


def test_where_no_user_id_is_free_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "mapped", lambda _number: False)
    with _opened_machine() as tree, pytest.raises(EnvironmentFault, match="no user id is free"):
        Confinement(tree)


def test_no_number_of_an_account_or_a_process_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "_RANGES", (range(65520, 65523),))
    monkeypatch.setattr(confined, "numbers_in_use", lambda _tree: frozenset({65520}))
    with _opened_machine() as tree:
        sleeper = subprocess.Popen(["/bin/sleep", "60"], user=65521, group=65521)
        try:
            assert Confinement(tree).uid == 65522
        finally:
            sleeper.kill()
            sleeper.wait()


def test_it_starts_nothing_while_all_workers_are_there(system: Sandbox) -> None:
    forks = "try:\n        child = posix.fork()\n    except OSError:\n        child = 0\n    if child: posix._exit(9)"
    begin_with(system, _as_worker(forks))
    assert compile_with(system).of(pyc_of(MODULE)) == ("compiled", "missing")


@pytest.mark.parametrize(
    "prelude",
    [
        pytest.param("while True: pass", id="hangs"),
        pytest.param(r"posix.write(1, b'\xff\xff\xff\xff' + b'x' * 100); posix._exit(0)", id="announces-4-GiB"),
        pytest.param("while True: posix.write(1, b'x' * 65536)", id="never-ends-to-talk"),
        pytest.param("posix._exit(0)", id="says-nothing"),
    ],
)
def test_a_bad_worker_costs_its_modules_alone(system: Sandbox, prelude: str) -> None:
    begin_with(system, _as_worker(prelude))
    ran = compile_with(system, "--timeout", "0.3")
    assert {one.reason for one in ran.told} <= {"timeout", "no-worker", "worker-crash"}
    assert ran.told
    assert system.pycs(f"{PREFIX}/app") == set()
    assert _processes_in(system) == []


@pytest.mark.parametrize(
    "prelude", ["import posix\nwhile True: posix.write(1, b'x' * 65536)", "import posix; posix._exit(3)"]
)
def test_rubbish_is_no_answer(system: Sandbox, prelude: str) -> None:
    begin_with(system, prelude)
    ran = compile_with(system)
    assert (ran.status, ran.of(PROGRAM)) == (2, ("error", "broken-interpreter"))


def test_a_venv_of_the_distribution_s_python_is_compiled_by_that(system: Sandbox) -> None:
    program = f"{PREFIX}/app/bin/python"
    system.directory(f"{PREFIX}/app/bin")
    os.symlink(f"/usr/bin/{NAME}", system.path(program))
    ran = compile_with(system, program=program)
    assert [one.interpreter for one in ran.told] == [f"/usr/bin/{NAME}"]


@pytest.mark.parametrize("program", ["/opt/acme/bin/none", "/nowhere/python3"])
def test_one_that_is_not_there_is_an_error(system: Sandbox, program: str) -> None:
    ran = compile_with(system, program=program)
    assert (ran.status, ran.of(program)) == (2, ("error", "no-interpreter"))


class _Waits(Confinement):
    def ask(self, argv: tuple[str, ...], timeout: float) -> str | None:
        assert "--list" in argv, "it is asked once more"
        return super().ask(argv, timeout)


def test_one_that_hangs_is_waited_for_once(system: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_with(system, HANGS)
    monkeypatch.setattr(own, "PATIENCE", 0.2)
    with _opened(system) as tree:
        first = own.own_interpreter(tree, InstalledPath(PROGRAM), ())
        assert _processes_in(system) == []
        monkeypatch.setattr(own, "Confinement", _Waits)
        second = own.own_interpreter(tree, InstalledPath(PROGRAM), ())
    assert isinstance(first, Outcome)
    assert first == second
    assert (first.status, first.reason) == (Status.ERROR, Reason.BROKEN_INTERPRETER)


def test_a_new_one_in_its_place_is_asked_anew(system: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = f"{LIBRARY}/encodings/__init__.py"
    whole = system.read(begin)
    begin_with(system, HANGS)
    monkeypatch.setattr(own, "PATIENCE", 0.2)
    with _opened(system) as tree:
        own.own_interpreter(tree, InstalledPath(PROGRAM), ())
        system.write(begin, whole)
        shutil.copyfile(system.path(PROGRAM), system.path(PROGRAM + ".new"))
        os.chmod(system.path(PROGRAM + ".new"), 0o755)
        os.rename(system.path(PROGRAM + ".new"), system.path(PROGRAM))
        monkeypatch.setattr(own, "PATIENCE", 60.0)
        assert isinstance(own.own_interpreter(tree, InstalledPath(PROGRAM), ()), Interpreter)


def test_python_and_as_owner_exclude_each_other(system: Sandbox) -> None:
    ran = compile_with(system, "--as-owner")
    assert ran.status == 2
    assert "--python and --as-owner exclude each other" in ran.talk


def _code_of(request: CompileRequest) -> CodeType:
    code: CodeType = compile(request.source, request.path, "exec", dont_inherit=True)
    return code


def test_one_of_this_machine_itself_needs_no_chroot() -> None:
    with trusted_directory(for_all=True) as directory, _opened_machine() as tree:
        sandbox = system_with_own_python(directory / "root")
        begin_with(sandbox, "import posix\nassert posix.getuid() > 65519\nassert posix.getgroups() == []")
        found = own.own_interpreter(tree, InstalledPath(sandbox.path(PROGRAM)), (), remember=False)
        assert isinstance(found, Interpreter), found
        request = CompileRequest("/opt/a.py", b"value = 1\n", False, (LevelTask(0, "compile", b""),))
        told: list[Outcome] = []
        asked = iter([(cast(Ticket, None), request)])
        ((_, answer),) = answers(tree, found, [cast(Any, None)], lambda _: asked, CompileSettings(), told.append)
        (result,) = answer.results
        assert result.status == "compiled"
        assert marshal.loads(result.body) == _code_of(request)
        assert told == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["3.10", "3.12", "3.13"])
def test_a_python_that_was_built_elsewhere_compiles_for_its_version(name: str, tmp_path: Path) -> None:
    """With its libraries by RPATH where it was built: the place is kept."""
    found = other_interpreters().get(name)
    if found is None:
        pytest.skip(f"no {name}: name it in {VARIABLE}")
    program = Path(found.program).resolve()
    sandbox = Sandbox(tmp_path / "root")
    add_built_python(sandbox, program)
    module = sandbox.write("/opt/app/a.py")
    ran = sandbox.compile("--python", str(program), "/opt/app")
    assert ran.of(pyc_of(module, tag=f"cpython-{name.replace('.', '')}")) == ("compiled", "missing")
    assert sandbox.read(ran.told[-1].path)[:4] == found.magic
