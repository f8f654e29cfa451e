# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: one requirement's text -> name, extras, version limits, URL and marker (PEP 508, PEP 440)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

LONGEST = 4000
"""Characters of a requirement that is looked at; CPython converts numbers of 4,300 digits at most."""

VERSION = re.compile(
    r"""
    v?(?:(?P<epoch>[0-9]+)!)?
    (?P<release>[0-9]+(?:\.[0-9]+)*)
    (?P<suffix>
        (?:[-_.]?(?:alpha|beta|preview|pre|rc|a|b|c)[-_.]?[0-9]*)?
        (?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?
        (?:[-_.]?dev[-_.]?[0-9]*)?
    )
    (?P<local>\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""A version as PEP 440 lets it be written."""

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_HEAD = re.compile(rf"\s*({_NAME})\s*(?:\[([^\[\]]*)\]\s*)?", re.ASCII)
_EXTRA = re.compile(_NAME, re.ASCII)
_LIMIT = re.compile(r"(===|~=|==|!=|<=|>=|<|>)\s*([^\s<>=!~]\S*)")
_URL = re.compile(r"@\s*(\S+)\s*(?:(?<=\s);(.*))?", re.DOTALL)


class Limit(NamedTuple):
    """One version specifier, such as `>= 1.2`."""

    operator: str
    version: str
    """As upstream writes it."""


class NoRequirementError(ValueError):
    """Not even a distribution's name can be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A requirement in its parts."""

    name: str
    """As upstream writes it."""
    extras: tuple[str, ...]
    limits: tuple[Limit, ...]
    """In the order of the text."""
    url: str
    """Where the distribution is to come from; empty mostly."""
    marker: str
    """When it is wanted; empty: always."""
    complaint: str
    """What is wrong with the limits, that then are empty."""


def canonical(name: str) -> str:
    """Return a distribution's or an extra's name in the form of PEP 503 and PEP 685."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse(text: str) -> Parsed:
    """Take a requirement apart; wrong version limits make a complaint only. Raises NoRequirementError."""
    if len(text) > LONGEST:
        raise NoRequirementError(f"it has {len(text)} characters, more than {LONGEST}")
    if any(character < " " and character != "\t" for character in text):
        raise NoRequirementError("it has control characters")
    head = _HEAD.match(text)
    if not head:
        raise NoRequirementError("it doesn't begin with a distribution's name")
    extras = tuple(extra.strip() for extra in (head[2] or "").split(",") if extra.strip())
    if not all(_EXTRA.fullmatch(extra) for extra in extras):
        raise NoRequirementError(f"[{head[2][:80]}] isn't a list of extras")
    rest = text[head.end() :].strip()
    if rest and rest[0] not in "(<>=!~;@" and not head[0].endswith((" ", "\t", "]")):
        raise NoRequirementError(f"{rest[:20]!r} can't follow a distribution's name")
    if rest.startswith("@"):
        return _with_url(head[1], extras, rest)
    specifiers, _, marker = rest.partition(";")
    if ";" in rest and not marker.strip():
        raise NoRequirementError("nothing follows the semicolon")
    limits, complaint = _limits(specifiers.strip())
    return Parsed(name=head[1], extras=extras, limits=limits, url="", marker=marker.strip(), complaint=complaint)


def _with_url(name: str, extras: tuple[str, ...], rest: str) -> Parsed:
    found = _URL.fullmatch(rest)
    if not found:
        raise NoRequirementError("what follows @ is no URL")
    marker = (found[2] or "").strip()
    return Parsed(name=name, extras=extras, limits=(), url=found[1], marker=marker, complaint="")


def _limits(text: str) -> tuple[tuple[Limit, ...], str]:
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    if not text:
        return (), ""
    limits = []
    for item in text.removesuffix(",").split(","):
        found = _LIMIT.fullmatch(item.strip())
        if not found:
            return (), f"{item.strip()[:80]!r} is no version specifier"
        limit = Limit(found[1], found[2])
        if not is_valid(limit):
            return (), f"{limit.operator} can't be used with {limit.version[:80]!r} (PEP 440)"
        limits.append(limit)
    return tuple(limits), ""


def is_valid(limit: Limit) -> bool:
    """Whether PEP 440 allows this version after this operator."""
    operator, version = limit
    if operator == "===":
        return True
    prefix = version.removesuffix(".*")
    found = VERSION.fullmatch(prefix)
    if not found or (prefix != version and operator not in {"==", "!="}):
        return False
    if prefix != version and (found["local"] or found["suffix"]):
        return False
    if operator == "~=":
        return "." in found["release"] and not found["local"]
    return not found["local"] or operator in {"==", "!="}
