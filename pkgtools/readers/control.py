# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Debian's control files (deb822(5)): that of a binary package, and debian/control of a source package."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import said

from .errors import UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LARGEST = 1 << 20
_FIELDS = (
    *("package", "version", "architecture", "origin", "pre-depends", "depends", "recommends", "suggests"),
    "x-python3-version",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a paragraph of a control file says of a binary package."""

    name: str
    version: str
    """Empty in debian/control."""
    recommendations: tuple[str, ...] = ()
    """Of Recommends and Suggests, written likewise."""
    architecture: str = ""
    origin: str = ""
    """The distribution that the package says to be from; nearly none does."""
    dependencies: tuple[str, ...]
    """Of Pre-Depends and Depends, each with its alternatives."""


def parse_control(content: bytes, path: Path) -> Control:
    """Read the control file of a binary package, which is one paragraph. Raises UnreadablePackage."""
    paragraphs = _paragraphs(content, path)
    paragraph = next(paragraphs, {})
    if not paragraph.get("package"):
        raise UnreadablePackage(path, "its control file has no field Package")
    if next(paragraphs, None) is not None:
        raise UnreadablePackage(path, "its control file has more than one paragraph")
    return _control(paragraph)


def read_source_control(path: Path) -> tuple[Control, ...]:
    """Read debian/control and return its binary packages. Raises UnreadablePackage.

    X-Python3-Version of the source package counts as a dependency (Debian Python Policy 4.1).
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST)
    except OSError as error:
        raise UnreadablePackage(path, said(error)) from error
    paragraphs = _paragraphs(content, path)
    source = next(paragraphs, {})
    binaries = [_control(one) for one in paragraphs if one.get("package")]
    if not binaries:
        raise UnreadablePackage(path, "there is no paragraph with a field Package after the first one")
    supported = tuple(
        f"python3 ({one.strip()})" for one in source.get("x-python3-version", "").split(",") if one.strip()
    )
    return tuple(Control(name=one.name, version="", dependencies=(*one.dependencies, *supported)) for one in binaries)


def _paragraphs(content: bytes, path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the fields of each paragraph by their names in lower case (Policy 5.1)."""
    fields: dict[str, list[str]] = {}
    latest: list[str] = []
    for number, line in enumerate(_lines(content, path), 1):
        if not line or line.isspace():
            if fields:
                yield _joined(fields)
            fields = {}
        elif line[0] in " \t" and fields:
            latest.append(line)
        elif not line.startswith("#"):
            name, colon, value = line.partition(":")
            name = name.rstrip().lower()
            if not colon or not name or name in fields or name[0] in " \t-":
                raise UnreadablePackage(path, f"its control file is broken at line {number}")
            fields[name] = latest = [value]
    if fields:
        yield _joined(fields)


def _lines(content: bytes, path: Path) -> Iterator[str]:
    """Yield the lines without their ends; a line feed alone ends one."""
    try:
        yield from (line.rstrip("\r\n") for line in TextIOWrapper(BytesIO(content), "utf-8", newline="\n"))
    except UnicodeDecodeError as error:
        raise UnreadablePackage(path, f"its control file is broken: {error}") from error


def _joined(fields: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: "\n".join(fields[name]).strip() for name in _FIELDS if name in fields}


def _control(paragraph: Mapping[str, str]) -> Control:
    return Control(
        name=paragraph["package"],
        version=paragraph.get("version", ""),
        architecture=paragraph.get("architecture", ""),
        origin=paragraph.get("origin", ""),
        dependencies=tuple(_relations(paragraph, "pre-depends", "depends")),
        recommendations=tuple(_relations(paragraph, "recommends", "suggests")),
    )


def _relations(paragraph: Mapping[str, str], *names: str) -> Iterator[str]:
    relations = (" ".join(one.split()) for name in names for one in paragraph.get(name, "").split(","))
    return (one for one in relations if one)
