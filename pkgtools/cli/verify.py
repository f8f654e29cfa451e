# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools verify`: whether the bytecode of a system or package is what its sources compile to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING

import click

from pkgtools.model.package import CodeMatch, PycFacts
from pkgtools.readers.caches import Sources
from pkgtools.readers.verification import unread_pycs
from pkgtools.report.wording import visible
from pkgtools.runtime.errors import PkgtoolsError
from pkgtools.runtime.layout import parse_pyc_name

from .running import ends_with_status
from .systems import read_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.package import File, Package

_EPILOG = """\b
Examples:
  pkgtools verify                        every pyc of this system
  pkgtools verify /srv/image --json      a chroot or mounted image
  pkgtools verify acme-1.0-1.noarch.rpm  what a package ships
  pkgtools verify --python /opt/python3.13/bin/python3.13 image.tar

\b
Exit status: 0 nothing differs, 1 a pyc differs from its source, 2 it could not be found out.
"""
_TEXTS = {
    CodeMatch.IDENTICAL: "identical, byte for byte",
    CodeMatch.EQUAL: "the same code, written down in another way",
    CodeMatch.DIFFERENT: "DIFFERENT code",
    CodeMatch.STALE: "stale: their headers don't fit the sources, and import doesn't take them",
    CodeMatch.NO_SOURCE: "without a source: import doesn't look at them",
    CodeMatch.UNCHECKED: "unchecked: nothing here loads them, or somebody changed or locked them or their sources",
}
_DIFFERENT = """\
Somebody changed what differs, or it was damaged. `pkgtools audit` shows it with the commands that compile it anew;
keep a copy if you want to know what the code did.
"""
_UNCHECKED = """\
Those that are unchecked are for {tags}. Name their interpreters with --python, or run pkgtools where they are.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A pyc, what came of it, and whether its source is the one that was packaged."""

    pyc: File
    match: CodeMatch
    source: File | None

    @property
    def origin(self) -> str:
        """What is known of the source: `packaged`, `modified` since, `missing` and so on."""
        if self.source is None:
            return "missing"
        if self.source.is_intact is None:
            return "without a checksum" if self.source.package else "unowned"
        return "packaged" if self.source.is_intact else "modified"

    @property
    def tag(self) -> str:
        """The cache tag in the pyc's name."""
        name = parse_pyc_name(basename(self.pyc.path))
        return name.tag if name else ""


@click.command("verify", epilog=_EPILOG)
@click.argument("path", default="/", metavar="[ROOT|IMAGE|FILE]")
@click.option("--python", "pythons", multiple=True, metavar="PATH", help="An interpreter beside those in /usr/bin.")
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Workers that compile at once (all cores).")
@click.option("--all", "every", is_flag=True, help="List every pyc, not only those that differ.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
@ends_with_status
def verify(
    context: click.Context,
    /,
    path: str,
    *,
    pythons: tuple[str, ...],
    jobs: int | None,
    every: bool,
    as_json: bool,
) -> None:
    """Compile each source again, with the interpreter that loads its pyc, and compare the code.

    Code is unmarshalled in processes that are isolated, limited and thrown away; nothing of the system is run.
    """
    try:
        package = read_system(Path(path), pythons, jobs, verify=True)
    except (PkgtoolsError, OSError) as error:
        click.echo(f"pkgtools verify: {error}", err=True)
        context.exit(2)
    found = list(_compared(package))
    shown = [one for one in found if every or one.match is CodeMatch.DIFFERENT]
    if as_json:
        click.echo(json.dumps(_report(package, found, shown), indent=1))
    else:
        _print(found, shown, package.notes)
    context.exit(int(any(one.match is CodeMatch.DIFFERENT for one in found)))


def _compared(package: Package) -> Iterator[Compared]:
    sources = Sources(package)
    for file in package.files:
        if isinstance(file.facts, PycFacts) and file.facts.match is not None:
            yield Compared(pyc=file, match=file.facts.match, source=sources.file_of(file.path))
    for file in unread_pycs(package):
        yield Compared(pyc=file, match=CodeMatch.UNCHECKED, source=sources.file_of(file.path))


def _print(found: list[Compared], shown: list[Compared], notes: tuple[str, ...]) -> None:
    for one in shown:
        owner = one.source.package if one.source and one.source.package else "no package"
        click.echo(f"{one.match.value} {visible(one.pyc.path)} (source: {one.origin}, of {owner})")
    counts = Counter(one.match for one in found)
    for match, text in _TEXTS.items():
        if counts[match]:
            click.echo(f"{counts[match]:>8} {text}")
    if not found:
        click.echo("there is no bytecode in cache directories")
    for note in notes:
        click.echo(f"note: {visible(note)}")
    if counts[CodeMatch.DIFFERENT]:
        click.echo(_DIFFERENT, nl=False, err=True)
    if counts[CodeMatch.UNCHECKED]:
        tags = Counter(one.tag for one in found if one.match is CodeMatch.UNCHECKED)
        listed = ", ".join(f"{tag} ({number})" for tag, number in tags.most_common())
        click.echo(_UNCHECKED.format(tags=listed), nl=False, err=True)


def _report(package: Package, found: list[Compared], shown: list[Compared]) -> dict[str, object]:
    counts = Counter(one.match for one in found)
    return {
        "version": 1,
        "path": package.origin,
        "notes": list(package.notes),
        "counts": {match.value: counts[match] for match in CodeMatch},
        "pycs": [
            {
                "path": one.pyc.path,
                "result": one.match.value,
                "source": one.source.path if one.source else None,
                "source_state": one.origin,
                "package": one.source.package if one.source else "",
            }
            for one in shown
        ],
    }


COMMAND = verify
