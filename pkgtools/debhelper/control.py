# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""debian/control as far as a helper needs it, each field with its line (deb-src-control(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import UsageError

from .records import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CONTROL = "debian/control"
_FIELD = re.compile(r"([!-9;-~]+):[ \t]*(.*)")
_RELATION = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(?P<limit>(?:<<|<=|=|>=|>>)\s*[^)\s]+)\s*\))?"
    r"\s*(?:\[(?P<architectures>[^\]]*)\])?"
)
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]+")
_BUILD_DEPENDS = ("build-depends", "build-depends-indep", "build-depends-arch")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldText:
    """The value of a field."""

    text: str
    """On one line."""
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph; field names are in lower case."""

    fields: Mapping[str, FieldText]
    origin: Origin

    def get(self, name: str) -> str:
        """Return a field's value; empty where it isn't there."""
        found = self.fields.get(name)
        return found.text if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """A binary package."""

    name: str
    architecture: str
    paragraph: Paragraph

    @property
    def is_independent(self) -> bool:
        """Whether it is the same on all architectures."""
        return self.architecture == "all"

    def mentions(self, substvar: str, *fields: str) -> bool:
        """Whether one of some fields contains `${substvar}`."""
        return any(f"${{{substvar}}}" in self.paragraph.get(field) for field in fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The source package."""

    source: str
    pythons: FieldText | None
    """X-Python3-Version."""
    build_depends: Mapping[str, str]
    """Name of a package -> the limit on its version, as `>= 1.2`, where one holds for all architectures; else empty."""
    binaries: tuple[Binary, ...]


def read_control(path: Path) -> Control:
    """Read debian/control. Raises UsageError with the line that is wrong, EnvironmentFault never; OSError."""
    paragraphs = list(_paragraphs(path.read_text("utf-8", errors="surrogateescape")))
    if not paragraphs or not paragraphs[0].get("source"):
        raise UsageError(f"{CONTROL}:1: the first paragraph needs a field Source (Debian Policy 5.2)")
    if len(paragraphs) < 2:
        raise UsageError(f"{CONTROL}: no paragraph with a field Package: there is nothing to build")
    return Control(
        source=paragraphs[0].get("source"),
        pythons=paragraphs[0].fields.get("x-python3-version"),
        build_depends=dict(_build_depends(paragraphs[0])),
        binaries=tuple(_binary(paragraph) for paragraph in paragraphs[1:]),
    )


def _paragraphs(text: str) -> Iterator[Paragraph]:
    lines: list[tuple[int, str]] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip() and not line.startswith("#"):
            lines.append((number, line))
        elif lines and not line.strip():
            yield _paragraph(lines)
            lines = []


def _paragraph(lines: list[tuple[int, str]]) -> Paragraph:
    fields: dict[str, FieldText] = {}
    name = ""
    for number, line in lines:
        if line[0] in " \t":
            if not name:
                raise UsageError(f"{CONTROL}:{number}: this line continues no field: begin it with NAME:")
            before = fields[name]
            fields[name] = FieldText(text=f"{before.text} {line.strip()}", origin=before.origin)
            continue
        found = _FIELD.fullmatch(line.rstrip())
        if not found:
            raise UsageError(f"{CONTROL}:{number}: {line.strip()!r} is no field: write NAME: VALUE")
        name = found[1].lower()
        if name in fields:
            raise UsageError(f"{CONTROL}:{number}: {found[1]} is here twice, before at {fields[name].origin}")
        fields[name] = FieldText(text=found[2], origin=Origin(file=CONTROL, line=number))
    return Paragraph(fields=fields, origin=Origin(file=CONTROL, line=lines[0][0]))


def _binary(paragraph: Paragraph) -> Binary:
    for name in ("package", "architecture"):
        if not paragraph.get(name):
            raise UsageError(f"{paragraph.origin}: this paragraph has no field {name.capitalize()} (Debian Policy 5.3)")
    field = paragraph.fields["package"]
    if not _PACKAGE.fullmatch(field.text):
        raise UsageError(
            f"{field.origin}: {field.text!r} is no package's name: write a-z, 0-9, +, - and . (Policy 5.6.1)"
        )
    return Binary(name=field.text, architecture=paragraph.get("architecture"), paragraph=paragraph)


def _build_depends(source: Paragraph) -> Iterator[tuple[str, str]]:
    for field in _BUILD_DEPENDS:
        for alternative in re.split(r"[,|]", source.get(field)):
            if found := _RELATION.match(alternative.strip()):
                limit = found["limit"] if found["limit"] and not found["architectures"] else ""
                yield found["name"], re.sub(r"(?<=[<>=])(?=[^<>=\s])", " ", limit)
