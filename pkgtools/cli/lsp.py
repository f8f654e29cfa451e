# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools lsp`: the language server for manifests."""

from __future__ import annotations

import click

from pkgtools.runtime.errors import EnvironmentFault

from .running import ends_with_status

_EPILOG = """\b
Examples:
  pkgtools lsp
      as editors start it; docs/how-to/edit-manifests.md has their settings

Exit status: 0 the editor ended it, 2 it can't run: it needs the extra `lsp`.
"""


@click.command("lsp", epilog=_EPILOG)
@ends_with_status
def lsp() -> None:
    """Serve an editor: what is wrong with a manifest, which keys and values there are, and what they mean.

    It speaks the Language Server Protocol over standard input and output.
    """
    try:
        from pkgtools.lsp.server import serve  # noqa: PLC0415 - no other command needs what it imports
    except ImportError as error:
        text = f"{error.name} is missing: install pkgtools with its extra, pkgtools-distro[lsp]"
        raise EnvironmentFault(text) from error
    serve()


COMMAND = lsp
