# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Drop-in files: private directories to compile, and sources that nobody wants compiled.

Our own, in /usr/share/pkgtools/private.d/*.conf, one entry a line:

    compile|RANGE|DIRECTORY
    exclude|RANGE|DIRECTORY|REGEX

and those that Debian's py3compile(1) reads, in /usr/share/python3/bcep:

    re|RANGE|DIRECTORY|REGEX
    dir|RANGE|DIRECTORY
    file|RANGE|PATH
"""

from __future__ import annotations

import os
import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from .errors import Refused, UsageError
from .facts import InstalledPath, Outcome, Reason, Status
from .filelist import absolute, problem
from .layout import ANY_VERSION, VersionRange, parse_version_range
from .trust import read_settings

if TYPE_CHECKING:
    from .trust import Tree

PRIVATE = InstalledPath("/usr/share/pkgtools/private.d")
EXCLUSIONS = InstalledPath("/usr/share/python3/bcep")


class PrivateDirectory(NamedTuple):
    """A directory outside of any interpreter's path, whose modules one interpreter runs."""

    directory: InstalledPath
    versions: VersionRange


class Exclusion(NamedTuple):
    """Sources that aren't to be compiled for some versions."""

    kind: ExclusionKind
    versions: VersionRange
    place: str
    """A directory without its last slash, or a file."""
    pattern: re.Pattern[str] | None = None
    """Matched from the start of the whole path and of the path below `place`."""

    def covers(self, path: InstalledPath) -> bool:
        """Whether a source is excluded, for versions in the range."""
        if self.kind is ExclusionKind.FILE:
            return path == self.place
        if not path.startswith(self.place + "/"):
            return False
        if self.pattern is None:
            return True
        return bool(self.pattern.match(path) or self.pattern.match(path[len(self.place) + 1 :]))


class ExclusionKind(Enum):
    """What an exclusion names."""

    FILE = "file"
    DIRECTORY = "dir"
    PATTERN = "re"


class DropIns(NamedTuple):
    """All that the drop-in files of a system say."""

    private: tuple[PrivateDirectory, ...]
    exclusions: tuple[Exclusion, ...]
    problems: tuple[Outcome, ...]
    """Directories and files that can't be read or trusted, and lines that say nothing, each a skip."""

    def directories(self) -> tuple[InstalledPath, ...]:
        """Return every registered directory once."""
        return tuple(dict.fromkeys(entry.directory for entry in self.private))


def read_drop_ins(tree: Tree) -> DropIns:
    """Read every drop-in file; a bad line costs that line and is reported."""
    private: list[PrivateDirectory] = []
    exclusions: list[Exclusion] = []
    problems: list[Outcome] = []
    for directory, suffix in ((PRIVATE, ".conf"), (EXCLUSIONS, "")):
        for path, line, number in _lines(tree, directory, suffix, problems):
            try:
                entry = parse_line(line, ours=directory == PRIVATE)
            except (UsageError, re.error) as error:
                detail = f"line {number}: {error}"
                problems.append(Outcome(Status.SKIPPED, Reason.BAD_DROP_IN, path, detail=detail))
                continue
            if isinstance(entry, PrivateDirectory):
                private.append(entry)
            else:
                exclusions.append(entry)
    return DropIns(tuple(private), tuple(exclusions), tuple(problems))


def parse_line(line: str, *, ours: bool) -> PrivateDirectory | Exclusion:
    """Read one entry of our drop-ins (`ours`) or of py3compile's. Raises UsageError, re.error."""
    kind, _, rest = line.partition("|")
    versions_text, _, rest = rest.partition("|")
    place, *pattern = rest.split("|", 1)
    if not place.startswith("/"):
        raise UsageError(f"{place!r} is no absolute path: write KIND|RANGE|PATH")
    versions = parse_version_range(versions_text.strip())
    place = absolute(place) if kind != "file" else place
    if place == "/":
        raise UsageError("the whole system is no private directory")
    if ours:
        if kind == "compile" and not pattern:
            return PrivateDirectory(InstalledPath(place), versions)
        if kind == "exclude" and pattern:
            return Exclusion(ExclusionKind.PATTERN, versions, place, re.compile(pattern[0]))
        raise UsageError(f"{kind!r}: write compile|RANGE|DIRECTORY or exclude|RANGE|DIRECTORY|REGEX")
    if kind == "re":
        return Exclusion(ExclusionKind.PATTERN, versions, place, re.compile(pattern[0] if pattern else ".*"))
    if kind == "dir":
        return Exclusion(ExclusionKind.DIRECTORY, versions, place)
    if kind == "file":
        return Exclusion(ExclusionKind.FILE, versions, place)
    raise UsageError(f"{kind!r} is none of re, dir, file")


def exclusion_of_option(pattern: str, places: tuple[InstalledPath, ...]) -> tuple[Exclusion, ...]:
    """Make exclusions of one -X option: the pattern holds for each of the directories (or everywhere).

    Raises UsageError for a bad pattern.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"-X {pattern!r}: {error}") from error
    return tuple(
        Exclusion(ExclusionKind.PATTERN, ANY_VERSION, place.rstrip("/"), compiled)
        for place in places or (InstalledPath(""),)
    )


def _lines(
    tree: Tree, directory: InstalledPath, suffix: str, problems: list[Outcome]
) -> list[tuple[InstalledPath, str, int]]:
    try:
        names = sorted(os.listdir(tree.open_settings(directory)))
    except FileNotFoundError:
        return []
    except (OSError, Refused) as error:
        problems.append(problem(directory, error))
        return []
    found: list[tuple[InstalledPath, str, int]] = []
    for name in names:
        if name.startswith(".") or not name.endswith(suffix):
            continue
        path = InstalledPath(f"{directory}/{name}")
        try:
            text = read_settings(tree, directory, name).decode("utf-8", "surrogateescape")
        except (OSError, Refused) as error:
            problems.append(problem(path, error))
            continue
        lines = enumerate(text.split("\n"), 1)
        found.extend((path, line, number) for number, line in lines if line.strip() and not line.startswith("#"))
    return found
