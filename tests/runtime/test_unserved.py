# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Below a library each interpreter compiles for itself: what no installed one searches is reported, never compiled."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.facts import InstalledPath, Interpreter, Reason, Status
from pkgtools.runtime.policy.configuration import DropIns
from pkgtools.runtime.policy.selection import Wish, select_paths, want
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.all_interpreters import Installed
from pkgtools.runtime.system.interpreters import describe, find_interpreters
from tests.runtime.interpreters import other_interpreters
from tests.runtime.sandbox import HOST_PYTHON, PUBLIC, Sandbox, pyc_of

ABSENT = [
    "/usr/lib/python3.99/site-packages",
    "/usr/lib64/python3.99/site-packages",
    f"/usr/lib64/{HOST_PYTHON.name}t/site-packages",
    "/usr/lib/pypy3.10/site-packages",
    "/usr/lib/graalpy25.0/site-packages",
    "/usr/lib/python2.7/dist-packages",
    "/opt/acme/lib/python3.99/site-packages",
    "/usr/lib/python3/dist-packages/app/venv/lib/python3.99/site-packages",
    "/opt/acme/lib/python3.98/site-packages/app/lib/python3.99/site-packages",
]
NO_DROP_INS = DropIns((), (), ())
_SAYS = "cpython 3 13 cpython-313 f30d0d0a 030d0ff000000000"


@pytest.mark.parametrize("directory", ABSENT)
@pytest.mark.parametrize("options", [(), ("-V", "3.9-")], ids=["plain", "-V"])
def test_another_interpreter_never_compiles_there(sandbox: Sandbox, directory: str, options: tuple[str, ...]) -> None:
    source = sandbox.write(f"{directory}/m.py")
    ran = sandbox.compile(*options, directory)
    assert ran.status == 0
    assert ran.all_of(source) == {("skipped", _reason(directory))}
    assert sandbox.pycs("/") == set()


def _reason(directory: str) -> str:
    is_known = "graalpy" not in directory and "python2" not in directory
    return "not-served" if is_known else "unsupported-interpreter"


@pytest.mark.parametrize("directory", ABSENT)
def test_a_registered_directory_is_no_exception(sandbox: Sandbox, directory: str) -> None:
    source = sandbox.write(f"{directory}/m.py")
    sandbox.write("/usr/share/pkgtools/private.d/acme.conf", f"compile|3.6-|{directory}\n")
    ran = sandbox.run("pkgtools-trigger")
    assert ("skipped", _reason(directory)) in ran.all_of(source)
    assert sandbox.pycs("/") == set()


@pytest.mark.parametrize("directory", [one for one in ABSENT if one.startswith("/usr/lib") and "/python3" in one])
def test_the_batch_reports_it_once(sandbox: Sandbox, directory: str) -> None:
    source = sandbox.write(f"{directory}/m.py")
    ran = sandbox.run("pkgtools-trigger")
    assert (ran.status, ran.talk.count("\n")) == (0, 1)
    assert ran.all_of(source) == {("skipped", "not-served")}
    assert sandbox.run("pkgtools-trigger", "--all").talk == ""


def test_the_report_names_the_interpreter(sandbox: Sandbox) -> None:
    sandbox.write("/opt/acme/lib/python3.99/site-packages/m.py")
    (told,) = sandbox.compile("/opt/acme").told
    assert "Python 3.99" in told.detail


def test_a_virtual_environment_of_an_installed_version_is_compiled(sandbox: Sandbox) -> None:
    source = sandbox.write(f"/opt/acme/lib/{HOST_PYTHON.name}/site-packages/m.py")
    assert sandbox.compile("/opt/acme").summary == {"compiled": 1}
    assert sandbox.pycs("/") == {pyc_of(source)}


@pytest.mark.parametrize("above", [PUBLIC, "/opt/acme/lib/python3.99/site-packages"])
def test_a_virtual_environment_in_another_library_is_compiled_for_its_own_version(above: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{above}/app/lib/{HOST_PYTHON.name}/site-packages/m.py")
    sandbox.write("/usr/bin/python3.99", "no program", mode=0o755)
    sandbox.compile(above)
    assert sandbox.pycs("/") == {pyc_of(source)}


def test_graalpy_is_refused_with_a_reason(sandbox: Sandbox) -> None:
    program = sandbox.write("/usr/bin/graalpy", "", mode=0o755)
    source = sandbox.write(f"{PUBLIC}/m.py")
    ran = sandbox.compile(PUBLIC)
    assert ran.all_of(program) == {("skipped", "unsupported-interpreter")}
    assert (ran.status, ran.talk, sandbox.pycs("/")) == (0, "", {pyc_of(source)})


def shell_in(sandbox: Sandbox) -> None:
    """Give a system a shell that runs inside of it."""
    shell = str(Path("/bin/sh").resolve())
    linked = subprocess.run(["ldd", shell], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in linked.split() if word.startswith("/")]
    for path in (shell, *libraries):
        sandbox.write(path, Path(path).read_bytes(), mode=0o755)
    sandbox.write("/bin/sh", Path(shell).read_bytes(), mode=0o755)


def found_in(sandbox: Sandbox, **programs: str) -> Installed:
    """Return what is known of made-up interpreters that answer so."""
    shell_in(sandbox)
    for name, answer in programs.items():
        path = f"/usr/bin/{name.replace('_', '.')}"
        sandbox.write(path, f"#!/bin/sh\necho '{answer}'\n", mode=0o755)
    return find_interpreters(sandbox.tree())


@pytest.mark.skipif(shutil.which("ldd") is None, reason="no ldd")
@pytest.mark.parametrize("is_shared", [False, True])
def test_an_interpreter_says_that_it_has_no_global_lock(sandbox: Sandbox, is_shared: bool) -> None:
    installed = found_in(sandbox, python3_13t=f"{_SAYS} t:{int(is_shared)}", python3_13=_SAYS)
    found = {one.path: (one.abi, one.is_shared, one.cache_tag) for one in installed.interpreters if one.inside}
    assert found == {
        "/usr/bin/python3.13": ("", True, "cpython-313"),
        "/usr/bin/python3.13t": ("t", is_shared, "cpython-313"),
    }
    remembered = find_interpreters(sandbox.tree())
    assert remembered == installed


@pytest.mark.skipif(shutil.which("ldd") is None, reason="no ldd")
@pytest.mark.parametrize("answer", [f"{_SAYS} x:1", f"{_SAYS} t:", _SAYS.replace("cpython-313", "cpython-313t")])
def test_an_answer_that_is_not_understood_is_no_interpreter(sandbox: Sandbox, answer: str) -> None:
    installed = found_in(sandbox, python3_13t=answer)
    assert [(one.reason, one.path) for one in installed.problems] == [
        (Reason.BROKEN_INTERPRETER, "/usr/bin/python3.13t")
    ]


@pytest.mark.skipif(shutil.which("ldd") is None, reason="no ldd")
@pytest.mark.parametrize("base", ["/opt/acme", "/opt/acme/lib/python3.12/site-packages"])
def test_the_batch_leaves_what_the_interpreter_of_a_library_has(sandbox: Sandbox, base: str) -> None:
    real = other_interpreters().get("3.12")
    interpreter = describe(InstalledPath(real.program)) if real else None
    if interpreter is None:
        pytest.skip("this machine has no 3.12")
    source = sandbox.write("/opt/acme/lib/python3.12/site-packages/acme.py")
    sandbox.write("/usr/share/pkgtools/private.d/acme.conf", f"compile||{base}\n")
    answer = f"cpython 3 12 cpython-312 {interpreter.magic.hex()} {interpreter.release_and_build}"
    os.symlink(HOST_PYTHON.name, sandbox.path("/usr/bin/python3"))
    installed = found_in(sandbox, python3_12=answer)
    assert installed.default is not None
    assert installed.default.version != (3, 12)
    selected = select_paths(sandbox.tree(), [InstalledPath(base)])
    wanted, _ = want(selected.directories, Wish(), NO_DROP_INS, Installed((interpreter,), None, ()))
    compile_wanted(sandbox.tree(), wanted, CompileRun(), Report("compile"))
    pyc = pyc_of(source, tag="cpython-312")
    assert sandbox.pycs("/opt") == {pyc}
    ran = sandbox.run("pkgtools-trigger")
    assert (ran.status, sandbox.pycs("/opt")) == (0, {pyc})


def wanted_by(interpreters: tuple[Interpreter, ...], sandbox: Sandbox, directory: str) -> dict[str, list[str]]:
    """Return the programs that are to compile the modules of a directory, by their directories."""
    selected = select_paths(sandbox.tree(), [InstalledPath(directory)])
    wanted, _ = want(selected.directories, Wish(), NO_DROP_INS, Installed(interpreters, None, ()))
    return {one.directory: [interpreter.path for interpreter in one.interpreters] for one in wanted}


def test_two_names_of_one_pypy_are_one(sandbox: Sandbox) -> None:
    sandbox.write("/usr/lib/pypy3/dist-packages/m.py")
    pypy = Interpreter(InstalledPath("/usr/bin/pypy3"), "pypy", (3, 10), "pypy310", b"\x80\x01\r\n")
    same = pypy._replace(path=InstalledPath("/usr/bin/pypy3.10"))
    found = wanted_by((pypy, same), sandbox, "/usr/lib/pypy3")
    assert found == {"/usr/lib/pypy3/dist-packages": ["/usr/bin/pypy3"]}


@pytest.mark.parametrize("name", ["3.13t", "3.14t"])
def test_an_interpreter_without_the_global_lock_loads_what_is_compiled_for_it(sandbox: Sandbox, name: str) -> None:
    program = other_interpreters().get(name)
    if program is None:
        pytest.skip(f"this machine has no {name}")
    interpreter = describe(InstalledPath(program.program))
    assert interpreter is not None
    assert (interpreter.abi, interpreter.cache_tag) == ("t", f"cpython-{name.replace('.', '').removesuffix('t')}")
    directory = f"/usr/lib/python{name}/site-packages"
    source = sandbox.write(f"{directory}/acme.py", "print(__cached__)\n")
    other = sandbox.write(f"/usr/lib/python{name.removesuffix('t')}/site-packages/acme.py")
    selected = select_paths(sandbox.tree(), [InstalledPath("/usr/lib")])
    wanted, skipped = want(selected.directories, Wish(), NO_DROP_INS, Installed((interpreter,), None, ()))
    assert [(one.status, one.reason, one.path) for one in skipped] == [(Status.SKIPPED, Reason.NOT_SERVED, other)]
    report = Report("compile")
    compile_wanted(sandbox.tree(), wanted, CompileRun(settings=CompileSettings(durable=False)), report)
    assert [(one.status, one.path) for one in report.outcomes] == [
        (Status.COMPILED, pyc_of(source, tag=interpreter.cache_tag))
    ]
    code = f"import sys; sys.path.insert(0, {sandbox.path(directory)!r}); import acme"
    loaded = subprocess.run([program.program, "-ISBvc", code], capture_output=True, text=True, check=True)
    assert f"# code object from {loaded.stdout.strip()!r}" in loaded.stderr
