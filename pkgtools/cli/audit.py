# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools audit`: what on a system is wrong or dangerous about bytecode, and the command that repairs it."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.model.finding import Persona, Report
from pkgtools.model.package import Kind
from pkgtools.render.programs import run_ours
from pkgtools.report.status import exit_status
from pkgtools.rules.apply import judge_package
from pkgtools.runtime.errors import PkgtoolsError, UsageError

from .checking import Task, facts_of, rules_for
from .output import Output, output_options, take_output, write_report
from .running import ends_with_status
from .systems import read_system

if TYPE_CHECKING:
    from pkgtools.model.finding import Verdict

_EPILOG = """\b
Examples:
  pkgtools audit                         this system, every pyc compared with its source
  pkgtools audit --no-compile /srv/image   a chroot or mounted image, by headers, owners and modes alone
  pkgtools audit image.tar               an image as `docker save` writes it
  pkgtools audit --fix --dry-run         the commands that would repair it
  pkgtools audit --format html -o audit.html

\b
Exit status: 0 clean, 1 findings at or above --fail-on, 2 it could not be found out.
"""
_PROGRAMS = {"pkgtools-compile": "compile", "pkgtools-clean": "clean"}
"""What repairs are carried out here; others change more than bytecode, and are left to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    root: Path
    output: Output
    compare: bool
    pythons: tuple[str, ...]
    jobs: int | None


@click.command("audit", epilog=_EPILOG)
@click.argument("root", default="/", metavar="[ROOT|IMAGE]")
@click.option("--no-compile", is_flag=True, help="Compare no code, look at headers, owners and modes only.")
@click.option("--fix", is_flag=True, help="Carry out the repairs of bytecode, then look again.")
@click.option("--dry-run", "-n", is_flag=True, help="With --fix: change nothing, show the commands.")
@click.option("--python", "pythons", multiple=True, metavar="PATH", help="An interpreter beside those in /usr/bin.")
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Workers that compile at once (all cores).")
@output_options
@click.pass_context
@ends_with_status
def audit(context: click.Context, /, root: str, *, fix: bool, dry_run: bool, **options: object) -> None:
    """Look through an installed system: `/`, a chroot, a mounted image or an image's tar.

    Nothing of it is run. What is wrong is told with the package that owns the file and the command that repairs it.
    """
    request = _request(root, options)
    try:
        verdict = _judge(request)
        if fix:
            commands = _repairs(request, verdict)
            if dry_run:
                click.echo("".join(f"{shlex.join(command)}\n" for command in commands), nl=False)
                context.exit(0)
            _carry_out(commands)
            verdict = _judge(request)
    except (PkgtoolsError, OSError) as error:
        click.echo(f"pkgtools audit: {error}", err=True)
        context.exit(2)
    rules = (rule for rule in rules_for(Task(persona=Persona.AUDITOR)) if Kind.ROOT in rule.kinds)
    report = Report(command="audit", verdicts=(verdict,), rules=facts_of(rules), fail_on=request.output.fail_on)
    write_report(report, request.output)
    context.exit(exit_status(report))


def _request(root: str, options: dict[str, object]) -> Request:
    output = take_output(options)
    pythons, jobs = options["pythons"], options["jobs"]
    return Request(
        root=Path(root),
        output=output,
        compare=not options["no_compile"],
        pythons=tuple(map(str, pythons)) if isinstance(pythons, tuple) else (),
        jobs=jobs if isinstance(jobs, int) else None,
    )


def _judge(request: Request) -> Verdict:
    system = read_system(request.root, request.pythons, request.jobs, verify=request.compare)
    verdict = judge_package(system, rules_for(Task(persona=Persona.AUDITOR)))
    return replace(verdict, notes=(*verdict.notes, *system.notes))


def _repairs(request: Request, verdict: Verdict) -> list[tuple[str, ...]]:
    """Return the commands that repair bytecode, each once, for the system at hand."""
    if not request.root.is_dir():
        raise UsageError(f"{request.root}: --fix needs the system itself, not its image")
    words = dict.fromkeys(tuple(shlex.split(one.repair)) for one in verdict.findings if one.repair)
    root = () if request.root.samefile("/") else ("--root", str(request.root.absolute()))
    return [(command[0], *root, *command[1:]) for command in words if command[0] in _PROGRAMS]


def _carry_out(commands: list[tuple[str, ...]]) -> None:
    for program, *arguments in commands:
        begin = f"from pkgtools.runtime.main import main; main({_PROGRAMS[program]!r})"
        click.echo(f"{program} {shlex.join(arguments)}", err=True)
        run_ours((sys.executable, "-I", "-c", begin, *arguments), output=sys.stderr)


COMMAND = audit
