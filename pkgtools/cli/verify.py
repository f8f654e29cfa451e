# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools verify`: whether the bytecode of a system or package is what its sources compile to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from pkgtools.bytecode.caches import Sources
from pkgtools.check.apply import judge_package
from pkgtools.check.contents import with_contents
from pkgtools.check.coverage import coverage_of
from pkgtools.check.one_package import facts_of
from pkgtools.check.verification import unread_pycs
from pkgtools.model.finding import CheckReport
from pkgtools.model.package import CodeMatch, Kind, PycFacts
from pkgtools.report.formats import Format
from pkgtools.report.json import coverage_as_dict
from pkgtools.report.totals import exit_status, summarize
from pkgtools.report.wording import CLASSES, MATCHES, covered, notes_of, visible

from . import completing
from .output import output_options, take_output, write_pieces, write_report
from .rules import require_rule
from .running import ends_with_status
from .shared_options import python_option
from .systems import SystemQuestion, read_system
from .usage import count, local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckVerdict
    from pkgtools.model.package import File, Package

_EPILOG = """\b
Examples:
  pkgtools verify                        every pyc of this system
  pkgtools verify /srv/image --json      a chroot or mounted image
  pkgtools verify acme-1.0-1.noarch.rpm  what a package ships
  pkgtools verify --python /opt/python3.13/bin/python3.13 image.tar

Exit status: 0 all was compared and nothing differs, 1 a pyc differs from its
source, 2 it could not be found out, or not all could be compared (unless
--allow-unchecked).
"""
_CHANGED = """\
What differs was changed or damaged. `pkgtools audit` shows it with the commands that compile it again; keep a copy if
you want to know what the code did.
"""
_SHIPPED = """\
What differs was not compiled from the sources beside it: build the package again where they are compiled; keep a copy
if you want to know what the code did.
"""
_RULES = ("code-differs", "code-of-another-release", "unchecked-hash-pyc", "sourceless-module")
_LISTED = frozenset({CodeMatch.DIFFERENT, CodeMatch.OTHER_RELEASE})
"""What is named without --all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A pyc, what came of it, and whether its source is the one that was packaged."""

    pyc: File
    """The pyc with its owner, mode and facts."""
    match: CodeMatch
    """How its code compares with what its source compiles to."""
    source: File | None
    """The source that import would check it against; None if it is missing."""

    @property
    def origin(self) -> str:
        """What is known of the source: `packaged`, `modified` since, `missing` and so on."""
        if self.source is None:
            return "missing"
        if self.source.is_intact is None:
            return "without a checksum" if self.source.package else "unowned"
        return "packaged" if self.source.is_intact else "modified"


@click.command("verify", epilog=_EPILOG)
@click.argument("path", default="/", metavar="[ROOT|IMAGE|FILE]", shell_complete=completing.paths)
@python_option
@click.option("--jobs", "-j", callback=count, metavar="N", help="Workers that compile at once (all cores).")
@output_options
@ends_with_status
def verify(path: str, *, pythons: tuple[str, ...], **options: object) -> int:
    """Compile each source again, with the interpreter that loads its pyc, and compare the code.

    Code is unmarshalled in processes that are isolated, limited and thrown away; nothing of the system is run.
    """
    output = take_output(options)
    jobs = options["jobs"]
    workers = jobs if isinstance(jobs, int) else None
    question = SystemQuestion(path=local_path(path), compare=True, pythons=pythons, workers=workers)
    package = read_system(question).package
    rules = [require_rule(one) for one in _RULES]
    coverage = coverage_of(package, is_required=True)
    verdict = judge_package(package, rules)
    verdict = replace(verdict, notes=(*verdict.notes, *package.notes), coverage=coverage)
    verdict = with_contents(verdict, package, compared=True)
    report = CheckReport(
        command="verify",
        verdicts=(verdict,),
        rules=facts_of(rules),
        fail_on=output.fail_on,
        allow_unchecked=output.allow_unchecked,
    )
    status = exit_status(report)
    if output.form not in {Format.TEXT, Format.JSON}:
        write_report(report, output)
        return status
    found = list(_compared(package))
    shown = [one for one in found if output.every or one.match in _LISTED] if not output.summary else []
    if output.form is Format.JSON:
        write_pieces(iter([json.dumps(_report(verdict, found, shown, status), indent=1) + "\n"]), output)
        return status
    write_pieces((f"{line}\n" for line in _lines(verdict, found, shown)), output)
    if any(one.match is CodeMatch.DIFFERENT for one in found):
        click.echo(_CHANGED if package.kind is Kind.ROOT else _SHIPPED, nl=False, err=True)
    if coverage is not None and coverage.gaps:
        click.echo("Not all could be compared; the notes say why, and what to do.", err=True)
    return status


def _compared(package: Package) -> Iterator[Compared]:
    sources = Sources(package)
    for file in package.files:
        if isinstance(file.facts, PycFacts) and file.facts.match is not None:
            yield Compared(pyc=file, match=file.facts.match, source=sources.file_of(file.path))
    for file in unread_pycs(package):
        yield Compared(pyc=file, match=CodeMatch.UNCHECKED, source=sources.file_of(file.path))


def _lines(verdict: CheckVerdict, found: list[Compared], shown: list[Compared]) -> Iterator[str]:
    for one in shown:
        owner = one.source.package if one.source and one.source.package else "no package"
        yield f"{one.match.value} {visible(one.pyc.path)} (source: {one.origin}, of {owner})"
    counts = Counter(one.match for one in found)
    yield from (f"{counts[match]:>8} {text}" for match, text in MATCHES.items() if counts[match])
    if not found:
        yield "there is no bytecode in cache directories"
    yield from (f"{number:>8} {CLASSES[one]}" for one, number in verdict.classes if number)
    if compared := covered(summarize([verdict])):
        yield compared
    yield from (f"note: {visible(note)}" for note in notes_of(verdict))


def _report(verdict: CheckVerdict, found: list[Compared], shown: list[Compared], status: int) -> dict[str, object]:
    counts = Counter(one.match for one in found)
    return {
        "version": 2,
        "path": verdict.origin,
        "exit": status,
        "notes": list(verdict.notes),
        "coverage": coverage_as_dict(verdict.coverage),
        "counts": {match.value: counts[match] for match in CodeMatch},
        "classes": {one.value: number for one, number in verdict.classes},
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
