# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""argparse's parser of a command line that a table describes: for --help, errors and what is seldom written."""

from __future__ import annotations

import argparse

from .errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from .arguments import Argument, CommandLine

_WIDTH = 100


def make_parser(line: CommandLine) -> argparse.ArgumentParser:
    """Return the parser of a command line."""
    parser = _Parser(
        prog=line.program,
        description=line.description,
        epilog=line.epilog,
        formatter_class=_Formatter,
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


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays --help out for a width that is given: asking the terminal would import shutil."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_WIDTH)


class _Parser(argparse.ArgumentParser):
    """argparse exits by itself where it finds a fault; the main function does that here."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of exiting."""
        raise UsageError(f"{message} (see {self.prog} --help)")
