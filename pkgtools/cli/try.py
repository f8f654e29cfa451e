# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools try`: play a package's whole life in a throw-away system, and say what was wrong after each step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from pkgtools.model.finding import Severity
from pkgtools.model.trial import Trial, TrialReport
from pkgtools.report.trial_json import trial_status, write_trials
from pkgtools.report.trial_text import summary_of, trial_lines
from pkgtools.runtime.errors import UsageError
from pkgtools.trial.enclosure import require_tools
from pkgtools.trial.life import try_package

from . import completing
from .output import chosen_format, write_out
from .parallel import each_in_order
from .progress_bar import progress
from .running import ends_with_status
from .trial_options import file_of, number_of, options_of_trial, steps_of, text_of, trial_order
from .usage import count, local_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pkgtools.trial.order import TrialOrder

P = ParamSpec("P")
R = TypeVar("R")

_EPILOG = """\b
Examples:
  pkgtools try --root bookworm.tar acme_1.1_all.deb
  pkgtools try --root bookworm.tar --with acme_1.0_all.deb acme_1.1_all.deb
  pkgtools try --root /srv/chroot --steps install,remove,purge -j2 *.deb
  pkgtools try --root bookworm.tar --runtime pkgtools-runtime_1_all.deb a.deb
  pkgtools try --root bookworm.tar -f html -o life.html acme_1.1_all.deb

Exit status: 0 nothing is wrong, 1 a step failed, 2 a package could not be
tried, or a step that --steps names was skipped.
"""
_FORMATS = ("text", "json", "junit", "html")


@click.command("try", epilog=_EPILOG)
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...", shell_complete=completing.paths)
@options_of_trial
@click.option(
    "--with",
    "old",
    metavar="OLD",
    shell_complete=completing.paths,
    help="The old version, to go back to and to come from.",
)
@click.option(
    "--keep", metavar="DIR", shell_complete=completing.paths, help="Write an archive of each system to DIR at the end."
)
@click.option("--jobs", "-j", callback=count, metavar="N", help="Packages at once (1).")
@click.option(
    "--fail-on",
    type=click.Choice([one.value for one in Severity]),
    default=Severity.ERROR.value,
    help="A step fails from this severity on (error).",
)
@click.option("--all", "every", is_flag=True, help="List every fault, not the first five of each step.")
@click.option("--format", "-f", "form", type=click.Choice(_FORMATS), help="Format of the report (text).")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", "-o", "output", metavar="FILE", default="", help="Write the report to FILE.")
@ends_with_status
def try_(packages: tuple[str, ...], **options: object) -> int:
    """Play a package's life in a throw-away system: install, upgrade, kill, fill the disk, remove, purge.

    Scripts of packages run there, fenced in: they see no file, no process and no network of this machine.
    """
    form = chosen_format(text_of(options["form"]) or None, as_json=bool(options["as_json"]))
    asked = steps_of(options)
    order = _order(options)
    paths = [file_of(one) for one in packages]
    if order.keep is not None:
        _require_own_names(paths)
    require_tools()
    found = each_in_order(partial(try_package, order=order), paths, number_of(options["jobs"]) or 1)
    done: list[Trial] = []
    trials = _gathered(progress(found, "trying", len(paths)), done)

    def report() -> TrialReport:
        return TrialReport(trials=tuple(done), fail_on=order.fail_on, asked=asked)

    every = bool(options["every"])
    write_out(
        _lines(trials, report, every=every) if form == "text" else _pieces(trials, report, form),
        text_of(options["output"]),
    )
    return trial_status(report())


def _gathered(found: Iterable[tuple[Path, Trial | None]], done: list[Trial]) -> Iterator[Trial]:
    """Yield what came of each package, and keep it."""
    for path, trial in found:
        done.append(trial or Trial(origin=str(path), error="the process that tried it was killed or crashed"))
        yield done[-1]


def _lines(trials: Iterator[Trial], report: Callable[[], TrialReport], *, every: bool) -> Iterator[str]:
    """Yield the text of each package as soon as it was tried."""
    for trial in trials:
        yield from trial_lines(trial, every=every)
    yield summary_of(report())


def _pieces(trials: Iterator[Trial], report: Callable[[], TrialReport], form: str) -> Iterator[str]:
    for _ in trials:
        continue
    if form == "json":
        return write_trials(report())
    if form == "junit":
        from pkgtools.report.trial_junit import write_cases  # noqa: PLC0415 - one of them is needed

        return write_cases(report())
    from pkgtools.report.trial_page import write_page  # noqa: PLC0415 - with jinja2

    return write_page(report())


def _order(options: dict[str, object]) -> TrialOrder:
    old, keep = text_of(options["old"]), text_of(options["keep"])
    if keep and not local_path(keep).is_dir():
        raise UsageError(f"--keep {keep}: not a directory")
    return replace(
        trial_order(options),
        old=file_of(old) if old else None,
        keep=local_path(keep) if keep else None,
        fail_on=Severity(text_of(options["fail_on"])),
    )


def _require_own_names(paths: list[Path]) -> None:
    """Raise UsageError where the archives of two packages would have one name."""
    name, number = Counter(path.name for path in paths).most_common(1)[0]
    if number > 1:
        raise UsageError(f"--keep: there are {number} packages {name}, whose archives would have one name")


COMMAND = try_
