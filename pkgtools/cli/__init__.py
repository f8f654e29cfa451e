# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The `pkgtools` command: one subcommand a file."""

from __future__ import annotations

import click

from pkgtools import __version__

from .generate import generate_command
from .init import init
from .stage import stage
from .status import status
from .templates import templates


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pkgtools")
def main() -> None:
    """Get Python bytecode right in Debian and RPM packages, and see how it stands in systems.

    The commands that change a system are pkgtools-compile(1), pkgtools-clean(1) and pkgtools-trigger(8).
    """


for command in (generate_command, init, stage, status, templates):
    main.add_command(command)
