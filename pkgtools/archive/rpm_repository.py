# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A repository of RPM packages: repomd.xml, who vouches for it, and the packages that its indexes list."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn
from xml.etree import ElementTree as ET

from pkgtools.model.package import Kind
from pkgtools.readers.tar.tar import BROKEN
from pkgtools.readers.tar.unpack import unpack
from pkgtools.runtime.errors import said

from .listed import ArchiveIndex, ListedPackage, MirrorFault, MirrorFile, size_of
from .mirror import copy, read_top, safe_name
from .relevance import is_pythons, is_related
from .signature import signer_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from .mirror import Mirror

REPOMD = "repodata/repomd.xml"
_LARGEST = 16 << 20
_CHUNK = 1 << 16
_LARGEST_ENTRY = 16 << 20
_REPO = "{http://linux.duke.edu/metadata/repo}"
_COMMON = "{http://linux.duke.edu/metadata/common}"
_RPM = "{http://linux.duke.edu/metadata/rpm}"
_FILELISTS = "{http://linux.duke.edu/metadata/filelists}"
_SUFFIX = re.compile(r"\.(gz|xz|zst|bz2)\Z")


class _Elements(ET.TreeBuilder):
    """Builds the elements of one tag, and forgets each once it was taken; a document type is an error (CWE-776)."""

    def __init__(self, tag: str = "") -> None:
        super().__init__()
        self._tag = tag
        self._top: Element | None = None
        self._found: list[Element] = []

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> NoReturn:
        raise ET.ParseError("it has a document type, which no index of packages needs")

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        element = super().start(tag, attrs)
        self._top = element if self._top is None else self._top
        return element

    def end(self, tag: str, /) -> Element:
        element = super().end(tag)
        if tag == self._tag:
            self._found.append(element)
        return element

    def take(self) -> list[Element]:
        """Return what was found since the last time."""
        found, self._found = self._found, []
        if self._top is not None and found:
            self._top[:] = []
        return found


class RpmRepository:
    """A repository, opened: what its repomd.xml says, and its indexes."""

    def __init__(self, mirror: Mirror, keyring: Path | None) -> None:
        """Read repomd.xml, and see who signed it unless there is no keyring. Raises MirrorFault."""
        self._mirror = mirror
        content = read_top(mirror, REPOMD, _LARGEST)
        signer = "" if keyring is None else _signer(mirror, content, keyring)
        self._files: dict[str, MirrorFile] = {}
        date = ""
        try:
            top = ET.fromstring(content, ET.XMLParser(target=_Elements()))  # noqa: S314 - no document type passes it
            for data in top.iter(f"{_REPO}data"):
                self._files[data.get("type", "")] = _file(data)
            date = _date(top)
        except (ET.ParseError, LookupError, ValueError, OverflowError, OSError) as error:
            raise MirrorFault(REPOMD, f"it can't be read: {said(error)}") from error
        self.index = ArchiveIndex(digest=sha256(content).hexdigest(), date=date, signed_by=signer)

    def packages(self) -> Iterator[ListedPackage]:
        """Yield what the repository lists. Raises MirrorFault."""
        with_modules = self._with_modules() if "filelists" in self._files else None
        for element in self._elements("primary", f"{_COMMON}package"):
            yield _package(element, with_modules)

    def _with_modules(self) -> set[str]:
        """Return the digests of the packages whose file lists have something of Python's."""
        return {
            element.get("pkgid", "")
            for element in self._elements("filelists", f"{_FILELISTS}package")
            if any(is_pythons(one.text or "") for one in element.iter(f"{_FILELISTS}file"))
        }

    def _elements(self, kind: str, tag: str) -> Iterator[Element]:
        """Yield the elements of an index; each is gone when the next is asked for."""
        with self._open(kind) as (name, stream):
            elements = _Elements(tag)
            parser = ET.XMLParser(target=elements)  # noqa: S314 - no document type passes it
            waiting = 0
            try:
                while chunk := stream.read(_CHUNK):
                    parser.feed(chunk)
                    found = elements.take()
                    waiting = 0 if found else waiting + len(chunk)
                    if waiting > _LARGEST_ENTRY:
                        raise MirrorFault(name, f"an entry of it is larger than {_LARGEST_ENTRY} bytes")
                    yield from found
                parser.close()
            except (ET.ParseError, LookupError) as error:  # an encoding that Python doesn't know
                raise MirrorFault(name, f"it can't be read: {said(error)}") from error
            except BROKEN as error:
                raise MirrorFault(name, f"it can't be unpacked: {said(error)}") from error

    @contextmanager
    def _open(self, kind: str) -> Iterator[tuple[str, IO[bytes]]]:
        file = self._files.get(kind)
        if file is None:
            raise MirrorFault(REPOMD, f"it names no index of the type {kind}")
        packed = _SUFFIX.search(file.name)
        with tempfile.TemporaryFile() as stream:
            copy(self._mirror, file, stream)
            with unpack(stream, packed[1] if packed else "", file.size, Path(file.name)) as content:
                yield file.name, content


def _signer(mirror: Mirror, content: bytes, keyring: Path) -> str:
    name = f"{REPOMD}.asc"
    return signer_of(REPOMD, content, read_top(mirror, name, _LARGEST), keyring)


def _file(data: Element) -> MirrorFile:
    """Return the file that a `data` element of repomd.xml names. Raises MirrorFault, ValueError."""
    location, size = data.find(f"{_REPO}location"), data.findtext(f"{_REPO}size", "")
    name = safe_name(location.get("href", "") if location is not None else "")
    return MirrorFile(name=name, size=int(size), digest=_digest(REPOMD, data.find(f"{_REPO}checksum")))


def _digest(index: str, element: Element | None) -> str:
    if element is None or element.get("type") != "sha256" or not element.text:
        raise MirrorFault(index, "an entry has no SHA-256: make the index with `createrepo_c --checksum sha256`")
    return element.text.strip().lower()


def _date(top: Element) -> str:
    stamps = [one.text or "" for one in top.iter(f"{_REPO}timestamp")]
    newest = max((int(one) for one in stamps if size_of(one)), default=0)
    return datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if newest else ""


def _package(element: Element, with_modules: set[str] | None) -> ListedPackage:
    location, size, version = (element.find(f"{_COMMON}{name}") for name in ("location", "size", "version"))
    name = element.findtext(f"{_COMMON}name", "")
    number = size_of(size.get("package", "")) if size is not None else None
    if location is None or number is None or version is None or not name:
        raise MirrorFault("primary", f"the entry of {name!a} has no location, size or version")
    digest = _digest("primary", element.find(f"{_COMMON}checksum"))
    related = (entry.get("name", "") for entry in element.iter(f"{_RPM}entry"))
    return ListedPackage(
        name=name,
        version=_version(version),
        architecture=element.findtext(f"{_COMMON}arch", ""),
        kind=Kind.RPM,
        file=MirrorFile(name=safe_name(location.get("href", "")), size=number, digest=digest),
        matters=with_modules is None or digest in with_modules or any(map(is_related, related)),
    )


def _version(element: Element) -> str:
    """Return EPOCH:VERSION-RELEASE, without an epoch of 0."""
    epoch = element.get("epoch", "0")
    return f"{'' if epoch == '0' else epoch + ':'}{element.get('ver', '')}-{element.get('rel', '')}"
