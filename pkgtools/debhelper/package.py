# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""One binary package, from its tree as the build left it to all that debhelper is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .depends import Demand, interpreter_notes, interpreter_relations
from .files import Files, read_optional
from .markers import machines
from .metadata import option_requirements, read_metadata, read_requires, rewritten
from .names import SystemNames, system_places
from .operations import describe, perform
from .pydist import parse_rules
from .pyinstall import install_entries, read_entries, remove_entries
from .records import Field, Note, Origin, Relations
from .relations import dialect_of
from .requirements import Context, collect, translate_each
from .scan import put_in_order
from .settings import TreeSettings
from .snippets import plan_snippets
from .tree import VirtualTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .control import Binary
    from .main import Build
    from .records import Found
    from .requirements import Requirement

_FIELDS = {"depends": Field.DEPENDS, "recommends": Field.RECOMMENDS, "suggests": Field.SUGGESTS}


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
        notes=(*found.notes, *interpreter_notes(demand), *upstream.notes, *_homeless(binary, variables)),
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
        entries = read_entries(text, file, names=ending == "pyinstall")
        if ending == "pyinstall":
            install_entries(tree, entries, top, settings)
        else:
            remove_entries(tree, entries, settings)


def _upstream(build: Build, binary: Binary, tree: VirtualTree, found: Found) -> Relations:
    """Translate upstream's requirements and the maintainer's; requires.txt loses those that became relations."""
    context = Context(
        names=SystemNames(system_places(build.top, Path("/"), build.environment.get("DH_PYTHON_DIST", ""))),
        build_depends=build.control.build_depends,
        accept_upstream_versions=build.options.accept_upstream_versions,
        sections={field: build.options.sections[kind] for kind, field in _FIELDS.items()},
        default=build.pythons.default,
        machines=machines(build.architecture().name, independent=binary.is_independent),
        dialect=dialect_of(build.pythons.default),
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


def _variables(
    binary: Binary, wanted: Mapping[Field, tuple[str, ...]], *, compat: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the substvars that relations go to: those that debian/control mentions, else debhelper's own."""
    for field in Field:
        relations = wanted.get(field, ())
        if not relations and field is not Field.DEPENDS:
            continue
        prefix = "python3"
        if not compat:
            mentioned = [one for one in ("pkgtools", "python3") if _mentions(binary, one, field)]
            prefix = mentioned[0] if mentioned else ("misc" if _mentions(binary, "misc", field) else "pkgtools")
        if relations:
            yield f"{prefix}:{field.value}", relations


def _mentions(binary: Binary, prefix: str, field: Field) -> bool:
    return binary.mentions(f"{prefix}:{field.value}", *binary.paragraph.fields)


def _homeless(binary: Binary, variables: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Note]:
    """Tell of variables that debian/control doesn't mention: their relations go nowhere."""
    for name, relations in variables:
        if not binary.mentions(name, *binary.paragraph.fields):
            text = f"package {binary.name} nowhere mentions ${{{name}}}, which is {', '.join(relations)}: add it"
            yield Note(origin=binary.paragraph.origin, text=text, loss=name.endswith(":Depends"))


def _install_rules(files: Files) -> None:
    """Ship what the maintainer says about the package to other packages' builds, and to py3compile."""
    for ending, directory in (("pydist", "dist"), ("bcep", "bcep")):
        file = f"debian/{files.package}.{ending}"
        text = read_optional(files.top / file)
        if text is None:
            continue
        if ending == "pydist":
            parse_rules(text, file)
        files.install(f"/usr/share/python3/{directory}/{files.package}", text.encode("utf-8", "surrogateescape"))
