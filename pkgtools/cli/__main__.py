# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Where `pkgtools` begins, also as `python -m pkgtools.cli`: signals are heeded before the libraries are imported."""

from __future__ import annotations

from pkgtools.runtime.interrupts import exit_with


def main() -> None:
    """Run the command that the arguments name, and exit."""
    exit_with(_run)


def _run() -> int:
    import click  # noqa: PLC0415 - see above

    from .group import main as group  # noqa: PLC0415

    try:
        return int(group.main(prog_name="pkgtools", standalone_mode=False) or 0)
    except click.ClickException as error:
        from .usage import sentence  # noqa: PLC0415 - seldom needed

        click.echo(sentence(error), err=True)
        return 2
    except SystemExit as end:
        if end.code == 1:  # click's own for a pipe that was closed while it printed --help; ours for findings
            raise BrokenPipeError from end
        raise
    except click.Abort as abort:
        if isinstance(abort.__cause__, KeyboardInterrupt):
            raise abort.__cause__ from None
        return 2


if __name__ == "__main__":
    main()
