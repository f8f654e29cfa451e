# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What rules report, and the whole of a report that is written in one format or another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .edits import Edit
    from .package import CodeMatch, Kind, Obstacle


class Severity(Enum):
    """How bad it is, from the least to the worst."""

    INFO = "info"
    """To know; nothing has to be done."""
    WARNING = "warning"
    """It costs speed or space, or goes wrong on some systems."""
    ERROR = "error"
    """Something doesn't work, or files are lost or left behind."""
    DANGER = "danger"
    """Another user's code can run."""

    @property
    def rank(self) -> int:
        """0 for the least, to compare by."""
        return list(Severity).index(self)


class Confidence(Enum):
    """How sure a rule is."""

    LOW = "low"
    """A guess, to be looked into."""
    MEDIUM = "medium"
    HIGH = "high"
    """Read off the bytes."""


class Persona(Enum):
    """Who wants to hear of it."""

    MAINTAINER = "maintainer"
    """Who makes the package, and can change it."""
    AUDITOR = "auditor"
    """Who answers for systems, and wants to hear of what is within the rules, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a rule's page says; plain text, paragraphs separated by empty lines, `code` in backquotes."""

    what: str
    """What the rule looks for: one sentence that makes a heading's explanation."""
    why: str
    """Why it is bad."""
    example: str
    """What trips it, as it would be seen in a package: indented as code."""
    fix: str
    """What to do."""
    references: tuple[str, ...]
    """Each a PEP, a policy's section, a manual page or an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """All of a rule but what it does."""

    id: str
    """Lower-case words with hyphens; stable once released."""
    title: str
    """A few words, as a table shows them."""
    severity: Severity
    """Of its findings, unless one says otherwise."""
    confidence: Confidence
    """How sure its findings are."""
    persona: Persona
    """Who gets its findings; an auditor also gets those for maintainers."""
    page: Page
    """What `pkgtools explain` prints about it."""
    fixed: str = ""
    """What `check --fix` does about it in a staged tree, as `removes the pycs`; empty if nothing."""
    is_for_trees: bool = False
    """It looks at staged trees, in which `check --fix` works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a rule found in one package or system."""

    rule: RuleFacts
    """The rule whose condition holds."""
    severity: Severity
    """That of this place, which may differ from the rule's."""
    text: str
    """What is wrong with this very file or script, one line."""
    path: str = ""
    """The file as the installed system sees it, with surrogates for what isn't UTF-8; empty for the package."""
    script: str = ""
    """The maintainer script or scriptlet; empty if it is about files."""
    line: int | None = None
    """In the file or script, counted from 1."""
    package: str = ""
    """The owner of the file in an installed system."""
    repair: str = ""
    """A command that puts it right, for a shell; empty if there is none."""
    edits: tuple[Edit, ...] = ()
    """What puts it right in a staged tree; elsewhere nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A finding that the manifest says to ignore."""

    finding: Finding
    """The finding itself, as the rule reported it."""
    reason: str
    """The maintainer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Files that could not be compared or compiled, for one reason."""

    what: str
    """`pycs`, `sources`, or `paths` of which nothing is known."""
    tag: str
    """The cache tag of the pycs; empty for sources."""
    number: int
    """How many files they are."""
    obstacle: Obstacle
    """The reason, as a stable code."""
    reason: str
    """The same in words."""
    remedy: str
    """What to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a package or system was compared with its sources."""

    is_required: bool
    """All was asked for: what could not be looked at makes the exit status 2."""
    pycs: int
    """All pycs that import may take in the place of a source."""
    compared: int
    """Those of them that were compared, with a result that holds."""
    sources: int | None = None
    """All sources that were to be compiled; None if that was not asked for."""
    compiled: int = 0
    """Those of them that an interpreter compiled, or refused, which they are for."""
    gaps: tuple[Gap, ...] = ()
    """Why the others were not."""


class RepairResult(Enum):
    """What became of a repair."""

    PLANNED = "planned"
    """It would be done, without --dry-run."""
    COMPILED = "compiled"
    REPAIRED = "repaired"
    """Owner, mode or first line were put right."""
    REMOVED = "removed"
    LEFT = "left"
    """Not done; the text says why, and the command what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A file that `audit --fix` or `check --fix` changed, or left."""

    result: RepairResult
    """What was done to the file, or that it is only planned or left alone."""
    path: str
    """The file as the installed system sees it."""
    text: str
    """Why, one line."""
    command: str = ""
    """What people have to run; empty if nothing is left to do."""
    diff: str = ""
    """The change of its text as a unified diff; empty where a mode changes, or the file goes."""


class BytecodeClass(Enum):
    """What a reviewer looks at beside code that differs."""

    UNCHECKED_HASH = "unchecked-hash-pyc"
    """Import takes it whatever its source says."""
    SOURCELESS = "sourceless-module"
    """There is no source to compare it with."""
    TRAILING = "trailing-bytes"
    """Bytes follow its code, which import doesn't read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one package of a system has there."""

    package: str
    """Its name; empty for the files that no package owns."""
    counts: tuple[tuple[str, int, int], ...]
    """As `CheckVerdict.counts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckVerdict:
    """What became of one package, tree or system."""

    origin: str
    """Its file or directory, as given."""
    name: str = ""
    """Of the package; empty if it could not be read."""
    version: str = ""
    """The package's, as its package manager writes it; empty if it is unknown."""
    kind: Kind | None = None
    """What `origin` is: whether paths lie inside of a file or below a directory; None if it could not be read."""
    findings: tuple[Finding, ...] = ()
    """Worst first, then by rule and path."""
    ignored: tuple[Ignored, ...] = ()
    """Findings that don't count for the exit status, in the order of `findings`."""
    error: str = ""
    """Why it could not be read; then there is no finding."""
    notes: tuple[str, ...] = ()
    """What was not looked at and why, ignores that ignore nothing."""
    counts: tuple[tuple[str, int, int], ...] = ()
    """For a picture: what (`sources`, `pycs`, `programs`, `other`), how many files, how many bytes in all."""
    coverage: Coverage | None = None
    """None where nothing was to be compared."""
    repairs: tuple[Repair, ...] = ()
    """What `--fix` did, or would do."""
    holdings: tuple[Holding, ...] = ()
    """All packages of a system that have modules or bytecode, by name."""
    matches: tuple[tuple[CodeMatch, int], ...] = ()
    """How many pycs compared how, those that none did left out; empty where nothing was to be compared."""
    classes: tuple[tuple[BytecodeClass, int], ...] = ()
    """How many pycs are of each class; empty where that was not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a command found in all that it was given."""

    command: str
    """`check` or `audit`."""
    verdicts: tuple[CheckVerdict, ...]
    """One for each package, tree or system, in the order in which they were given."""
    rules: tuple[RuleFacts, ...]
    """All that were applied, sorted by id."""
    fail_on: Severity
    """The severity from which on findings make the exit status 1."""
    allow_unchecked: bool = False
    """What could not be compared leaves the exit status as it is."""
    notes: tuple[str, ...] = ()
    """What of all that was given was not looked at."""
