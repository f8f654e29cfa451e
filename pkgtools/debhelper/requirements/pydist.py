# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the PyDist format: which Debian package a distribution is in, how its versions are written (README.PyDist).

A line is `NAME [RANGE] [RELATION][; [PEP386|PEP440] [RULE...]]`, a rule being uscan(1)'s s///, tr/// or y///.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from pkgtools.debhelper.records import Note, Origin
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.policy.expressions import BAD_EXPRESSION
from pkgtools.runtime.policy.version_range import ANY_VERSION, VersionRange, parse_version_range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]*)"
    r"(?:\s+(?P<range>-?\d+\.\d+(?:-(?:\d+\.\d+)?)?))?"
    r"(?:\s+(?P<relation>[^;\s][^;]*?))?"
    r"\s*(?:;\s*(?:(?P<standard>PEP386|PEP440)(?![A-Za-z0-9]))?[\s;]*(?P<rewrites>.*))?",
    re.ASCII,
)
_PACKAGE = r"[a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?"
_RELATION = re.compile(rf"{_PACKAGE}\s*(?:\(\s*(?:<<|<=|=|>=|>>)\s*[^()\s,|]+\s*\))?\s*(?:\[[^\[\]]*\])?")
_REFERENCE = re.compile(r"[\\$](\d)|\\(.)")
_FLAGS = {"i": re.IGNORECASE, "x": re.VERBOSE, "g": re.NOFLAG, "u": re.NOFLAG}


class Standard(Enum):
    """How upstream's versions are made."""

    PEP386 = "PEP386"
    PEP440 = "PEP440"


class Substitution(NamedTuple):
    """A rule s/PATTERN/REPLACEMENT/FLAGS."""

    pattern: re.Pattern[str]
    """The part of an upstream version to be replaced, with the rule's flags."""
    replacement: str
    """In Python's syntax."""
    most: int
    """How often: 1, or 0 for always."""

    def apply(self, version: str) -> str:
        """Rewrite a version."""
        return self.pattern.sub(self.replacement, version, self.most)


class Transliteration(NamedTuple):
    """A rule tr/FROM/TO/ or y/FROM/TO/."""

    source: str
    """The characters to be replaced, each once, ranges spelled out."""
    target: str
    """As long as `source`."""

    def apply(self, version: str) -> str:
        """Rewrite a version."""
        return version.translate(str.maketrans(self.source, self.target))


@dataclass(frozen=True, slots=True, kw_only=True)
class PydistRule:
    """One line."""

    name: str
    """The distribution's canonical name."""
    versions: VersionRange
    """The Python versions that the line is for."""
    relation: str
    """What to depend on, such as `python3-a` or `python3-a (>= 2), python3-a (<< 3)`; empty: on nothing."""
    standard: Standard | None
    """How the line says that upstream's versions are made; None if it doesn't say."""
    rewrites: tuple[Substitution | Transliteration, ...]
    """Rules that make a Debian version of an upstream one, applied in order."""
    origin: Origin
    """The file and line that it was read from."""

    @property
    def is_final(self) -> bool:
        """Whether the line itself says the versions."""
        return self.relation.endswith(")")

    @property
    def keeps_versions(self) -> bool:
        """Whether it says how upstream's versions become Debian's, so that they can be kept."""
        return self.standard is not None or bool(self.rewrites)


def parse_rules(text: str, file: str) -> tuple[tuple[PydistRule, ...], tuple[Note, ...]]:
    """Read a whole file: its rules, in order, and what is wrong, each with its line."""
    rules: list[PydistRule] = []
    notes: list[Note] = []
    for number, line in enumerate(text.split("\n"), 1):
        origin = Origin(file=file, line=number)
        try:
            rules.extend(parse_line(line, origin))
        except UsageError as error:
            notes.append(Note(origin=origin, text=str(error), loss=True))
    return tuple(rules), tuple(notes)


def parse_line(line: str, origin: Origin) -> Iterator[PydistRule]:
    """Read a line; comments and empty ones give nothing. Raises UsageError without the place."""
    line = line.strip()
    if not line or line.startswith("#"):
        return
    found = _LINE.fullmatch(line)
    if not found:
        raise UsageError(f"{line[:80]!r} isn't a PyDist rule: write NAME [RANGE] [PACKAGE][; PEP440 s/A/B/]")
    relation = found["relation"] or ""
    for part in re.split(r"[,|]", relation) if relation else ():
        if not _RELATION.fullmatch(part.strip()):
            raise UsageError(
                f"{part.strip()[:80]!r} isn't a relation to a package: write python3-x or python3-x (>= 1)"
            )
    yield PydistRule(
        name=canonicalize_name(found["name"]),
        versions=parse_version_range(found["range"].strip()) if found["range"] else ANY_VERSION,
        relation=relation,
        standard=Standard(found["standard"]) if found["standard"] else None,
        rewrites=tuple(_rewrites(found["rewrites"] or "")),
        origin=origin,
    )


def _rewrites(text: str) -> Iterator[Substitution | Transliteration]:
    """Read rules one after the other, with white space or a semicolon between them."""
    while text := text.lstrip("; \t"):
        kind = re.match(r"(s|tr|y)([^\sA-Za-z0-9])", text)
        if not kind:
            raise UsageError(f"{text[:80]!r} isn't a rule: write s/A/B/, tr/A/B/ or y/A/B/")
        first, second, rest = _delimited(text[kind.end() :], kind[2], text)
        flags = re.match(r"[a-z]*", rest)
        letters = flags[0] if flags else ""
        yield _substitution(first, second, letters) if kind[1] == "s" else _transliteration(first, second, letters)
        text = rest[len(letters) :]


def _delimited(text: str, delimiter: str, rule: str) -> tuple[str, str, str]:
    """Return both parts of a rule and what follows; a backslash protects the delimiter."""
    parts = re.match(r"((?:\\.|[^\\D])*)D((?:\\.|[^\\D])*)D".replace("D", re.escape(delimiter)), text)
    if not parts:
        raise UsageError(f"{rule[:80]!r} lacks a {delimiter!r}")
    first, second = (part.replace(f"\\{delimiter}", delimiter) for part in parts.groups())
    return first, second, text[parts.end() :]


def _substitution(pattern: str, replacement: str, letters: str) -> Substitution:
    flags = re.NOFLAG
    for letter in letters:
        if letter not in _FLAGS:
            raise UsageError(f"flag {letter!r} of s/{pattern}/{replacement}/ isn't known: use g, i, x")
        flags |= _FLAGS[letter]
    # Perl's $1 and \1 are Python's \g<1>; any other backslash stands for what follows it
    python = _REFERENCE.sub(
        lambda found: rf"\g<{found[1]}>" if found[1] else found[2].replace("\\", r"\\"), replacement
    )
    try:
        compiled = re.compile(pattern, flags)
        compiled.sub(python, "")
    except BAD_EXPRESSION as error:
        raise UsageError(f"regular expression {pattern!r}: {error}") from error
    return Substitution(compiled, python, 0 if "g" in letters else 1)


def _transliteration(source: str, target: str, letters: str) -> Transliteration:
    if letters:
        raise UsageError(f"tr/{source}/{target}/ has flags: it can't have any")
    source, target = _characters(source), _characters(target) or _characters(source)
    # the first one counts where a character is there twice, as in Perl
    pairs: Mapping[str, str] = dict(reversed(list(zip(source, target.ljust(len(source), target[-1:]), strict=False))))
    return Transliteration("".join(pairs), "".join(pairs.values()))


def _characters(text: str) -> str:
    """Spell out ranges such as a-z."""

    def spelled(found: re.Match[str]) -> str:
        return "".join(map(chr, range(ord(found[1]), ord(found[2]) + 1)))

    return re.sub(r"(.)-(.)", spelled, text)
