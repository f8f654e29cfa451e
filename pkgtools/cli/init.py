# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools init`: a manifest to start from, with every key explained and what could be found filled in."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.check.declared import as_declared
from pkgtools.config.problems import dotted
from pkgtools.config.schema import manifest_schema, resolve
from pkgtools.config.values import DEB_NAME, PACKAGE_NAME
from pkgtools.model.manifest import Strategy
from pkgtools.render.templates import Templates
from pkgtools.report.wording import counted, visible
from pkgtools.runtime.errors import UsageError
from pkgtools.survey.project import read_surveys

from . import completing
from .running import ends_with_status
from .usage import local_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pkgtools.config.schema import Schema
    from pkgtools.runtime.facts import InstalledPath
    from pkgtools.survey.module_survey import Survey

_PROJECT = "pyproject.toml"
_TEMPLATE = "manifest/pkgtools.toml.j2"
_WIDTH = 100
_PRIVATE_KEYS = ("python", "interpreter", "exclude", "plugins")
_ADVICE = (
    "Whether the systems that packages go to have pkgtools-runtime can't be seen from here. With the default strategy,"
    " trigger, they must: the packages depend on it. A package for systems that have nothing of ours takes standalone,"
    " one for a distribution's own archive takes native."
)
_EPILOG = """\b
Examples:
  pkgtools init
      the project here, to standard output
  pkgtools init -o debian/pkgtools.toml
      the same, into a file
  pkgtools init acme_1.0_all.deb
      what a package of today ships
  pkgtools init pyproject.toml >>pyproject.toml

Exit status: 0 done, 2 it could not be done.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyText:
    """A key of the manifest, explained."""

    name: str
    """The key as it is written in its table."""
    lines: tuple[str, ...]
    """Title and description from the schema, wrapped for comments."""
    value: object
    """Its default, or an example where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageText:
    """A package as the manifest shall have it."""

    name: str
    """Its key."""
    table: str
    """The name of its table in TOML."""
    deb_name: str
    """Empty unless the key isn't a name for a deb."""
    notes: tuple[str, ...]
    """What was found and what is left to decide, a line each, for comments."""
    settings: tuple[tuple[str, object], ...]
    """Keys that differ from their defaults, each with its value for TOML; not `public`."""
    public: bool
    """Whether it ships public modules."""
    private: tuple[tuple[str, str], ...]
    """Its private directories, as installed, each with the range of its versions where that is its own."""
    interpreters: Mapping[str, str]
    """The interpreters of its own, by the private directories that they run."""


@click.command(epilog=_EPILOG)
@click.argument("path", default=".", metavar="[PATH]", shell_complete=completing.paths)
@click.option("-o", "--output", metavar="FILE", help="Write FILE instead of standard output.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be written and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON; no manifest.")
@ends_with_status
def init(path: str, output: str | None, *, force: bool, dry_run: bool, as_json: bool) -> None:
    """Print a manifest to start from, with every key explained.

    PATH is a project, a staged tree, a pyproject.toml, or a package; what its names say is filled in.
    """
    if force and output is None:
        raise UsageError("--force goes with --output: without it nothing is overwritten")
    found = read_surveys(local_path(path), as_declared)
    if as_json:
        click.echo(json.dumps({"version": 1, "packages": [_as_dict(one) for one in found]}, indent=1))
        return
    text = manifest_text(found, Path(path), in_project=_PROJECT in {Path(path).name, Path(output or "").name})
    if output is None:
        sys.stdout.buffer.write(text.encode())
    else:
        _write(Path(output), text, force=force, dry_run=dry_run)


def manifest_text(found: tuple[Survey, ...], path: Path, *, in_project: bool) -> str:
    """Write a manifest for packages; as a section of pyproject.toml (`in_project`), or a file of its own."""
    schema = manifest_schema()
    package = schema["$defs"]["package"]
    keys = [key for key in schema["properties"] if key != "packages"]
    return Templates().render(
        _TEMPLATE,
        heading=_heading(path),
        section="tool.pkgtools" if in_project else "",
        defaults=[_key_text(key, schema) for key in keys],
        packages=_package_texts(found, "tool.pkgtools." if in_project else ""),
        public_key=_key_text("public", package),
        private_keys=[_key_text(key, schema["$defs"]["private"]) for key in _PRIVATE_KEYS],
        snippets=_lines(package["properties"]["snippets"]["description"]),
        snippet_keys=[_key_text(key, schema["$defs"]["snippet"]) for key in ("hook", "when", "families", "text")],
        ignores=_lines(package["properties"]["ignores"]["description"]),
        ignore_keys=[_key_text(key, schema["$defs"]["ignore"]) for key in ("rule", "paths", "reason")],
        families=_lines(
            "For one family of packages (deb, rpm, alpm, apk): name, strategy and depends, where they differ."
        ),
    )


def _heading(path: Path) -> list[str]:
    name = path.absolute().name or "/"
    return [
        *_lines(f"pkgtools generate makes maintainer scripts from this file. pkgtools init wrote it for {name}."),
        "",
        *_lines(_ADVICE),
    ]


def _key_text(key: str, table: Schema) -> KeyText:
    schema = resolve(table["properties"][key], manifest_schema())
    lines = _lines(f"{schema['title']}. {schema['description']}")
    return KeyText(name=key, lines=tuple(lines), value=schema.get("default", schema["examples"][0]))


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _package_texts(found: tuple[Survey, ...], prefix: str) -> list[PackageText]:
    return [
        PackageText(
            name=key,
            table=prefix + dotted(("packages", key)),
            deb_name="" if DEB_NAME.fullmatch(key) else _deb_name_of(key),
            notes=tuple(_notes(one)),
            settings=tuple(_settings(one)),
            public=one.public,
            private=tuple((path, _own_range(one, path)) for path in one.private),
            interpreters=dict(one.interpreters) if one.strategy is not Strategy.SOURCELESS else {},
        )
        for key, one in {_key_of(one.name): one for one in found}.items()
    ]


def _key_of(name: str) -> str:
    """Return the name, or the nearest one that every family but dpkg's takes."""
    if PACKAGE_NAME.fullmatch(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9._+-]+", "-", name).strip("-._+")
    return plain or "my-package"


def _deb_name_of(key: str) -> str:
    plain = re.sub(r"[^a-z0-9+.-]+", "-", key.lower())
    return plain if DEB_NAME.fullmatch(plain) else f"python3-{plain}"


def _notes(one: Survey) -> list[str]:
    notes = []
    if one.sources or one.sourceless:
        found = (counted(one.sources, "source"), counted(one.cached, "pyc"), counted(one.sourceless, "pyc"))
        notes.append(f"Found: {found[0]}, {found[1]} in __pycache__, {found[2]} without a source.")
    else:
        notes.append("No modules were found; say here where they are.")
    if not one.decided:
        notes.append("It seems to ship bytecode in the place of sources. If so, say for which version of Python:")
        notes.append('strategy = "sourceless"')
        notes.append('python = "3.11"')
    notes += [
        f"Leave {path} out if another program reads it: it doesn't have the package's name." for path in one.doubtful
    ]
    notes += [f"This directory can't be written here; rename it in the package: {path}" for path in one.left_out]
    return notes


def _settings(one: Survey) -> list[tuple[str, object]]:
    settings: list[tuple[str, object]] = []
    if one.decided and one.strategy is not Strategy.TRIGGER:
        settings.append(("strategy", one.strategy.value))
    if one.levels != (0,):
        settings.append(("levels", list(one.levels)))
    if one.python.asked:
        settings.append(("python", one.python.asked))
    return settings


def _own_range(one: Survey, path: InstalledPath) -> str:
    """Return the versions of a private directory; empty where they are the package's."""
    versions = one.ranges.get(path, "")
    return "" if versions == one.python.asked else versions


def _as_dict(one: Survey) -> dict[str, object]:
    return {
        "name": one.name,
        "strategy": one.strategy.value,
        "python": one.python.asked,
        "levels": list(one.levels),
        "public": one.public,
        "private": list(one.private),
        "ranges": dict(one.ranges),
        "left_out": list(one.left_out),
        "sources": one.sources,
        "cached": one.cached,
        "sourceless": one.sourceless,
    }


def _write(path: Path, text: str, *, force: bool, dry_run: bool) -> None:
    if path.name == _PROJECT and path.exists():
        raise UsageError(f"{path} has more in it than a manifest; append what is printed without -o")
    if path.is_dir():
        raise UsageError(f"{path} is a directory: --output names a file")
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; --force overwrites it")
    if dry_run:
        verb = "overwrite" if path.exists() else "write"
        click.echo(f"would {verb} {visible(str(path))}, {text.count(chr(10))} lines")
        return
    path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {visible(str(path))}", err=True)


COMMAND = init
