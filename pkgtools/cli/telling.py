# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What all commands say in the same way."""

from __future__ import annotations

import click

from pkgtools.report.wording import lines


def tell_error(command: str, error: Exception) -> None:
    """Print an error of a command to standard error; names in it reach no terminal as they are."""
    click.echo(f"pkgtools {command}: {lines(str(error))}", err=True)
