# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""An interpreter that others could change, or whose library or loader's places they could, doesn't run at all."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.own_pythons import LIBRARY, NAME, PREFIX, PROGRAM, compile_with, system_with_own_python
from tests.runtime.sandbox import Sandbox, pyc_of

MODULE = f"{PREFIX}/app/a.py"
STRANGER = (4711, 4711)


@pytest.fixture
def system(tmp_path: Path) -> Sandbox:
    return system_with_own_python(tmp_path / "root", MODULE)


def _change(act: Callable[[Sandbox], object], what: str) -> object:
    return pytest.param(act, id=what)


def _linked(sandbox: Sandbox, path: str, target: str) -> None:
    os.rename(sandbox.path(path), sandbox.path(target))
    os.symlink(target, sandbox.path(path))


def _through_a_user_s_directory(sandbox: Sandbox) -> None:
    sandbox.directory("/home/user", owner=STRANGER)
    _linked(sandbox, PROGRAM, f"/home/user/{NAME}")


def _user_s_link(sandbox: Sandbox) -> None:
    _linked(sandbox, PROGRAM, f"{PREFIX}/bin/real")
    os.lchown(sandbox.path(PROGRAM), *STRANGER)


def _a_library_in_a_user_s_directory(sandbox: Sandbox) -> None:
    sandbox.directory("/home/user", owner=STRANGER)
    _linked(sandbox, f"{LIBRARY}/abc.py", "/home/user/abc.py")


def _shared_library(sandbox: Sandbox) -> None:
    os.chmod(_libc(sandbox), 0o666)


def _libc(sandbox: Sandbox) -> Path:
    return next(path for path in sandbox.root.rglob("libm.so*") if path.is_file())


def _writable(path: str) -> Callable[[Sandbox], None]:
    return lambda sandbox: os.chmod(sandbox.path(path), 0o777)


def _of_a_user(path: str) -> Callable[[Sandbox], None]:
    return lambda sandbox: os.chown(sandbox.path(path), *STRANGER)


UNTRUSTED = [
    _change(_writable(PROGRAM), "program-writable"),
    _change(_of_a_user(PROGRAM), "program-of-a-user"),
    _change(_writable(f"{PREFIX}/bin"), "directory-writable"),
    _change(_of_a_user(PREFIX), "prefix-of-a-user"),
    _change(_through_a_user_s_directory, "chain-through-a-user-s-directory"),
    _change(_user_s_link, "link-of-a-user"),
    _change(_writable(f"{PREFIX}/lib"), "beside-the-library"),
    _change(_writable(f"{LIBRARY}/encodings"), "library-directory-writable"),
    _change(_writable(f"{LIBRARY}/encodings/utf_8.py"), "library-file-writable"),
    _change(_of_a_user(f"{LIBRARY}/os.py"), "library-file-of-a-user"),
    _change(_a_library_in_a_user_s_directory, "library-linked-to-a-user-s"),
    _change(_shared_library, "shared-library-writable"),
]


@pytest.mark.parametrize("spoil", UNTRUSTED)
def test_what_others_can_change_refuses_it(system: Sandbox, spoil: Callable[[Sandbox], object]) -> None:
    spoil(system)
    ran = compile_with(system)
    assert ran.status == 2
    assert [one.status for one in ran.told] == ["error"]
    assert ran.told[0].reason in {"writable-by-others", "not-root-owned", "symlink"}
    assert len(ran.talk.splitlines()) == 1
    assert system.pycs(f"{PREFIX}/app") == set()


def test_a_directory_that_its_loader_searches_is_nobody_else_s(system: Sandbox, tmp_path: Path) -> None:
    """With the RPATH of the machine that built it, whoever makes that directory gives it a library."""
    source = tmp_path / "main.c"
    source.write_text("int main(void) { return 0; }\n")
    program = system.path(f"{PREFIX}/bin/python3.99")
    subprocess.run(["gcc", "-Wl,-rpath,/tmp/build/lib", source, "-o", program], check=True)
    system.directory("/tmp", mode=0o1777)
    ran = compile_with(system, program=f"{PREFIX}/bin/python3.99")
    assert (ran.status, ran.told[0].path, ran.told[0].reason) == (2, "/tmp", "writable-by-others")


def test_a_script_is_none(system: Sandbox) -> None:
    system.write(f"{PREFIX}/bin/start", "#!/bin/sh\nexec python3\n", mode=0o755)
    ran = compile_with(system, program=f"{PREFIX}/bin/start")
    assert (ran.status, ran.told[0].reason) == (2, "unsupported-interpreter")


def test_a_venv_is_looked_at_where_its_home_is(system: Sandbox) -> None:
    program = f"{PREFIX}/app/bin/python"
    system.directory(f"{PREFIX}/app/bin")
    os.symlink(PROGRAM, system.path(program))
    system.write(f"{PREFIX}/app/pyvenv.cfg", f"home = {PREFIX}/bin\ninclude-system-site-packages = false\n")
    assert compile_with(system, program=program).of(pyc_of(MODULE)) == ("compiled", "missing")
    system.directory("/home/user/bin", owner=STRANGER)
    system.write(f"{PREFIX}/app/pyvenv.cfg", "home = /home/user/bin\n")
    ran = compile_with(system, "--force", program=program)
    assert (ran.status, ran.of("/home/user/bin")) == (2, ("error", "not-root-owned"))
