# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools archive`: check what a whole mirror lists, and keep what was found: tomorrow only what is new is done."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from pkgtools.archive.archive_run import ArchiveOrder, begin, go_on
from pkgtools.archive.run_report import run_as_dict, run_lines
from pkgtools.archive.signature import require_keyring
from pkgtools.archive.site import latest, write_site
from pkgtools.archive.store import Store
from pkgtools.archive.tally import RunTally, tally_of
from pkgtools.check.one_package import CheckTask
from pkgtools.model.finding import Persona, Severity
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.trial.enclosure import require_tools

from . import completing
from .output import write_out
from .parallel import each_in_order
from .progress_bar import progress
from .rules import require_rule
from .running import ends_with_status
from .shared_options import named_pythons, python_option, rule_option, texts
from .trial_options import options_of_trial, trial_order
from .usage import CommandGroup, count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pkgtools.archive.archive_run import Spread
    from pkgtools.archive.package_done import Done
    from pkgtools.archive.work import PackageWork
    from pkgtools.trial.order import TrialOrder

P = ParamSpec("P")
R = TypeVar("R")

_TRIES = 3
"""So many processes may die of a package before it is left."""
_EPILOG = """\b
Examples:
  pkgtools archive check /srv/mirror/debian --suite bookworm \\
      --component main --arch amd64 --store bookworm.sqlite \\
      --keyring /usr/share/keyrings/debian-archive-keyring.gpg
  pkgtools archive check https://deb.example.org/debian --suite stable \\
      --arch amd64 --store stable.sqlite --keyring debian.gpg -j4
  pkgtools archive check /srv/repo --allow-unsigned --store repo.sqlite
      a repository of RPM packages, with repodata/ at its top
"""
_EPILOG_OF_TRY = """\b
Examples:
  pkgtools archive try /srv/repo --suite stable --arch amd64 \\
      --keyring repo.gpg --store try.sqlite --root bookworm.tar \\
      --network --steps install,remove,purge
"""
_STATUS = """
Exit status: 0 clean, 1 findings at or above --fail-on, 2 a package could not
be read or fetched, the index couldn't, or not all could be compared that
verify asks for.
"""


@click.group("archive", cls=CommandGroup, epilog=_EPILOG + _STATUS)
def archive() -> None:
    """Check whole archives of packages, day after day."""


def _archive_options(command: Callable[P, R]) -> Callable[P, R]:
    """Add what is looked at, who vouches for it, and where the results are kept."""
    options = (
        click.argument("mirror", metavar="MIRROR", shell_complete=completing.paths),
        click.option("--suite", metavar="SUITE", help="Of a Debian archive: the directory below dists/."),
        click.option("--component", "components", multiple=True, metavar="NAME", help="This component; repeatable."),
        click.option("--arch", "architectures", multiple=True, metavar="ARCH", help="This architecture; repeatable."),
        click.option("--keyring", metavar="FILE", shell_complete=completing.paths, help="Keys to vouch for the index."),
        click.option("--allow-unsigned", is_flag=True, help="Ask for no signature; the report says so."),
        click.option(
            "--store",
            metavar="FILE",
            required=True,
            shell_complete=completing.paths,
            help="Where results are kept: a file of SQLite.",
        ),
        click.option("--jobs", "-j", callback=count, metavar="N", help="Packages at once (1)."),
        click.option(
            "--fail-on",
            type=click.Choice([one.value for one in Severity]),
            default=Severity.ERROR.value,
            help="Exit with 1 from this severity on (error).",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--output", "-o", "output", metavar="FILE", default="", help="Write the report to FILE."),
    )
    for option in reversed(options):
        command = option(command)
    return command


scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="Of a Dask cluster that does the work: tcp://127.0.0.1:8786."
)


@archive.command("check", epilog=_EPILOG + _STATUS)
@_archive_options
@scheduler_option
@python_option
@click.option(
    "--persona",
    type=click.Choice([one.value for one in Persona]),
    default=Persona.MAINTAINER.value,
    help="auditor: also what is within the rules and worth to know.",
)
@rule_option
@ends_with_status
def check_command(mirror: str, **options: object) -> int:
    """Check the packages that a mirror lists against the rules; those that an earlier run did are left out.

    MIRROR is a directory, or an address that begins with http:// or https://.
    """
    only = frozenset(texts(options["only"]))
    for name in sorted(only):
        require_rule(name)
    task = CheckTask(
        persona=Persona(options["persona"]), only=only, pythons=tuple(named_pythons(texts(options["pythons"])))
    )
    return _run(_order(mirror, options, task, "check"), options)


@archive.command("verify", epilog=_STATUS)
@_archive_options
@scheduler_option
@python_option
@ends_with_status
def verify_command(mirror: str, **options: object) -> int:
    """Compile the sources of each package, and compare all bytecode that it ships.

    MIRROR is a directory, or an address that begins with http:// or https://.
    """
    only = frozenset({"code-differs", "syntax-error"})
    task = CheckTask(only=only, compile_all=True, pythons=tuple(named_pythons(texts(options["pythons"]))))
    return _run(_order(mirror, options, task, "verify"), options)


@archive.command("try", epilog=_EPILOG_OF_TRY + _STATUS)
@_archive_options
@options_of_trial
@ends_with_status
def try_command(mirror: str, **options: object) -> int:
    """Play the life of each package in a throw-away system, fenced in, as `pkgtools try` does.

    MIRROR is a directory, or an address that begins with http:// or https://.
    """
    order = trial_order(options)
    require_tools()
    return _run(_order(mirror, options, order, "try"), {**options, "scheduler": None})


@archive.command(
    "report",
    epilog="""\\b
Examples:
  pkgtools archive report --store bookworm.sqlite -o /srv/www/bookworm

Exit status: 0 the site was written, 2 it couldn't be.
""",
)
@click.option(
    "--store",
    metavar="FILE",
    required=True,
    shell_complete=completing.paths,
    help="Where `pkgtools archive check` kept its results.",
)
@click.option("--output", "-o", metavar="DIR", required=True, shell_complete=completing.paths, help="The site.")
@click.option("--run", "number", callback=count, metavar="N", help="This run, not the last one.")
@ends_with_status
def report_command(*, store: str, output: str, number: int | None) -> None:
    """Write what a run found as a site of static pages, with JSON and SARIF beside them.

    A site that is there is replaced as a whole.
    """
    if not Path(store).is_file():
        raise UsageError(f"{store}: no such file or directory")
    with _opened(Path(store)) as opened:
        write_site(opened, latest(opened, number), Path(output), Severity.ERROR)


def _order(mirror: str, options: dict[str, object], task: CheckTask | TrialOrder, job: str) -> ArchiveOrder:
    keyring, unsigned = options["keyring"], bool(options["allow_unsigned"])
    if keyring and unsigned:
        raise UsageError("--keyring and --allow-unsigned contradict each other: give one of them")
    if not keyring and not unsigned:
        raise UsageError("--keyring is missing: name the keys of the archive, or --allow-unsigned to trust the mirror")
    return ArchiveOrder(
        mirror=mirror,
        suite=str(options["suite"] or ""),
        components=texts(options["components"]),
        architectures=texts(options["architectures"]),
        keyring=require_keyring(Path(str(keyring))) if keyring else None,
        task=task,
        job=job,
    )


def _run(order: ArchiveOrder, options: dict[str, object]) -> int:
    jobs, scheduler = options["jobs"], options["scheduler"]
    if jobs and scheduler:
        raise UsageError(
            "--jobs and --scheduler contradict each other: a cluster has as many at once as its workers do"
        )
    path = Path(str(options["store"]))
    with _opened(path) as store, _spread(jobs if isinstance(jobs, int) else 1, str(scheduler or "")) as spread:
        run = begin(store, order)
        left = len(store.left(run))
        new = sum(1 for _ in progress(go_on(store, run, order, spread), "checking", left))
        tally = tally_of(store, store.run(run.number), Severity(options["fail_on"]))
    write_out(_report(tally, new, as_json=bool(options["as_json"])), str(options["output"]))
    return tally.status


@contextmanager
def _opened(path: Path) -> Iterator[Store]:
    """Open a store. Raises EnvironmentFault where it can't be written: the disk is full, another run has it."""
    try:
        with closing(Store(path)) as store:
            yield store
    except sqlite3.Error as error:
        raise EnvironmentFault(f"{path}: {error}") from error


@contextmanager
def _spread(jobs: int, scheduler: str) -> Iterator[Spread]:
    """Yield what does the work: processes of this machine, or a cluster."""
    if scheduler:
        from pkgtools.archive.cluster import cluster_at  # noqa: PLC0415 - what no other run pays for

        with cluster_at(scheduler) as spread:
            yield spread
        return

    def local(
        do: Callable[[PackageWork], Done], works: Iterable[PackageWork]
    ) -> Iterator[tuple[PackageWork, Done | None]]:
        return each_in_order(do, works, jobs, tries=_TRIES)

    yield local


def _report(tally: RunTally, new: int, *, as_json: bool) -> Iterator[str]:
    if as_json:
        yield json.dumps(run_as_dict(tally, new), indent=1) + "\n"
    else:
        yield from run_lines(tally, new)


COMMAND = archive
