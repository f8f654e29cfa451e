# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a shell offers while the value of an option or argument is typed. Nothing is said of what can't be read then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from pkgtools.runtime.errors import PkgtoolsError

if TYPE_CHECKING:
    import click


def paths(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer files and directories."""
    return [CompletionItem(incomplete, type="file")]


def rule_ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer rules, each with its title."""
    from pkgtools.check.registry import all_rules  # noqa: PLC0415 - where one is typed only

    facts = (one.facts for one in all_rules())
    return [CompletionItem(one.id, help=one.title) for one in facts if one.id.startswith(incomplete)]


def template_names(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer templates, those of the packager's directory among them."""
    from pathlib import Path  # noqa: PLC0415 - as above

    from pkgtools.render.generate import open_templates  # noqa: PLC0415 - as above

    directory = context.params.get("directory")
    try:
        found = list(open_templates(Path(directory) if isinstance(directory, str) else None))
    except (PkgtoolsError, OSError):
        return []
    return [CompletionItem(one.name) for one in found if one.name.startswith(incomplete)]


def package_keys(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the packages of the manifest that the command would read."""
    from .manifest_options import open_manifest  # noqa: PLC0415 - as above

    try:
        packages = open_manifest(context.params.get("manifest")).packages
    except (PkgtoolsError, OSError):
        return []
    return [CompletionItem(one.key) for one in packages if one.key.startswith(incomplete)]
