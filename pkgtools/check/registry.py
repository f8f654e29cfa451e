# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""All rules: each module in `pkgtools/rules/` declares one, by the decorator on its function `find`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import pkgtools.rules

if TYPE_CHECKING:
    from .rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by id."""
    names = (module.name for module in iter_modules(pkgtools.rules.__path__))
    rules: list[Rule] = [import_module(f"{pkgtools.rules.__name__}.{name}").find for name in names]
    return tuple(sorted(rules, key=lambda rule: rule.facts.id))


def rule_of(rule_id: str) -> Rule | None:
    """Return the rule with an id, None if there is none."""
    return next((rule for rule in all_rules() if rule.facts.id == rule_id), None)
