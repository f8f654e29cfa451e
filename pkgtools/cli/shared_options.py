# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Options that several commands have."""

from __future__ import annotations

import click

from . import completing

python_option = click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="PATH",
    help="An interpreter beside those in /usr/bin, or a directory.",
)
rule_option = click.option(
    "--rule",
    "-r",
    "only",
    metavar="ID",
    multiple=True,
    shell_complete=completing.rule_ids,
    help="Only this rule; may be given several times.",
)


def texts(values: object) -> tuple[str, ...]:
    """Return what was given for an option that may be given several times."""
    return tuple(map(str, values)) if isinstance(values, tuple) else ()
