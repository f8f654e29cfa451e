# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools verify`: whether the bytecode of a system or package is what its sources compile to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.model.finding import Verdict
from pkgtools.model.package import CodeMatch, PycFacts
from pkgtools.readers.caches import Sources
from pkgtools.readers.coverage import coverage_of
from pkgtools.readers.verification import unread_pycs
from pkgtools.report.json import coverage_as_dict
from pkgtools.report.status import summarize
from pkgtools.report.wording import covered, notes_of, visible

from .running import ends_with_status
from .systems import Question, read_system

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
Exit status: 0 all was compared and nothing differs, 1 a pyc differs from its source, 2 it could not be found out,
or not all could be compared (unless --allow-unchecked).
"""
_TEXTS = {
    CodeMatch.IDENTICAL: "identical, byte for byte",
    CodeMatch.EQUAL: "the same code, written down in another way",
    CodeMatch.DIFFERENT: "DIFFERENT code",
    CodeMatch.OTHER_RELEASE: "differing, may be the other release: another one of their interpreter compiled here",
    CodeMatch.STALE: "stale: their headers don't fit the sources, and import doesn't take them",
    CodeMatch.NO_SOURCE: "without a source: import doesn't look at them",
    CodeMatch.UNCHECKED: "unchecked: they could not be compared",
}
_DIFFERENT = """\
Somebody changed what differs, or it was damaged. `pkgtools audit` shows it with the commands that compile it anew;
keep a copy if you want to know what the code did.
"""
_LISTED = frozenset({CodeMatch.DIFFERENT, CodeMatch.OTHER_RELEASE})
"""What is named without --all."""


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


@click.command("verify", epilog=_EPILOG)
@click.argument("path", default="/", metavar="[ROOT|IMAGE|FILE]")
@click.option("--python", "pythons", multiple=True, metavar="PATH", help="An interpreter beside those in /usr/bin.")
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Workers that compile at once (all cores).")
@click.option("--all", "every", is_flag=True, help="List every pyc, not only those that differ.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--allow-unchecked", is_flag=True, help="Exit as if all could be compared; else with 2.")
@ends_with_status
def verify(path: str, *, pythons: tuple[str, ...], **options: object) -> int:
    """Compile each source again, with the interpreter that loads its pyc, and compare the code.

    Code is unmarshalled in processes that are isolated, limited and thrown away; nothing of the system is run.
    """
    jobs = options["jobs"]
    workers = jobs if isinstance(jobs, int) else None
    package, _ = read_system(Question(path=Path(path), compare=True, pythons=pythons, workers=workers))
    found = list(_compared(package))
    coverage = coverage_of(package, is_required=True)
    shown = [one for one in found if options["every"] or one.match in _LISTED]
    status = int(any(one.match is CodeMatch.DIFFERENT for one in found))
    if coverage is not None and coverage.gaps and not options["allow_unchecked"]:
        status = 2
    verdict = Verdict(origin=package.origin, notes=package.notes, coverage=coverage)
    if options["as_json"]:
        click.echo(json.dumps(_report(verdict, found, shown, status), indent=1))
    else:
        _print(verdict, found, shown)
    return status


def _compared(package: Package) -> Iterator[Compared]:
    sources = Sources(package)
    for file in package.files:
        if isinstance(file.facts, PycFacts) and file.facts.match is not None:
            yield Compared(pyc=file, match=file.facts.match, source=sources.file_of(file.path))
    for file in unread_pycs(package):
        yield Compared(pyc=file, match=CodeMatch.UNCHECKED, source=sources.file_of(file.path))


def _print(verdict: Verdict, found: list[Compared], shown: list[Compared]) -> None:
    for one in shown:
        owner = one.source.package if one.source and one.source.package else "no package"
        click.echo(f"{one.match.value} {visible(one.pyc.path)} (source: {one.origin}, of {owner})")
    counts = Counter(one.match for one in found)
    for match, text in _TEXTS.items():
        if counts[match]:
            click.echo(f"{counts[match]:>8} {text}")
    if not found:
        click.echo("there is no bytecode in cache directories")
    if compared := covered(summarize([verdict])):
        click.echo(compared)
    for note in notes_of(verdict):
        click.echo(f"note: {visible(note)}")
    if counts[CodeMatch.DIFFERENT]:
        click.echo(_DIFFERENT, nl=False, err=True)
    if verdict.coverage is not None and verdict.coverage.gaps:
        click.echo("Not all could be compared; the notes say why, and what to do.", err=True)


def _report(verdict: Verdict, found: list[Compared], shown: list[Compared], status: int) -> dict[str, object]:
    counts = Counter(one.match for one in found)
    return {
        "version": 2,
        "path": verdict.origin,
        "exit": status,
        "notes": list(verdict.notes),
        "coverage": coverage_as_dict(verdict.coverage),
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
