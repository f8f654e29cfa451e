# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A wrong call, told in one sentence: what is wrong, the nearest right word, and where the right ones are listed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.config.problems import nearest
from pkgtools.report.wording import visible
from pkgtools.runtime.errors import UsageError

from .help import HelpContext

if TYPE_CHECKING:
    from collections.abc import Iterable


_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SENTENCE = 200
"""Characters: no first sentence is longer."""
_EMPTY = re.compile("(--[a-z0-9-]+=)?")
_CHOICE = re.compile(r"'(.*)' is not one of ")
_PROGRAMS = ("pkgtools-clean", "pkgtools-compile", "pkgtools-trigger")
_MEANT = {
    "-v": "--version",
    "clean": "pkgtools-clean",
    "compare": "diff",
    "compile": "pkgtools-compile",
    "help": "--help",
    "info": "inspect",
    "lint": "check",
    "show": "inspect",
    "trigger": "pkgtools-trigger",
    "validate": "check",
    "version": "--version",
}
"""What the words of other programs are called here."""


class CommandGroup(click.Group):
    """A group that names the nearest command where it has no command of the given name."""

    context_class = HelpContext

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse a call without a command, and one with an empty word. Raises click.UsageError."""
        if not ctx.resilient_parsing:
            if not args and not self.invoke_without_command:
                ctx.fail(f"COMMAND is missing: one of {', '.join(self.list_commands(ctx))}")
            if any(_EMPTY.fullmatch(word) for word in args):
                ctx.fail("an argument is empty: the variable that it was to come from may be unset")
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the whole first sentence of each command; click cuts it."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(_SENTENCE)) for name, one in commands if one is not None])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what is wrong with its call is told in its name. Raises click.UsageError."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            called = ctx.meta.get(_called(ctx))
            if error.ctx is None and called is not None:
                error.ctx = click.Context(called, info_name=called.name, parent=ctx)
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names. Raises click.UsageError."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]}{did_you_mean(args[0], [*self.list_commands(ctx), '--help', '--version'])}")
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            command.context_class = HelpContext
        ctx.meta[_called(ctx)] = command
        return name, command, rest


def _called(context: click.Context) -> str:
    return f"{__name__}:{context.command_path}"


def count(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """Return the number of processes that an option gives: from 1 on. Raises click.BadParameter."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value[:9])):
        raise click.BadParameter(f"{value!r} is not a number from 1 on")
    return int(value)


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return `; did you mean stale-pyc?`, empty where no word is near."""
    words = list(words)
    meant = _MEANT.get(word.lower(), "")
    near = meant if meant in {*words, *_PROGRAMS} else nearest(word, words)
    return f"; did you mean {near}?" if near else ""


def local_path(text: str) -> Path:
    """Return a path that was named. Raises UsageError for a URL, of which `Path` would make a wrong file name."""
    if _URL.match(text):
        raise UsageError(f"{text} is a URL: download the file, then name it here")
    path = Path(text)
    if path.suffix == ".json" and not path.exists():
        raise UsageError(f"{text}: no such file or directory; --json takes no file: `> {text}` behind the command does")
    return path


def sentence(error: click.ClickException) -> str:
    """Return the line that says what is wrong with a call."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "pkgtools"
    text = _said(error)
    separator = " " if text.endswith("?") else "; "
    return visible(f"{command}: {text}{separator}see `{command} --help`")


def _said(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"no option {error.option_name}{did_you_mean(error.option_name, _options(error.ctx))}"
    if isinstance(error, click.BadParameter) and error.param is not None:
        name = _name(error.param, error.ctx)
        if isinstance(error, click.MissingParameter):
            choices = error.param.type.choices if isinstance(error.param.type, click.Choice) else ()
            return f"{name} is missing{': one of ' + ', '.join(map(str, choices)) if choices else ''}"
        return f"{name}: {_plain(error.message)}{_near_choice(error)}"
    text = _plain(error.format_message())
    if isinstance(error, click.BadOptionUsage) and error.option_name == "--json" and "--output" in _options(error.ctx):
        return f"{text}; did you mean --output?"
    return text


def _near_choice(error: click.BadParameter) -> str:
    found = _CHOICE.match(error.message)
    choices = error.param.type.choices if error.param and isinstance(error.param.type, click.Choice) else ()
    return did_you_mean(found[1], map(str, choices)) if found else ""


def _options(context: click.Context | None) -> list[str]:
    parameters = context.command.get_params(context) if context else []
    return [name for one in parameters if isinstance(one, click.Option) for name in (*one.opts, *one.secondary_opts)]


def _name(parameter: click.Parameter, context: click.Context | None) -> str:
    """Return an option's longest name, or what stands for an argument in the help."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.metavar or (parameter.name or "argument").upper()


def _plain(text: str) -> str:
    """Begin small and end without a full stop, as other messages do."""
    text = re.sub(r"\s+", " ", text).strip().removesuffix(".")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
