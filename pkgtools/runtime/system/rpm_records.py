# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What rpm knows. Every argument it gets is a constant or a number: in any other it would expand macros.

rpm 4.20 runs what stands in `%(...)` of a path that it is asked for with --file, all versions what stands in the
values of --root and --dbpath.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple

from .listed_paths import plain, plain_lines
from .processes import RPM, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .processes import ProcessResult
    from .trust import Tree

_QUERY = (RPM, "--nodigest", "--nosignature", "--dbpath")
"""Without checking each record again, which takes twice as long as reading it; one that would fail is listed, too."""
_DATABASES = (InstalledPath("/usr/lib/sysimage/rpm"), InstalledPath("/var/lib/rpm"))
_FILES = ("rpmdb.sqlite", "Packages.db", "Packages")
_HERE = "/proc/self/cwd"
"""rpm's own working directory, which is the database's: the root directory may be called anything."""
_LABEL = "%{DBINSTANCE} %{EPOCHNUM} %{NAME} %{VERSION} %{RELEASE} %{ARCH}\n"
_PATHS = "[%{FILENAMES}\n]"
_STATES_AND_PATHS = "package %{NAME}\n[%{FILESTATES} %{FILENAMES}\n]"
_HEADING = b"package "
_THERE = (b"0", b"1", b"3", b"4", b"(none)")
"""States of a package's files (rpmfileState): all but 2, not installed, as with --excludepath or --nodocs."""
_NUMBERS = "%{DBINSTANCE}\n"
_PACKAGES = "package %{DBINSTANCE} %{NAME}\n[%{FILESTATES} %{FILENAMES}\n]"
_AT_ONCE = 256
_LEFT = ("pkgtools-strategy(none)", "pkgtools-strategy(cache-prefix)")
"""What packages provide whose modules batches leave alone."""
_REBUILD = "rpm can't read all of its database: rpmdb --rebuilddb, then run again"
_FAULT = b"error:"


class RpmPackage(NamedTuple):
    """An installed package."""

    name: str
    """Without version and architecture."""
    paths: Sequence[bytes]
    """Its files and directories that are there."""


class _Label(NamedTuple):
    """An installed package, by the number of its record."""

    number: int
    names: tuple[str, ...]
    """What rpm lets it be called, in the order in which rpm tries that."""


def rpm_files(tree: Tree, package: str, *, newest: bool) -> list[InstalledPath] | None:
    """Return every path of an installed package; None if rpm doesn't know it.

    Several may be installed under one name: `newest` takes the one that came last.
    Raises UnknownOwner if rpm can't read its database.
    """
    database = database_of(tree)
    if database is None:
        return None
    answer = _ask(tree, database, "-qa", "--qf", _LABEL)
    labels = map(_label, answer.output.decode("utf-8", "surrogateescape").split("\n"))
    numbers = _matching([label for label in labels if label is not None], package)
    if not numbers:
        _require_all(database, answer)
        return None
    chosen = numbers[-1:] if newest else numbers
    answer = _ask(tree, database, "-q", "--querybynumber", "--qf", _PATHS, *map(str, chosen))
    _require_all(database, answer)
    return [InstalledPath(os.fsdecode(line)) for line in plain_lines(answer.output) if line.startswith(b"/")]


def files_of_providers(tree: Tree) -> list[InstalledPath]:
    """Return every path of the packages that provide one of _LEFT; rpm says of what none provides that it is so.

    Raises UnknownOwner if rpm can't read all of its database.
    """
    database = database_of(tree)
    if database is None:
        return []
    answer = _ask(tree, database, "-q", "--qf", _PATHS, "--whatprovides", *_LEFT)
    if any(line.startswith(_FAULT) for line in answer.errors.split(b"\n")):
        raise UnknownOwner(database, _REBUILD)
    return [InstalledPath(os.fsdecode(line)) for line in plain_lines(answer.output) if line.startswith(b"/")]


def _label(line: str) -> _Label | None:
    words = line.split(" ")
    if len(words) != len(_LABEL.split()) or not words[0].isdigit():
        return None
    number, epoch, name, version, release, architecture = words
    builds = (f"{name}-{version}-{release}", f"{name}-{epoch}:{version}-{release}")
    full = tuple(f"{build}.{architecture}" for build in builds)
    return _Label(int(number), (name, f"{name}.{architecture}", f"{name}-{version}", *builds, *full))


def _matching(labels: list[_Label], package: str) -> list[int]:
    """Return the numbers of those that are called so; what is a whole name isn't taken for a name and a version."""
    called = [(label.names.index(package), label.number) for label in labels if package in label.names]
    return sorted(number for kind, number in called if kind == min(called)[0])


def listed_by_rpm(tree: Tree, paths: frozenset[bytes]) -> dict[bytes, str]:
    """Return those of the paths that an installed package has, unless it was installed without them, with its name.

    Raises UnknownOwner if rpm can't read all of its database.
    """
    database = database_of(tree)
    if database is None:
        return {}
    answer = _ask(tree, database, "-qa", "--qf", _STATES_AND_PATHS)
    _require_all(database, answer)
    wanted = {b"%s %s" % (state, path): path for path in paths for state in _THERE}
    found = frozenset(wanted).intersection(answer.output.split(b"\n"))
    # rpm prints a newline in a name as it is: names of two lines may be taken for one of these, never the reverse
    broken = frozenset(b" " + path for path in paths if b"\n" in path and b" %s\n" % path in answer.output)
    return {wanted.get(line, line[1:]): _package_of(line, answer.output) for line in found | broken}


def packages_that_have(tree: Tree, paths: frozenset[bytes]) -> frozenset[str]:
    """Return the installed packages that have one of some paths. Raises UnknownOwner, as `listed_by_rpm`."""
    database = database_of(tree)
    if database is None:
        return frozenset()
    answer = _ask(tree, database, "-qa", "--qf", _STATES_AND_PATHS)
    _require_all(database, answer)
    wanted = frozenset(b"%s %s" % (state, path) for path in paths for state in _THERE)
    parts = (b"\n" + answer.output).split(b"\n" + _HEADING)[1:]
    having = (part.split(b"\n") for part in parts)
    return frozenset(os.fsdecode(name) for name, *lines in having if not wanted.isdisjoint(lines))


def highest_number(tree: Tree) -> int | None:
    """Return the number of the package that was installed last; None if rpm's database can't be read."""
    database = database_of(tree)
    return None if database is None else max(_numbers(tree, database), default=None)


def packages_by_number(tree: Tree, above: int, *, each: bool = True) -> dict[int, RpmPackage] | None:
    """Return the packages whose numbers are above one; None where there is no rpm.

    The cost grows with those packages alone: rpm numbers them in the order in which they come. `each`: none is missed,
    though so many numbers in a row may be those of packages that are gone; finding that out costs a look at all.
    """
    database = database_of(tree)
    if database is None:
        return None
    found: dict[int, RpmPackage] = {}
    first = above + 1
    while True:
        here = packages_of(tree, database, range(first, first + _AT_ONCE))
        if not here:
            break
        found.update(here)
        first += _AT_ONCE
    if each and not found:
        later = [number for number in _numbers(tree, database) if number > above]
        for start in range(0, len(later), _AT_ONCE):
            found.update(packages_of(tree, database, later[start : start + _AT_ONCE]))
    return found


def all_packages(tree: Tree, database: InstalledPath) -> dict[int, RpmPackage]:
    """Return all packages by their numbers. Raises UnknownOwner if rpm can't read all of its database."""
    answer = _ask(tree, database, "-qa", "--qf", _PACKAGES)
    _require_all(database, answer)
    return _by_number(answer.output)


def packages_of(tree: Tree, database: InstalledPath, numbers: Iterable[int]) -> dict[int, RpmPackage]:
    """Return packages by their numbers; rpm complains of numbers that it hasn't, which are left out.

    Raises UnknownOwner if it complains of anything else.
    """
    answer = _ask(tree, database, "-q", "--querybynumber", "--qf", _PACKAGES, *map(str, numbers))
    faults = [line for line in answer.errors.split(b"\n") if line.startswith(_FAULT)]
    if not all(line.startswith(b"error: record ") for line in faults):
        raise UnknownOwner(database, _REBUILD)
    return _by_number(answer.output)


def _numbers(tree: Tree, database: InstalledPath) -> list[int]:
    answer = _ask(tree, database, "-qa", "--qf", _NUMBERS)
    return [int(line) for line in answer.output.split() if line.isdigit()]


def _by_number(output: bytes) -> dict[int, RpmPackage]:
    found: dict[int, RpmPackage] = {}
    paths: list[bytes] = []
    number, name = 0, ""
    for line in output.split(b"\n"):
        state, _, path = line.partition(b" ")
        if line.startswith(_HEADING):
            _, digits, name = os.fsdecode(line).split(" ", 2)
            number, paths = int(digits), []
            found[number] = RpmPackage(name, paths)
        elif state in _THERE and path.startswith(b"/"):
            paths.append(plain(path))
    return found


def _package_of(line: bytes, output: bytes) -> str:
    """Return the package under whose heading a line stands; empty if it can't be told."""
    whole = output.find(b"\n" + line + b"\n")
    above = b"\n" + output[: whole if whole >= 0 else output.find(line + b"\n")] + b"\n"
    return os.fsdecode(above.rpartition(b"\n" + _HEADING)[2].partition(b"\n")[0])


def _require_all(database: InstalledPath, answer: ProcessResult) -> None:
    """Raise UnknownOwner if an answer isn't whole: rpm complains of records that it can't read, and succeeds."""
    if answer.status or any(line.startswith(_FAULT) for line in answer.errors.split(b"\n")):
        raise UnknownOwner(database, _REBUILD)


def database_of(tree: Tree) -> InstalledPath | None:
    """Return where rpm's database is, None where there is none: asked in vain rpm would make one."""
    if not os.path.exists(RPM):
        return None
    for directory in _DATABASES:
        if tree.exists(directory) and any(tree.exists(InstalledPath(f"{directory}/{name}")) for name in _FILES):
            return directory
    return None


def _ask(tree: Tree, database: InstalledPath, *question: str) -> ProcessResult:
    if tree.root == "/":
        return run((*_QUERY, database, *question), errors=True)
    try:
        directory = tree.look(database)
    except (OSError, Refused) as error:
        raise UnknownOwner(database, f"it can't be opened ({error}): repair it, then run again") from error
    try:
        if not os.path.exists(_HERE):
            raise UnknownOwner(database, "rpm can be asked about another root only where /proc is mounted: mount it")
        return run((*_QUERY, _HERE, *question), directory=directory, errors=True)
    finally:
        os.close(directory)
