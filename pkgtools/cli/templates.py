# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools templates`: look at the templates, and copy some to change them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.render.generate import open_templates
from pkgtools.runtime.errors import UsageError

from . import completing
from .running import ends_with_status
from .usage import CommandGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.render.templates import Templates

_EPILOG = """\b
Examples:
  pkgtools templates list
      all, and where each comes from
  pkgtools templates show deb/postinst.sh.j2
  pkgtools templates copy deb/postinst.sh.j2 my/
      then: pkgtools generate --templates my ...

A template of yours can take up ours and change a block of it:

\b
      {% extends "pkgtools/deb/postinst.sh.j2" %}
      {% block end %}...{% endblock %}

Exit status: 0 done; 2 it could not be done.
"""


@click.group("templates", cls=CommandGroup, epilog=_EPILOG)
def templates() -> None:
    """List, show and copy the templates that `generate` renders."""


def _own(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option that all subcommands have."""
    help_text = "Templates of your own, instead of those of the same name."
    return click.option("--templates", "directory", metavar="DIR", help=help_text)(command)


def _open(directory: str | None) -> Templates:
    return open_templates(Path(directory) if directory else None)


@templates.command("list")
@_own
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@ends_with_status
def list_command(directory: str | None, as_json: bool) -> None:
    """List all templates by name, each with the file that is used."""
    found = [(one, one.about()) for one in _open(directory)]
    if as_json:
        rows = [
            {"name": one.name, "path": str(one.path) if one.path else None, "own": one.own, "about": about}
            for one, about in found
        ]
        click.echo(json.dumps({"version": 1, "templates": rows}, indent=1))
        return
    width = max(len(one.name) for one, _ in found)
    for one, about in found:
        click.echo(f"{one.name:{width}}  {click.format_filename(one.path) if one.own and one.path else about}".rstrip())


@templates.command("show")
@_own
@click.argument("name", shell_complete=completing.template_names)
@ends_with_status
def show_command(directory: str | None, name: str) -> None:
    """Print a template as it is used."""
    click.echo(_open(directory).find(name).text, nl=False)


@templates.command("copy")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=completing.template_names)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", "-f", is_flag=True, help="Overwrite existing files.")
@click.option("--dry-run", "-n", is_flag=True, help="Copy nothing; show what would be copied.")
@ends_with_status
def copy_command(names: tuple[str, ...], directory: Path, force: bool, dry_run: bool) -> None:
    """Copy templates of ours into DIRECTORY, where they can be changed."""
    found = [open_templates().find(name) for name in names]
    there = [str(directory / one.name) for one in found if (directory / one.name).exists()]
    if there and not force:
        raise UsageError(f"{', '.join(there)}: already there; --force overwrites")
    for one in found:
        target = directory / one.name
        if not dry_run:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(one.text, "utf-8")
        click.echo(str(target))


COMMAND = templates
