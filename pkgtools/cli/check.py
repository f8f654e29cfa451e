# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools check`: what is wrong with the bytecode of packages, before anybody installs them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.check.one_package import CheckTask, compilers_of, facts_of, ignores_of_manifest, rules_for
from pkgtools.model.finding import CheckReport, Persona
from pkgtools.model.own_files import MANIFESTS
from pkgtools.report.formats import Format
from pkgtools.report.totals import exit_status
from pkgtools.report.wording import visible
from pkgtools.runtime.errors import UsageError

from . import completing
from .checking import check_all
from .output import Output, output_options, take_output, write_report
from .package_pool import Given, State, find_packages
from .progress_bar import progress
from .rules import require_rule
from .running import ends_with_status
from .shared_options import named_pythons, python_option, require_fix, rule_option, texts, with_note_of_dry_run
from .usage import count, local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckVerdict
    from pkgtools.runtime.facts import InstalledPath

_EPILOG = """\b
Examples:
  pkgtools check acme_1.0_all.deb acme-1.0-1.noarch.rpm
  pkgtools check acme-1.0-r0.apk acme-1.0-1-any.pkg.tar.zst
  pkgtools check debian/acme
      a staged tree, before it is packed
  pkgtools check --compile --fail-on warning *.rpm
      compile all sources, compare all bytecode
  pkgtools check -j2 --state state /srv/pool
      thousands, going on where it stopped
  pkgtools check --fix --dry-run debian/acme
      what would be repaired, as a diff
  pkgtools check --format sarif -o check.sarif *.deb

Exit status: 0 clean, 1 findings at or above --fail-on, 2 a package could not
be read, there was none, or not all could be compared that --compile asks for
(unless --allow-unchecked).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What was asked for."""

    task: CheckTask
    """What each package is checked for."""
    given: Given
    """The packages that were named or found."""
    output: Output
    """The options of the report."""
    jobs: int
    """How many packages are checked at once."""
    state: State | None
    """Which packages earlier runs have checked; None without --state."""
    fix: bool
    """Repair staged trees."""
    dry_run: bool
    """Only say what would be repaired."""


@click.command("check", epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, metavar="FILE|TREE|POOL...", shell_complete=completing.paths)
@click.option(
    "--persona",
    type=click.Choice([one.value for one in Persona]),
    default=Persona.MAINTAINER.value,
    help="auditor: also what is within the rules and worth knowing.",
)
@rule_option
@click.option("--compile", "compile_all", is_flag=True, help="Compile every source, and compare all bytecode (20).")
@python_option
@click.option(
    "--manifest", "-m", metavar="FILE", help="Where ignores are (default: this directory's, if there is one)."
)
@click.option("--jobs", "-j", callback=count, default="1", metavar="N", help="Packages at once (1).")
@click.option("--state", metavar="FILE", help="Remember there what was checked, and leave it out the next time.")
@click.option("--fix", is_flag=True, help="Repair what can be in staged trees and source packages, then look again.")
@click.option("--dry-run", "-n", is_flag=True, help="With --fix: change nothing, show what would be done.")
@output_options
@ends_with_status
def check(paths: tuple[str, ...], **options: object) -> int:
    """Check packages, staged trees and directories full of packages against the rules.

    `pkgtools rules list` lists the rules, `pkgtools explain ID` explains one.
    """
    request = _request(paths, options)
    try:
        if request.fix:
            return _fix(request)
        return _check_pool(request) if _is_by_line(request) else _check(request)
    finally:
        if request.state is not None:
            request.state.close()


def _request(paths: tuple[str, ...], options: dict[str, object]) -> CheckRequest:
    output = take_output(options)
    only = options["only"]
    names = frozenset(texts(only))
    for name in sorted(names):
        require_rule(name)
    task = CheckTask(
        persona=Persona(options["persona"]),
        only=names,
        compile_all=bool(options["compile_all"]),
        manifest=_manifest(options["manifest"]),
        pythons=_pythons(options["pythons"]),
    )
    state = options["state"]
    fix, dry_run = bool(options["fix"]), bool(options["dry_run"])
    require_fix(fix=fix, dry_run=dry_run)
    if fix and state:
        raise UsageError("--fix and --state contradict each other: a tree that is repaired is looked at each time")
    if state and output.form is not Format.TEXT:
        raise UsageError("--state goes with --format text: other formats report all packages, not of those left")
    given = Given(packages=tuple(map(local_path, paths)), has_pool=False) if fix else find_packages(paths)
    jobs = options["jobs"]
    return CheckRequest(
        task=task,
        given=given,
        output=output,
        jobs=jobs if isinstance(jobs, int) else 1,
        state=State(Path(str(state)), _asked(task, output)) if state else None,
        fix=fix,
        dry_run=dry_run,
    )


def _pythons(given: object) -> tuple[InstalledPath, ...]:
    """Return the interpreters that were named. Raises UsageError for one that doesn't run, before the long part."""
    pythons = tuple(named_pythons(texts(given)))
    if pythons:
        compilers_of(pythons)
    return pythons


def _asked(task: CheckTask, output: Output) -> str:
    """Return all on which the status of a package depends beside itself and this version."""
    only = " ".join(sorted(task.only))
    ignores = sorted(ignores_of_manifest(task.manifest).items())
    return (
        f"{task.persona} {only} {task.compile_all} {task.pythons} {output.fail_on} {output.allow_unchecked} {ignores}"
    )


def _manifest(given: object) -> str:
    """Return the manifest with the ignores, checked; the working directory's is taken if there is one."""
    manifest = str(given) if given else ""
    if not manifest and any(Path(name).is_file() for name in MANIFESTS):
        from pkgtools.config import ConfigError, find_manifest  # noqa: PLC0415 - not where there is none

        try:
            manifest = str(find_manifest(Path()))
        except ConfigError:
            return ""
    ignores = ignores_of_manifest(manifest).values()
    for one in (ignore for some in ignores for ignore in some):
        require_rule(one.rule, f"{manifest}: {one.origin}: ")
    return manifest


def _is_by_line(request: CheckRequest) -> bool:
    """Whether there are so many packages that each gets a line as it goes."""
    return request.output.form is Format.TEXT and (request.given.has_pool or request.state is not None)


def _check(request: CheckRequest) -> int:
    report = _report(request, tuple(_verdicts(request, request.given.packages)))
    if request.output.form is Format.TEXT and report.verdicts and all(verdict.error for verdict in report.verdicts):
        for verdict in report.verdicts:  # there is no report to write
            click.echo(f"pkgtools check: {visible(verdict.error)}", err=True)
        return exit_status(report)
    write_report(report, request.output)
    return exit_status(report)


def _fix(request: CheckRequest) -> int:
    from pkgtools.report.text import planned  # noqa: PLC0415 - what only --fix pays for

    from .fixing import fix_tree, require_trees  # noqa: PLC0415 - as above

    def announce(verdict: CheckVerdict) -> None:
        if request.output.form is Format.TEXT and not request.output.path:
            click.echo(planned(verdict), nl=False)

    trees = request.given.packages
    require_trees(trees)
    verdicts = (fix_tree(path, request.task, announce, dry_run=request.dry_run) for path in trees)
    report = with_note_of_dry_run(_report(request, tuple(verdicts)), dry_run=request.dry_run)
    write_report(report, request.output)
    return exit_status(report)


def _check_pool(request: CheckRequest) -> int:
    from pkgtools.report.text import one_line  # noqa: PLC0415 - rich, which few need

    state = request.state
    known = {path: status for path in request.given.packages if state and (status := state.status_of(path)) is not None}
    left = tuple(path for path in request.given.packages if path not in known)
    worst = max(known.values(), default=0)
    for path, verdict in zip(left, _verdicts(request, left), strict=True):
        click.echo(one_line(verdict))
        status = exit_status(_report(request, (verdict,)))
        worst = max(worst, status)
        if state is not None:
            state.remember(path, status)
    before = f", {len(known)} checked before" if known else ""
    click.echo(f"{len(left)} packages checked{before}", err=True)
    for note in request.given.notes:
        click.echo(f"note: {visible(note)}", err=True)
    return worst


def _verdicts(request: CheckRequest, packages: tuple[Path, ...]) -> Iterator[CheckVerdict]:
    return progress(check_all(packages, request.task, request.jobs), "checking", len(packages))


def _report(request: CheckRequest, verdicts: tuple[CheckVerdict, ...]) -> CheckReport:
    rules = facts_of(rules_for(request.task))
    return CheckReport(
        command="check",
        verdicts=verdicts,
        rules=rules,
        fail_on=request.output.fail_on,
        allow_unchecked=request.output.allow_unchecked,
        notes=request.given.notes,
    )


COMMAND = check
