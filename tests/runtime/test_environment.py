# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Nothing that the caller's environment, working directory or home holds reaches what root does."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.lab.tree import differences
from tests.runtime.sandbox import APP, TAG, TRIGGERS, Sandbox, pyc_of, reference_pyc

VARIABLES = {
    "PYTHONOPTIMIZE": "2",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPYCACHEPREFIX": "/var/cache/elsewhere",
    "PYTHONPATH": "/srv/evil",
    "PYTHONHOME": "/srv/evil",
    "PYTHONSTARTUP": "/srv/evil/os.py",
    "PYTHONUSERBASE": "/srv/evil",
    "PYTHONINSPECT": "1",
    "PYTHONVERBOSE": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONNODEBUGRANGES": "1",
    "PYTHONHASHSEED": "7",
    "PYTHONIOENCODING": "utf-16",
    "PYTHONUTF8": "0",
    "PYTHONCASEOK": "1",
    "PYTHONBREAKPOINT": "evil.run",
    "PYTHONPROFILEIMPORTTIME": "1",
    "PYTHONDEBUG": "3",
    "PYTHONDEVMODE": "1",
    "PYTHONPLATLIBDIR": "evil",
    "PYTHONEXECUTABLE": "/srv/evil/python3",
    "SOURCE_DATE_EPOCH": "315532800",
    "LC_ALL": "POSIX",
    "LANG": "tr_TR.UTF-8",
    "TMPDIR": "/nonexistent",
    "HOME": "/srv/evil",
    "IFS": "/",
    "PATH": "/srv/evil",
    "LD_BIND_NOW": "1",
    "DPKG_MAINTSCRIPT_NAME": "postinst",
}
MODULES = """argparse array binascii codecs datetime encodings enum errno fcntl functools importlib io itertools marshal
os pkgtools re select selectors signal sitecustomize stat struct subprocess sys time types typing usercustomize
warnings worker zlib""".split()


def _plant(sandbox: Sandbox, directory: str) -> str:
    """Put modules of every name that could be imported into a directory; each leaves a trace where it is run."""
    trace = sandbox.path("/srv/trace")
    for name in MODULES:
        sandbox.write(f"{directory}/{name}.py", f"open({trace!r}, 'a').write({name!r})\n")
        sandbox.write(f"{directory}/{name}/__init__.py", f"open({trace!r}, 'a').write({name!r})\n")
    for name in ("lib/python3.11/site-packages/evil.pth", ".local/lib/python3.11/site-packages/evil.pth"):
        sandbox.write(f"{directory}/{name}", f"import sys; open({trace!r}, 'a').write('pth')\n")
    return trace


@pytest.mark.parametrize("name", VARIABLES)
def test_t12_t20_t21_variable_changes_neither_bytes_nor_names(name: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py", 'def f():\n    "doc"\n    assert f\n    return "\u00e4"\n')
    trace = _plant(sandbox, "/srv/evil")
    value = VARIABLES[name].replace("/srv/evil", sandbox.path("/srv/evil"))
    ran = sandbox.compile(APP, environment={name: value})
    assert (ran.status, ran.talk, ran.output) == (0, "", "")
    assert sandbox.pycs("/") == {pyc_of(source)}
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert not os.path.exists(trace)
    assert sandbox.clean(APP, environment={name: value}).status == 0
    assert sandbox.pycs("/") == set()


def test_t20_everything_at_once_with_a_hostile_working_directory(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    trace = _plant(sandbox, "/srv/evil")
    evil = sandbox.path("/srv/evil")
    environment = {name: value.replace("/srv/evil", evil) for name, value in VARIABLES.items()}
    for command in ("pkgtools-compile", "pkgtools-clean"):
        ran = sandbox.run(command, APP, environment=environment, cwd=evil)
        assert (ran.status, ran.talk) == (0, "")
        assert sandbox.exists(pyc_of(source)) is (command == "pkgtools-compile")
    assert sandbox.run("pkgtools-trigger", environment=environment, cwd=evil).status == 0
    assert not os.path.exists(trace)


@pytest.mark.parametrize("directory", [APP, "/srv/evil"], ids=["in-the-tree", "elsewhere"])
def test_modules_beside_the_sources_and_in_the_working_directory_are_not_imported(
    directory: str, sandbox: Sandbox
) -> None:
    sandbox.write(f"{APP}/m.py")
    trace = _plant(sandbox, directory)
    assert sandbox.compile(APP, cwd=sandbox.path(directory)).status == 0
    assert not os.path.exists(trace)


def test_t1_working_directory_that_is_gone_does_not_matter(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    script = 'mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone" && exec "$2" --root "$1" /opt/app'
    argv = ["/bin/sh", "-c", script, "sh", str(sandbox.root), str(TRIGGERS / "pkgtools-compile")]
    done = subprocess.run(argv, capture_output=True, text=True, env=sandbox.environment, check=False)
    assert done.returncode == 0
    assert done.stderr in {"", "sh: 0: getcwd() failed: No such file or directory\n"}  # dash's own words
    assert sandbox.exists(pyc_of(source))


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_standard_descriptors_do_no_harm(closed: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    sandbox.write(f"{APP}/bad.py", "print 1\n")
    script = f'exec "$2" --root "$1" /opt/app {closed}'
    argv = ["/bin/sh", "-c", script, "sh", str(sandbox.root), str(TRIGGERS / "pkgtools-compile")]
    done = subprocess.run(argv, capture_output=True, env=sandbox.environment, check=False, timeout=60)
    assert done.returncode == 0
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


LEAKY = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
for _ in range(1100):
    os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("owner", [0, 65534])
def test_more_open_descriptors_than_select_takes_do_no_harm(owner: int, sandbox: Sandbox) -> None:
    sandbox.directory(f"{APP}/theirs", owner=(owner, owner))
    for number in range(20):  # more than a fork of the main process compiles
        sandbox.write(f"{APP}/theirs/m{number}.py", owner=(owner, owner))
    ran = sandbox.compile("--as-owner", f"{APP}/theirs", wrapper=("/usr/bin/python3", "-c", LEAKY))
    assert (ran.status, ran.talk, ran.summary) == (0, "", {"compiled": 20})


@pytest.mark.parametrize("limit", [64, 256])
def test_directories_beyond_the_limit_of_open_files_are_compiled(limit: int, sandbox: Sandbox) -> None:
    for number in range(300):
        sandbox.write(f"{APP}/d{number}/m.py")
    ran = sandbox.compile(APP, wrapper=("/usr/bin/prlimit", f"--nofile={limit}", "--"))
    assert (ran.status, ran.summary) == (0, {"compiled": 300})
    assert sandbox.compile(APP, wrapper=("/usr/bin/prlimit", f"--nofile={limit}", "--")).summary == {"fresh": 300}


def test_dpkg_root_of_the_environment_is_the_root(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    argv = [str(TRIGGERS / "pkgtools-compile"), APP]
    environment = {**sandbox.environment, "DPKG_ROOT": str(sandbox.root)}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr, len(sandbox.pycs())) == (0, "", 1)


def test_t12_pyc_in_the_prefix_of_the_environment_is_left_alone(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    sandbox.write(f"/var/cache/elsewhere{APP}/m.{TAG}.pyc", b"bytes")
    before = sandbox.below()
    environment = {"PYTHONPYCACHEPREFIX": sandbox.path("/var/cache/elsewhere")}
    assert sandbox.compile(APP, environment=environment).status == 0
    assert sandbox.clean(APP, environment=environment).status == 0
    assert differences(before, sandbox.below()) == []
