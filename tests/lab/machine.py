# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A throw-away system as a test of bytecode sees it: packages in, packages out, what is cached."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from tests.lab.debs import SamplePackage, build_deb
from tests.lab.ours import Build
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.system import Bind, Result, Snapshot, System
from tests.lab.tree import Entry, Tree, bytecode, differences

DIST = "/usr/lib/python3/dist-packages"
"""The public directory that all interpreters share."""

WATCHED = ("/usr", "/opt", "/etc/python3", "/srv/app", "/var/cache/python")
"""Where a package of the tests may leave something."""

REPORT = "/var/lib/pkgtools/trigger.json"
"""The trigger's own account of its last run."""

NOBODY = 65534
"""The unprivileged user of the tests."""


class Outcome(TypedDict):
    """What happened to one file or directory."""

    status: str
    reason: str | None
    path: str | None
    source: str | None
    detail: str | None


class Report(TypedDict):
    """The JSON report, as far as tests read it."""

    version: int
    command: str
    exit: int
    seconds: float
    summary: dict[str, int]
    outcomes: list[Outcome]


@dataclass(slots=True)
class Machine:
    """A system, the directory its sample packages come from, and what it was like at the start."""

    system: System
    workshop: Path
    python: tuple[str, ...]
    start: Tree = field(init=False, default_factory=dict)

    def remember(self) -> None:
        """Take the tree as it is now for the state that `assert_nothing_left` compares with."""
        self.start = self.system.tree(*WATCHED)

    def dpkg(
        self, *arguments: str, env: Mapping[str, str] | None = None, umask: int = 0o022, fails: bool = False
    ) -> Result:
        """Run dpkg, whose success (or failure, for `fails`) and silence about directories are asserted."""
        result = self.system.run("dpkg", *arguments, env=env, umask=umask, check=False)
        assert bool(result.exit) == fails, f"dpkg {arguments}: exit {result.exit}\n{result.output}"
        assert_no_complaint(result)
        return result

    def install(
        self,
        *packages: SamplePackage,
        options: Iterable[str] = (),
        env: Mapping[str, str] | None = None,
        umask: int = 0o022,
        fails: bool = False,
    ) -> Result:
        """Build and install (or upgrade to, or downgrade to) sample packages in one dpkg run."""
        paths = [self.stage(package) for package in packages]
        return self.dpkg(*options, "--install", *paths, env=env, umask=umask, fails=fails)

    def stage(self, package: SamplePackage) -> str:
        """Build `package` and return where the system sees the .deb."""
        return f"/srv/debs/{build_deb(package, self.workshop).name}"

    def settle(self) -> None:
        """Let the second be over in which packages came, and a batch see that."""
        self.system.run("sh", "-c", "touch --date=2026-01-01 /var/lib/dpkg/info/*.list; pkgtools-trigger")

    def cached(self, *directories: str) -> dict[str, str]:
        """Return path -> kind, mode and owner of all bytecode and cache directories below (default: public)."""
        found = bytecode(self.system.tree(*(directories or (DIST,))))
        return {path: str(entry) for path, entry in found.items()}

    def report(self) -> Report:
        """Return the report of the trigger's last run."""
        report: Report = json.loads(self.system.read(REPORT))
        assert report["version"] == 1
        return report

    def outcomes(self, *statuses: str) -> set[tuple[str, str | None, str | None]]:
        """Return (status, reason, source or path) of the last run's outcomes that have one of `statuses`."""
        found = self.report()["outcomes"]
        return {(o["status"], o["reason"], o["source"] or o["path"]) for o in found if o["status"] in statuses}

    def imports(self, module: str, *, python: str = "python3", path: str = "") -> str:
        """Return what an unprivileged `import module` prints, asserting that it came from its whole pyc."""
        setup = f"import sys; sys.path.insert(0, {path!r}); " if path else ""
        result = self.system.run(python, "-Bv", "-c", f"{setup}import {module}", uid=NOBODY)
        origin = re.search(rf"# (.+) matches .+/{module.replace('.', '/')}(/__init__)?\.py\n", result.stderr)
        assert origin, f"{module} was not loaded from its cache:\n{result.stderr[-3000:]}"
        assert f"# code object from {origin[1]!r}" in result.stderr
        return result.stdout

    def changes(self) -> list[str]:
        """Return how the watched directories differ from the remembered state."""
        return differences(self.start, self.system.tree(*WATCHED))

    def assert_nothing_left(self) -> None:
        """Assert that the watched directories are what they were at `remember`."""
        left = self.changes()
        assert not left, "\n".join(left)


def assert_no_complaint(result: Result) -> None:
    """Assert that no program warned of a directory that stays, broke, or was not found."""
    for line in result.output.splitlines():
        bad = re.search(r"(?i)not empty|traceback|permission denied|command not found", line)
        assert not bad, f"{line}\n----\n{result.output}"


def pyc_of(source: str, version: str) -> str:
    """Return where the bytecode of `source` for CPython `version` ("3.11") is cached, level 0."""
    directory, _, name = source.rpartition("/")
    return f"{directory}/__pycache__/{name.removesuffix('.py')}.cpython-{version.replace('.', '')}.pyc"


def caches(sources: Iterable[str], *versions: str) -> dict[str, str]:
    """Return exactly what `Machine.cached` shall show for `sources`: root's, 0644 in 0755 directories."""
    expected = {}
    for source in sources:
        for version in versions:
            path = pyc_of(source, version)
            expected[path] = "file 0644 0:0"
            expected[path.rpartition("/")[0]] = "directory 0755 0:0"
    return dict(sorted(expected.items()))


@contextmanager
def start_machine(
    root: str, base: Snapshot | None, workshop: Path, build: Build | None, binds: Iterable[Bind] = ()
) -> Iterator[Machine]:
    """Start a machine over the base system `root`, or over `base` that was made from it."""
    own = [Bind(source=workshop, target="/srv/debs")]
    if build is not None:
        own.append(Bind(source=build.directory, target="/srv/ours"))
    with System(base or root_directory(root), binds=(*own, *binds)) as system:
        machine = Machine(system=system, workshop=workshop, python=RECIPES[root].python)
        machine.remember()
        yield machine


def is_python(path: str, entry: Entry) -> bool:
    """Whether `path` is a regular file that holds Python source."""
    return path.endswith(".py") and entry.kind == "file"
