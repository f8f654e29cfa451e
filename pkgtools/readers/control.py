# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Debian's control files: that of a binary package, and debian/control of a source package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from debian.deb822 import Deb822

from .errors import UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a paragraph of a control file says of a binary package."""

    name: str
    version: str
    """Empty in debian/control."""
    architecture: str = ""
    origin: str = ""
    """The distribution that the package says to be from; nearly none does."""
    dependencies: tuple[str, ...]
    """Of Pre-Depends and Depends, each with its alternatives."""


def parse_control(content: bytes, path: Path) -> Control:
    """Read the control file of a binary package. Raises UnreadablePackage."""
    paragraphs = _paragraphs(content, path)
    if not paragraphs or not paragraphs[0].get("Package"):
        raise UnreadablePackage(path, "its control file has no field Package")
    return _control(paragraphs[0])


def read_source_control(path: Path) -> tuple[Control, ...]:
    """Read debian/control and return its binary packages. Raises UnreadablePackage.

    X-Python3-Version of the source package counts as a dependency (Debian Python Policy 4.1).
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST)
    except OSError as error:
        raise UnreadablePackage(path, error.strerror or str(error)) from error
    source, *others = _paragraphs(content, path) or [{}]
    binaries = [_control(one) for one in others if one.get("Package")]
    if not binaries:
        raise UnreadablePackage(path, "there is no paragraph with a field Package after the first one")
    supported = tuple(
        f"python3 ({one.strip()})" for one in source.get("X-Python3-Version", "").split(",") if one.strip()
    )
    return tuple(Control(name=one.name, version="", dependencies=(*one.dependencies, *supported)) for one in binaries)


def _paragraphs(content: bytes, path: Path) -> list[Mapping[str, str]]:
    try:
        text = content.decode("utf-8")
        return [dict(one) for one in Deb822.iter_paragraphs(text.splitlines(), use_apt_pkg=False)]
    except ValueError as error:
        raise UnreadablePackage(path, f"its control file is broken: {error}") from error


def _control(paragraph: Mapping[str, str]) -> Control:
    fields = (paragraph.get("Pre-Depends", ""), paragraph.get("Depends", ""))
    dependencies = (" ".join(one.split()) for field in fields for one in field.split(","))
    return Control(
        name=paragraph["Package"].strip(),
        version=paragraph.get("Version", "").strip(),
        architecture=paragraph.get("Architecture", "").strip(),
        origin=paragraph.get("Origin", "").strip(),
        dependencies=tuple(one for one in dependencies if one),
    )
