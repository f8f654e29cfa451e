# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages that dh_pkgtools made: installed, upgraded, purged; and what lintian and piuparts say of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.debhelper.conftest import BuildIn, Builds
from tests.debhelper.sources import DIST
from tests.lab.commands import run_on_host
from tests.lab.debs import rebuild_deb
from tests.lab.machine import NOBODY, Machine, caches, start_machine
from tests.lab.needs import need_tools
from tests.lab.ours import Build
from tests.lab.piuparts import run_piuparts
from tests.lab.source_builds import Deb
from tests.lab.system import Bind

pytestmark = [pytest.mark.system, pytest.mark.slow]

SYSTEMS = {"build-bookworm": "bookworm", "build-trixie": "trixie"}
PUBLIC = f"/{DIST}"

StartWith = Callable[..., AbstractContextManager[Machine]]
"""start_with(builds, *debs, runtime=True) -> a machine that sees packages and their second versions in /srv/built."""


@pytest.fixture(params=SYSTEMS)
def builds(request: pytest.FixtureRequest, build_in: BuildIn) -> Builds:
    """Return what came of all source packages in one release."""
    return build_in(request.param)


@pytest.fixture
def start_with(request: pytest.FixtureRequest, ours: Build, tmp_path: Path) -> StartWith:
    """Return the function that starts machines of the release that `builds` is of."""
    root = SYSTEMS[request.node.callspec.params["builds"]]
    tmp_path.chmod(0o755)

    @contextmanager
    def start_with(*debs: Deb, runtime: bool) -> Iterator[Machine]:
        for version in ("1", "2"):
            (tmp_path / version).mkdir()
        for deb in debs:
            os.link(deb.path, tmp_path / "1" / deb.path.name)
            changed = {path: deb.read(path) + "\nCHANGED = 1\n" for path in deb.files if path.endswith(".py")}
            rebuild_deb(deb.path, tmp_path / "2", "2", edits=changed)
        with start_machine(root, None, tmp_path, ours, (Bind(source=tmp_path, target="/srv/built"),)) as machine:
            if runtime:
                machine.dpkg("--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")
            machine.remember()
            yield machine

    return start_with


def live(machine: Machine, debs: Iterable[Deb], directories: Iterable[str], wanted: dict[str, str]) -> None:
    """Install, upgrade and purge; assert what is compiled, and that nothing stays."""
    names = [deb.fields["Package"] for deb in debs]
    for version in ("1", "2"):
        machine.dpkg("--install", *(f"/srv/built/{version}/{name}" for name in names_of(machine, version)))
        assert machine.cached(*directories) == wanted
    machine.dpkg("--purge", *names)
    machine.assert_nothing_left()


def names_of(machine: Machine, version: str) -> list[str]:
    return machine.system.run("ls", f"/srv/built/{version}").stdout.split()


def test_life_with_the_runtime(builds: Builds, start_with: StartWith) -> None:
    debs = [builds.deb("kinds", name) for name in ("python3-alpha", "alpha-app", "python3-fast")]
    public = ["alone", "alpha/__init__", "alpha/deep/module", "slow", "space/part/__init__"]
    private = ["/opt/alpha-app/lib/three.py", "/usr/lib/alpha-app/two.py", "/usr/share/alpha-app/main.py"]
    sources = [*(f"{PUBLIC}/{name}.py" for name in public), *private, "/usr/share/alpha-app/parts/one.py"]
    with start_with(*debs, runtime=True) as machine:
        before = machine.cached()
        wanted = {**before, **caches(sources, builds.python)}
        directories = (PUBLIC, "/opt/alpha-app/lib", "/usr/lib/alpha-app", "/usr/share/alpha-app")
        live(machine, debs, directories, dict(sorted(wanted.items())))


@pytest.mark.parametrize("strategy", ["standalone", "native"])
def test_life_without_the_runtime(builds: Builds, start_with: StartWith, strategy: str) -> None:
    deb = builds.deb("choices", f"choice-{strategy}")
    with start_with(deb, runtime=False) as machine:
        wanted = {**machine.cached(), **caches([f"{PUBLIC}/choice_{strategy}.py"], builds.python)}
        live(machine, [deb], (PUBLIC,), dict(sorted(wanted.items())))


def test_life_of_directories_with_options_of_their_own(builds: Builds, start_with: StartWith) -> None:
    deb = builds.deb("choices", "choice-dirs")
    with start_with(deb, runtime=True) as machine:
        sources = [f"{PUBLIC}/choice_dirs.py", "/opt/dirs/x.py", "/opt/choice-dirs/y.py"]
        wanted = {**machine.cached(), **caches(sources, builds.python)}
        live(machine, [deb], (PUBLIC, "/opt"), dict(sorted(wanted.items())))


@pytest.mark.parametrize("strategy", ["shipped", "sourceless"])
def test_bytecode_of_the_build_is_what_python_runs(builds: Builds, start_with: StartWith, strategy: str) -> None:
    deb = builds.deb("choices", f"choice-{strategy}")
    module = f"choice_{strategy}"
    with start_with(deb, runtime=strategy == "shipped") as machine:
        machine.dpkg("--install", *(f"/srv/built/1/{name}" for name in names_of(machine, "1")))
        if strategy == "shipped":
            assert machine.imports(module) == ""
        else:
            said = machine.system.run("python3", "-Bc", f"import {module} as m; print(m.NAME, m.__file__)", uid=NOBODY)
            assert said.stdout.split() == [module, f"{PUBLIC}/{module}.pyc"]
        machine.dpkg("--purge", deb.fields["Package"])
        machine.assert_nothing_left()


def findings(debs: Iterable[Deb]) -> set[tuple[str, str]]:
    """Return (package, tag) of all that lintian says."""
    paths = [str(deb.path) for deb in debs]
    options = ("--allow-root", "--pedantic", "--display-info", "--display-experimental", "--fail-on=none")
    said = run_on_host(["lintian", *options, *paths])
    return set(re.findall(r"^[EWIPX]: (\S+): (\S+)", said, re.MULTILINE))


@pytest.mark.parametrize("source", ["compared-ours", "kinds"])
def test_lintian_finds_nothing_that_it_does_not_find_on_dh_python3s(build_in: BuildIn, source: str) -> None:
    need_tools(("lintian",))
    builds = build_in("build-bookworm")  # the release of the lintian that there is
    theirs = builds["compared-theirs"].debs
    ours = [builds.deb(source, name) for name in theirs]
    assert findings(ours) <= findings(theirs.values())


def test_piuparts_finds_nothing_left(build_in: BuildIn, ours: Build, tmp_path: Path) -> None:
    need_tools(("piuparts",))
    builds = build_in("build-bookworm")
    debs = [builds.deb("choices", f"choice-{name}").path for name in ("trigger", "direct", "standalone")]
    said = run_piuparts("bookworm", debs, [ours.deb("pkgtools-runtime")], tmp_path)
    assert "PASS: All tests" in said
