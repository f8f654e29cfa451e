# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the words that several formats share, and names as they can be shown anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import BytecodeClass, Severity
from pkgtools.model.package import CodeMatch, Kind, Obstacle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.model.finding import CheckVerdict, Finding, Gap, Repair

    from .totals import Summary

SYMBOLS = {Severity.DANGER: "◆", Severity.ERROR: "✗", Severity.WARNING: "▲", Severity.INFO: "•"}
"""Each of another shape, for those who see no colours."""
MATCHES = {
    CodeMatch.IDENTICAL: "identical, byte for byte",
    CodeMatch.EQUAL: "the same code, written down in another way",
    CodeMatch.DIFFERENT: "DIFFERENT code",
    CodeMatch.OTHER_RELEASE: "differing, may be the other release: another one of their interpreter compiled here",
    CodeMatch.STALE: "stale: their headers don't fit the sources, and import doesn't take them",
    CodeMatch.NO_SOURCE: "without a source: import doesn't look at them",
    CodeMatch.UNCHECKED: "unchecked: they could not be compared",
}
"""What came of comparing, as it follows a number of pycs."""
CLASSES = {
    BytecodeClass.UNCHECKED_HASH: "taken without a look at their sources (unchecked-hash)",
    BytecodeClass.SOURCELESS: "modules without a source, which nothing can be compared with",
    BytecodeClass.TRAILING: "with bytes behind their code, which import doesn't read",
}
"""What is counted beside, likewise."""

_PLURALS = {
    "danger": "dangers",
    "difference": "differences",
    "error": "errors",
    "file": "files",
    "finding": "findings",
    "module": "modules",
    "package": "packages",
    "path": "paths",
    "pyc": "pycs",
    "rule": "rules",
    "source": "sources",
    "system": "systems",
    "warning": "warnings",
}


def visible(text: str) -> str:
    r"""Escape what can't be seen: control characters, `\x1b`; directions, `\u202e`; bytes that are not UTF-8, `\xff`.

    So no name can write to a terminal or swap what is read, and the result can be encoded as UTF-8 and stand in XML.
    """
    return text if text.isprintable() else "".join(map(_seen, text))


def _seen(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # PEP 383
        return f"\\x{ord(character) - 0xDC00:02x}"
    return ascii(character)[1:-1]


def lines(text: str) -> str:
    """Escape likewise, but keep the line ends."""
    return "\n".join(visible(line) for line in text.split("\n"))


def counted(number: int, noun: str) -> str:
    """Say how many: `1 error`, `2 errors`, `10,000 errors`; `2 ignored`."""
    return f"{number:,} {noun if number == 1 else _PLURALS.get(noun, noun)}"


def severities(counts: Mapping[Severity, int]) -> str:
    """Say how many of each: `1 danger, 2 errors`; empty if there are none."""
    return ", ".join(counted(number, severity.value) for severity, number in counts.items() if number)


def subjects(verdicts: Iterable[CheckVerdict], number: int) -> str:
    """Say how many were looked at, as `3 packages`; `1 system` where it was nothing but installed systems."""
    kinds = {verdict.kind for verdict in verdicts}
    return counted(number, "system" if kinds == {Kind.ROOT} else "package")


def outcome(summary: Summary) -> str:
    """Say what was found, as `: 2 errors`; nothing where there is nothing and something could not be read."""
    found = severities(summary.findings) or ("" if summary.unreadable else "no findings")
    return f": {found}" if found else ""


def covered(summary: Summary) -> str:
    """Say how much was compared: `compared 598 of 604 pycs`; empty where nothing was to be."""
    parts = []
    if summary.pycs:
        parts.append(f"compared {summary.compared:,} of {counted(summary.pycs, 'pyc')}")
    if summary.sources:
        parts.append(f"compiled {summary.compiled:,} of {counted(summary.sources, 'source')}")
    return ", ".join(parts)


def classed(verdict: CheckVerdict) -> tuple[str, ...]:
    """Say how many pycs are of each class that there is, as `pycs with bytes behind their code ...: 2`."""
    return tuple(f"pycs {CLASSES[one]}: {number:,}" for one, number in verdict.classes if number)


def notes_of(verdict: CheckVerdict) -> tuple[str, ...]:
    """Return the notes of a package or system: first what could not be compared, a line for each cache tag."""
    gaps = verdict.coverage.gaps if verdict.coverage is not None else ()
    return (*map(_gap, gaps), *verdict.notes)


def repaired(repair: Repair) -> str:
    """Say what `audit --fix` did to a file, or left, with the command for what it left."""
    return ": ".join(filter(None, (repair.result.value, repair.path, repair.text, repair.command)))


def _gap(gap: Gap) -> str:
    done = {"pycs": "not compared", "sources": "not compiled"}.get(gap.what, "not read")
    if gap.obstacle is Obstacle.OTHER_RELEASE:
        done = "compared without a result that holds"
    number = counted(gap.number, gap.what.removesuffix("s"))
    return f"{gap.tag + ': ' if gap.tag else ''}{number} {done}: {gap.reason}: {gap.remedy}"


def label(verdict: CheckVerdict) -> str:
    """Name a package with its version, or its file if the name is unknown."""
    return visible(f"{verdict.name} {verdict.version}".strip() or verdict.origin)


def owner(finding: Finding, verdict: CheckVerdict) -> str:
    """Name the package that a finding is about: in a system, the one that owns the file."""
    return visible(finding.package or verdict.name or verdict.origin)


def place(finding: Finding) -> str:
    """Say where a finding is, as `/path:12` or `postinst:3`; empty if it is about the package as a whole."""
    where = visible(finding.path or finding.script)
    return f"{where}:{finding.line}" if where and finding.line is not None else where
