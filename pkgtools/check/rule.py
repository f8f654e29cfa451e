# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a rule is, how a module declares one, and what it says of one subject."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Persona, RuleFacts
from pkgtools.model.package import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pkgtools.model.edits import Edit
    from pkgtools.model.finding import Page, Severity

    from .subject import Subject

PACKAGES = frozenset({Kind.DEB, Kind.RPM, Kind.APK, Kind.ALPM, Kind.TREE})
"""What `check` looks at."""
PACKED = frozenset({Kind.DEB, Kind.RPM, Kind.APK, Kind.ALPM})
"""Packages whose owners and modes are what will be installed."""
SYSTEMS = frozenset({Kind.ROOT})
"""What `audit` looks at."""
EVERYTHING = frozenset(Kind)
RENEWED = "compiles the pyc again where this machine has the interpreter, else removes it; a Debian package loses it"
"""What `check --fix` does about bytecode that is worth nothing (`repairs.renew`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where a rule's condition holds."""

    text: str
    """What is wrong there, one line; it doesn't repeat the path."""
    path: str = ""
    """The file as the installed system sees it; empty for the package as a whole."""
    script: str = ""
    """The maintainer script or scriptlet."""
    line: int | None = None
    """In the file or script, counted from 1."""
    severity: Severity | None = None
    """Where it is worse or less bad than the rule's."""
    repair: str = ""
    """A command that puts it right, for a shell."""
    edits: tuple[Edit, ...] = ()
    """What puts it right in a staged tree; some only where the rule is declared `fixable`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A condition, with the page that explains it."""

    facts: RuleFacts
    """Its id, severity, page and all else that reports say of it."""
    kinds: frozenset[Kind]
    """What it applies to."""
    find: Callable[[Subject], Iterable[Hit]]
    """Yields each place where the condition holds; pure."""


def rule(
    *,
    title: str,
    severity: Severity,
    kinds: frozenset[Kind],
    page: Page,
    confidence: Confidence = Confidence.HIGH,
    persona: Persona = Persona.MAINTAINER,
) -> Callable[[Callable[[Subject], Iterable[Hit]]], Rule]:
    """Make a rule of the function that finds the places where its condition holds; its id is its module's name."""

    def declare(find: Callable[[Subject], Iterable[Hit]]) -> Rule:
        facts = RuleFacts(
            id=find.__module__.rpartition(".")[2].replace("_", "-"),
            title=title,
            severity=severity,
            confidence=confidence,
            persona=persona,
            page=page,
            is_for_trees=Kind.TREE in kinds,
        )
        return Rule(facts=facts, kinds=kinds, find=find)

    return declare


def fixable(what: str) -> Callable[[Rule], Rule]:
    """Declare what `check --fix` does in a staged tree, as "removes the pycs": what the edits of a rule's hits do."""

    def declare(rule: Rule) -> Rule:
        return replace(rule, facts=replace(rule.facts, fixed=what))

    return declare
