# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Upstream's requirements, and the maintainer's, as relations of one binary package.

They are read from METADATA, PKG-INFO and requires.txt, each with its line (core metadata, PEP 314).
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.debhelper.debhelper_files import read_optional
from pkgtools.debhelper.records import Field, Note, Origin, Relations
from pkgtools.debhelper.supported_pythons import parse_minor
from pkgtools.runtime.pythons import CPYTHON_NAME, SHARED_NAME

from .markers import machines
from .names import SystemNames, system_places
from .requirements import Context, Requirement, collect, translate_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.debhelper.records import TreeContents
    from pkgtools.debhelper.source_control import Binary
    from pkgtools.debhelper.source_package import Build
    from pkgtools.debhelper.supported_pythons import Minor
    from pkgtools.debhelper.tree.virtual_tree import VirtualTree

    from .requirements import Translation

_PUBLIC = re.compile(rf".*?/usr/lib/({CPYTHON_NAME}|{SHARED_NAME})(?:/|$)", re.DOTALL)
_OWNER = re.compile(r"(?:^|/)([^/-]+)(?:-[^/]*)?\.egg-info(?:/|$)")
_HEADER = re.compile(r"([!-9;-~]+)[ \t]*:[ \t]*(.*)", re.DOTALL)
_SECTION = re.compile(r"\[\s*(?P<extra>[A-Za-z0-9._-]*)\s*(?::(?P<marker>.+))?\]", re.ASCII | re.DOTALL)
_REQUIREMENTS = frozenset({"requires", "requires-dist"})


@functools.cache
def _names(top: Path, fallback: str) -> SystemNames:
    """Return who knows the names; all packages of a build share it, for the search in dpkg's lists takes its time."""
    return SystemNames(system_places(top, Path("/"), fallback))


def translate_upstream(build: Build, binary: Binary, tree: VirtualTree, found: TreeContents) -> Relations:
    """Translate upstream's requirements and the maintainer's; requires.txt loses those that became relations."""
    context = Context(
        names=_names(build.top, build.environment.get("DH_PYTHON_DIST", "")),
        build_depends=build.control.build_depends,
        options=build.options,
        default=build.pythons.default,
        supported=build.pythons.supported,
        machines=machines(build.architecture().name, independent=binary.is_independent),
        dialect=build.pythons.dialect,
    )
    requirements: list[Requirement] = []
    notes: list[Note] = []
    texts = {}
    if build.options.guess:
        for path in (*found.requires_txt, *found.egg_info, *found.dist_info):
            text = tree.read_bytes(path).decode("utf-8", "surrogateescape")
            reader = read_requires if path in found.requires_txt else read_metadata
            read, said = reader(text, f"debian/{binary.name}/{path}")
            texts[path] = text
            requirements += read
            notes += said
    for field, asked in build.options.demands.items():
        requirements += option_requirements(field, asked)
    for file in build.options.requires:
        read, said = _required(build, binary, tree, file)
        requirements += read
        notes += said
    translations = translate_each(requirements, context)
    for path in found.requires_txt:
        new = rewritten(texts[path], f"debian/{binary.name}/{path}", translations) if path in texts else None
        if new is not None:
            tree.write(path, new.encode("utf-8", "surrogateescape"))
    relations = collect(translations, context)
    return Relations(by_field=relations.by_field, notes=(*notes, *relations.notes))


def _required(
    build: Build, binary: Binary, tree: VirtualTree, file: str
) -> tuple[tuple[Requirement, ...], tuple[Note, ...]]:
    """Read a file that --requires names: of the package, else of the source."""
    path = file.lstrip("/")
    if tree.is_file(path):
        return read_requires(tree.read_bytes(path).decode("utf-8", "surrogateescape"), f"debian/{binary.name}/{path}")
    text = read_optional(build.top / file)
    if text is None:
        note = Note(origin=Origin(file=file, line=0), text="--requires: neither package nor source has it", loss=True)
        return (), (note,)
    return read_requires(text, file)


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
            message = f"{line[:80]!r} isn't a header, and nothing below it is read as one (RFC 822)"
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
                notes.append(
                    Note(origin=origin, text=f"{line[:80]!r} isn't a section: what is in it is lost", loss=True)
                )
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
