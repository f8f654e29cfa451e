# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of the Debian archive, with their own maintainer scripts, by apt from a local repository."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator

import pytest

from benchmarks.corpus import cache_directory, download_versions
from tests.lab.aptrepo import Repository, use_only
from tests.lab.archive import fetch
from tests.lab.machine import DIST, Machine, assert_no_complaint, caches, is_python
from tests.lab.ours import Build
from tests.lab.system import Result
from tests.lab.tree import differences
from tests.system.conftest import StartMachine

WANTED = ("python3-requests", "python3-django")

COMPARE = f"""
import os, py_compile
bad = 0
for top, _, names in os.walk({DIST!r}):
    for name in names:
        if not name.endswith('.py'):
            continue
        source = os.path.join(top, name)
        ours = os.path.join(top, '__pycache__', name[:-3] + '.cpython-311.pyc')
        try:
            py_compile.compile(source, cfile='/tmp/theirs', doraise=True)
        except py_compile.PyCompileError:
            bad += os.path.exists(ours)
            continue
        bad += open(ours, 'rb').read() != open('/tmp/theirs', 'rb').read()
print(bad)
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, ours: Build) -> Repository:
    """Return a repository with our packages and the real ones."""
    made = Repository(tmp_path_factory.mktemp("repository"))
    made.add((*ours.debs(), ours.library(), *fetch("bookworm", *WANTED), *fetch("bookworm", *ours.needs())))
    return made


@pytest.fixture
def bare(start: StartMachine, repository: Repository) -> Iterator[Machine]:
    """Return a Debian 12 without anything of ours, whose apt knows only the repository."""
    with start(runtime=False, binds=(repository.bind,)) as machine:
        use_only(machine.system)
        machine.remember()
        yield machine


def apt(machine: Machine, *arguments: str) -> Result:
    options = ("-q", "-y", "-o", "APT::Install-Recommends=false")
    result = machine.system.run("apt-get", *options, *arguments)
    assert_no_complaint(result)
    return result


def shipped_modules(machine: Machine) -> list[str]:
    return [path for path, entry in machine.system.tree(DIST).items() if is_python(path, entry)]


@pytest.mark.slow
@pytest.mark.parametrize("ours_names", [("pkgtools-runtime",), ("pkgtools-runtime", "pkgtools-py3compile")])
def test_real_packages_come_and_go(bare: Machine, ours_names: tuple[str, ...]) -> None:
    apt(bare, "install", *ours_names)
    before = bare.system.tree("/usr")
    apt(bare, "install", *WANTED)
    sources = shipped_modules(bare)
    assert len(sources) > 900
    failed = {path for _, _, path in bare.outcomes("failed")}
    assert bare.cached() == caches([path for path in sources if path not in failed], "3.11")
    bare.system.run("pkgtools-compile", "--force", DIST)  # py3compile made some of them
    assert bare.cached() == caches([path for path in sources if path not in failed], "3.11")
    assert bare.imports("requests") == ""
    assert bare.imports("django.http") == ""
    assert bare.system.run("python3", "-IBc", COMPARE).stdout == "0\n"
    apt(bare, "purge", "--autoremove", *WANTED)
    assert python_paths(differences(before, bare.system.tree("/usr"))) == []
    apt(bare, "purge", *ours_names)
    assert python_paths(bare.changes()) == []


def real_update(machine: Machine) -> tuple[str, str]:
    """Return where the machine sees a large package as it was released, and as its last security update is."""
    old, new = download_versions("python3-django", cache_directory())
    for deb in (old, new):
        shutil.copy(deb, machine.workshop / deb.name)
    return f"/srv/debs/{old.name}", f"/srv/debs/{new.name}"


@pytest.mark.slow
def test_security_update_of_a_real_package_gives_what_compiling_would(bare: Machine) -> None:
    """The stand-ins' py3clean moves, the batch takes back: all but a few of 859 modules have the same bytes."""
    apt(bare, "install", "pkgtools-runtime", "pkgtools-py3compile")
    for deb in real_update(bare):
        bare.dpkg("--force-depends", "--install", deb)
        assert bare.system.run("python3", "-IBc", COMPARE).stdout == "0\n"
    reasons = Counter(reason for _, reason, _ in bare.outcomes("compiled"))
    assert reasons["reused"] > 800
    assert 0 < reasons["missing"] < 20
    assert bare.system.run("ls", "/var/lib/pkgtools/store").stdout == ""


PLANT = f"""
import os
for top, directories, names in os.walk({DIST!r} + '/django'):
    for name in names:
        if not name.endswith('.pyc'):
            continue
        path = os.path.join(top, name)
        state = os.stat(path)
        with open(path, 'r+b') as stream:
            stream.seek(-1, 2)
            last = stream.read(1)
            stream.seek(-1, 2)
            stream.write(bytes([last[0] ^ 1]))
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
"""
"""Changes all bytecode of a package, and nothing that a header or a time stamp says."""


@pytest.mark.slow
def test_planted_bytecode_is_gone_after_an_update_of_a_real_package(bare: Machine) -> None:
    apt(bare, "install", "pkgtools-runtime", "pkgtools-py3compile")
    old, new = real_update(bare)
    bare.dpkg("--force-depends", "--install", old)
    bare.system.run("python3", "-IBc", PLANT)
    assert int(bare.system.run("python3", "-IBc", COMPARE).stdout) > 800
    bare.dpkg("--force-depends", "--install", new)
    assert bare.system.run("python3", "-IBc", COMPARE).stdout == "0\n"
    assert {reason for _, reason, _ in bare.outcomes("compiled")} == {"missing"}


@pytest.mark.slow
def test_update_after_another_build_of_the_interpreter_came_compiles_everything(bare: Machine) -> None:
    """Debian's security updates of Python keep the magic number, and may change what the compiler makes."""
    apt(bare, "install", "pkgtools-runtime", "pkgtools-py3compile")
    architecture = bare.system.run("dpkg", "--print-architecture").stdout.strip()
    builds = download_versions("python3.11-minimal", cache_directory(), architecture)
    installed = bare.system.run("dpkg-query", "-Wf${Version}", "python3.11-minimal").stdout
    other = next((deb for deb in builds if installed not in deb.name), None)
    if other is None:
        pytest.skip("the archive has one build of python3.11-minimal")
    shutil.copy(other, bare.workshop / other.name)
    old, new = real_update(bare)
    bare.dpkg("--force-depends", "--install", old)
    before = bare.system.run("python3", "-c", "import sys; print(sys.version)").stdout
    bare.system.run(
        "sh", "-euc", f"dpkg-deb --extract /srv/debs/{other.name} /srv/x; mv /srv/x/usr/bin/python3.11 /usr/bin"
    )
    assert bare.system.run("python3", "-c", "import sys; print(sys.version)").stdout != before
    bare.dpkg("--force-depends", "--install", new)
    assert {reason for _, reason, _ in bare.outcomes("compiled")} == {"missing"}
    assert bare.system.run("python3", "-IBc", COMPARE).stdout == "0\n"


def python_paths(lines: list[str]) -> list[str]:
    """Return the lines that concern Python; packages of other languages leave things of their own."""
    return [line for line in lines if "python" in line or "pkgtools" in line or "py3" in line or "pyc" in line]


def test_drop_in_commands_stand_in_for_those_of_the_distribution(bare: Machine) -> None:
    apt(bare, "install", "pkgtools-py3compile")
    for name in ("py3compile", "py3clean"):
        assert bare.system.exists(f"/usr/bin/{name}.distrib")
        assert "pkgtools" in bare.system.run("readlink", "-f", f"/usr/bin/{name}").stdout
    apt(bare, "install", "python3-six")
    assert bare.cached() == caches(shipped_modules(bare), "3.11")
    apt(bare, "purge", "python3-six")
    apt(bare, "purge", "--autoremove", "pkgtools-py3compile")
    bare.assert_nothing_left()


def test_all_our_packages_come_and_go(bare: Machine) -> None:
    apt(bare, "install", "pkgtools", "pkgtools-py3compile")
    assert bare.system.run("pkgtools", "--version").stdout.strip()
    own = {path for path in shipped_modules(bare) if path.startswith(f"{DIST}/pkgtools/")}
    assert own
    assert caches(own, "3.11").items() <= bare.cached(f"{DIST}/pkgtools").items()
    apt(bare, "purge", "--autoremove", "pkgtools", "pkgtools-py3compile")
    assert python_paths(bare.changes()) == []


def test_library_and_runtime_are_one_truth(bare: Machine) -> None:
    apt(bare, "install", "python3-pkgtools")
    origin = bare.system.run(
        "python3", "-Ic", "import pkgtools.runtime.compile.plan as m; print(m.__file__)"
    ).stdout.strip()
    assert bare.system.run("readlink", "-f", origin).stdout == "/usr/share/pkgtools/pkgtools/runtime/compile/plan.py\n"
