# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the commands that report findings have in common: in which format, and where to."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, ParamSpec, TypeVar

import click

from pkgtools.model.finding import Severity
from pkgtools.report.formats import Format, ReportOptions, write
from pkgtools.runtime.errors import Refused, UsageError
from pkgtools.runtime.facts import InstalledPath, Reason
from pkgtools.runtime.system.trust import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pkgtools.model.finding import CheckReport

_NARROW = 60
"""Columns of a terminal below which a table would cut words."""
_WIDEST = 1 << 16
"""Columns: more than two names of the longest kind have, escaped."""
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where a report goes and what it looks like."""

    form: Format
    """The format, --json counted as one."""
    path: str
    """Empty: standard output."""
    summary: bool
    """Numbers alone."""
    every: bool
    """List every place of a finding, not only the first five of each rule."""
    fail_on: Severity
    """The least severity of a finding that makes the exit status 1."""
    allow_unchecked: bool
    """Exit as if all could be compared, instead of with 2."""


def output_options(command: Callable[P, R]) -> Callable[P, R]:
    """Add the options of a report to a command."""
    for option in reversed(
        (
            click.option(
                "--format",
                "-f",
                "form",
                type=click.Choice([one.value for one in Format]),
                help="Format of the report (text).",
            ),
            click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
            click.option("--output", "-o", "output", metavar="FILE", default="", help="Write the report to FILE."),
            click.option("--summary", is_flag=True, help="Numbers alone: with --json a small object, else a line."),
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
    given = options.pop("form")
    form = chosen_format(None if given is None else str(given), as_json=bool(options.pop("as_json")))
    summary = bool(options.pop("summary"))
    if summary and form not in {Format.TEXT.value, Format.JSON.value}:
        raise UsageError(f"--summary goes with text and JSON: --format {form} is for what needs the findings")
    return Output(
        summary=summary,
        form=Format(form),
        path=str(options.pop("output")),
        every=bool(options.pop("every")),
        fail_on=Severity(str(options.pop("fail_on"))),
        allow_unchecked=bool(options.pop("allow_unchecked")),
    )


def chosen_format(form: str | None, *, as_json: bool) -> str:
    """Return the name of the format that --format or --json asks for. Raises UsageError if they contradict."""
    if as_json and form not in {None, Format.JSON.value}:
        raise UsageError(f"--json and --format {form} contradict each other: give one of them")
    return Format.JSON.value if as_json else form or Format.TEXT.value


def write_report(report: CheckReport, output: Output) -> None:
    """Write a report; the file is opened when there is something to write. Raises OSError."""
    look = ReportOptions(
        every=output.every,
        summary=output.summary,
        terminal=not output.path and (sys.stdout.isatty() or is_colour_forced()),
        colour=not output.path and is_colour_forced(),
    )
    write_pieces(write(report, output.form, look), output)


def write_pieces(pieces: Iterator[str], output: Output) -> None:
    """Write the pieces of a report where they are to go. Raises OSError."""
    if output.path and output.form is Format.PROMETHEUS:
        path = Path(output.path).absolute()
        for directory in dict.fromkeys((path.parent, path.resolve().parent)):  # a link's, and where it leads
            _require_trusted(directory)
    write_out(pieces, output.path)


def write_out(pieces: Iterator[str], path: str) -> None:
    """Write to a file, or to standard output where its name is empty. Raises OSError."""
    if path:
        replace_file(Path(path), pieces)
        return
    for piece in pieces:
        click.echo(piece, nl=False, color=is_colour_forced() or None)  # click takes colour out of what goes elsewhere


def print_rows(title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print names and values as a table: as wide as a terminal, or as its lines where there is none that has a width.

    A narrow terminal gets lines, for a column of it would cut words.
    """
    from rich.console import Console  # noqa: PLC0415 - 30 ms, for the commands that print one
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    is_terminal, is_forced = sys.stdout.isatty(), is_colour_forced()
    console = Console(
        width=None if is_terminal else _WIDEST,
        force_terminal=is_terminal or is_forced,
        color_system="standard" if is_forced else "auto",
        soft_wrap=True,
        highlight=False,
    )
    if console.width < _NARROW:
        console.print(Text(title))
        for name, value in rows:
            console.print(Text(name, style="bold"))
            console.print(Text("".join(f"  {line}\n" for line in value.splitlines())), end="")
        return
    table = Table(title=Text(title), show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(value))
    console.print(table, soft_wrap=False)


def is_colour_forced() -> bool:
    """Whether FORCE_COLOR or CLICOLOR_FORCE ask for colour whatever the output is; `0` asks for nothing.

    NO_COLOR wins. See https://force-color.org and https://no-color.org.
    """
    asked = (os.environ.get(name, "") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))
    return not os.environ.get("NO_COLOR") and any(value not in {"", "0"} for value in asked)


def replace_file(path: Path, pieces: Iterator[str]) -> None:
    """Write a file as a whole: no reader finds half a report; a device or pipe is written to."""
    first = next(pieces, "")
    if path.exists() and not path.is_file():
        with _named(path), path.open("w", encoding="utf-8") as stream:
            stream.write(first)
            stream.writelines(pieces)
        return
    if path.is_symlink() and path.lstat().st_uid not in {0, os.geteuid()}:
        raise UsageError(f"{path} is a link of another user: remove it, or name the file that it leads to")
    path = path.resolve()  # what a link leads to is replaced, not the link
    with _named(path), _opened_beside(path) as stream:
        partial = Path(stream.name)
        try:
            stream.write(first)
            stream.writelines(pieces)
            stream.flush()
            os.fchmod(stream.fileno(), path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            partial.replace(path)
        except BaseException:  # an interrupt too must leave nothing behind; it is raised again
            partial.unlink(missing_ok=True)
            raise


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the file in the errors of a full disk, which say nothing of where."""
    try:
        yield
    except OSError as error:
        raise error if error.errno == errno.EPIPE else type(error)(error.errno, error.strerror, str(path)) from error


def _require_trusted(directory: Path) -> None:
    """Raise Refused if others than root and the caller could lead what is written there elsewhere."""
    tree = own_tree()
    try:
        tree.open_settings(InstalledPath(os.fspath(directory)))
    except Refused as error:
        raise UsageError(f"{directory} {insecure(error)}") from error
    finally:
        tree.close()


def insecure(error: Refused) -> str:
    """Say why a file of settings is not read, or a report not written, behind its name."""
    match error.reason:
        case Reason.NOT_A_REGULAR_FILE:
            return "is not a regular file"
        case Reason.SYMLINK:
            return f"is not used, since {error.path} is a symbolic link: name the file that it leads to"
        case _:
            where = f"{error.path}: {error.reason.value}"
            why = f"others could change it or put another in its place ({where})"
            return f"is not used, since {why}: choose a place of yours"


def own_tree() -> Tree:
    """Return this machine's root directory, in which root and the caller are trusted."""
    return Tree("/", frozenset({0, os.geteuid()}))


def _opened_beside(path: Path) -> IO[str]:
    """Open a file with a name that can't be foreseen: in /tmp another user would lay a link there. Raises OSError."""
    return tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".pkgtools-", delete=False)


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
