# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which interpreters a directory serves, and where the pyc of a source lies (PEP 3147, PEP 488)."""

from __future__ import annotations

from pkgtools.runtime.facts import BytecodeTarget, InstalledPath, Interpreter, SourceFile
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.pythons import LEVEL_MARK, is_cache_tag, is_served_by, library_of, outermost_library_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.pythons import PythonLibrary

CACHE_DIRECTORY = "__pycache__"
NAME_MAX = 255
"""Bytes in a file name, on every file system that packages are installed on."""


def targets_of(
    source: SourceFile,
    interpreters: tuple[Interpreter, ...],
    levels: tuple[int, ...],
    cache_prefix: InstalledPath | None = None,
) -> tuple[BytecodeTarget, ...]:
    """Name the pycs of one source, interpreter by interpreter and level by level."""
    directory = cache_directory_of(source.directory, cache_prefix)
    stem = source.name[: -len(".py")]
    return tuple(
        BytecodeTarget(source, interpreter, level, directory, pyc_name(stem, interpreter.cache_tag, level))
        for interpreter in interpreters
        for level in levels
    )


def cache_directory_of(directory: InstalledPath, cache_prefix: InstalledPath | None = None) -> InstalledPath:
    """Say where the pycs of the sources in a directory lie."""
    if cache_prefix is not None:
        return InstalledPath((cache_prefix + directory).rstrip("/"))
    return InstalledPath(f"{directory.rstrip('/')}/{CACHE_DIRECTORY}")


def pyc_name(stem: str, tag: str, level: int) -> str:
    """Name the pyc of a source `stem`.py (PEP 3147; PEP 488 for levels above 0)."""
    return f"{stem}.{tag}{LEVEL_MARK}{level}.pyc" if level else f"{stem}.{tag}.pyc"


class PycName(NamedTuple):
    """The parts of a pyc's name in a cache directory: stem.tag[.opt-level].pyc."""

    stem: str
    """The name of the source without `.py`; it may hold dots."""
    tag: str
    """The cache tag (PEP 3147), as cpython-311."""
    level: str
    """Empty for level 0."""


def kind_of(name: PycName) -> str:
    """Return what the names of pycs of one kind have behind the stem: `cpython-311`, `cpython-311.opt-1`."""
    return f"{name.tag}{LEVEL_MARK}{name.level}" if name.level else name.tag


def parse_pyc_name(name: str) -> PycName | None:
    """Take a pyc's name apart, or return None if no interpreter would look for such a name.

    >>> parse_pyc_name("a.b.cpython-311.opt-1.pyc")
    PycName(stem='a.b', tag='cpython-311', level='1')
    """
    if not name.endswith(".pyc"):
        return None
    rest, mark, level = name[: -len(".pyc")].rpartition(LEVEL_MARK)
    if not (mark and level.isascii() and level.isalnum()):
        rest, level = name[: -len(".pyc")], ""
    stem, dot, tag = rest.rpartition(".")
    if not (dot and stem and is_cache_tag(tag)):
        return None
    return PycName(stem, tag, level)


def parse_temporary_name(name: str) -> PycName | None:
    """Recognise the temporary file that an import or py_compile left when it was killed: pyc name, dot, digits."""
    pyc, _, number = name.rpartition(".")
    return parse_pyc_name(pyc) if number.isascii() and number.isdigit() else None


class PycNames:
    """Takes names apart as `parse_pyc_name` and `parse_temporary_name` do, what they end in once for all of them."""

    def __init__(self) -> None:
        """Begin with no known endings."""
        self._known: dict[str, tuple[str, bool] | None] = {}

    def stem_of(self, name: str) -> tuple[str, bool] | None:
        """Return the stem of a pyc, and whether it is a temporary file of one; None for other names."""
        first, dot, rest = name.partition(".")
        if not (first and dot):
            found = parse_temporary_name(name) or parse_pyc_name(name)
            return (found.stem, not name.endswith(".pyc")) if found else None
        if rest not in self._known:
            whole = f"x.{rest}"
            parsed = parse_temporary_name(whole) or parse_pyc_name(whole)
            self._known[rest] = (parsed.stem[1:], not rest.endswith(".pyc")) if parsed else None
        ending = self._known[rest]
        return (first + ending[0], ending[1]) if ending else None


def stems_in(name: str) -> Iterator[str]:
    """Yield what the stem can be in a name that has more behind it, the longest first: all that stands before a dot.

    >>> list(stems_in("m.f-12.py311.nbi"))
    ['m.f-12.py311', 'm.f-12', 'm']
    """
    end = name.rfind(".")
    while end > 0:
        yield name[:end]
        end = name.rfind(".", 0, end)


def fits(name: str) -> bool:
    """Whether a file system takes the name."""
    return len(name.encode("utf-8", "surrogateescape")) <= NAME_MAX


def is_below_cache(directory: InstalledPath) -> bool:
    """Whether a directory is a cache directory or lies in one."""
    return f"/{CACHE_DIRECTORY}/" in f"{directory}/"


def is_public(directory: InstalledPath) -> bool:
    """Whether interpreters find modules in the directory by themselves."""
    library = outermost_library_of(directory)
    return library is not None and library.is_of_system


def third_party_base(path: InstalledPath) -> InstalledPath | None:
    """Return the dist-packages or site-packages directory that a path lies in."""
    library = outermost_library_of(path)
    return InstalledPath(library.packages) if library and library.is_of_system and library.packages else None


def library_served(directory: InstalledPath) -> PythonLibrary | None:
    """Return the library whose interpreters alone import from a directory; None: its package says which one does.

    /usr/lib/python3 is shared by all (Debian Python Policy, PyPy 3 included); X/lib/python3.11 is that version's,
    wherever X is: no other searches it, be it the distribution's or a virtual environment's.
    """
    library = library_of(directory)
    return library if library and (library.is_of_system or library.is_versioned) else None


def servers_of_library(library: PythonLibrary, installed: tuple[Interpreter, ...]) -> tuple[Interpreter, ...]:
    """Choose the interpreters that search a library; of several with the same cache tag the first."""
    fitting = (
        one
        for one in installed
        if is_served_by(library.python, one.implementation, one.abi, one.version)
        and (library.is_versioned or one.is_shared)
    )
    return one_for_each_tag(fitting)


def one_for_each_tag(interpreters: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """Leave out those whose pycs are another's, too: CPython writes the same ones with the global lock and without."""
    found: dict[str, Interpreter] = {}
    for one in interpreters:
        found.setdefault(one.cache_tag, one)
    return tuple(found.values())
