# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools inspect`: what a package or system has of modules and bytecode, who compiles and who cleans."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.check.profile import Profile, profile
from pkgtools.model.package import Kind, SourceFacts
from pkgtools.readers.package_kinds import kind_of_package
from pkgtools.report.wording import counted, visible
from pkgtools.runtime.errors import UsageError

from . import completing
from .output import print_rows
from .running import ends_with_status
from .systems import read_any
from .usage import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.profile import Agency, Bytecode, Place
    from pkgtools.model.package import Package, PythonProgram

_EPILOG = """\b
Examples:
  pkgtools inspect acme_1.0_all.deb
  pkgtools inspect --json acme-1.0.rpm | jq .strategy
  pkgtools inspect debian/acme
      a staged tree
  pkgtools inspect --root /srv/image
      an installed system; an image's tar needs no --root

Exit status: 0 done, 2 it could not be read, or not all of it.
"""
_FEW = 10


@click.command("inspect", epilog=_EPILOG)
@click.argument("path", metavar="FILE|TREE|ROOT", shell_complete=completing.paths)
@click.option("--root", "is_root", is_flag=True, help="The directory is an installed system, not a staged tree.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--all", "every", is_flag=True, help="List everything, not the first ten of each kind.")
@ends_with_status
def inspect(path: str, *, is_root: bool, as_json: bool, every: bool) -> int:
    """Show modules, bytecode, who compiles, who cleans, scripts, triggers, modes and interpreters served."""
    if is_root and kind_of_package(Path(path)):
        raise UsageError(f"{path} is a package: --root goes with the directory of a system")
    package = read_any(local_path(path), is_root=is_root or path == "/")
    found = profile(package)
    if as_json:
        click.echo(json.dumps(_as_dict(package, found), indent=1))
    else:
        print_rows(visible(f"{package.label} ({package.kind.value})"), _shown(package, found, every=every))
    for note in package.notes if package.unread else ():
        click.echo(f"note: {visible(note)}", err=True)
    if package.unread:
        click.echo(f"{counted(len(package.unread), 'path')} could not be read: run it as root", err=True)
    return 2 if package.unread else 0


def _as_dict(package: Package, found: Profile) -> dict[str, object]:
    return {
        "version": 2,
        "kind": package.kind.value,
        "name": package.name,
        "package_version": package.version,
        "architecture": package.architecture,
        "files": len(package.files),
        "strategy": found.strategy.value,
        "python": found.python.asked,
        "places": [asdict(one) for one in found.places],
        "bytecode": [asdict(one) for one in found.bytecode],
        "compiles": [_agency(one) for one in found.compiles],
        "cleans": [_agency(one) for one in found.cleans],
        "scripts": [{"name": one.name, "interpreter": list(one.interpreter)} for one in package.scripts],
        "triggers": [{"directive": one.directive, "names": list(one.names)} for one in package.triggers],
        "modes": [asdict(one) for one in found.modes],
        "interpreters": [
            {
                "path": one.path,
                "release": one.release,
                "is_default": one.is_default,
                "is_supported": one.is_supported,
            }
            for one in package.pythons
        ],
    }


def _agency(agency: Agency) -> dict[str, object]:
    return {**asdict(agency), "by": agency.by.value}


def _shown(package: Package, found: Profile, *, every: bool) -> Iterator[tuple[str, str]]:
    for name, lines in (*_rows_of_system(package), *_rows(package, found)):
        if package.kind is Kind.ROOT and not lines:
            continue
        shown = lines if every else lines[:_FEW]
        more = [f"and {len(lines) - len(shown)} more (--all lists them)"] if len(lines) > len(shown) else []
        yield name, "\n".join([*map(visible, shown), *more]) or "-"


def _rows(package: Package, found: Profile) -> Iterator[tuple[str, list[str]]]:
    yield "strategy", [found.strategy.value]
    if package.kind is not Kind.ROOT:
        yield "versions of Python", [found.python.asked or "any"]
    largest = sorted(found.places, key=lambda one: (not one.is_public, -one.modules))
    yield "modules", [_place(one) for one in largest]
    yield "bytecode", [_bytecode(one) for one in found.bytecode]
    yield "compiled by", [one.text for one in found.compiles]
    yield "cleaned by", [one.text for one in found.cleans]
    yield "scripts", [f"{one.name} ({' '.join(one.interpreter) or 'no interpreter'})" for one in package.scripts]
    yield "triggers", [f"{one.directive} {' '.join(one.names)}" for one in package.triggers]
    yield "modes", [f"{one.what}: {one.number:,} of {one.owner}:{one.group} {one.mode}" for one in found.modes]


def _rows_of_system(package: Package) -> Iterator[tuple[str, list[str]]]:
    if package.kind is not Kind.ROOT:
        return
    yield "interpreters", [_python(one) for one in package.pythons]
    owners = Counter(file.package for file in package.files if isinstance(file.facts, SourceFacts))
    unowned = owners.pop("", 0)
    loose = [f"{counted(unowned, 'module')} of no package"] if unowned else []
    yield "packages", [*([f"{counted(len(owners), 'package')} with modules"] if owners else []), *loose]


def _python(one: PythonProgram) -> str:
    told = [one.release or "release unknown", "the default" if one.is_default else ""]
    told += [] if one.is_supported else ["not supported by the distribution"]
    return f"{one.path}: {', '.join(filter(None, told))}"


def _place(place: Place) -> str:
    kind = "public" if place.is_public else "private"
    registered = f"; registered by {place.registration}" if place.registration else ""
    return f"{place.path}: {counted(place.modules, 'module')}, {kind}, for {place.served.text}{registered}"


def _bytecode(pycs: Bytecode) -> str:
    where = f"{pycs.tag or 'in the place of sources'}{' level ' + pycs.level if pycs.level else ''}"
    return f"{where}: {counted(pycs.pycs, 'pyc')}, {pycs.size:,} bytes, {pycs.mode or 'header unknown'}"


COMMAND = inspect
