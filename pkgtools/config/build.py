# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""From a document to packages: defaults are filled in, files are read, each problem is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.ignore import Ignore
from pkgtools.model.manifest import (
    BadSource,
    DeclaredDirectory,
    DeclaredPackage,
    Family,
    Hook,
    Snippet,
    Strategy,
    Variant,
    When,
)
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.policy.version_range import parse_version_range

from .problems import dotted, problem
from .shell_lines import complete_line, find_faults
from .tables import Layers, Table
from .text_files import ProjectFiles, UnreadableText
from .values import plain_directory, wrong_versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .problems import KeyPath, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A package as its manifest has it, not yet judged as a whole."""

    package: DeclaredPackage
    """The package with defaults filled in; values that turn out wrong are still in it."""
    at: KeyPath
    """The path of its table."""
    written: Mapping[str, KeyPath]
    """Where each of its settings is written; those left to their defaults are missing."""


def draft_package(key: str, top: Table, files: ProjectFiles, problems: list[Problem]) -> Draft:
    """Make a package of a document's table. What is wrong with its snippets is added to the problems."""
    table = top.table("packages").table(key)
    layers = Layers(table, top)
    python = layers.get(Table.text, "python")
    versions = _plain_range(python)
    package = DeclaredPackage(
        key=key,
        variants={family: _variant(family, key, table, top) for family in Family},
        public=table.flag("public") is not False,
        private=tuple(_private(one, versions) for one in table.tables("private")),
        levels=layers.get(Table.numbers, "levels"),
        invalidation=layers.choice(InvalidationMode, "invalidation-mode"),
        bad_source=layers.choice(BadSource, "bad-source"),
        exclude=layers.get(Table.texts, "exclude"),
        python=versions if parse_version_range(versions).exact else "",
        versions=versions,
        cache_prefix=plain_directory(layers.get(Table.text, "cache-prefix")),
        runtime_directory=plain_directory(layers.get(Table.text, "runtime-directory", f"/usr/lib/{key}")),
        snippets=tuple(_snippet(one, files, problems) for one in table.tables("snippets")),
        ignores=tuple(_ignore(one) for one in table.tables("ignores")),
    )
    return Draft(package=package, at=table.at, written=layers.written)


def _variant(family: Family, key: str, table: Table, top: Table) -> Variant:
    own = table.table(family.value)
    layers = Layers(own, table, top)
    return Variant(
        name=own.text("name") or key,
        strategy=layers.choice(Strategy, "strategy"),
        depends=layers.get(Table.flag, "depends"),
        is_chosen=any(one.choice("strategy", Strategy) is not None for one in (own, table, top)),
    )


def _private(table: Table, default_versions: str) -> DeclaredDirectory:
    versions, interpreter = table.text("python"), table.text("interpreter")
    return DeclaredDirectory(
        directory=plain_directory(table.text("directory") or ""),
        versions=default_versions if versions is None else _plain_range(versions),
        exclude=table.texts("exclude") or (),
        plugins=table.flag("plugins") or False,
        interpreter=InstalledPath(interpreter) if interpreter else None,
    )


def _ignore(table: Table) -> Ignore:
    return Ignore(
        rule=table.text("rule") or "",
        paths=table.texts("paths") or (),
        reason=table.text("reason") or "",
        origin=dotted(table.at),
    )


def _plain_range(text: str) -> str:
    """Return a range of versions, empty if it is any or a wrong one."""
    return "" if text == "-" or wrong_versions(text) else text


def _snippet(table: Table, files: ProjectFiles, problems: list[Problem]) -> Snippet:
    families = table.texts("families")
    chosen = frozenset(Family if families is None else (one for one in Family if one.value in families))
    text = _snippet_text(table, files, problems)
    if text is not None:
        at = (*table.at, "text" if table.text("text") is not None else "file")
        problems.extend(problem(at, fault) for fault in find_faults(text, for_rpm=Family.RPM in chosen))
    return Snippet(
        hook=table.choice("hook", Hook) or Hook.POST_INSTALL,
        when=table.choice("when", When) or When.AFTER,
        families=chosen,
        text=complete_line(text or ""),
        origin=dotted(table.at),
    )


def _snippet_text(table: Table, files: ProjectFiles, problems: list[Problem]) -> str | None:
    given = set(table) & {"text", "file"}
    if len(given) != 1:
        wrong = "the lines are missing: write `text` or `file`" if not given else "write `text` or `file`, not both"
        problems.append(problem(table.at, wrong))
        return None
    name = table.text("file")
    if not name:
        return table.text("text")
    if name.startswith("/"):
        problems.append(problem((*table.at, "file"), f"write a path relative to {files.directory}"))
        return None
    try:
        return files.read(files.directory / name)
    except UnreadableText as error:
        problems.append(problem((*table.at, "file"), f"{files.directory / name}: {error}"))
        return None
