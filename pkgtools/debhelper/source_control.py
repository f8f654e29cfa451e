# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""debian/control as far as a helper needs it, each field with its line (deb-src-control(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from debian.deb822 import PkgRelation

from pkgtools.readers.deb.control_paragraphs import LARGEST, BrokenControlFile, read_paragraphs
from pkgtools.runtime.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pkgtools.readers.deb.control_paragraphs import ControlField, ControlParagraph

CONTROL = "debian/control"
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]+")
_RELATED = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*")
_BUILD_DEPENDS = ("build-depends", "build-depends-indep", "build-depends-arch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """A binary package."""

    name: str
    """The value of the field Package."""
    architecture: str
    """The value of the field Architecture: `all`, `any`, or names and wildcards with blanks between."""
    fields: Mapping[str, str]
    """Name in lower case -> value on one line."""
    line: int
    """Where its paragraph begins."""

    @property
    def is_independent(self) -> bool:
        """Whether it is the same on all architectures."""
        return self.architecture == "all"

    def mentions(self, substvar: str, *fields: str) -> bool:
        """Whether one of some fields contains `${substvar}`."""
        return any(f"${{{substvar}}}" in self.fields.get(field, "") for field in fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceControl:
    """The source package."""

    source: str
    """The source package's name, the value of the field Source."""
    pythons: ControlField | None
    """X-Python3-Version."""
    build_depends: Mapping[str, str]
    """Name of a package -> the limit on its version, as `>= 1.2`, where one holds for all architectures; else empty."""
    binaries: tuple[Binary, ...]
    """Its binary packages, in the file's order."""


def read_control(path: Path) -> SourceControl:
    """Read debian/control. Raises UsageError with the line that is wrong; OSError."""
    with path.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    try:
        paragraphs = list(read_paragraphs(content, "surrogateescape"))
    except BrokenControlFile as error:
        raise UsageError(f"{CONTROL}:{error.line}: {error}") from error
    if not paragraphs or not paragraphs[0].get("source"):
        raise UsageError(f"{CONTROL}:1: the first paragraph needs a field Source (Debian Policy 5.2)")
    source, *others = paragraphs
    if not others:
        raise UsageError(f"{CONTROL}: no paragraph with a field Package: there is nothing to build")
    return SourceControl(
        source=source.get("source"),
        pythons=source.fields.get("x-python3-version"),
        build_depends=dict(_build_depends(source)),
        binaries=tuple(_binary(paragraph) for paragraph in others),
    )


def _binary(paragraph: ControlParagraph) -> Binary:
    for name in ("package", "architecture"):
        if not paragraph.get(name):
            place = f"{CONTROL}:{paragraph.line}"
            raise UsageError(f"{place}: this paragraph has no field {name.capitalize()} (Debian Policy 5.3)")
    package = paragraph.fields["package"]
    if not _PACKAGE.fullmatch(package.text):
        place = f"{CONTROL}:{package.line}"
        raise UsageError(f"{place}: {package.text!r} isn't a package's name: write a-z, 0-9, +, - and . (Policy 5.6.1)")
    fields = {name: field.text for name, field in paragraph.fields.items()}
    return Binary(name=package.text, architecture=fields["architecture"], fields=fields, line=paragraph.line)


def _build_depends(source: ControlParagraph) -> Iterator[tuple[str, str]]:
    for name in _BUILD_DEPENDS:
        text = source.get(name).strip(", ")
        for relation in (one for group in PkgRelation.parse_relations(text) for one in group) if text else ():
            if not _RELATED.fullmatch(relation["name"]):
                place = f"{CONTROL}:{source.fields[name].line}"
                raise UsageError(f"{place}: {relation['name']!r} isn't a relation to a package (Debian Policy 7.1)")
            limit = relation["version"] if not relation["arch"] else None
            yield relation["name"], " ".join(limit or ())
