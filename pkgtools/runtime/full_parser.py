# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""argparse's parser of a command line that a table describes: for --help, errors and what is seldom written."""

from __future__ import annotations

import argparse
import os
import textwrap

from .errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from .arguments import Argument, CommandLine

_WIDEST = 80
_NARROWEST = 30
_UNKNOWN = "unrecognized arguments: "
_FAR = 3
"""From so many letters on, a word is another one."""
_SHORT = 3
"""`-p` and `-n` are one letter apart and not alike."""


def make_parser(line: CommandLine) -> argparse.ArgumentParser:
    """Return the parser of a command line."""
    parser = _Parser(
        prog=line.program,
        description=line.description,
        epilog=line.epilog,
        formatter_class=OptionsFormatter,
        allow_abbrev=line.abbreviations,
        argument_default=argparse.SUPPRESS,
    )
    either = parser.add_mutually_exclusive_group() if line.exclusive else parser
    for argument in line.arguments:
        _add(either if argument.dest in line.exclusive else parser, argument)
    if line.version is not None:
        parser.add_argument("--version", action="version", version=f"%(prog)s {line.version}")
    return parser


def _add(into: argparse._ActionsContainer, argument: Argument) -> None:
    about, kind = argument.help, _type(argument)
    if not argument.flags:
        into.add_argument(argument.dest, metavar=argument.metavar, nargs="*", type=kind, help=about)
    elif argument.metavar:
        action = "append" if argument.repeated else "store"
        into.add_argument(
            *argument.flags, dest=argument.dest, metavar=argument.metavar, action=action, type=kind, help=about
        )
    else:
        into.add_argument(*argument.flags, dest=argument.dest, action="store_const", const=argument.value, help=about)


def _type(argument: Argument) -> Callable[[str], object]:
    def converted(text: str) -> object:
        try:
            return argument.convert(text) if argument.convert else text
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return converted


class OptionsFormatter(argparse.RawDescriptionHelpFormatter):
    """Lays --help out without shutil, which python3-minimal lacks, and cuts no word."""

    def __init__(self, prog: str) -> None:
        """Take the width of the terminal, 80 columns at most."""
        width = _width()
        super().__init__(prog, max_help_position=min(24, width // 4), width=width)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Wrap what is text; examples, which are indented, stay as they are."""
        filled = [
            line if line.startswith("  ") else "\n".join(textwrap.wrap(line, width, break_long_words=False))
            for line in _joined(text.splitlines())
        ]
        return "\n".join(indent + line for line in filled)


def _joined(lines: list[str]) -> list[str]:
    """Join the lines of each paragraph that is not indented."""
    joined: list[str] = []
    for line in lines:
        if joined and line and joined[-1] and not line.startswith("  ") and not joined[-1].startswith("  "):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def _width() -> int:
    """Return the columns that there are, as argparse finds them: by COLUMNS, else the terminal's, else 80."""
    given = os.environ.get("COLUMNS", "")
    try:
        width = int(given) if given.isdigit() else os.get_terminal_size(1).columns
    except OSError:
        width = _WIDEST
    return min(max(width, _NARROWEST), _WIDEST)


class _Parser(argparse.ArgumentParser):
    """argparse exits by itself where it finds a fault; the main function does that here."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of exiting."""
        word = message.partition(_UNKNOWN)[2].partition(" ")[0].partition("=")[0]
        near = _nearest(word, list(self._option_string_actions)) if word.startswith("-") else ""
        raise UsageError(f"{message}{f'; did you mean {near}?' if near else ''} (see {self.prog} --help)")


def _nearest(word: str, words: list[str]) -> str:
    """Return the word that a misspelt one was probably meant to be; empty if none is near (no difflib is here)."""
    distances = [(_distance(word, one), one) for one in words if len(one) > _SHORT]
    distance, near = min(distances, default=(_FAR, ""))
    begun = [one for _, one in distances if one.startswith(word) and len(word) > _SHORT]
    if len(begun) == 1:
        return begun[0]
    return near if distance < _FAR and len(word) > _SHORT else ""


def _distance(one: str, other: str) -> int:
    """Return how many letters have to be put in, taken out or changed, two that were swapped counting once."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, beside in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != beside))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == beside:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
