# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools explain`: the page of a rule."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import click

from pkgtools.report.pages import fixed

from . import completing
from .rules import require_rule, rule_as_dict
from .running import ends_with_status

if TYPE_CHECKING:
    from pkgtools.check.rule import Rule

_EPILOG = """\b
Examples:
  pkgtools explain stale-pyc
  pkgtools explain --json clean-by-glob

Exit status: 0 explained, 2 there is no such rule.
"""
_WIDTH = 100


@click.command("explain", epilog=_EPILOG)
@click.argument("rule_id", metavar="ID", shell_complete=completing.rule_ids)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@ends_with_status
def explain(rule_id: str, *, as_json: bool) -> None:
    """Explain a rule: what it looks for, why that is bad, an example, and what to do."""
    rule = require_rule(rule_id)
    click.echo(json.dumps({"version": 1, **rule_as_dict(rule)}, indent=1) if as_json else page_text(rule))


def page_text(rule: Rule) -> str:
    """Write a rule's page as plain text."""
    facts, page = rule.facts, rule.facts.page
    kinds = ", ".join(sorted(kind.value for kind in rule.kinds))
    heading = (
        f"{facts.id}: {facts.title}\n"
        f"severity {facts.severity.value}, confidence {facts.confidence.value}, for {facts.persona.value}s;"
        f" looks at {kinds}"
    )
    example = textwrap.indent(page.example, "    ")
    to_do = "\n\n".join(part for part in (_filled(page.fix), _filled(fixed(facts))) if part)
    parts = [heading, _filled(page.what), "Why", _filled(page.why), "Example", example, "What to do", to_do]
    references = "\n".join(f"- {one}" for one in page.references)
    return "\n\n".join([*parts, "See", references])


def _filled(text: str) -> str:
    return "\n\n".join(textwrap.fill(one, _WIDTH, break_on_hyphens=False) for one in text.split("\n\n"))


COMMAND = explain
