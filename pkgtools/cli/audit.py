# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools audit`: what on a system is wrong or dangerous about bytecode, and the command that repairs it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.check.apply import judge_package
from pkgtools.check.contents import with_contents
from pkgtools.check.coverage import coverage_of, unread_coverage
from pkgtools.check.ignoring import Terms, ignore_findings
from pkgtools.check.one_package import CheckTask, facts_of, of_applied, rules_for
from pkgtools.model.exclusions import Exclusions
from pkgtools.model.finding import CheckReport, Ignored, Persona, RepairResult
from pkgtools.model.package import Kind
from pkgtools.readers.package_kinds import kind_of_package
from pkgtools.report.totals import exit_status
from pkgtools.runtime.errors import UsageError

from . import completing
from .accepting import Digests, baseline_of, read_baseline, read_ignores
from .output import Output, output_options, replace_file, take_output, write_report
from .rules import require_rule
from .running import ends_with_status
from .shared_options import named_pythons, python_option, require_fix, rule_option, texts, with_note_of_dry_run
from .systems import SystemQuestion, read_system
from .usage import count, local_path

if TYPE_CHECKING:
    from pkgtools.bytecode.compiling import Compilers
    from pkgtools.model.finding import CheckVerdict, Repair
    from pkgtools.model.ignore import Ignore
    from pkgtools.model.package import Package

_EPILOG = """\b
Examples:
  pkgtools audit
      this system, every pyc compared with its source
  pkgtools audit --no-compile /srv/image
      a chroot or mounted image, by headers, owners and modes alone
  pkgtools audit image.tar
      an image as `docker save` writes it
  pkgtools audit --fix --dry-run
      what would be repaired
  pkgtools audit --format html -o audit.html

Exit status: 0 all was looked at and is clean, 1 findings at or above
--fail-on, 2 it could not be found out, or not all could be compared (unless
--allow-unchecked).
"""
_BY_COMPARING = frozenset({"code-differs", "code-of-another-release"})
"""The rules that find nothing where nothing is compared."""
_ROUNDS = 3
"""So often what a repair brought to light is repaired in the same run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """What was asked for."""

    question: SystemQuestion
    """The system to read, and what its pycs are compared with."""
    output: Output
    """The options of the report."""
    crosses: bool
    """--cross-file-systems: repair what is mounted below the system's root, too."""
    task: CheckTask
    """Which rules are applied."""
    ignores: tuple[Ignore, ...]
    """Findings that the administrator accepts, those of a baseline included."""
    new_baseline: str
    """The file for a new baseline of all findings that nothing accepts yet; empty: none is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A system and what is wrong with it."""

    system: Package
    compilers: Compilers | None
    verdict: CheckVerdict
    digest_of: Digests


@click.command("audit", epilog=_EPILOG)
@click.argument("root", default="/", metavar="[ROOT|IMAGE]", shell_complete=completing.paths)
@click.option("--no-compile", is_flag=True, help="Compare no code, look at headers, owners and modes only.")
@click.option("--fix", is_flag=True, help="Repair the bytecode of findings at or above --fail-on, then look again.")
@click.option("--dry-run", "-n", is_flag=True, help="With --fix: change nothing, show what would be done.")
@click.option("--cross-file-systems", "crosses", is_flag=True, help="With --fix: what is mounted below ROOT, too.")
@click.option("--exclude", "-X", "excluded", multiple=True, metavar="PATTERN", help="Leave out these paths in ROOT.")
@python_option
@rule_option
@click.option(
    "--persona",
    type=click.Choice([one.value for one in Persona]),
    default=Persona.AUDITOR.value,
    help="maintainer: leave out what is within the rules (auditor).",
)
@click.option("--config", metavar="FILE", help="Accepted findings, instead of /etc/pkgtools/audit.toml and audit.d.")
@click.option("--baseline", metavar="FILE", help="Accept the findings that are in FILE, while nothing changes them.")
@click.option("--write-baseline", "new_baseline", metavar="FILE", help="Write all findings to FILE, and accept them.")
@click.option("--jobs", "-j", callback=count, metavar="N", help="Workers that compile at once (all cores).")
@output_options
@ends_with_status
def audit(root: str, *, fix: bool, dry_run: bool, **options: object) -> int:
    """Look through an installed system: `/`, a chroot, a mounted image, an image's tar or OCI directory.

    Nothing of it is run. Each finding names the package that owns the file and, where there is one, the command that
    repairs it.
    """
    require_fix(fix=fix, dry_run=dry_run)
    if fix and options["new_baseline"]:
        raise UsageError("--fix and --write-baseline contradict each other: a baseline keeps what --fix repairs")
    request = _request(root, options)
    verdict = _fixed(request, dry_run=dry_run) if fix else _with_baseline(request, _judge(request))
    rules = (rule for rule in rules_for(request.task) if Kind.ROOT in rule.kinds)
    report = CheckReport(
        command="audit",
        verdicts=(verdict,),
        rules=facts_of(rules),
        fail_on=request.output.fail_on,
        allow_unchecked=request.output.allow_unchecked,
    )
    report = with_note_of_dry_run(report, dry_run=dry_run)
    write_report(report, request.output)
    return exit_status(report)


def _request(root: str, options: dict[str, object]) -> AuditRequest:
    output = take_output(options)
    if options["no_compile"] and options["pythons"]:
        raise UsageError("--python and --no-compile contradict each other: an interpreter compiles to compare")
    jobs = options["jobs"]
    question = SystemQuestion(
        path=local_path(root),
        compare=not options["no_compile"],
        pythons=texts(options["pythons"]),
        workers=jobs if isinstance(jobs, int) else None,
        suspects=True,
        excluded=Exclusions(texts(options["excluded"])),
    )
    only = texts(options["only"])
    for name in only:
        require_rule(name)
    ignores = read_ignores(_text(options["config"]))
    if (baseline := _text(options["baseline"])) is not None:
        ignores += read_baseline(baseline)
    return AuditRequest(
        question=question,
        output=output,
        crosses=bool(options["crosses"]),
        task=CheckTask(persona=Persona(options["persona"]), only=frozenset(only)),
        ignores=ignores,
        new_baseline=_text(options["new_baseline"]) or "",
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _judge(request: AuditRequest) -> _Judged:
    if kind_of_package(request.question.path):
        what = "`pkgtools check` judges packages, `pkgtools verify` compares their bytecode"
        raise UsageError(f"{request.question.path} is a package, not a system: {what}")
    read = read_system(request.question)
    system, digest_of = read.package, Digests.of(read.package, read.fetch)
    rules = rules_for(request.task)
    unsure = frozenset() if request.question.compare else _BY_COMPARING
    if request.question.excluded.notes():
        unsure = frozenset(one.facts.id for one in rules)
    terms = Terms(today=datetime.now(tz=UTC).date(), digest_of=digest_of)
    judged = judge_package(system, rules)
    ignores = of_applied(request.ignores, rules)
    compared = {one.rule for one in ignores if one.digest}
    digest_of.read(one for one in judged.findings if one.rule.id in compared)
    verdict = ignore_findings(judged, ignores, terms, unsure)
    uncompared = () if request.question.compare else ("no code was compared, as --no-compile says",)
    notes = (*verdict.notes, *uncompared, *system.notes, *request.question.excluded.notes())
    coverage = coverage_of(system, is_required=True) if request.question.compare else unread_coverage(system)
    verdict = replace(verdict, notes=notes, coverage=coverage)
    verdict = with_contents(verdict, system, compared=request.question.compare)
    return _Judged(system=system, compilers=read.compilers, verdict=verdict, digest_of=digest_of)


def _with_baseline(request: AuditRequest, judged: _Judged) -> CheckVerdict:
    """Write the baseline, if one was asked for, and return the verdict that holds then."""
    if not request.new_baseline:
        return judged.verdict
    text, left = baseline_of(judged.verdict, judged.digest_of)
    replace_file(Path(request.new_baseline), iter([text]))
    accepted = (one for one in judged.verdict.findings if one not in left)
    reason = f"in the baseline {request.new_baseline}"
    note = f"{len(left)} findings are not in the baseline: they are about no file, or about one that can't be read"
    return replace(
        judged.verdict,
        findings=tuple(left),
        ignored=(*judged.verdict.ignored, *(Ignored(finding=one, reason=reason) for one in accepted)),
        notes=(*judged.verdict.notes, *([note] if left else [])),
    )


def _fixed(request: AuditRequest, *, dry_run: bool) -> CheckVerdict:
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
            return foretell(judged.system, judged.verdict, steps, scope)
        repairs = carry_out(steps, request.question.path, request.question.workers or os.cpu_count() or 1)
        new = [one for one in repairs if one not in done]
        done += new
        if not any(one.result is not RepairResult.LEFT for one in new):
            break
        judged = _judge(request)
    return replace(judged.verdict, repairs=tuple(done))


def _compilers(request: AuditRequest, judged: _Judged) -> Compilers:
    from pkgtools.bytecode.compiling import find_compilers  # noqa: PLC0415 - as above

    return judged.compilers or find_compilers(named_pythons(request.question.pythons), request.question.workers)


COMMAND = audit
