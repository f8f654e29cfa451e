# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: version limits and the Python versions that need a package -> relations between Debian packages.

Debian Policy 7.1; dpkg compares versions as deb-version(7) says. An upstream version is what its Debian revisions are:
1.4-1 is 1.4, so `== 1.4` comes to a range. Final releases are told apart exactly; a pre-release of an upper limit is
let in (2~rc1 is `<< 2`), and a post-release sorts after all patches of its release, as Debian sorts it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.version import Version

from pkgtools.debhelper.supported_pythons import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.specifiers import Specifier, SpecifierSet

    from .markers import Point, VersionSpan
    from .pydist import Substitution, Transliteration

_PRE_RELEASE = re.compile(
    r"[-_.]?(?<![A-Za-z~])(alpha|beta|preview|pre|rc|dev|a|b|c)[-_.]?(?=\d|$|[-_.+])", re.IGNORECASE
)
_DEBIAN = re.compile(r"(?:\d+:)?\d[A-Za-z0-9.+~]*(?:-[A-Za-z0-9.+~]+)*", re.ASCII)
_PLAIN_DIGITS = 3


class Spelling:
    """How upstream's versions become Debian's: rules first, then a tilde before what marks a pre-release."""

    def __init__(self, rewrites: Iterable[Substitution | Transliteration] = (), *, tilde: bool = True) -> None:
        """Take the rules of a distribution; `tilde`: its versions are made as PEP 386 or PEP 440 says."""
        self._rewrites = tuple(rewrites)
        self._tilde = tilde

    def spell(self, version: str) -> str:
        """Return Debian's version. Raises ValueError where what comes out is none."""
        debian = version[1:] if version[:1] in "vV" else version
        for rewrite in self._rewrites:
            debian = rewrite.apply(debian)
        if self._tilde:
            public, plus, local = debian.partition("+")
            public = _PRE_RELEASE.sub(lambda found: f"~{found[1].lower()}", public)
            # PEP 440 lets 1.0-1 stand for 1.0.post1; for Debian, that is a revision
            debian = re.sub(r"-(\d+)(?=$|~)", r".post\1", public) + plus + re.sub(r"[-_]", ".", local)
        debian = debian.replace("!", ":", 1)
        if not _DEBIAN.fullmatch(debian):
            raise ValueError(
                f"version {version[:80]!r} would be {debian[:80]!r}, which Debian can't have (deb-version(7))"
            )
        return debian

    def after(self, version: str) -> str:
        """Return the lowest version above all that are this one, revisions and zeroes at the end included."""
        parsed = Version(version)
        if not (parsed.is_prerelease or parsed.is_postrelease or parsed.local):
            version += ".0" * (_PLAIN_DIGITS - len(parsed.release))
        return f"{self.spell(version)}.1~"


def limit_relations(target: str, limits: SpecifierSet, spelling: Spelling) -> Iterator[str]:
    """Demand the versions of a package, or of one of several alternatives, that all limits allow.

    Raises ValueError where Debian has no such version.
    """
    packages = [package.strip() for package in target.split("|")]
    for limit in sorted(limits, key=lambda one: (one.version, one.operator)):  # a set has no order
        for alternatives in _ranges(limit, spelling):
            yield " | ".join(f"{package} ({one})" for package in packages for one in alternatives)


def _ranges(limit: Specifier, spelling: Spelling) -> tuple[tuple[str, ...], ...]:
    """Return what all has to hold, each being alternatives."""
    operator, version = limit.operator, limit.version
    if version.endswith(".*"):
        version = version.removesuffix(".*")
        low, high = f">= {spelling.spell(version)}", f"<< {spelling.spell(_following(version))}"
    elif operator == "===":
        low, high = f">= {spelling.spell(version)}", f"<< {spelling.spell(version)}.~"
    elif operator == "~=":
        parsed = Version(version)
        prefix = (f"{parsed.epoch}!" if parsed.epoch else "") + ".".join(map(str, parsed.release[:-1]))
        low, high = f">= {spelling.spell(version)}", f"<< {spelling.spell(_following(prefix))}"
    else:
        low, high = f">= {spelling.spell(version)}", f"<< {spelling.after(version)}"
    match operator:
        case ">=":
            return ((low,),)
        case "<":
            return ((low.replace(">=", "<<"),),)
        case "<=":
            return ((high,),)
        case ">":
            return ((high.replace("<<", ">="),),)
        case "!=":
            return ((low.replace(">=", "<<"), high.replace("<<", ">=")),)
        case _:
            return ((low,), (high,))


def _following(prefix: str) -> str:
    """Return the release after all that begin with a prefix: 2.1 -> 2.2."""
    head, dot, last = prefix.rpartition(".")
    epoch, mark, number = last.rpartition("!")
    return f"{head}{dot}{epoch}{mark}{int(number.lstrip('vV')) + 1}"


def needed(spans: Iterable[VersionSpan], dialect: Dialect) -> tuple[VersionSpan, ...]:
    """Leave out spans of Pythons that no system has any more."""
    return tuple(span for span in spans if not span.end or span.end > (*dialect.floor, 0))


def with_pythons(relation: str, spans: tuple[VersionSpan, ...], text: str, dialect: Dialect) -> Iterator[str]:
    """Demand a relation where Python's version is in one of some spans only; `text` is the marker that said so."""
    for span in spans:
        before = _below(span.first, text, dialect, alone=span.end is None) if span.first else ""
        behind = _above(span.end, text, dialect, alone=span.first is None) if span.end else ""
        newer_do_without = behind and not before and len(spans) == 1
        first = behind if newer_do_without and dialect is Dialect.SUPPORTED_FIRST else ""
        parts = (first, relation, before, "" if first else behind)
        yield " | ".join(part for part in parts if part)


def _below(first: Point, text: str, dialect: Dialect, *, alone: bool) -> str:
    """Say that Python is older than a span; nothing where no such Python is there, unless the marker names it."""
    named = re.search(rf"\b{first.major}\.{first.minor}\b", text)
    if first[:2] < dialect.floor or (first[:2] == dialect.floor and not first.patch and not named):
        return ""
    if dialect is Dialect.DEFAULT or first.patch:
        return f"python3 (<< {_exact(first, text)})"
    previous = _previous(first, text)
    if alone and previous:
        return f"python3-supported-max (<= {previous})"
    return f"python3-supported-max (<< {first})"


def _above(end: Point, text: str, dialect: Dialect, *, alone: bool) -> str:
    """Say that Python is newer than a span."""
    if dialect is Dialect.DEFAULT or end.patch:
        return f"python3 (>> {_exact(end, text)})"
    previous = _previous(end, text)
    if alone and previous:
        return f"python3-supported-min (>> {previous})"
    return f"python3-supported-min (>= {end})"


def _exact(limit: Point, text: str) -> str:
    """Return a limit as the marker has it: python_full_version of 3.8 is 3.8.0, and 3.8.0~rc1 is below that."""
    full = "python_full_version" in text or "implementation_version" in text
    named = re.search(rf"\b{limit.major}\.{limit.minor}(\.0)?['\"]", text)
    return limit.text if full and named and (named[1] or "python_version" not in text) else str(limit)


def _previous(limit: Point, text: str) -> str:
    """Return the version before a limit if it is the one that the marker names."""
    if re.search(rf"\b{limit.major}\.{limit.minor}\b", text) or not limit.minor:
        return ""
    previous = f"{limit.major}.{limit.minor - 1}"
    return previous if re.search(rf"\b{re.escape(previous)}['\"]", text) else ""
