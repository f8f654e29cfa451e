# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The commands: one a file, imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from pkgtools import __version__

from .usage import CommandGroup

_COMMANDS = {
    "archive": "Check whole archives of packages, day after day.",
    "audit": "Find what on a system is wrong or dangerous about bytecode, and repair it.",
    "check": "Check packages against the rules.",
    "diff": "Show what changes for bytecode, scripts and modes between two packages.",
    "explain": "Explain a rule.",
    "generate": "Generate maintainer scripts, scriptlets and triggers from a manifest.",
    "init": "Print a manifest to start from, with every key explained.",
    "inspect": "Show the modules and bytecode of a package or system, who compiles and who cleans.",
    "lsp": "Serve an editor: faults, completion and explanations for manifests.",
    "migrate": "Have a source package use dh_pkgtools instead of dh_python3, and back.",
    "rules": "List the rules that check and audit apply.",
    "stage": "Put the generated files into a staged tree.",
    "templates": "Look at the templates that files are generated from, and copy them.",
    "try": "Play a package's whole life in a throw-away system, fenced in.",
    "verify": "Compare the bytecode of a system or package with its sources.",
}
"""Each command, which is in the module of the same name, and what `--help` says of it."""


class _Commands(CommandGroup):
    """A group that imports a command when it is needed: each needs another library, and none all of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name}", __package__).COMMAND
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pkgtools")
def main() -> None:
    """Get Python bytecode right in Debian and RPM packages, and check it on installed systems.

    The commands that change a system are pkgtools-compile(1), pkgtools-clean(1) and pkgtools-trigger(8).
    """
