# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the last batch saw, in files of /var/lib/pkgtools: regenerable, root's alone, each with a digest.

`packages` is read in every run: under which settings the last batch worked, and how the file list of each package was.
`sources-DIGEST` is read for packages that changed or went: their module directories and sources, a part for each, of
which one is found and read without the others. What changed since it was written is in another of the same form, and
as small. `packages` names them by their digests, so that a batch that is killed between writing one and the other
leaves the state of before.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.sources import problem
from pkgtools.runtime.record import REPORT, STATE, digest, open_state
from pkgtools.runtime.system.safefs import open_file, remove_file, write_state
from pkgtools.runtime.system.trust import read_settings

from .parts import Part, Parts, join_parts
from .standing import told_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pkgtools.runtime.facts import Outcome
    from pkgtools.runtime.system.trust import Tree

PACKAGES = "packages"
"""In STATE: the first file."""
_SOURCES = "sources-"
_MAGIC = b"pkgtools packages 2\n"
_HEAD = len(_MAGIC) + 20
_LARGEST = 64 << 20


class LastBatch(NamedTuple):
    """What the last batch saw."""

    settings: str = ""
    """The interpreters it compiled for and what the administrator had set."""
    tags: frozenset[str] = frozenset()
    """The cache tags of all interpreters that were installed."""
    registrations: frozenset[tuple[str, ...]] = frozenset()
    """Drop-in file, directory, range and serving interpreter of each registered private directory."""
    exclusions: frozenset[tuple[str, ...]] = frozenset()
    """Kind, range, place and pattern of what wasn't to be compiled."""
    diversions: frozenset[tuple[str, ...]] = frozenset()
    """Origin, target and package of each."""
    overrides: frozenset[tuple[str, ...]] = frozenset()
    """User, group, mode and path of what dpkg-statoverride names."""
    standing: frozenset[tuple[str, ...]] = frozenset()
    """What was reported and not put right since: the fields of each outcome."""
    packages: frozenset[str] = frozenset()
    """The name of each package and the identity of its file list, with a tab between."""


class KnownPackages:
    """The files as the last batch left them."""

    def __init__(self, tree: Tree) -> None:
        """Read the first file; where others could have written it, nothing is known."""
        self._tree = tree
        self._names: tuple[str, ...] = ()
        self._parts: Parts | None = None
        self.last: LastBatch | None = None
        """None where no batch left anything, or nothing can be made of it."""
        self.is_damaged = False
        """Something is there, and nothing can be made of it."""
        self.problem: Outcome | None = None
        """What keeps the files from being read and written."""
        try:
            directory = open_state(tree, STATE)
            data = read_settings(tree, STATE, PACKAGES, _LARGEST)
        except FileNotFoundError:
            return
        except (Refused, OSError) as error:
            self.problem = problem(STATE, error)
            return
        try:
            self._names, self.last = _decode(data)
            self._parts = Parts([open_file(directory, name) for name in self._names])
        except (OSError, ValueError, IndexError):
            self.forget()

    def forget(self) -> None:
        """Take what the last batch left for damaged."""
        self.last, self.is_damaged = None, True

    def part(self, name: str) -> Part:
        """Return what a package brought, by its name, or what a registered directory held, by its path.

        Raises UnreadableParts.
        """
        return self._parts.part(name) if self._parts is not None and self.last is not None else Part()

    def told(self) -> tuple[Outcome, ...]:
        """Return what earlier batches reported and that was not put right since."""
        try:
            return told_by(self.last.standing) if self.last is not None else ()
        except ValueError:  # a code of another version of ours
            return ()

    def check(self, *, everything: bool) -> None:
        """See that parts can be read, before anything is done that is then recorded. Raises UnreadableParts, OSError.

        `everything`: all will be asked for, else those of some packages.
        """
        if self._parts is not None and self.last is not None:
            self._parts.check(everything=everything)

    def parts(self) -> dict[str, Part]:
        """Return all parts. Raises UnreadableParts."""
        return self._parts.all() if self._parts is not None and self.last is not None else {}

    def save(self, last: LastBatch, changed: Mapping[str, Part]) -> None:
        """Write what is other than before; an empty part goes. Raises Refused, OSError, UnreadableParts."""
        directory = open_state(self._tree, STATE)
        names = self._write_parts(directory, changed) if changed or self.last is None else self._names
        if (names, last) != (self._names, self.last):
            write_state(directory, PACKAGES, _encode(names, last), STATE)
        _remove_others(directory, names)

    def _write_parts(self, directory: int, changed: Mapping[str, Part]) -> tuple[str, ...]:
        """Write the large file with parts, or the small one, and return the names of both."""
        if self._parts is not None and self.last is not None:
            is_whole, digest_of_all, data = self._parts.joined(changed)
        else:
            is_whole, (digest_of_all, data) = True, join_parts({}, changed)
        name = _SOURCES + digest_of_all
        if name not in self._names or self.last is None:
            write_state(directory, name, data, STATE)
        return (name,) if is_whole else (self._names[0], name)

    def close(self) -> None:
        """Close the files with parts."""
        if self._parts is not None:
            self._parts.close()

    def remove(self) -> None:
        """Forget every package and drop the last report: the next batch is a first one. Raises Refused, OSError."""
        try:
            directory = open_state(self._tree, STATE)
        except FileNotFoundError:
            return
        for name in (PACKAGES, REPORT):
            remove_file(directory, name)
        _remove_others(directory, ())


def _remove_others(directory: int, names: tuple[str, ...]) -> None:
    for other in os.listdir(directory):
        if other.startswith(_SOURCES) and other not in names:
            remove_file(directory, other)


def _encode(names: tuple[str, ...], last: LastBatch) -> bytes:
    """Write a number of fields and the fields themselves, section by section, with NULs between."""
    texts = [" ".join(names), last.settings]
    for section in (last.tags, last.packages):
        texts += [str(len(section)), *sorted(section)]
    for table in (last.registrations, last.exclusions, last.diversions, last.overrides, last.standing):
        texts.append(str(len(table)))
        for row in sorted(table):
            texts += [str(len(row)), *row]
    body = os.fsencode("\0".join(texts))
    return _MAGIC + digest(body) + body


def _decode(data: bytes) -> tuple[tuple[str, ...], LastBatch]:
    """Read what `_encode` wrote. Raises ValueError, IndexError for anything else."""
    if not data.startswith(_MAGIC) or digest(data[_HEAD:]) != data[len(_MAGIC) : _HEAD]:
        raise ValueError("the digest is another one")
    texts = os.fsdecode(data[_HEAD:]).split("\0")
    at = 2
    sections = []
    for _ in range(2):
        end = at + 1 + int(texts[at])
        sections.append(frozenset(texts[at + 1 : end]))
        at = end
    tables = []
    for _ in range(5):
        rows = []
        number, at = int(texts[at]), at + 1
        for _ in range(number):
            end = at + 1 + int(texts[at])
            rows.append(tuple(texts[at + 1 : end]))
            at = end
        tables.append(frozenset(rows))
    tags, packages = sections
    registrations, exclusions, diversions, overrides, standing = tables
    names = tuple(texts[0].split(" "))
    return names, LastBatch(texts[1], tags, registrations, exclusions, diversions, overrides, standing, packages)
