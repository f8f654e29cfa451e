# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools rules`: all rules, with what they are about."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pkgtools.check.registry import all_rules, rule_of
from pkgtools.model.finding import Persona
from pkgtools.runtime.errors import UsageError

from .running import ends_with_status
from .usage import CommandGroup, did_you_mean

if TYPE_CHECKING:
    from pkgtools.check.rule import Rule

_EPILOG = """\b
Examples:
  pkgtools rules
  pkgtools rules list --persona maintainer --json

Exit status: 0.
"""


@click.group("rules", cls=CommandGroup, invoke_without_command=True, epilog=_EPILOG)
@click.pass_context
def rules(context: click.Context) -> None:
    """List the rules that check and audit apply; `pkgtools explain ID` explains one."""
    if context.invoked_subcommand is None:
        context.invoke(list_command)


@rules.command("list", epilog=_EPILOG)
@click.option("--persona", type=click.Choice([one.value for one in Persona]), help="Only those for one kind of reader.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the whole pages.")
@ends_with_status
def list_command(*, persona: str | None, as_json: bool) -> None:
    """List the rules, sorted by id."""
    wanted = [rule for rule in all_rules() if persona in {None, rule.facts.persona.value}]
    if as_json:
        click.echo(json.dumps({"version": 1, "rules": [rule_as_dict(rule) for rule in wanted]}, indent=1))
        return
    width = max(len(rule.facts.id) for rule in wanted)
    for rule in wanted:
        facts = rule.facts
        click.echo(f"{facts.id:<{width}}  {facts.severity.value:<7}  {facts.persona.value:<10}  {facts.title}")


def require_rule(rule_id: str, where: str = "") -> Rule:
    """Return the rule of an id. Raises UsageError with the nearest one; `where` begins its text."""
    rule = rule_of(rule_id)
    if rule is None and "," in rule_id:
        raise UsageError(f"{where}no rule {rule_id}: give --rule once for each")
    if rule is None:
        near = did_you_mean(rule_id, (one.facts.id for one in all_rules()))
        raise UsageError(f"{where}no rule {rule_id}{near or '; `pkgtools rules list` lists them'}")
    return rule


def rule_as_dict(rule: Rule) -> dict[str, object]:
    """Return all that is known of a rule as plain values."""
    facts = rule.facts
    return {
        "id": facts.id,
        "title": facts.title,
        "severity": facts.severity.value,
        "confidence": facts.confidence.value,
        "persona": facts.persona.value,
        "kinds": sorted(kind.value for kind in rule.kinds),
        "fixed": facts.fixed or None,
        "page": asdict(facts.page),
    }


COMMAND = rules
