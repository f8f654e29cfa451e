# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Show the whole way on throw-away systems, by apt and by rpm: build, install, compile, import, remove, nothing left.

Prints one numbered line a step with what was seen, and ends with 0 only if every step held. Needs root and
the packages in tools/apt-packages*.txt. A second run is faster: the base system and our packages are cached.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.lab.aptrepo import SOURCE, Repository
from tests.lab.commands import CommandError, LabUnavailableError, require_tools
from tests.lab.ours import build_ours
from tests.lab.roots import root_directory
from tests.lab.system import System
from tests.lab.tree import Tree, bytecode, differences
from tools.demo_check import demonstrate_audit, demonstrate_check
from tools.demo_generate import demonstrate_generate
from tools.demo_rpm import demonstrate_rpm

RUNTIME = ("pkgtools-runtime", "pkgtools-py3compile")
REAL = ("python3-requests", "python3-django")
MODULES = ("requests", "django.http")
DIST = "/usr/lib/python3/dist-packages"
WATCHED = ("/usr", "/opt")
NOBODY = 65534
APT = ("apt-get", "-qq", "-y", "-o", "APT::AutoRemove::RecommendsImportant=false", "-o", "Dpkg::Use-Pty=0")
TOOLS = ("dpkg-buildpackage", "mmdebstrap", "zstd", "apt-ftparchive", "nsenter", "rpmbuild", "rpm")


class StepFailedError(Exception):
    """Something was seen that must not be."""


class Story:
    """Numbers the steps, times them, and prints what each of them found."""

    def __init__(self) -> None:
        """Begin at step one, now."""
        self.started = time.monotonic()
        self.steps = 0
        self.fancy = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def heading(self, text: str) -> None:
        """Print a line that stands out on a terminal."""
        print(f"\033[1m{text}\033[0m" if self.fancy else text, flush=True)

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """Print `title`, run the body, then print the words that it put in the list, and its duration."""
        self.steps += 1
        print(f"{self.steps:2}. {title:<70}", end="", flush=True)
        began = time.monotonic()
        found: list[str] = []
        yield found
        print(f"{' '.join(found):<34}{time.monotonic() - began:5.1f} s", flush=True)

    def rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """Print a small table below the last step."""
        for name, value in rows:
            print(f"      {name:<24} {value}")


def main() -> int:
    """Tell the story; return 0 if each step of it held."""
    story = Story()
    try:
        require_tools(TOOLS)
        demonstrate(story)
        demonstrate_rpm(story)
        demonstrate_generate(story)
        demonstrate_check(story)
    except (StepFailedError, AssertionError, LabUnavailableError, CommandError) as error:
        print(f"\n\ndemo: FAILED: {error}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - story.started
    story.heading(
        f"\nIt worked: every module compiled whole and root-owned, and nothing left behind ({seconds:.0f} s)."
    )
    return 0


def demonstrate(story: Story) -> None:
    """Build, install, look, use, remove, look again."""
    story.heading("pkgtools: Python bytecode that comes and goes with its package\n")
    with story.step("build our packages (dpkg-buildpackage)") as found:
        build = build_ours()
        found += [f"{len(build.debs())} packages"]
    with story.step("make a throw-away Debian 12 (mmdebstrap, cached)") as found:
        base = root_directory("bookworm")
        found += ["Python 3.11, no module installed"]
    with tempfile.TemporaryDirectory() as work:
        repository = Repository(Path(work, "repository"))
        repository.add(build.debs())
        with System(base, binds=(repository.bind,), network=True) as system:
            visit(story, system)


def visit(story: Story, system: System) -> None:
    """Do in the throw-away system all that its administrator would."""
    system.write("/etc/apt/sources.list.d/pkgtools.list", SOURCE)
    with story.step("apt-get update") as found:
        system.run(*APT, "update")
        found += ["our repository and the archive"]
    untouched = look(system)
    install(story, system, RUNTIME)
    before = look(system)
    install(story, system, REAL)
    show_report(story, system)
    show_files(story, system)
    for module in MODULES:
        show_import(story, system, module)
    demonstrate_audit(story, system, DIST)
    remove(story, system, REAL, before)
    remove(story, system, RUNTIME, untouched)


def install(story: Story, system: System, names: tuple[str, ...]) -> None:
    """Install packages by apt and count what came with them."""
    with story.step(f"apt-get install {' '.join(names)}") as found:
        result = system.run(*APT, "install", "--no-install-recommends", *names)
        count = len(re.findall(r"^Setting up ", result.stdout, re.MULTILINE))
        batches = result.stdout.count("Processing triggers for pkgtools-runtime")
        ran = f", {batches} batch{'es' if batches > 1 else ''}" if batches else ""
        found += [f"{count} packages set up{ran}"]


def show_report(story: Story, system: System) -> None:
    """Print what the trigger says that it did; it must have looked at every module there is."""
    with story.step("the trigger's report, /var/lib/pkgtools/trigger.json") as found:
        report = json.loads(system.read("/var/lib/pkgtools/trigger.json"))
        summary: Mapping[str, int] = report["summary"]
        found += ["done" if report["exit"] == 0 else f"exit {report['exit']}"]
    told = {"fresh": "  (compiled before, still right)"}
    story.rows((status, f"{count:6}{told.get(status, '')}") for status, count in summary.items() if count)
    story.rows([("seconds", f"{report['seconds']:6.2f}")])
    for outcome in report["outcomes"]:
        if outcome["status"] not in {"compiled", "fresh"}:
            story.rows([(outcome["status"], f"{outcome['reason']}: {outcome['source'] or outcome['path']}")])
    seen, there = sum(summary.values()), len(modules(system))
    if report["exit"] or seen < there:
        raise StepFailedError(f"the trigger looked at {seen} of {there} modules, and ended with {report['exit']}")


def modules(system: System) -> list[str]:
    """Return the Python sources that packages brought into the public directory."""
    return [path for path, entry in system.tree(DIST).items() if path.endswith(".py") and entry.kind == "file"]


def show_files(story: Story, system: System) -> None:
    """Print modes and owners of everything compiled; each must be root's and writable by root alone."""
    with story.step("what lies on the disk now") as found:
        made = bytecode(system.tree(DIST))
        compiled = sum(entry.kind == "file" for entry in made.values())
        found += [f"{len(modules(system))} modules, {compiled} compiled"]
    counts = Counter(f"{entry.kind:9} {entry.mode:04o} {entry.uid}:{entry.gid}" for entry in made.values())
    story.rows((looks, f"{count:6}") for looks, count in counts.most_common())
    wrong = [path for path, entry in made.items() if entry.uid or entry.mode & 0o022 or not entry.mode & 0o004]
    if wrong or not compiled:
        raise StepFailedError(f"wrong owner or mode: {wrong[:3]}" if wrong else "nothing is compiled")


def show_import(story: Story, system: System, module: str) -> None:
    """Import as an unprivileged user and print Python's own evidence that it ran the cached bytecode."""
    with story.step(f"python3 -v -c 'import {module}', as nobody") as found:
        said = system.run("python3", "-v", "-c", f"import {module}", uid=NOBODY).stderr
        used = set(re.findall(rf"# code object from '({DIST}/\S+\.pyc)'", said))
        compiled = set(re.findall(rf"# code object from ({DIST}/\S+\.py)$", said, re.MULTILINE))
        found += [f"{len(used)} from the cache, {len(compiled)} compiled"]
    own = re.search(rf"^# code object from '{DIST}/({module.replace('.', '/')}\S+)'$", said, re.MULTILINE)
    story.rows([("python3 says", f"# code object from .../{own[1]}")] if own else [])
    if own is None or compiled:
        raise StepFailedError(f"{module} was not loaded from its cache: {sorted(compiled)[:3]}")


def remove(story: Story, system: System, names: tuple[str, ...], before: Contents) -> None:
    """Purge packages with all that came with them; the tree must be what it was `before`."""
    with story.step(f"apt-get purge --autoremove {' '.join(names)}") as found:
        result = system.run(*APT, "purge", "--autoremove", *names)
        kept = sorted(installed(system) - before.packages)
        if kept:  # such as tzdata, which apt never takes for superfluous
            system.run(*APT, "purge", *kept)
        left = differences(before.tree, system.tree(*WATCHED))
        found += ["as if never installed" if not left else f"{len(left)} differences"]
    complaints = [line for line in result.output.splitlines() if "not empty" in line]
    if left or complaints:
        raise StepFailedError("\n".join(["left behind:", *left[:10], *complaints[:10]]))


def installed(system: System) -> frozenset[str]:
    """Return the names of the packages in the system."""
    return frozenset(system.run("dpkg-query", "--show", "--showformat=${Package}\n").stdout.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a system has, to be compared with what it has later."""

    packages: frozenset[str]
    """Names of the packages."""
    tree: Tree
    """All that lies below the watched directories."""


def look(system: System) -> Contents:
    """Take note of what the system has now."""
    return Contents(packages=installed(system), tree=system.tree(*WATCHED))


if __name__ == "__main__":
    sys.exit(main())
