# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Upstream's requirements, and the maintainer's, as relations of one binary package."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from .files import read_optional
from .markers import machines
from .metadata import option_requirements, read_metadata, read_requires, rewritten
from .names import SystemNames, system_places
from .records import Field, Note, Origin, Relations
from .relations import dialect_of
from .requirements import Context, collect, translate_each

if TYPE_CHECKING:
    from .control import Binary
    from .main import Build
    from .records import Found
    from .requirements import Requirement
    from .tree import VirtualTree

_FIELDS = {"depends": Field.DEPENDS, "recommends": Field.RECOMMENDS, "suggests": Field.SUGGESTS}


@functools.cache
def _names(top: Path, fallback: str) -> SystemNames:
    """Return who knows the names; all packages of a build share it, for the search in dpkg's lists takes its time."""
    return SystemNames(system_places(top, Path("/"), fallback))


def translate_upstream(build: Build, binary: Binary, tree: VirtualTree, found: Found) -> Relations:
    """Translate upstream's requirements and the maintainer's; requires.txt loses those that became relations."""
    context = Context(
        names=_names(build.top, build.environment.get("DH_PYTHON_DIST", "")),
        build_depends=build.control.build_depends,
        accept_upstream_versions=build.options.accept_upstream_versions,
        sections={field: build.options.sections[kind] for kind, field in _FIELDS.items()},
        default=build.pythons.default,
        machines=machines(build.architecture().name, independent=binary.is_independent),
        dialect=dialect_of(build.pythons.supported[-1]),
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
    for kind, field in _FIELDS.items():
        requirements += option_requirements(field, build.options.demands[kind])
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
