# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The nouns of a plan to compile: what is done to one pyc, to all pycs of one source, and by the whole run."""

from __future__ import annotations

from pkgtools.runtime.lean import Enum, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.facts import (
        BytecodeTarget,
        CacheDirectory,
        CacheState,
        FileState,
        Outcome,
        Ownership,
        Reason,
        Removal,
        SourceFile,
    )
    from pkgtools.runtime.record import RecordEntry


class Action(Enum):
    """What a plan wants done to one target."""

    KEEP = "keep"
    REPAIR = "repair"
    CHECK = "check"  # it stays if the record knows the contents of source and pyc, or if its body is whole
    CONFIRM = "confirm"  # it stays if the record knows both, or if compiling gives the same code
    COMPARE = "compare"  # it stays if compiling gives the same code
    COMPILE = "compile"


class Work(NamedTuple):
    """One step of a plan: a target, what to do and why."""

    target: BytecodeTarget
    """The pyc that the step makes, repairs or examines."""
    action: Action
    """What is done about it."""
    reason: Reason
    """Why, as the report says if it is done."""
    ownership: Ownership
    """The owner and permission bits that the pyc shall have afterwards."""
    entry: RecordEntry | None = None
    """What the record says of the pyc."""
    packaged: str = ""
    """What brings back a pyc that a package ships, which is compared and never replaced; empty if none ships it."""


class CompileJob(NamedTuple):
    """All that one worker does for one source and one interpreter, in one answer."""

    source: SourceFile
    """The source, which is read once for all steps."""
    state: FileState
    """What lstat(2) said of the source when the plan was made; another state later means that it changed."""
    cache: CacheState
    """The cache directory of all its pycs."""
    works: tuple[Work, ...]
    """Its steps, at least one; all are for one interpreter."""
    siblings: tuple[str, ...] = ()
    """Names of the source's other pycs, which go if the source turns out to be another one."""


class CompilePlan(NamedTuple):
    """What compiling will do: jobs in the order they are handed out, and what is settled already."""

    directories: tuple[CacheState, ...]
    """Cache directories whose owner or mode is to be put right first."""
    jobs: tuple[CompileJob, ...]
    """Large sources first, then sorted by path."""
    temporaries: tuple[Removal, ...]
    """Temporary files of a run that died."""
    settled: tuple[Outcome, ...]
    """Skips and refusals, decided without touching anything."""
    fresh: int
    """How many targets need nothing."""
    empty: tuple[CacheDirectory, ...] = ()
    """Cache directories that go once the temporaries are gone."""
    repairs: tuple[Removal, ...] = ()
    """Pycs that packages ship and others own or can write: made root's, with their bytes."""
