# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools audit`: what on a system is wrong or dangerous about bytecode, and the command that repairs it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.model.finding import Persona, RepairResult, Report
from pkgtools.model.package import Kind
from pkgtools.readers.coverage import coverage_of
from pkgtools.readers.exclusions import Exclusions
from pkgtools.report.status import exit_status
from pkgtools.rules.apply import judge_package
from pkgtools.runtime.errors import UsageError

from .checking import Task, facts_of, rules_for
from .output import Output, output_options, take_output, write_report
from .running import ends_with_status
from .systems import Question, read_system

if TYPE_CHECKING:
    from pkgtools.model.finding import Repair, Verdict
    from pkgtools.model.package import Package
    from pkgtools.readers.compiling import Compilers

_EPILOG = """\b
Examples:
  pkgtools audit                         this system, every pyc compared with its source
  pkgtools audit --no-compile /srv/image   a chroot or mounted image, by headers, owners and modes alone
  pkgtools audit image.tar               an image as `docker save` writes it
  pkgtools audit --fix --dry-run         what would be repaired
  pkgtools audit --format html -o audit.html

\b
Exit status: 0 all was looked at and is clean, 1 findings at or above --fail-on, 2 it could not be found out, or
not all could be compared (unless --allow-unchecked).
"""
_ROUNDS = 3
"""So often what a repair brought to light is repaired in the same run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    question: Question
    output: Output
    crosses: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A system and what is wrong with it."""

    system: Package
    compilers: Compilers | None
    verdict: Verdict


@click.command("audit", epilog=_EPILOG)
@click.argument("root", default="/", metavar="[ROOT|IMAGE]")
@click.option("--no-compile", is_flag=True, help="Compare no code, look at headers, owners and modes only.")
@click.option("--fix", is_flag=True, help="Repair the bytecode of findings at or above --fail-on, then look again.")
@click.option("--dry-run", "-n", is_flag=True, help="With --fix: change nothing, show what would be done.")
@click.option("--cross-file-systems", "crosses", is_flag=True, help="With --fix: what is mounted below ROOT, too.")
@click.option("--exclude", "-X", "excluded", multiple=True, metavar="PATTERN", help="Leave out these paths in ROOT.")
@click.option("--python", "pythons", multiple=True, metavar="PATH", help="An interpreter beside those in /usr/bin.")
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Workers that compile at once (all cores).")
@output_options
@ends_with_status
def audit(root: str, *, fix: bool, dry_run: bool, **options: object) -> int:
    """Look through an installed system: `/`, a chroot, a mounted image, an image's tar or OCI directory.

    Nothing of it is run. What is wrong is told with the package that owns the file and the command that repairs it.
    """
    request = _request(root, options)
    verdict = _fixed(request, dry_run=dry_run) if fix else _judge(request).verdict
    rules = (rule for rule in rules_for(Task(persona=Persona.AUDITOR)) if Kind.ROOT in rule.kinds)
    report = Report(
        command="audit",
        verdicts=(verdict,),
        rules=facts_of(rules),
        fail_on=request.output.fail_on,
        allow_unchecked=request.output.allow_unchecked,
    )
    if fix and dry_run:
        planned = any(one.result is RepairResult.PLANNED for one in verdict.repairs)
        what = "the findings are those that would be left" if planned else "nothing would be repaired"
        report = replace(report, notes=(what,))
    write_report(report, request.output)
    return exit_status(report)


def _request(root: str, options: dict[str, object]) -> Request:
    output = take_output(options)
    jobs = options["jobs"]
    question = Question(
        path=Path(root),
        compare=not options["no_compile"],
        pythons=_texts(options["pythons"]),
        workers=jobs if isinstance(jobs, int) else None,
        excluded=Exclusions(_texts(options["excluded"])),
    )
    return Request(question=question, output=output, crosses=bool(options["crosses"]))


def _texts(values: object) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, tuple) else ()


def _judge(request: Request) -> _Judged:
    system, compilers = read_system(request.question)
    verdict = judge_package(system, rules_for(Task(persona=Persona.AUDITOR)))
    uncompared = () if request.question.compare else ("no code was compared, as --no-compile says",)
    notes = (*verdict.notes, *uncompared, *system.notes, *request.question.excluded.notes())
    coverage = coverage_of(system, is_required=request.question.compare) if request.question.compare else None
    return _Judged(system=system, compilers=compilers, verdict=replace(verdict, notes=notes, coverage=coverage))


def _fixed(request: Request, *, dry_run: bool) -> Verdict:
    """Judge, repair and judge again until nothing is left that can be repaired; return the last verdict."""
    from .foretelling import foretell  # noqa: PLC0415 - what only --fix pays for
    from .repairing import Scope, carry_out, plan_repairs  # noqa: PLC0415 - as above

    judged = _judge(request)
    if judged.system.is_image or judged.system.kind is not Kind.ROOT:
        raise UsageError(f"{request.question.path}: --fix needs the system itself, not its image")
    scope = Scope(fail_on=request.output.fail_on, crosses=request.crosses)
    done: list[Repair] = []
    for _ in range(_ROUNDS):
        steps = plan_repairs(judged.system, judged.verdict, _compilers(request, judged), scope)
        if dry_run:
            return foretell(judged.verdict, steps, request.question.path, scope)
        repairs = carry_out(steps, request.question.path, request.question.workers or os.cpu_count() or 1)
        new = [one for one in repairs if one not in done]
        done += new
        if not any(one.result is not RepairResult.LEFT for one in new):
            break
        judged = _judge(request)
    return replace(judged.verdict, repairs=tuple(done))


def _compilers(request: Request, judged: _Judged) -> Compilers:
    from pkgtools.readers.compiling import find_compilers  # noqa: PLC0415 - as above
    from pkgtools.runtime.filelist import absolute  # noqa: PLC0415 - as above

    return judged.compilers or find_compilers(map(absolute, request.question.pythons), request.question.workers)


COMMAND = audit
