# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""How every command ends: with a status, after an error in one line, or because of a signal."""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

from pkgtools.report.wording import lines
from pkgtools.runtime.errors import PkgtoolsError, in_words
from pkgtools.runtime.interrupts import interrupt_status, write_nowhere

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def ends_with_status(command: Callable[P, int | None]) -> Callable[P, NoReturn]:
    """Make what a command returns its exit status (0 for None); an error is a line on standard error, and status 2.

    So is a pipe that its reader closed, in silence: not all was said. An interrupt is 130, SIGTERM 143.
    """

    @wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> NoReturn:
        context = click.get_current_context()
        try:
            status = command(*arguments, **options) or 0
            sys.stdout.flush()
        except BrokenPipeError:
            write_nowhere()
            status = 2
        except KeyboardInterrupt as interrupt:
            status = interrupt_status(interrupt)
        except (PkgtoolsError, OSError) as error:
            click.echo(f"{_name(context)}: {lines(in_words(error))}", err=True)  # names reach no terminal as they are
            status = 2
        except click.exceptions.Exit as end:
            status = end.exit_code
        context.exit(status)

    return run


def _name(context: click.Context) -> str:
    """Return the command's name as messages begin with it: that of the group, `pkgtools templates`, for `list`."""
    words = [context.info_name or ""] if context.parent is None else []
    while context.parent is not None:
        words.append(context.info_name or "")
        context = context.parent
    return f"pkgtools {words[-1]}"
