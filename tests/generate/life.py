# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""One generated package's life under a package manager: steps, and what has to be on disk after each."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.apk_machine import ApkMachine, ApkPackage
from tests.lab.deb_builds import LOG
from tests.lab.machine import Machine
from tests.lab.project import ASK_RUNTIME, BUILD_PYTHON, CACHE_PREFIX, Sample
from tests.lab.rpm_machine import RpmMachine
from tests.lab.system import Result

MADE = "/srv/made"
"""Where machines see the directory of generated packages, whose name is the last part of this."""


def as_seen(path: Path) -> str:
    """Return where a machine sees something in the directory of generated packages."""
    inside = str(path).partition(f"/{os.path.basename(MADE)}/")[2]
    assert inside, path
    return f"{MADE}/{inside}"


@dataclass(slots=True, kw_only=True)
class Life:
    """A package in a machine."""

    machine: Machine
    sample: Sample
    build: Callable[[str], Path]
    """Version -> package file in the directory that the machine sees as MADE."""
    runtime: bool = False
    """Whether pkgtools-runtime is there although the strategy doesn't ask for it."""

    @property
    def name(self) -> str:
        """Return the package's name."""
        return self.sample.name

    @property
    def batch(self) -> bool:
        """Whether pkgtools-runtime's triggers run."""
        return self.runtime or self.sample.strategy in ASK_RUNTIME

    def path(self, version: str) -> str:
        """Return where the machine sees the package of a version."""
        return as_seen(self.build(version))

    def cached(self) -> dict[str, str]:
        """Return all bytecode in its places."""
        return self.machine.cached(*self.sample.places)

    def assert_bytecode(self, version: str) -> None:
        """Assert that exactly the bytecode of a version is there, and used."""
        assert_same(self.cached(), self.sample.bytecode(version, self.machine.python, batch=self.batch))
        self.assert_runs(version)

    def log(self) -> list[str]:
        """Return the lines that scripts wrote to LOG so far, and forget them."""
        if not self.machine.system.exists(LOG):
            return []
        lines = [line.rstrip() for line in self.machine.system.read(LOG).splitlines()]
        self.machine.system.run("rm", LOG)
        return lines

    def assert_nothing_left(self) -> None:
        """Assert that all is as it was, the top of the central tree aside, which belongs to nobody."""
        left = [line for line in self.machine.changes() if line.split("'")[1] != CACHE_PREFIX]
        assert not left, "\n".join(left)

    def assert_runs(self, version: str) -> None:
        """Assert that its modules say what this version's say, and come from their bytecode."""
        self._assert_says(f"{self.sample.module}.till", "", f"till {version}")
        self._assert_says("engine", self.sample.private[1], f"engine {version}")

    def _assert_says(self, module: str, path: str, said: str) -> None:
        setup = f"import sys; sys.path.insert(0, {path or self.sample.public!r}); "
        run, strategy = self.machine.system.run, self.sample.strategy
        if strategy == "cache-prefix":
            code = f"{setup}import {module} as it; print(it.__cached__)"
            result = run("python3", "-Bvc", code, env={"PYTHONPYCACHEPREFIX": CACHE_PREFIX})
            output, _, cached = result.stdout.rstrip().rpartition("\n")
            assert output == said
            assert cached.startswith(f"{CACHE_PREFIX}/")
            assert f"# code object from {cached!r}" in result.stderr
        elif strategy in self.sample.built and BUILD_PYTHON not in self.machine.python:
            return
        elif strategy in {"none", "sourceless"} or (strategy, self.sample.family) == ("native", "other"):
            assert run("python3", "-Bc", f"{setup}import {module}").stdout == f"{said}\n"
        else:
            python = f"python{BUILD_PYTHON}" if strategy in self.sample.built else "python3"
            assert self.machine.imports(module, path=path or self.sample.public, python=python) == f"{said}\n"


class DebLife(Life):
    """A package under dpkg."""

    def put(self, version: str, *options: str, fails: bool = False) -> Result:
        """Install, upgrade to or downgrade to a version; silent but for dpkg's own words if it is to succeed."""
        result = self.machine.dpkg(*options, "--install", self.path(version), fails=fails)
        if not fails:
            assert_silent(result)
        return result

    def take(self, action: str = "--purge") -> None:
        """Remove or purge it, in silence, and assert that nothing is left."""
        assert_silent(self.machine.dpkg(action, self.name))
        self.assert_nothing_left()

    def settle(self) -> None:
        """Run the triggers that a failed dpkg run left pending."""
        self.machine.dpkg("--triggers-only", "--pending")

    def break_script(self, script: str, version: str) -> None:
        """Let a traced script fail from now on."""
        self.machine.system.write(f"/run/break.{script}.{version}", "")

    def mend(self) -> None:
        """Let no script fail any more."""
        self.machine.system.run("sh", "-c", "rm -f /run/break.*")

    def state(self) -> str:
        """Return dpkg's idea of it, as "1 installed"."""
        return self.machine.system.run("dpkg-query", "-Wf${Version} ${db:Status-Status}", self.name).stdout

    def assert_has(self, version: str) -> None:
        """Assert that it is installed in this version, and that exactly its bytecode is there, and used."""
        assert self.state() == f"{version} installed"
        self.assert_bytecode(version)
        assert self.machine.system.run("dpkg", "--verify", self.name).output == ""


@dataclass(slots=True, kw_only=True)
class RpmLife(Life):
    """A package under rpm."""

    rpm: RpmMachine

    def cached(self) -> dict[str, str]:
        """Return all bytecode in its places that was not there at the start."""
        return self.rpm.cached(*self.sample.places)

    def put(self, version: str, *options: str) -> None:
        """Install, upgrade to or (--oldpackage) downgrade to a version, in silence."""
        result = self.rpm.rpm("-U", *options, self.path(version))
        assert not result.output, result.output

    def take(self) -> None:
        """Erase it, in silence, and assert that nothing is left."""
        self.rpm.erase(self.name)
        self.assert_nothing_left()

    def assert_has(self, version: str) -> None:
        """Assert that it is installed in this version, and that exactly its bytecode is there, and used."""
        assert self.machine.system.run("rpm", "-q", "--qf", "%{VERSION}\n", self.name).stdout == f"{version}\n"
        self.assert_bytecode(version)
        assert self.rpm.verify(self.name) == ""

    def assert_nothing_left(self) -> None:
        """Assert that all is as it was, the top of the central tree aside, which belongs to nobody."""
        self.machine.system.run("sh", "-c", f"rmdir {CACHE_PREFIX} 2>/dev/null || :")
        self.rpm.assert_nothing_left()


class PacmanLife(Life):
    """A package under pacman, which runs none of pkgtools-runtime's triggers."""

    @property
    def batch(self) -> bool:
        """Return False."""
        return False

    def put(self, version: str, *options: str) -> None:
        """Install, upgrade to or downgrade to a version."""
        self._pacman("-U", *options, self.path(version))

    def take(self) -> None:
        """Remove it, and assert that nothing is left."""
        self._pacman("-R", self.name)
        self.assert_nothing_left()

    def assert_has(self, version: str) -> None:
        """Assert that it is installed in this version, and that exactly its bytecode is there, and used."""
        assert self.machine.system.run("pacman", "-Q", self.name).stdout.startswith(f"{self.name} {version}-")
        self.assert_bytecode(version)
        checked = self.machine.system.run("pacman", "-Qkk", self.name).stdout
        assert checked.endswith(" 0 altered files\n"), checked

    def _pacman(self, *arguments: str) -> None:
        options = ("--noconfirm", "--noprogressbar", "-dd")
        result = self.machine.system.run("pacman", *options, *arguments)
        bad = re.search(r"(?i)error|traceback|not found|denied|cannot|pkgtools-(?:compile|clean):", result.output)
        assert not bad, result.output
        # nfpm's packages have other bits than permissions in what it says of directories
        usual = ("downgrading", "-- reinstalling", "directory permissions differ", "filesystem: 755  package: 755")
        said = [line for line in result.stderr.splitlines() if not any(text in line for text in usual)]
        assert not said, result.output


@dataclass(slots=True, kw_only=True)
class ApkLife(Life):
    """A package under the stand-in for apk, which runs none of pkgtools-runtime's triggers."""

    build: Callable[[str], ApkPackage]  # type: ignore[assignment] # a tree and scripts, no file
    apk: ApkMachine = field(init=False)

    @property
    def batch(self) -> bool:
        """Return False."""
        return False

    def __post_init__(self) -> None:
        self.apk = ApkMachine(self.machine.system)
        self.apk.prepare()
        self.machine.remember()

    def put(self, version: str) -> None:
        """Install or upgrade to a version, in silence."""
        package = self.build(version)
        result = self.apk.add(package, as_seen(package.tree))
        assert not result.output, result.output

    def take(self) -> None:
        """Remove it, in silence, and assert that nothing is left."""
        result = self.apk.delete(self.name)
        assert not result.output, result.output
        self.assert_nothing_left()

    def assert_has(self, version: str) -> None:
        """Assert that exactly its bytecode is there, and used."""
        self.assert_bytecode(version)


def assert_silent(result: Result) -> None:
    """Assert that nothing but dpkg itself said anything."""
    expected = ("dpkg: warning: downgrading ", "dpkg: considering ")
    said = [line for line in result.stderr.splitlines() if not line.startswith(expected)]
    ours = [line for line in result.stdout.splitlines() if "pkgtools" in line and "triggers for" not in line]
    assert not said, result.output
    assert not [line for line in ours if not line.startswith(("Preparing", "Unpacking", "Setting up"))], result.output


def assert_same(found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Assert that two listings of paths are equal, and name each path that is too much (+) or missing (-)."""
    lines = [
        f"{'+' if path in found else '-'} {path} {what}" for path, what in sorted(found.items() ^ expected.items())
    ]
    assert not lines, "\n".join(lines)
