# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The packages of a suite: what Packages lists, and by Contents which of them can have to do with Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

from pkgtools.model.package import Kind
from pkgtools.readers.tar.tar import BROKEN
from pkgtools.readers.unreadable import MOST_ENTRIES
from pkgtools.runtime.errors import said

from .listed import ListedPackage, MirrorFault, MirrorFile, size_of
from .mirror import safe_name
from .relevance import is_pythons_in_bytes, is_related

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .debian_release import DebianSuite

_RELATIONS = ("Depends", "Pre-Depends", "Provides")
_LONGEST_LINE = 1 << 20
_LARGEST_ENTRY = 16 << 20
_NEEDED = ("Package", "Version", "Architecture", "Filename", "Size", "SHA256")


def packages_of(suite: DebianSuite, components: Iterable[str], architectures: Iterable[str]) -> Iterator[ListedPackage]:
    """Yield what a suite lists; a package that several architectures share comes several times. Raises MirrorFault."""
    architectures = tuple(architectures)
    for component in components:
        contents = _Contents(suite, component, architectures)
        for architecture in architectures:
            yield from _packages_in(suite, f"{component}/binary-{architecture}/Packages", contents)
        apart = f"{component}/binary-all/Packages"
        if suite.lists_all_apart() and "all" not in architectures and suite.has(apart):
            yield from _packages_in(suite, apart, contents)


def _packages_in(suite: DebianSuite, name: str, contents: _Contents) -> Iterator[ListedPackage]:
    with suite.open(name) as stream:
        yield from _packages(name, stream, contents)


def _packages(name: str, stream: IO[bytes], contents: _Contents) -> Iterator[ListedPackage]:
    from debian.deb822 import Packages  # noqa: PLC0415 - the library of Debian's indexes, for those who read one

    try:
        for paragraph in Packages.iter_paragraphs(_paragraph_lines(name, stream), use_apt_pkg=False):
            yield _package(name, paragraph, contents)
    except BROKEN as error:
        raise MirrorFault(name, f"it can't be unpacked: {said(error)}") from error


def _lines(name: str, stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of an index. Raises MirrorFault for one that no index has."""
    while line := stream.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            raise MirrorFault(name, f"a line of it is longer than {_LONGEST_LINE} bytes")
        yield line


def _paragraph_lines(name: str, stream: IO[bytes]) -> Iterator[str]:
    """Likewise, where empty lines separate entries. Raises MirrorFault for an entry that would fill the memory.

    Bytes that are not UTF-8 are escaped by a backslash, so that the library guesses no encoding.
    """
    size = 0
    for line in _lines(name, stream):
        size = size + len(line) if line.strip() else 0
        if size > _LARGEST_ENTRY:
            raise MirrorFault(name, f"an entry of it is larger than {_LARGEST_ENTRY} bytes")
        yield line.decode("utf-8", "backslashreplace")


def _package(index: str, paragraph: Mapping[str, Any], contents: _Contents) -> ListedPackage:
    missing = [key for key in _NEEDED if not paragraph.get(key)]
    size = size_of(str(paragraph.get("Size", "")))
    if missing or size is None:
        named = ascii(paragraph.get("Package", "?"))
        raise MirrorFault(index, f"the entry of {named} has no {missing[0] if missing else 'Size that is a number'}")
    name = str(paragraph["Package"])
    relations = " ".join(str(paragraph.get(key, "")) for key in _RELATIONS)
    return ListedPackage(
        name=name,
        version=str(paragraph["Version"]),
        architecture=str(paragraph["Architecture"]),
        kind=Kind.DEB,
        file=MirrorFile(
            name=safe_name(str(paragraph["Filename"])),
            size=size,
            digest=str(paragraph["SHA256"]).lower(),
        ),
        matters=contents.may_hold_modules(name) or is_related(relations),
    )


class _Contents:
    """Which packages of a component hold files that have to do with Python, where there is an index that says so."""

    def __init__(self, suite: DebianSuite, component: str, architectures: tuple[str, ...]) -> None:
        names = [f"{component}/Contents-{one}" for one in dict.fromkeys((*architectures, "all"))]
        self._is_known = all(suite.has(name) for name in names if not name.endswith("-all"))
        self._all: set[str] = set()
        self._with_modules: set[str] = set()
        for name in names if self._is_known else ():
            if suite.has(name):
                with suite.open(name) as stream:
                    self._read(name, stream)

    def may_hold_modules(self, package: str) -> bool:
        """Whether a package holds modules, or it isn't known: it is not in the index, or there is none."""
        return not self._is_known or package in self._with_modules or package not in self._all

    def _read(self, name: str, stream: IO[bytes]) -> None:
        """Read lines of a path and `SECTION/PACKAGE,...` with white space between (apt-file(1))."""
        last = b""
        try:
            for line in _lines(name, stream):
                path, _, owners = line.rstrip().rpartition(b" ")
                relevant = is_pythons_in_bytes(path.rstrip())
                if owners == last and not relevant:
                    continue
                last = owners
                packages = {one.rpartition(b"/")[2].decode("ascii", "replace") for one in owners.split(b",")}
                self._all |= packages
                if len(self._all) > MOST_ENTRIES:
                    raise MirrorFault(name, f"it names more than {MOST_ENTRIES} packages")
                if relevant:
                    self._with_modules |= packages
        except BROKEN as error:
            raise MirrorFault(name, f"it can't be unpacked: {said(error)}") from error
