# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which interpreters a directory serves, and where the pyc of a source lies (PEP 3147, PEP 488)."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import UsageError
from .facts import BytecodeTarget, InstalledPath, Interpreter, SourceFile

CACHE_DIRECTORY = "__pycache__"
NAME_MAX = 255
"""Bytes in a file name, on every file system that packages are installed on."""

_LIBRARY = r"(?:/usr(?:/local)?)?/lib(?:32|64|x32)?"  # /lib is /usr/lib's other name on merged systems
_SERVED = re.compile(_LIBRARY + r"/(python|pypy)(\d+(?:\.\d+)?)(?=/|$)")
_THIRD_PARTY = re.compile(_LIBRARY + r"/(?:python|pypy)\d+(?:\.\d+)?/(?:dist|site)-packages(?=/|$)")
_TAG = re.compile(r"(?:cpython-|pypy)3[0-9]{1,2}")
_LEVEL = re.compile(r"\.opt-([0-9A-Za-z]+)\Z")
_RANGE = re.compile(r"(-)?([0-9]+\.[0-9]+)(?:(-)([0-9]+\.[0-9]+)?)?")
_PYTHON_TEMPORARY = re.compile(r"(.+\.pyc)\.[0-9]+", re.DOTALL)


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
        return InstalledPath(cache_prefix + directory)
    return InstalledPath(f"{directory}/{CACHE_DIRECTORY}")


def pyc_name(stem: str, tag: str, level: int) -> str:
    """Name the pyc of a source `stem`.py (PEP 3147; PEP 488 for levels above 0)."""
    return f"{stem}.{tag}.opt-{level}.pyc" if level else f"{stem}.{tag}.pyc"


class PycName(NamedTuple):
    """The parts of a pyc's name in a cache directory: stem.tag[.opt-level].pyc."""

    stem: str
    tag: str
    level: str
    """Empty for level 0."""


def parse_pyc_name(name: str) -> PycName | None:
    """Take a pyc's name apart, or return None if no interpreter would look for such a name.

    >>> parse_pyc_name("a.b.cpython-311.opt-1.pyc")
    PycName(stem='a.b', tag='cpython-311', level='1')
    """
    if not name.endswith(".pyc"):
        return None
    rest, level = name[: -len(".pyc")], ""
    found = _LEVEL.search(rest)
    if found:
        rest, level = rest[: found.start()], found[1]
    stem, dot, tag = rest.rpartition(".")
    if not (dot and stem and _TAG.fullmatch(tag)):
        return None
    return PycName(stem, tag, level)


def parse_temporary_name(name: str) -> PycName | None:
    """Recognise the temporary file that an import or py_compile left when it was killed: pyc name, dot, digits."""
    found = _PYTHON_TEMPORARY.fullmatch(name)
    return parse_pyc_name(found[1]) if found else None


def fits(name: str) -> bool:
    """Whether a file system takes the name."""
    return len(name.encode("utf-8", "surrogateescape")) <= NAME_MAX


class VersionRange(NamedTuple):
    """Versions from `least` on and below `below`; `X.Y` alone is that version only (py3compile(1), -V)."""

    least: tuple[int, int] | None = None
    below: tuple[int, int] | None = None
    exact: bool = False

    def __contains__(self, version: object) -> bool:
        """Whether the version, a pair of integers, is in the range."""
        if not isinstance(version, tuple):
            return False
        if self.exact:
            return version == self.least
        return (self.least is None or version >= self.least) and (self.below is None or version < self.below)


ANY_VERSION = VersionRange()


def parse_version_range(text: str) -> VersionRange:
    """Read `3.11`, `3.9-`, `-3.12`, `3.9-3.12`, `-` or nothing.

    Raises UsageError for anything else.
    """
    if text in {"", "-"}:
        return ANY_VERSION
    found = _RANGE.fullmatch(text)
    if not found or (found[1] and found[3]):
        raise UsageError(f"version range {text!r}: write 3.11, 3.9-, -3.12 or 3.9-3.12")
    first = _version(found[2])
    if found[1]:
        return VersionRange(None, first)
    if not found[3]:
        return VersionRange(first, None, exact=True)
    below = _version(found[4]) if found[4] else None
    if below is not None and below < first:
        raise UsageError(f"version range {text!r}: {found[4]} is below {found[2]}")
    return VersionRange(first, below)


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def tag_version(tag: str) -> tuple[int, int] | None:
    """Return the version that a cache tag stands for: cpython-311 is 3.11, pypy39 is 3.9."""
    digits = tag.rpartition("-")[2].removeprefix("pypy")
    return (int(digits[0]), int(digits[1:])) if digits.isdigit() and len(digits) > 1 else None


def is_public(directory: InstalledPath) -> bool:
    """Whether interpreters find modules in the directory by themselves."""
    return _SERVED.match(directory) is not None


def third_party_base(path: InstalledPath) -> InstalledPath | None:
    """Return the dist-packages or site-packages directory that a path lies in."""
    found = _THIRD_PARTY.match(path)
    return InstalledPath(found[0]) if found else None


def public_servers(directory: InstalledPath, installed: tuple[Interpreter, ...]) -> tuple[Interpreter, ...]:
    """Choose the interpreters that import from a public directory.

    /usr/lib/python3 is shared by all (Debian Python Policy, PyPy 3 included); /usr/lib/python3.11 is that version's.
    """
    found = _SERVED.match(directory)
    if not found:
        return ()
    if "." not in found[2]:
        return tuple(i for i in installed if found[1] == "python" or i.implementation == "pypy")
    version = _version(found[2])
    wanted = "cpython" if found[1] == "python" else "pypy"
    return tuple(i for i in installed if i.version == version and i.implementation == wanted)
