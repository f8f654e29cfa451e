# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the commands that report findings have in common: in which format, and where to."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, ParamSpec, TypeVar

import click

from pkgtools.model.finding import Severity
from pkgtools.report.formats import Format, Look, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.table import Table

    from pkgtools.model.finding import Report

_WIDEST = 1 << 16
"""Columns: more than two names of the longest kind have, escaped."""
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where a report goes and what it looks like."""

    form: Format
    path: str
    """Empty: standard output."""
    every: bool
    fail_on: Severity
    allow_unchecked: bool


def output_options(command: Callable[P, R]) -> Callable[P, R]:
    """Add the options of a report to a command."""
    for option in reversed(
        (
            click.option(
                "--format",
                "-f",
                "form",
                type=click.Choice([one.value for one in Format]),
                default=Format.TEXT.value,
                help="Format of the report (text).",
            ),
            click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
            click.option("--output", "-o", "output", metavar="FILE", default="", help="Write the report to FILE."),
            click.option("--all", "every", is_flag=True, help="List every place, not the first five of each rule."),
            click.option(
                "--fail-on",
                type=click.Choice([one.value for one in Severity]),
                default=Severity.ERROR.value,
                help="Exit with 1 from this severity on (error).",
            ),
            click.option("--allow-unchecked", is_flag=True, help="Exit as if all could be compared; else with 2."),
        )
    ):
        command = option(command)
    return command


def take_output(options: dict[str, object]) -> Output:
    """Take the options of a report out of a command's; what is left is the command's own."""
    form, as_json = str(options.pop("form")), options.pop("as_json")
    return Output(
        form=Format.JSON if as_json else Format(form),
        path=str(options.pop("output")),
        every=bool(options.pop("every")),
        fail_on=Severity(str(options.pop("fail_on"))),
        allow_unchecked=bool(options.pop("allow_unchecked")),
    )


def write_report(report: Report, output: Output) -> None:
    """Write a report; the file is opened when there is something to write. Raises OSError."""
    look = Look(every=output.every, terminal=not output.path and sys.stdout.isatty())
    pieces = write(report, output.form, look)
    if not output.path:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    _replace(Path(output.path), pieces)


def print_table(table: Table) -> None:
    """Print a table: as wide as a terminal, or as the table itself where there is none that has a width."""
    from rich.console import Console  # noqa: PLC0415 - 30 ms, for the commands that print one

    Console(width=None if sys.stdout.isatty() else _WIDEST).print(table)


def _replace(path: Path, pieces: Iterator[str]) -> None:
    """Write a file as a whole: nobody finds half a report, whatever happens; a device or pipe is written to."""
    first = next(pieces, "")
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as stream:
            stream.write(first)
            stream.writelines(pieces)
        return
    path = path.resolve()  # what a link leads to is replaced, not the link
    with _opened_beside(path) as stream:
        partial = Path(stream.name)
        try:
            stream.write(first)
            stream.writelines(pieces)
            stream.flush()
            partial.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            partial.replace(path)
        except BaseException:  # an interrupt too must leave nothing behind; it is raised again
            partial.unlink(missing_ok=True)
            raise


def _opened_beside(path: Path) -> IO[str]:
    """Open a file with a name that nobody can foresee: in /tmp another user would lay a link there. Raises OSError."""
    try:
        return tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".pkgtools-", delete=False)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
