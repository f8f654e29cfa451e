# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A throw-away system with rpm as a test of bytecode sees it: packages in, packages out, what is cached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, WATCHED, Machine, assert_no_complaint
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.rpms import build_rpm
from tests.lab.system import Bind, Result, Snapshot, System
from tests.lab.tree import Tree, differences

STATE = ("/var/lib/pkgtools", "/var/cache/pkgtools")
"""Where the runtime keeps its state."""

RPM_ROOTS = {"rpm-bullseye": "4.16", "rpm-bookworm": "4.18", "rpm-trixie": "4.20", "rpm-forky": "6.1"}
"""Base system -> version of rpm in it."""

_SHARED = (
    "/usr/share/licenses",
    "/usr/share/man/man1",
    "/usr/share/man/man5",
    "/usr/share/man/man8",
    "/usr/share/bash-completion/completions",
    "/usr/share/fish/vendor_completions.d",
    "/usr/share/zsh/site-functions",
    "/usr/lib/tmpfiles.d",
)
"""Directories that an RPM distribution's `filesystem` owns."""


@dataclass(slots=True)
class RpmMachine:
    """A machine whose packages come as RPMs."""

    machine: Machine
    options: tuple[str, ...]
    """What this rpm needs on Debian."""

    @property
    def system(self) -> System:
        """Return the system itself."""
        return self.machine.system

    @property
    def python(self) -> tuple[str, ...]:
        """Return the versions of the interpreters, the default first."""
        return self.machine.python

    def rpm(self, *arguments: str, env: Mapping[str, str] | None = None, cwd: str = "/", fails: bool = False) -> Result:
        """Run an rpm transaction without dependencies; success (or failure, for `fails`) is asserted."""
        argv = ("env", f"--chdir={cwd}", "rpm", *self.options, *arguments, "--nodeps")
        result = self.system.run(*argv, env=env, check=False)
        assert bool(result.exit) == fails, f"rpm {arguments}: exit {result.exit}\n{result.output}"
        assert_no_complaint(result)
        return result

    def install(self, *packages: SamplePackage | Path, options: Iterable[str] = ("-U",)) -> Result:
        """Install, or upgrade to, packages in one transaction, which says nothing."""
        paths = [self.stage(package) for package in packages]
        result = self.rpm(*options, *paths)
        assert not result.output, result.output
        return result

    def erase(self, *names: str, options: Iterable[str] = ("-e",)) -> Result:
        """Erase packages in one transaction, in this order, which says nothing."""
        result = self.rpm(*options, *names)
        assert not result.output, result.output
        return result

    def stage(self, package: SamplePackage | Path, *, ghosts: tuple[str, ...] = ()) -> str:
        """Return where the system sees the .rpm, building a sample package."""
        if isinstance(package, Path):
            return f"/srv/ours/{package.name}"
        path = build_rpm(package, self.machine.workshop, ghosts=ghosts)
        return f"/srv/debs/{path.relative_to(self.machine.workshop)}"

    def cached(self, *directories: str) -> dict[str, str]:
        """Return path -> kind, mode and owner of the bytecode below `directories` (public) that is new."""
        found = self.machine.cached(*(directories or (DIST,)))
        return {path: what for path, what in found.items() if path not in self.machine.start}

    def imports(self, module: str, *, python: str = "python3", path: str = "") -> str:
        """Return what an unprivileged import prints, asserting that it came from its whole pyc."""
        return self.machine.imports(module, python=python, path=path)

    def verify(self, package: str) -> str:
        """Return what `rpm -V` has to say about an installed package."""
        return self.system.run("rpm", "--verify", "--nodeps", package, check=False).output

    def watched(self) -> Tree:
        """List the directories where packages and the runtime may leave something."""
        return self.system.tree(*WATCHED, *STATE)

    def remember(self) -> None:
        """Take what there is now for the state that `assert_nothing_left` compares with."""
        self.machine.start = self.watched()

    def assert_nothing_left(self) -> None:
        """Assert that no watched directory holds more than at the start, and nothing else.

        The caches of what Debian's packages brought belong to whoever made them last: those may be gone.
        """
        now = self.watched()
        gone = {path for path in self.machine.start if "/__pycache__" in path and path not in now}
        before = {path: entry for path, entry in self.machine.start.items() if path not in gone}
        left = differences(_without_times(before), _without_times(now))
        assert not left, "\n".join(left)


def _without_times(tree: Tree) -> Tree:
    """Drop what may change: the times of pycs, for a seal stays, what the runtime's own state says, dnf5's state."""
    found = {path: entry for path, entry in tree.items() if not path.startswith("/usr/lib/sysimage")}
    for path, entry in list(found.items()):
        if path.startswith(f"{STATE[0]}/sources-"):  # its name has a digest of what it says
            del found[path]
        elif path.startswith(STATE):
            found[path] = replace(entry, size=0, mtime_ns=0)
        elif path.endswith(".pyc"):
            found[path] = replace(entry, mtime_ns=0)
    return found


def prepare(root: str) -> Snapshot:
    """Return the base system `root` with an empty rpm database where every rpm looks for it."""
    with System(root_directory(root)) as system:
        system.write("/etc/rpm/macros", "%_dbpath /var/lib/rpm\n")
        sites = [f"/usr/lib/python{version}/site-packages" for version in RECIPES[root].python]
        system.run("mkdir", "-p", "/var/lib/rpm", DIST, *sites, *_SHARED)
        system.run("rpm", "--initdb")
        system.run("rm", "/usr/share/python3/debian_defaults")  # Debian's alone: which of its Pythons it supports
        return system.freeze()


@contextmanager
def start_rpm_machine(
    root: str, base: Snapshot, workshop: Path, ours: Path, binds: Iterable[Bind] = ()
) -> Iterator[RpmMachine]:
    """Start a machine over `base`, which was made from the base system `root`; our RPMs are in `ours`."""
    own = (Bind(source=workshop, target="/srv/debs"), Bind(source=ours, target="/srv/ours"))
    with System(base, binds=(*own, *binds)) as system:
        inner = Machine(system=system, workshop=workshop, python=RECIPES[root].python)
        machine = RpmMachine(machine=inner, options=_options(system))
        machine.remember()
        yield machine


def _options(system: System) -> tuple[str, ...]:
    """Debian's rpm refused to install packages until 4.18, and knows no such option since."""
    version = system.run("rpm", "--version").stdout.split()[-1]
    return ("--force-debian",) if version.startswith(("4.16.", "4.18.")) else ()
