# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the text of METADATA, PKG-INFO, requires.txt -> requirements, each with its line (core metadata, PEP 314)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .pythons import parse_minor
from .records import Field, Note, Origin
from .requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .records import Minor
    from .requirements import Translation

_PUBLIC = re.compile(r".*?/usr/lib/python(3(?:\.\d+)?)(?:/|$)", re.DOTALL)
_OWNER = re.compile(r"(?:^|/)([^/-]+)(?:-[^/]*)?\.egg-info(?:/|$)")
_HEADER = re.compile(r"([!-9;-~]+)[ \t]*:[ \t]*(.*)", re.DOTALL)
_SECTION = re.compile(r"\[\s*(?P<extra>[A-Za-z0-9._-]*)\s*(?::(?P<marker>.+))?\]", re.ASCII | re.DOTALL)
_REQUIREMENTS = frozenset({"requires", "requires-dist"})


def python_of(file: str) -> Minor | None:
    """Return the Python version whose directory a file is in, as /usr/lib/python3.11; None: any."""
    found = _PUBLIC.match(f"/{file}")
    return parse_minor(found[1]) if found and "." in found[1] else None


def is_public(file: str) -> bool:
    """Whether a file is in a directory that all Python programs see: its requires.txt is then rewritten."""
    return _PUBLIC.match(f"/{file}") is not None


def read_metadata(text: str, file: str) -> tuple[tuple[Requirement, ...], tuple[Note, ...]]:
    """Read METADATA of dist-info, or PKG-INFO."""
    headers, notes = _headers(text, file)
    owner = next((value for name, value, _ in headers if name == "name"), "")
    python = python_of(file)
    requirements = tuple(
        Requirement(origin=Origin(file=file, line=line), text=value, python=python, owner=owner)
        for name, value, line in headers
        if name in _REQUIREMENTS and value
    )
    return requirements, notes


def _headers(text: str, file: str) -> tuple[list[tuple[str, str, int]], tuple[Note, ...]]:
    """Return the headers before the first empty line: name in lower case, value on one line, line number."""
    headers: list[tuple[str, str, int]] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if not line:
            break
        if line[0] in " \t" and headers:
            name, value, first = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}" if name in _REQUIREMENTS else value, first)
            continue
        found = _HEADER.fullmatch(line)
        if not found:
            message = f"{line[:80]!r} is no header, and nothing below it is read as one (RFC 822)"
            return headers, (Note(origin=Origin(file=file, line=number), text=message, loss=True),)
        headers.append((found[1].lower(), found[2].strip(), number))
    return headers, ()


def read_requires(text: str, file: str) -> tuple[tuple[Requirement, ...], tuple[Note, ...]]:
    """Read requires.txt of egg-info, or a file that --requires names."""
    requirements: list[Requirement] = []
    notes: list[Note] = []
    python = python_of(file)
    found = _OWNER.search(file)
    owner = found[1] if found else ""
    extra: str | None = ""
    marker = ""
    for number, line in _lines(text):
        origin = Origin(file=file, line=number)
        if line.startswith("["):
            section = _SECTION.fullmatch(line)
            extra, marker = (section["extra"], section["marker"] or "") if section else (None, "")
            if not section:
                notes.append(Note(origin=origin, text=f"{line[:80]!r} is no section: what is in it is lost", loss=True))
        elif line.startswith("-"):
            notes.append(Note(origin=origin, text=f"{line[:80]!r} is an option of pip: it is left out", loss=True))
        elif extra is not None:
            requirements.append(
                Requirement(origin=origin, text=line, extra=extra, marker=marker, python=python, owner=owner)
            )
    return tuple(requirements), tuple(notes)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        content = re.sub(r"(?:^|\s)#.*", "", line.strip()).removesuffix("\\").strip()
        if content:
            yield number, content


def rewritten(text: str, file: str, translations: Iterable[Translation]) -> str | None:
    """Return requires.txt without the lines that became relations, in dh_python3's form; None: it stays as it is.

    The distribution's package manager sees to them, so that programs needn't look for them at run time.
    """
    gone = {
        translation.requirement.origin.line
        for translation in translations
        if translation.relations and translation.requirement.origin.file == file
    }
    if not gone or not is_public(file):
        return None
    lines = re.split(r"\r\n|\r|\n", text)
    if not lines[-1]:
        lines.pop()
    return "".join(f"{line.strip()}\n" for number, line in enumerate(lines, 1) if number not in gone)


def option_requirements(field: Field, texts: Iterable[str]) -> tuple[Requirement, ...]:
    """Return the requirements of --depends, --recommends or --suggests."""
    origin = Origin(file=f"--{field.value.lower()}", line=0)
    return tuple(Requirement(origin=origin, text=text, field=field) for text in texts)
