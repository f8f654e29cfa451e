# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Drop-in files: private directories to compile, and sources that are not to be compiled.

Our own, in /usr/share/pkgtools/private.d/*.conf, one entry a line:

    compile|RANGE|DIRECTORY
    compile-for|RANGE|DIRECTORY|INTERPRETER
    exclude|RANGE|DIRECTORY|REGEX
    leave|STRATEGY|PACKAGE

Lines of other kinds are those of later versions, and passed over. And
those that Debian's py3compile(1) reads, in /usr/share/python3/bcep:

    re|RANGE|DIRECTORY|REGEX
    dir|RANGE|DIRECTORY
    file|RANGE|PATH
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UsageError
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.lean import Enum, NamedTuple
from pkgtools.runtime.system.merged_usr import names_when_asked
from pkgtools.runtime.system.trust import read_settings

from .sources import absolute, problem
from .version_range import ANY_VERSION, VersionRange, parse_version_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from pkgtools.runtime.system.merged_usr import Names
    from pkgtools.runtime.system.trust import Tree

    Entry: TypeAlias = "PrivateDirectory | Exclusion | LeftPackage"

PRIVATE = InstalledPath("/usr/share/pkgtools/private.d")
EXCLUSIONS = InstalledPath("/usr/share/python3/bcep")
_OURS = frozenset({"compile", "compile-for", "exclude"})
_KINDS = "write compile|RANGE|DIRECTORY, compile-for|RANGE|DIRECTORY|INTERPRETER or exclude|RANGE|DIRECTORY|REGEX"


class PrivateDirectory(NamedTuple):
    """A directory outside of any interpreter's path, whose modules one interpreter runs."""

    directory: InstalledPath
    """As the drop-in names it, made plain; all directories below it belong to it."""
    versions: VersionRange
    """The Python versions that its modules are for; one installed interpreter of these serves it."""
    file: InstalledPath = InstalledPath("")
    """The drop-in that says so."""
    python: InstalledPath = InstalledPath("")
    """The interpreter that runs them, where it isn't the distribution's; else empty."""


class Exclusion(NamedTuple):
    """Sources that aren't to be compiled for some versions."""

    kind: ExclusionKind
    """Whether it names a file, a directory or a pattern."""
    versions: VersionRange
    """The Python versions for which the sources are not compiled."""
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


class LeftPackage(NamedTuple):
    """A package whose modules batches leave alone, wherever they lie; its own scripts may compile them."""

    package: str
    """Its name, without an architecture."""
    strategy: str
    """Why: one of LEAVING."""


LEAVING = ("none", "cache-prefix")
"""Strategies of packages that batches leave alone."""


class UnknownKindError(UsageError):
    """A line is of a kind that this version doesn't know; a later one may."""


class ExclusionKind(Enum):
    """What an exclusion names."""

    FILE = "file"
    DIRECTORY = "dir"
    PATTERN = "re"


class DropIns(NamedTuple):
    """All that the drop-in files of a system say."""

    private: tuple[PrivateDirectory, ...]
    """The registered private directories, in the order of the files' names."""
    exclusions: tuple[Exclusion, ...]
    """What isn't to be compiled, by every name that a merged /usr gives it."""
    problems: tuple[Outcome, ...]
    """Directories and files that can't be read or trusted, and lines that say nothing, each a skip."""
    other_names: tuple[PrivateDirectory, ...] = ()
    """The private directories once more, by the other name that a merged /usr gives them."""
    names_of: Names = lambda path: [path]
    """Returns all names of a path in the system."""
    left: tuple[LeftPackage, ...] = ()
    """The packages that batches leave alone."""

    def excluding(self, paths: Iterable[InstalledPath]) -> DropIns:
        """Return the same, but that these files, and all below these directories, are not compiled either."""
        places = [name for path in paths for name in self.names_of(path)]
        kinds = (ExclusionKind.FILE, ExclusionKind.DIRECTORY)
        added = (Exclusion(kind, ANY_VERSION, place) for place in places for kind in kinds)
        return self._replace(exclusions=(*self.exclusions, *added))

    def directories(self) -> tuple[InstalledPath, ...]:
        """Return every registered directory once."""
        return tuple(dict.fromkeys(entry.directory for entry in self.private))


def read_drop_ins(tree: Tree) -> DropIns:
    """Read every drop-in file; a bad line costs that line and is reported."""
    unread: list[Outcome] = []
    texts = [found for directory in (PRIVATE, EXCLUSIONS) for found in _texts(tree, directory, unread)]
    found = drop_ins_of(texts, names_when_asked(tree))
    return found._replace(problems=(*unread, *found.problems))


def drop_ins_of(texts: Iterable[tuple[InstalledPath, str]], names: Names) -> DropIns:
    """Return what drop-in files say, each given by its path and text; `names` returns all names of a path."""
    private: list[PrivateDirectory] = []
    exclusions: list[Exclusion] = []
    problems: list[Outcome] = []
    left: list[LeftPackage] = []
    for path, text in texts:
        for number, entry in parse_drop_in(text, ours=path.startswith(f"{PRIVATE}/")):
            if isinstance(entry, PrivateDirectory):
                private.append(entry._replace(file=path))
            elif isinstance(entry, Exclusion):
                exclusions.append(entry)
            elif isinstance(entry, LeftPackage):
                left.append(entry)
            elif not isinstance(entry, UnknownKindError):
                detail = f"line {number}: {entry}"
                problems.append(Outcome(Status.SKIPPED, Reason.BAD_DROP_IN, path, detail=detail))
    other_names = tuple(e._replace(directory=name) for e in private for name in names(e.directory)[1:])
    exclusions += [e._replace(place=name) for e in exclusions for name in names(InstalledPath(e.place))[1:]]
    return DropIns(tuple(private), tuple(exclusions), tuple(problems), other_names, names, tuple(left))


def is_drop_in(path: str) -> bool:
    """Whether a file is one of those that `read_drop_ins` reads."""
    if not path.startswith((PRIVATE, EXCLUSIONS)):  # for speed: it is asked of all files of a package
        return False
    directory, _, name = path.rpartition("/")
    return directory in {PRIVATE, EXCLUSIONS} and _is_read(InstalledPath(directory), name)


def parse_drop_in(text: str, *, ours: bool) -> Iterator[tuple[int, Entry | Exception]]:
    """Yield number (from 1) and entry of each line of one file; for a line that can't be read, what is wrong with it.

    `ours`: it is one of our drop-ins, not of py3compile's.
    """
    for number, ended in enumerate(text.split("\n"), 1):
        line = ended.removesuffix("\r")  # an editor of another system
        if line.strip() and not line.startswith("#"):
            try:
                yield number, parse_line(line, ours=ours)
            except UsageError as error:
                yield number, error


def parse_line(line: str, *, ours: bool) -> Entry:
    """Read one entry of our drop-ins (`ours`) or of py3compile's. Raises UsageError."""
    if "\0" in line:
        raise UsageError("it has a NUL byte, which no path has")
    kind, bar, rest = line.partition("|")
    if not bar:
        raise UsageError(f"{line!r}: write KIND|RANGE|PATH")
    if not ours:
        return _exclusion(kind, rest)
    if kind == "leave":
        return _left(rest)
    if kind not in _OURS and kind.isascii() and kind.replace("-", "").islower():
        raise UnknownKindError(f"{kind!r} is a kind of line that this version doesn't know: it is passed over")
    versions, place, fourth = _fields(rest)
    return _our_entry(kind, versions, InstalledPath(place), fourth)


def _exclusion(kind: str, rest: str) -> Exclusion:
    """Read what follows the kind in a line of py3compile's."""
    versions, place, pattern = _fields(rest, is_file=kind == "file")
    if kind == "re":
        return Exclusion(ExclusionKind.PATTERN, versions, place, _compiled(pattern[0] if pattern else ".*"))
    if kind == "dir":
        return Exclusion(ExclusionKind.DIRECTORY, versions, place)
    if kind == "file":
        return Exclusion(ExclusionKind.FILE, versions, place)
    raise UsageError(f"{kind!r}: expected re, dir or file")


def _our_entry(
    kind: str, versions: VersionRange, place: InstalledPath, fourth: list[str]
) -> PrivateDirectory | Exclusion:
    if kind == "compile" and not fourth:
        return PrivateDirectory(place, versions)
    if kind == "compile-for" and fourth and fourth[0].startswith("/"):
        return PrivateDirectory(place, versions, python=absolute(fourth[0]))
    if kind == "exclude" and fourth:
        return Exclusion(ExclusionKind.PATTERN, versions, place, _compiled(fourth[0]))
    raise UsageError(f"{kind!r}: {_KINDS}")


def _fields(text: str, *, is_file: bool = False) -> tuple[VersionRange, str, list[str]]:
    """Return range, path and, if there is one, the pattern."""
    versions_text, _, rest = text.partition("|")
    place, *pattern = rest.split("|", 1)
    if not place.startswith("/"):
        raise UsageError(f"{place!r} isn't an absolute path: write KIND|RANGE|PATH")
    versions = parse_version_range(versions_text.strip())
    place = place if is_file else absolute(place)
    if place == "/":
        raise UsageError("the whole system isn't a private directory")
    return versions, place, pattern


def _left(text: str) -> LeftPackage:
    strategy, _, package = text.partition("|")
    if strategy not in LEAVING or not package or not set("|/ ").isdisjoint(package):
        raise UsageError(f"'leave|{text}': write leave|{'|PACKAGE or leave|'.join(LEAVING)}|PACKAGE")
    return LeftPackage(package, strategy)


def _compiled(expression: str) -> re.Pattern[str]:
    from .expressions import compile_expression  # noqa: PLC0415 - re takes 5 ms, and few packages have expressions

    return compile_expression(expression)


def exclusion_of_option(pattern: str, places: tuple[InstalledPath, ...]) -> tuple[Exclusion, ...]:
    """Make exclusions of one -X option: the pattern holds for each of the directories (or everywhere).

    Raises UsageError for a bad pattern.
    """
    try:
        compiled = _compiled(pattern)
    except UsageError as error:
        raise UsageError(f"-X {error}") from error
    return tuple(
        Exclusion(ExclusionKind.PATTERN, ANY_VERSION, place.rstrip("/"), compiled)
        for place in places or (InstalledPath(""),)
    )


def _texts(tree: Tree, directory: InstalledPath, problems: list[Outcome]) -> Iterator[tuple[InstalledPath, str]]:
    """Yield path and text of each file that can be read and trusted."""
    try:
        names = sorted(os.listdir(tree.open_settings(directory)))
    except FileNotFoundError:
        return
    except (OSError, Refused) as error:
        problems.append(problem(directory, error))
        return
    for name in names:
        if _is_read(directory, name):
            path = InstalledPath(f"{directory}/{name}")
            try:
                yield path, read_settings(tree, directory, name).decode("utf-8", "surrogateescape")
            except (OSError, Refused) as error:
                problems.append(problem(path, error))


def _is_read(directory: InstalledPath, name: str) -> bool:
    return not name.startswith(".") and (directory != PRIVATE or name.endswith(".conf"))
