# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""One binary package, from its tree as the build left it to all that debhelper is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .depends import Demand, interpreter_notes, interpreter_relations
from .files import Files, read_optional
from .operations import describe, perform
from .records import Field, Note, Relations
from .scan import put_in_order
from .settings import TreeSettings
from .snippets import plan_snippets
from .tree import VirtualTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .control import Binary
    from .main import Build
    from .records import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of a package."""

    notes: tuple[Note, ...]
    actions: tuple[str, ...]
    """What was done, or would be, in a few words each."""


def process(build: Build, binary: Binary) -> Processed:
    """Put a package in order; with no_act only say how. Raises PkgtoolsError, OSError."""
    files = Files(top=build.top, package=binary.name)
    settings = _settings(build, binary)
    tree = VirtualTree.read(files.tree)
    if not settings.private:
        _install_and_remove(tree, build.top, settings)
    found = put_in_order(tree, settings)
    demand = Demand(
        package=binary.name,
        found=found,
        versions=build.versions,
        pythons=build.pythons,
        build_depends=build.control.build_depends,
    )
    upstream = _upstream(build, binary, tree, found)
    snippets = plan_snippets(build, binary, demand)
    wanted = dict(upstream.by_field)
    own = sorted({*interpreter_relations(demand), *snippets.relations})
    wanted[Field.DEPENDS] = tuple(dict.fromkeys([*own, *wanted.get(Field.DEPENDS, ())]))
    variables = tuple(_variables(binary, wanted, compat=build.options.compat))
    if not build.options.no_act:
        perform(tree.operations, files.tree, build.top)
        files.add_substvars(variables)
        snippets.install(files)
        _install_rules(files)
        if build.options.write_log:
            files.log()
    return Processed(
        notes=(
            *found.notes,
            *interpreter_notes(demand),
            *upstream.notes,
            *_homeless(binary, variables),
            *_faults_in_rules(files),
        ),
        actions=(
            *(describe(operation) for operation in tree.operations),
            *(f"{name} += {relation}" for name, values in variables for relation in values),
            *snippets.actions,
        ),
    )


def _settings(build: Build, binary: Binary) -> TreeSettings:
    options = build.options
    return TreeSettings(
        package=binary.name,
        pythons=build.pythons,
        versions=build.versions,
        private=tuple(path.lstrip("/") for path in options.private),
        skip_private=options.skip_private,
        shebang=options.shebang,
        rewrite_shebangs=options.rewrite_shebangs,
        ignore_shebangs=options.ignore_shebangs,
        rename_extensions=options.rename_extensions,
        clean_dbg=options.clean_dbg,
        multiarch=build.environment.get("DEB_HOST_MULTIARCH") or build.architecture().multiarch,
        compat=options.compat,
    )


def _install_and_remove(tree: VirtualTree, top: Path, settings: TreeSettings) -> None:
    for ending in ("pyinstall", "pyremove"):
        file = f"debian/{settings.package}.{ending}"
        text = read_optional(top / file)
        if text is None:
            continue
        from .pyinstall import install_entries, read_entries, remove_entries  # noqa: PLC0415 - few packages have one

        entries = read_entries(text, file, names=ending == "pyinstall")
        if ending == "pyinstall":
            install_entries(tree, entries, top, settings)
        else:
            remove_entries(tree, entries, settings)


def _upstream(build: Build, binary: Binary, tree: VirtualTree, found: Found) -> Relations:
    options = build.options
    metadata = found.requires_txt or found.egg_info or found.dist_info
    if not (metadata and options.guess) and not options.requires and not any(options.demands.values()):
        return Relations(by_field={}, notes=())
    from .upstream import translate_upstream  # noqa: PLC0415 - most of the time of a start, and many packages have none

    return translate_upstream(build, binary, tree, found)


def _variables(
    binary: Binary, wanted: Mapping[Field, tuple[str, ...]], *, compat: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the substvars that relations go to: those that debian/control mentions, else debhelper's own."""
    for field in Field:
        relations = wanted.get(field, ())
        if not relations:
            continue
        prefix = "python3"
        if not compat:
            mentioned = [one for one in ("pkgtools", "python3") if _mentions(binary, one, field)]
            prefix = mentioned[0] if mentioned else ("misc" if _mentions(binary, "misc", field) else "pkgtools")
        yield f"{prefix}:{field.value}", relations


def _mentions(binary: Binary, prefix: str, field: Field) -> bool:
    return binary.mentions(f"{prefix}:{field.value}", *binary.paragraph.fields)


def _homeless(binary: Binary, variables: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Note]:
    """Tell of variables that debian/control doesn't mention: their relations go nowhere."""
    for name, relations in variables:
        if not binary.mentions(name, *binary.paragraph.fields):
            text = f"package {binary.name} nowhere mentions ${{{name}}}, which is {', '.join(relations)}: add it"
            yield Note(origin=binary.paragraph.origin, text=text, loss=name.endswith(":Depends"))


def _faults_in_rules(files: Files) -> tuple[Note, ...]:
    """Tell of lines that other packages' builds couldn't read."""
    text = read_optional(files.top / f"debian/{files.package}.pydist")
    if text is None:
        return ()
    from .pydist import parse_rules  # noqa: PLC0415 - few packages have one

    return parse_rules(text, f"debian/{files.package}.pydist")[1]


def _install_rules(files: Files) -> None:
    """Ship what the maintainer says about the package to other packages' builds, and to py3compile."""
    for ending, directory in (("pydist", "dist"), ("bcep", "bcep")):
        text = read_optional(files.top / f"debian/{files.package}.{ending}")
        if text is None:
            continue
        path = f"usr/share/python3/{directory}/{files.package}"
        there = read_optional(files.tree / path) or ""  # what the manifest excludes under strategy native
        if text not in there:
            files.install(path, (there + text).encode("utf-8", "surrogateescape"))
