# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What the macros put into packages, run by real rpms: our commands are there, our file triggers are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT
from tests.lab.recipes import RECIPES
from tests.lab.rpm_machine import RPM_ROOTS, prepare
from tests.lab.system import Bind, System
from tests.rpmbuild.builds import HOST_BINDS, Spec, build_inside, install_macros

pytestmark = pytest.mark.system
SHARED = "/usr/share/pkgtools"
COMMANDS = (
    Bind(source=CHECKOUT / "pkgtools", target=f"{SHARED}/pkgtools"),
    Bind(source=CHECKOUT / "triggers", target=f"{SHARED}/triggers"),
)
PRIVATE = "/usr/share/sample"


@pytest.fixture(params=tuple(RPM_ROOTS), ids=tuple(RPM_ROOTS.values()))
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """Return a system of each version of rpm with our commands and macros."""
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    with System(prepare(request.param), binds=(*HOST_BINDS, *COMMANDS)) as system:
        install_macros(system)
        for command in ("pkgtools-compile", "pkgtools-clean"):
            system.run("ln", "-s", f"{SHARED}/triggers/{command}", f"/usr/bin/{command}")
        system.write("/srv/python", RECIPES[request.param].python[0])
        yield system


def rpm(system: System, *arguments: str) -> None:
    done = system.run("rpm", *_force(system), *arguments, "--nodeps", check=False)
    assert (done.exit, done.output) == (0, "")


def pycs(system: System, directory: str) -> list[str]:
    return sorted(Path(path).name for path in system.tree(directory) if path.endswith(".pyc"))


def tag(system: System) -> str:
    return "cpython-" + system.read("/srv/python").replace(".", "")


@pytest.mark.parametrize("strategy", ["direct", "cache-prefix"])
def test_scriptlets_compile_and_clean(strategy: str, system: System) -> None:
    top = f"%{{pkgtools_use {strategy}}}\n%{{pkgtools_requires}}"
    scripts = f"%post\n%{{pkgtools_post {PRIVATE}}}\n%preun\n%{{pkgtools_preun {PRIVATE}}}"
    files = {f"{PRIVATE}/a.py": "a = 1\n", f"{PRIVATE}/sub/b.py": "print 1\n"}
    package = build_inside(system, Spec(top=top, files=files, scriptlets=scripts, listed=PRIVATE))
    if strategy == "cache-prefix":
        system.run("mkdir", "-p", "/var/cache/python")
    place = PRIVATE if strategy == "direct" else f"/var/cache/python{PRIVATE}"
    done = system.run("rpm", "-U", "--nodeps", *_force(system), package, check=False)
    assert done.exit == 0
    assert "/usr/share/sample/sub/b.py: syntax-error" in done.output
    name = f"a.{tag(system)}.pyc"
    assert pycs(system, place) == [name]
    system.run("rpm", "-U", "--replacepkgs", "--nodeps", *_force(system), package)
    assert pycs(system, place) == [name], "the old version's preun leaves alone what the new one has compiled"
    rpm(system, "-e", "sample")
    assert not system.exists(PRIVATE)
    assert not system.tree("/var/cache/python") or not pycs(system, "/var/cache/python")


def _force(system: System) -> tuple[str, ...]:
    old = system.run("rpm", "--version").stdout.split()[-1].startswith(("4.16.", "4.18."))
    return ("--force-debian",) if old else ()


def test_file_triggers_of_an_application_see_to_its_plugins(system: System) -> None:
    plugins = f"{PRIVATE}/plugins"
    line = f"%{{pkgtools_filetriggers {plugins}}}"
    application = Spec(files={f"{plugins}/own.py": "own = 1\n"}, scriptlets=line, listed=PRIVATE)
    plugin = Spec(name="plugin", files={f"{plugins}/extra/it is.py": "a = 1\n"}, listed=f"{plugins}/extra")
    packages = [build_inside(system, application), build_inside(system, plugin)]
    rpm(system, "-U", packages[0])
    assert pycs(system, PRIVATE) == [f"own.{tag(system)}.pyc"]
    rpm(system, "-U", packages[1])
    assert pycs(system, f"{plugins}/extra") == [f"it is.{tag(system)}.pyc"]
    rpm(system, "-e", "plugin")
    assert not system.exists(f"{plugins}/extra")
    assert pycs(system, PRIVATE) == [f"own.{tag(system)}.pyc"]
    rpm(system, "-e", "sample")
    assert not system.exists(PRIVATE)
