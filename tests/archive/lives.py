# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages come and go on plain Debian, and with the runtime and the stand-ins in each order; what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tests.lab.lives import Look, apt, complaints, look
from tests.lab.system import Result, Snapshot, System

_OF_THE_PACKAGE_MANAGER = ("/var/lib/dpkg/", "/var/lib/apt/", "/etc/apt/")
OURS = ("pkgtools-runtime", "pkgtools-py3compile")
ORDERS: dict[str, tuple[str, ...]] = {
    "ours, packages": ("ours", "packages"),
    "packages, ours": ("packages", "ours"),
    "stand-ins, packages, runtime": ("pkgtools-py3compile", "packages", "pkgtools-runtime"),
}
"""What is purged after what."""
Start = Callable[[Snapshot | None], AbstractContextManager[System]]
"""Starts a system over a snapshot, or over the base system; its apt knows the packages and ours."""


@dataclass(frozen=True)
class Difference:
    """Something that is not as on plain Debian."""

    story: str
    """When it was seen."""
    kind: str
    """missing, extra, header, code, mode, state, left, gone or said."""
    what: str
    """Path, package or line."""


@dataclass
class Lives:
    """The lives of some packages, and what came of them."""

    start: Start
    packages: tuple[str, ...]
    versions: tuple[str, ...]
    """Of the interpreters."""
    count: int = 0
    """How many pycs plain Debian has."""
    _said: set[str] = field(default_factory=set)
    """What apt says on plain Debian."""

    def run(self) -> Iterator[Difference]:
        """Play all orders, and give what differs from plain Debian."""
        with self.start(None) as system:
            self._said.update(complaints(apt(system, "install", *self.packages)))
            installed = self._look(system)
            all_of_them = _installed(system)
            there = system.freeze()
        self.count = len(installed.code)
        with self.start(there) as system:
            self._said.update(complaints(self._purge(system)))
            purged = self._look(system)
        for story, begin in (("from the start", None), ("added later", there)):
            with self.start(begin) as system:
                result = apt(system, "install", *OURS)
                said = [*complaints(result)]
                if begin is None:  # all by name: apt must not choose among alternatives by what is there already
                    more = all_of_them - _installed(system)
                    said += complaints(apt(system, "install", *sorted({*self.packages, *more})))
                    system.run("apt-mark", "auto", *sorted(more - {*self.packages}))
                yield from self._unlike(f"{story}: installed", installed, self._look(system), said)
                both = system.freeze()
            for name, order in ORDERS.items():
                yield from self._leave(f"{story}: {name}", both, order, installed, purged)

    def upgrade(self, newer: str) -> Iterator[Difference]:
        """Upgrade all packages from the repository at `newer`, without ours and with it; give what differs."""
        looks = []
        for ours in ((), OURS):
            with self.start(None) as system:
                if ours:
                    apt(system, "install", *ours)
                apt(system, "install", *self.packages)
                system.write("/etc/apt/sources.list", f"deb [trusted=yes] file:{newer} ./\n")
                apt(system, "update")
                said = list(complaints(apt(system, "dist-upgrade")))
                looks.append(self._look(system))
                if not ours:
                    self._said.update(said)
                    continue
                yield from self._unlike("upgraded: installed", looks[0], looks[1], said)
                said = list(complaints(apt(system, "purge", *ours)))
                yield from self._unlike("upgraded: ours gone", looks[0], self._look(system), said)
        self.count = len(looks[0].code)

    def _leave(
        self, story: str, both: Snapshot, order: Iterable[str], installed: Look, purged: Look
    ) -> Iterator[Difference]:
        gone: set[str] = set()
        with self.start(both) as system:
            for what in order:
                if what == "packages":
                    result = self._purge(system)
                else:
                    result = apt(system, "purge", *(OURS if what == "ours" else (what,)))
                gone.add(what)
                if "pkgtools-runtime" in gone or "ours" in gone:
                    expected = purged if "packages" in gone else installed
                    yield from self._unlike(f"{story}: {what} gone", expected, self._look(system), complaints(result))
                else:
                    yield from self._words(f"{story}: {what} gone", complaints(result))

    def _purge(self, system: System) -> Result:
        return apt(system, "purge", "--autoremove", *self.packages)

    def _look(self, system: System) -> Look:
        return look(system, self.versions, OURS)

    def _words(self, story: str, said: Iterable[str]) -> Iterator[Difference]:
        for line in dict.fromkeys(said):
            if line not in self._said:
                yield Difference(story, "said", line)

    def _unlike(self, story: str, plain: Look, ours: Look, said: Iterable[str]) -> Iterator[Difference]:
        yield from self._words(story, said)
        for kind, what in unlike(plain, ours):
            yield Difference(story, kind, what)


def _installed(system: System) -> set[str]:
    """Return the names of the packages that are installed."""
    said = system.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n").stdout
    return {line.split()[1] for line in said.splitlines() if line.startswith("installed ")}


def unlike(plain: Look, ours: Look) -> Iterator[tuple[str, str]]:
    """Give what differs between two looks: its kind, and a path or package."""
    for path in sorted((plain.code.keys() | ours.code.keys()) - ours.besides):
        theirs, own = plain.code.get(path), ours.code.get(path)
        if own is None or theirs is None:
            yield ("missing" if own is None else "extra"), path
        elif own[0] != theirs[0]:
            yield "header", path
        elif own[1] != theirs[1]:
            yield "code", path
    yield from _other_files(plain, ours)
    for state in sorted(set(ours.unfinished) - set(plain.unfinished)):
        yield "state", state


def _other_files(plain: Look, ours: Look) -> Iterator[tuple[str, str]]:
    for path in sorted((plain.tree.keys() | ours.tree.keys()) - ours.besides):
        theirs, own = plain.tree.get(path), ours.tree.get(path)
        if path.startswith(_OF_THE_PACKAGE_MANAGER):
            continue
        if theirs and own:
            if str(theirs) != str(own):
                yield "mode", path
        elif path not in plain.code and path not in ours.code:
            yield ("gone" if own is None else "left"), path
