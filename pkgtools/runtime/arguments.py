# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Command lines by a table: a few lines read the plain ones, argparse all others, --help and errors included.

Importing argparse and telling it the options takes 10 ms, as long as a package of five modules takes to compile.
"""

from __future__ import annotations

from pkgtools.runtime.lean import NamedTuple

from .errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any


class Argument(NamedTuple):
    """What may be given on a command line: an option, or the words that belong to none."""

    flags: tuple[str, ...]
    """`-p` and `--package`, or one of them; empty for the words."""
    dest: str
    """The name of its value."""
    help: str
    """What --help says of it."""
    metavar: str = ""
    """What --help calls its value; empty for an option without one."""
    repeated: bool = False
    """It may be given several times, and its value is the list of what was given."""
    convert: Callable[[str], object] | None = None
    """Makes the value of a text. Raises UsageError."""
    value: bool = True
    """Of an option without a text."""


class CommandLine(NamedTuple):
    """What a command takes."""

    program: str
    """Its name, for messages."""
    description: str
    """What it does, in a sentence."""
    arguments: tuple[Argument, ...]
    """In the order of --help."""
    epilog: str | None = None
    """What --help says at its end."""
    version: str | None = None
    """What --version says behind the program's name; None: there is no such option."""
    exclusive: frozenset[str] = frozenset()
    """The names of options of which one at most may be given."""
    abbreviations: bool = False
    """Long options may be cut short."""

    def read(self, words: list[str]) -> dict[str, Any]:
        """Return what was given, by the arguments' names.

        Raises UsageError; --help and --version print and raise SystemExit.
        """
        given = self.read_plainly(words)
        if given is None:
            given = vars(self.parser().parse_args(words))
        return given

    def read_plainly(self, words: list[str]) -> dict[str, Any] | None:
        """Return what was given, as argparse would; None for what is wrong or unusual and left to argparse."""
        options = {flag: argument for argument in self.arguments for flag in argument.flags}
        free = next((argument for argument in self.arguments if not argument.flags), None)
        given: dict[str, Any] = {}
        rest = iter(words)
        before = ""
        for word in rest:
            if not word.startswith("-") or word == "-":
                interrupted = free is not None and free.dest in given and before != ""
                if free is None or interrupted or not _take(free, word, given):
                    return None
                before = ""
                continue
            before = word
            flag, text = _split(word)
            argument = options.get(flag)
            if argument is None or (argument.dest in given and not argument.repeated) or (text or "").startswith("="):
                return None
            if argument.metavar and text is None:
                text = next(rest, None)
                if text is None or (text.startswith("-") and text != "-"):
                    return None
            if bool(argument.metavar) != (text is not None) or not _take(argument, text or "", given):
                return None
        return None if self.exclusive and self.exclusive <= given.keys() else given

    def parser(self) -> argparse.ArgumentParser:
        """Return argparse's parser for the same."""
        from .full_parser import make_parser  # noqa: PLC0415 - see above

        return make_parser(self)


def _split(word: str) -> tuple[str, str | None]:
    """Return the flag of a word, and the value that is joined to it."""
    if word.startswith("--"):
        flag, equal, text = word.partition("=")
        return flag, text if equal else None
    return word[:2], word[2:] or None


def _take(argument: Argument, text: str, given: dict[str, Any]) -> bool:
    """Note a value; False if it is wrong."""
    if not (argument.metavar or argument.repeated):
        given[argument.dest] = argument.value
        return True
    try:
        value = argument.convert(text) if argument.convert else text
    except UsageError:
        return False
    if argument.repeated:
        given.setdefault(argument.dest, []).append(value)
    else:
        given[argument.dest] = value
    return True
