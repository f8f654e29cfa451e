# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Debian's control files (deb822(5)): that of a binary package, and debian/control of a source package."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import said

from .control_paragraphs import LARGEST, BrokenControlFile, ControlParagraph, read_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFields:
    """What a paragraph of a control file says of a binary package."""

    name: str
    """The value of the field Package."""
    version: str
    """Empty in debian/control."""
    recommendations: tuple[str, ...] = ()
    """Of Recommends and Suggests, written likewise."""
    architecture: str = ""
    """The value of the field Architecture; not read from debian/control, then empty."""
    origin: str = ""
    """The distribution that the package says to be from; nearly none does."""
    dependencies: tuple[str, ...]
    """Of Pre-Depends and Depends, each with its alternatives."""


def parse_control(content: bytes, path: Path) -> PackageFields:
    """Read the control file of a binary package, which is one paragraph. Raises UnreadablePackage."""
    paragraphs = _paragraphs(content, path, most=2)
    if not paragraphs or not paragraphs[0].get("package"):
        raise UnreadablePackage(path, "its control file has no field Package")
    if len(paragraphs) > 1:
        raise UnreadablePackage(path, "its control file has more than one paragraph")
    return _control(paragraphs[0])


def read_source_control(path: Path) -> tuple[PackageFields, ...]:
    """Read debian/control and return its binary packages. Raises UnreadablePackage.

    X-Python3-Version of the source package counts as a dependency (Debian Python Policy 4.1).
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise UnreadablePackage(path, said(error)) from error
    source, *others = _paragraphs(content, path) or [ControlParagraph()]
    binaries = [_control(one) for one in others if one.get("package")]
    if not binaries:
        raise UnreadablePackage(path, "there is no paragraph with a field Package after the first one")
    supported = tuple(f"python3 ({one})" for one in _listed(source, "x-python3-version"))
    return tuple(
        PackageFields(name=one.name, version="", dependencies=(*one.dependencies, *supported)) for one in binaries
    )


def _paragraphs(content: bytes, path: Path, most: int | None = None) -> list[ControlParagraph]:
    """Return the paragraphs, the first ones only if `most` says how many. Raises UnreadablePackage."""
    try:
        return list(islice(read_paragraphs(content), most))
    except BrokenControlFile as error:
        raise UnreadablePackage(path, f"its control file is broken at line {error.line}: {error}") from error


def _control(paragraph: ControlParagraph) -> PackageFields:
    return PackageFields(
        name=paragraph.get("package"),
        version=paragraph.get("version"),
        architecture=paragraph.get("architecture"),
        origin=paragraph.get("origin"),
        dependencies=tuple(_listed(paragraph, "pre-depends", "depends")),
        recommendations=tuple(_listed(paragraph, "recommends", "suggests")),
    )


def _listed(paragraph: ControlParagraph, *names: str) -> Iterator[str]:
    """Yield what commas separate."""
    return (one.strip() for name in names for one in paragraph.get(name).split(",") if one.strip())
