# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The files of a package of dpkg's, and those that it shares with itself for another architecture."""

from __future__ import annotations

import os
import random
import re
import subprocess
from pathlib import Path

import pytest

from pkgtools.runtime.system.packages import files_of_package
from pkgtools.runtime.system.trust import Tree
from tests.lab.needs import need_tools
from tests.lab.tree import differences
from tests.runtime.records import PACKAGE, divert, know
from tests.runtime.sandbox import CLEAN_ENVIRONMENT, PUBLIC, TRIGGERS, Sandbox, pyc_of

_LISTS = Path("/var/lib/dpkg/info")
_DIVERTED = re.compile(r"(?:locally diverted|diverted by .*) to: (/.*)")
CLEANS = ["python", "shell"]


def _by_dpkg_query(package: str) -> list[str]:
    argv = ["/usr/bin/dpkg-query", "-L", package]
    done = subprocess.run(argv, capture_output=True, text=True, errors="surrogateescape", check=True)
    found: list[str] = []
    for line in done.stdout.splitlines():
        diverted = _DIVERTED.match(line)
        if diverted and found:
            found[-1] = diverted[1]
        elif line.startswith("/"):
            found.append(line)
    return found


def test_packages_of_this_machine_have_the_files_that_dpkg_query_lists() -> None:
    need_tools(("dpkg-query",))
    packages = sorted(path.name.removesuffix(".list") for path in _LISTS.glob("*.list"))
    diverting = set(Path("/var/lib/dpkg/diversions").read_text().splitlines()[2::3])
    several = [one for one in packages if ":" in one]
    chosen = {*random.Random(1).sample(packages, 12), *several[:3], *diverting.intersection(packages)}
    origins = set(Path("/var/lib/dpkg/diversions").read_text().splitlines()[::3])
    chosen |= {one for one in packages if origins.intersection((_LISTS / f"{one}.list").read_text().splitlines())}
    tree = Tree("/")
    for package in chosen | {one.partition(":")[0] for one in several[:3]}:
        assert files_of_package(tree, package) == _by_dpkg_query(package), package
    tree.close()


def test_diversion_by_a_package_does_not_move_its_own_file(sandbox: Sandbox) -> None:
    know(sandbox, ["/a", "/b", "/c"])
    divert(sandbox, "/a", "/a.theirs", "other")
    divert(sandbox, "/b", "/b.theirs", PACKAGE)
    divert(sandbox, "/c", "/c.local")
    tree = sandbox.tree()
    assert files_of_package(tree, PACKAGE) == ["/a.theirs", "/b", "/c.local"]
    tree.close()


def _clean(clean: str, sandbox: Sandbox, package: str, **environment: str) -> None:
    need_tools(("dpkg-query",))
    if clean == "python":
        ran = sandbox.clean("-p", package, environment=environment)
        assert (ran.status, ran.talk) == (0, "")
        return
    argv = ["/bin/sh", str(TRIGGERS / "clean-without-python"), "-p", package]
    env = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root), **environment}
    done = subprocess.run(argv, capture_output=True, text=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _script_of(package: str) -> dict[str, str]:
    """Return what dpkg tells the maintainer scripts of a package."""
    name, _, architecture = package.partition(":")
    scripts = {"DPKG_MAINTSCRIPT_PACKAGE": name, "DPKG_MAINTSCRIPT_ARCH": architecture}
    return {**scripts, "DPKG_MAINTSCRIPT_NAME": "prerm"}


@pytest.mark.parametrize("clean", CLEANS)
@pytest.mark.parametrize("how", ["by its name", "by its script"])
def test_package_for_one_architecture_leaves_what_the_other_shares(how: str, clean: str, sandbox: Sandbox) -> None:
    shared = sandbox.write(f"{PUBLIC}/shared.py")
    own = {one: sandbox.write(f"{PUBLIC}/only_{one}.py") for one in ("amd64", "i386")}
    for architecture, source in own.items():
        know(sandbox, [shared, source], f"{PACKAGE}:{architecture}")
    for source in (shared, *own.values()):
        sandbox.write(pyc_of(source))

    def remove(architecture: str) -> None:
        package = f"{PACKAGE}:{architecture}"
        if how == "by its name":
            _clean(clean, sandbox, package)
        else:
            _clean(clean, sandbox, PACKAGE, **_script_of(package))

    remove("amd64")
    assert sandbox.pycs(PUBLIC) == {pyc_of(shared), pyc_of(own["i386"])}
    os.unlink(sandbox.path(f"/var/lib/dpkg/info/{PACKAGE}:amd64.list"))
    status = sandbox.read("/var/lib/dpkg/status").decode().split("\n\n")
    sandbox.write("/var/lib/dpkg/status", "\n\n".join(one for one in status if "amd64" not in one))
    remove("i386")
    assert sandbox.pycs(PUBLIC) == set()


@pytest.mark.parametrize("clean", CLEANS)
def test_packages_of_all_architectures_are_cleaned_by_their_name(clean: str, sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{PUBLIC}/{name}.py") for name in ("both", "one", "other")]
    know(sandbox, sources[:2], f"{PACKAGE}:amd64")
    know(sandbox, [sources[0], sources[2]], f"{PACKAGE}:i386")
    for source in sources:
        sandbox.write(pyc_of(source))
    _clean(clean, sandbox, PACKAGE)
    assert sandbox.pycs(PUBLIC) == set()


@pytest.mark.parametrize("clean", CLEANS)
def test_architecture_in_the_name_of_a_package_for_all(clean: str, sandbox: Sandbox) -> None:
    know(sandbox, [sandbox.write(f"{PUBLIC}/m.py")])
    sandbox.write(pyc_of(f"{PUBLIC}/m.py"))
    _clean(clean, sandbox, f"{PACKAGE}:amd64")
    assert sandbox.pycs(PUBLIC) == set()


@pytest.mark.parametrize("package", [f"{PACKAGE}:i386", "python3-other:amd64", "python3-samp", "sample"])
def test_package_that_is_not_installed_for_an_architecture_is_unknown(package: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    know(sandbox, [source], f"{PACKAGE}:amd64")
    know(sandbox, [sandbox.write(f"{PUBLIC}/o.py")], "other")
    sandbox.write(pyc_of(source))
    before = sandbox.below(PUBLIC)
    assert sandbox.clean("-p", package).status == 2
    argv = ["/bin/sh", str(TRIGGERS / "clean-without-python"), "-p", package]
    done = subprocess.run(
        argv, capture_output=True, env={**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}, check=False
    )
    assert done.returncode == 2
    assert differences(before, sandbox.below(PUBLIC)) == []


def test_package_for_another_architecture_is_not_found_by_a_foreign_one(sandbox: Sandbox) -> None:
    """It isn't `Multi-Arch: same`, so that its list has no architecture in the name."""
    know(sandbox, [sandbox.write(f"{PUBLIC}/m.py")])
    status = sandbox.read("/var/lib/dpkg/status").replace(b"Architecture: all", b"Architecture: amd64")
    sandbox.write("/var/lib/dpkg/status", status)
    assert sandbox.clean("-p", f"{PACKAGE}:i386").status == 2
    assert sandbox.clean("-p", f"{PACKAGE}:amd64").status == 0
