# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""One binary package, from its tree as the build left it to all that debhelper is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.config.problems import dotted
from pkgtools.debhelper.requirements.depends import Demand, interpreter_notes, interpreter_relations
from pkgtools.debhelper.scripts.snippets import plan_snippets
from pkgtools.debhelper.tree.operations import describe, perform
from pkgtools.debhelper.tree.scan import put_in_order
from pkgtools.debhelper.tree.virtual_tree import VirtualTree
from pkgtools.runtime.errors import UsageError
from pkgtools.survey.applications import Standing

from .debhelper_files import Files, read_optional
from .records import Field, Note, Origin, Relations
from .services import started_by_others
from .source_control import CONTROL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.survey.applications import Judged

    from .records import TreeContents
    from .source_control import Binary
    from .source_package import Build, TreeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of a package."""

    notes: tuple[Note, ...]
    """What the maintainer should know: files that differ, requirements that were lost, faults in PyDist rules."""
    actions: tuple[str, ...]
    """What was done, or would be, in a few words each."""


def process(build: Build, binary: Binary) -> Processed:
    """Put a package in order; with no_act only say how. Raises PkgtoolsError, OSError."""
    files = Files(top=build.top, package=binary.name)
    settings = build.tree_settings(binary)
    tree = VirtualTree.read(files.tree)
    if not settings.private:
        _install_and_remove(tree, build.top, settings)
    found = put_in_order(tree, settings)
    if stopping := [f"{note.origin}: {note.text}" for note in found.notes if note.stops]:
        raise UsageError("\n".join(stopping))
    declared = build.declared(binary.name)
    demand = Demand(
        package=binary.name,
        own=frozenset(one.directory for one in declared.private if one.interpreter) if declared else frozenset(),
        found=found,
        versions=build.versions,
        pythons=build.pythons,
        build_depends=build.control.build_depends,
        started="" if build.options.compat else _started(build, binary, tree),
    )
    upstream = _upstream(build, binary, tree, found)
    snippets = plan_snippets(build, binary, demand)
    wanted = dict(upstream.by_field)
    own = sorted({*interpreter_relations(demand), *snippets.relations})
    wanted[Field.DEPENDS] = tuple(dict.fromkeys([*own, *wanted.get(Field.DEPENDS, ())]))
    said: tuple[str, ...] = ()
    variables = tuple(_variables(binary, wanted, compat=build.options.compat))
    if not build.options.no_act:
        perform(tree.operations, files.tree, build.top)
        files.add_substvars(variables)
        said = snippets.install(files)
        _install_rules(files)
        if build.options.write_log:
            files.log(build.options.name)
    return Processed(
        notes=(
            *found.notes,
            *interpreter_notes(demand),
            *upstream.notes,
            *_homeless(binary, variables),
            *_faults_in_rules(files),
            *(() if build.options.compat or settings.private else _without_modules(declared, tree)),
            *(
                Note(origin=Origin(file=f"debian/{binary.name}", line=0), text=text)
                for text in (*snippets.notes, *said)
            ),
        ),
        actions=(
            *(_verdict(one, binary.name) for one in found.judged),
            *(describe(operation) for operation in tree.operations),
            *(f"{name} += {relation}" for name, values in variables for relation in values),
            *snippets.actions,
        ),
    )


def _started(build: Build, binary: Binary, tree: VirtualTree) -> str:
    return started_by_others(tree, build.top, binary.name, is_first=binary == build.control.binaries[0])


def _verdict(judged: Judged, package: str) -> str:
    """Say what a directory of modules is, and which lines of the manifest have it compiled all the same."""
    if judged.standing is Standing.OWN:
        return f"{judged.directory}: private modules, {judged.why}"
    lines = f"[[packages.{package}.private]] directory = {json.dumps(judged.directory)}"
    return f"{judged.directory}: no private modules, {judged.why}; to have it compiled, declare it: {lines}"


def _install_and_remove(tree: VirtualTree, top: Path, settings: TreeSettings) -> None:
    for ending in ("pyinstall", "pyremove"):
        file = f"debian/{settings.package}.{ending}"
        text = read_optional(top / file)
        if text is None:
            continue
        from pkgtools.debhelper.tree.pyinstall import install_entries, read_entries, remove_entries  # noqa: PLC0415 - few packages have one

        entries = read_entries(text, file, names=ending == "pyinstall")
        if ending == "pyinstall":
            install_entries(tree, entries, top, settings)
        else:
            remove_entries(tree, entries, settings)


def _upstream(build: Build, binary: Binary, tree: VirtualTree, found: TreeContents) -> Relations:
    options = build.options
    metadata = found.requires_txt or found.egg_info or found.dist_info
    if not (metadata and options.guess) and not options.requires and not any(options.demands.values()):
        return Relations(by_field={}, notes=())
    from pkgtools.debhelper.requirements.upstream import translate_upstream  # noqa: PLC0415 - most of the time of a start, and many packages have none

    return translate_upstream(build, binary, tree, found)


def _variables(
    binary: Binary, wanted: Mapping[Field, tuple[str, ...]], *, compat: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the substvars that relations go to: the one that debian/control mentions, ours or dh_python3's; else ours.

    Never debhelper's own, which packages mention that ask nothing of Python.
    """
    for field in Field:
        relations = wanted.get(field, ())
        if not relations:
            continue
        prefix = "python3"
        if not compat:
            mentioned = [one for one in ("pkgtools", "python3") if _mentions(binary, one, field)]
            prefix = mentioned[0] if mentioned else "pkgtools"
        yield f"{prefix}:{field.value}", relations


def _mentions(binary: Binary, prefix: str, field: Field) -> bool:
    return binary.mentions(f"{prefix}:{field.value}", *binary.fields)


def _homeless(binary: Binary, variables: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Note]:
    """Report variables that debian/control doesn't mention: their relations go nowhere."""
    for name, relations in variables:
        if not binary.mentions(name, *binary.fields):
            text = f"package {binary.name} nowhere mentions ${{{name}}}, which is {', '.join(relations)}: add it"
            origin = Origin(file=CONTROL, line=binary.line)
            yield Note(origin=origin, text=text, loss=name.endswith(":Depends"))


def _without_modules(declared: DeclaredPackage | None, tree: VirtualTree) -> Iterator[Note]:
    """Report declared directories that have no modules: a path may be misspelt."""
    if declared is None:
        return
    for index, one in enumerate(declared.private):
        names = (name for directory in tree.walk(one.directory[1:]) for name in tree.names(directory))
        if not one.plugins and not any(name.endswith((".py", ".pyc")) for name in names):
            key = dotted(("packages", declared.key, "private", index, "directory"))
            text = f"{key}: {one.directory} has no modules in the package; if they come from others, set plugins = true"
            yield Note(origin=Origin(file="debian/pkgtools.toml", line=0), text=text)


def _faults_in_rules(files: Files) -> tuple[Note, ...]:
    """Report lines that other packages' builds couldn't read."""
    text = read_optional(files.top / f"debian/{files.package}.pydist")
    if text is None:
        return ()
    from pkgtools.debhelper.requirements.pydist import parse_rules  # noqa: PLC0415 - few packages have one

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
