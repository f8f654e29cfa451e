# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The nouns of the runtime: frozen records and closed sets, no behaviour that touches a system."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, NewType

if TYPE_CHECKING:
    from .record import RecordEntry

InstalledPath = NewType("InstalledPath", str)
"""An absolute path as the installed system sees it (never with --root in front); undecodable bytes are surrogates."""


class Status(Enum):
    """What became of one target, directory or file."""

    COMPILED = "compiled"
    LINKED = "linked"
    REPAIRED = "repaired"
    FRESH = "fresh"
    UNDECIDED = "undecided"
    REMOVED = "removed"
    KEPT = "kept"
    SKIPPED = "skipped"
    FAILED = "failed"
    REFUSED = "refused"
    ERROR = "error"


class Reason(Enum):
    """Why; the codes are stable, they are what the JSON report carries."""

    MISSING = "missing"
    STALE_MAGIC = "stale-magic"
    STALE_SOURCE = "stale-source"
    STALE_FLAGS = "stale-flags"
    TRUNCATED = "truncated"
    NOT_REGULAR = "not-regular"
    WRONG_OWNER = "wrong-owner"
    WRONG_MODE = "wrong-mode"
    UNTRUSTED_CACHE = "untrusted-cache"
    DIFFERS = "differs"
    FORCED = "forced"
    SAME_BYTES = "same-bytes"
    UP_TO_DATE = "up-to-date"
    UNRECORDED = "unrecorded"
    REPLACED_SOURCE = "replaced-source"

    SYNTAX_ERROR = "syntax-error"
    TOO_DEEP = "too-deep"
    WORKER_CRASH = "worker-crash"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out-of-memory"
    NO_WORKER = "no-worker"
    NO_MEMORY_LIMIT = "no-memory-limit"

    EXCLUDED = "excluded"
    NOT_A_REGULAR_FILE = "not-a-regular-file"
    SYMLINK = "symlink"
    NO_SOURCE = "no-source"
    NOT_SERVED = "not-served"
    NOT_REGISTERED = "not-registered"
    NO_INTERPRETER = "no-interpreter"
    BROKEN_INTERPRETER = "broken-interpreter"
    BAD_DROP_IN = "bad-drop-in"
    BAD_SETTING = "bad-setting"
    SWITCHED_OFF = "switched-off"
    SOURCE_CHANGED = "source-changed"
    NAME_TOO_LONG = "name-too-long"

    WRITABLE_BY_OTHERS = "writable-by-others"
    NOT_ROOT_OWNED = "not-root-owned"
    UNMAPPED_OWNER = "unmapped-owner"
    NOT_A_DIRECTORY = "not-a-directory"
    OWNER_CANNOT_READ = "owner-cannot-read"

    NO_SPACE = "no-space"
    READ_ONLY = "read-only"
    IO_ERROR = "io-error"
    UNKNOWN_OWNER = "unknown-owner"

    CACHE_OF_SOURCE = "cache-of-source"
    ORPHAN = "orphan"
    DEAD_TAG = "dead-tag"
    LEGACY = "legacy"
    TEMPORARY = "temporary"
    PACKAGED = "packaged"
    UNKNOWN_SIBLING = "unknown-sibling"
    EMPTY_DIRECTORY = "empty-directory"


class InvalidationMode(Enum):
    """How an interpreter finds out that a pyc no longer fits its source (PEP 552)."""

    TIMESTAMP = "timestamp"
    CHECKED_HASH = "checked-hash"
    UNCHECKED_HASH = "unchecked-hash"


class Interpreter(NamedTuple):
    """An installed interpreter, as it described itself."""

    path: InstalledPath
    """Where it is started from, as /usr/bin/python3.11."""
    implementation: str
    """`cpython` or `pypy`, as sys.implementation.name gives it."""
    version: tuple[int, int]
    """Major and minor."""
    cache_tag: str
    """The tag in a pyc's name (PEP 3147), as cpython-311."""
    magic: bytes
    """The 4 bytes that every pyc of it begins with."""
    inside: bool = True
    """It runs inside the system's root directory; False if the host's one of the same name works in its stead."""
    release: str = ""
    """The whole version as `sys.hexversion` in hexadecimal, which tells patch releases apart; empty if unknown."""


class SourceFile(NamedTuple):
    """One .py file, by the name it was asked for."""

    base: InstalledPath
    """The directory up to which root-owned links are followed; below it none is."""
    directory: InstalledPath
    """The directory that holds the file: the base or a directory below it."""
    name: str
    """The file's own name, with `.py`."""

    @property
    def path(self) -> InstalledPath:
        """The whole path, as the interpreter will write it into code objects."""
        return InstalledPath(f"{self.directory}/{self.name}")


class FileState(NamedTuple):
    """What stat(2) says of a file."""

    mode: int
    """st_mode: type and permission bits."""
    uid: int
    gid: int
    size: int
    """Bytes."""
    mtime_ns: int
    ctime_ns: int
    identity: tuple[int, int]
    """Device and inode."""


class PycState(NamedTuple):
    """A file found under a pyc's name."""

    file: FileState
    header: bytes | None
    """Its first 16 bytes, fewer if it is shorter; empty if it is no regular file; None if the record vouches for it."""
    has_acl: bool
    """An access ACL is set (looked at only where the source isn't for everybody to read)."""


class Ownership(NamedTuple):
    """Owner and permission bits that a file or directory of ours must have."""

    mode: int
    uid: int
    gid: int


class BytecodeTarget(NamedTuple):
    """A pyc to be made for one source, interpreter and level."""

    source: SourceFile
    interpreter: Interpreter
    level: int
    """Optimization level: 0, 1 or 2 (PEP 488)."""
    directory: InstalledPath
    """The cache directory."""
    name: str
    """The pyc's own name."""

    @property
    def path(self) -> InstalledPath:
        """The whole path of the pyc."""
        return InstalledPath(f"{self.directory}/{self.name}")


class CacheState(NamedTuple):
    """A cache directory as found, or as it is to be made."""

    base: InstalledPath
    """What it is reached from: the base of its sources, or the central cache."""
    directory: InstalledPath
    found: bool
    expected: Ownership
    to_repair: Reason | None
    """Why owner, mode or ACL must be put right before anything in it is looked at."""
    untrusted: bool
    """Others could write into it: no pyc in it proves anything."""


class ObservedTarget(NamedTuple):
    """A target, what stands in its place, and what the record says of it."""

    target: BytecodeTarget
    state: PycState | None
    entry: RecordEntry | None = None


class ObservedSource(NamedTuple):
    """A source with everything that a plan needs to know of it."""

    source: SourceFile
    state: FileState
    cache: CacheState
    targets: tuple[ObservedTarget, ...]
    has_acl: bool
    """The source has an access ACL (looked at only where its mode leaves a question)."""
    siblings: tuple[str, ...] = ()
    """Names of other pycs of this source in the cache directory: tags and levels that aren't wanted now."""


class Observation(NamedTuple):
    """All that was looked at before a plan is made."""

    sources: tuple[ObservedSource, ...]
    caches: tuple[CacheState, ...]
    temporaries: tuple[Removal, ...]
    """Temporary files of a run that died."""
    settled: tuple[Outcome, ...]
    """Sources and directories that can't be looked at, or must not be."""
    fresh: int
    """How many targets were right at a glance."""
    empty: tuple[CacheDirectory, ...] = ()
    """Cache directories beside no source in which nothing, or nothing but the temporaries, lies."""


class Policy(NamedTuple):
    """What the caller asked for."""

    mode: InvalidationMode = InvalidationMode.TIMESTAMP
    force: bool = False
    """Compile what is fresh, too."""
    verify: bool = False  # compile what is fresh and compare
    thorough: bool = False
    """A package manager brought the sources: content decides, not size and time (DESIGN: is this pyc right?)."""


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
    action: Action
    reason: Reason
    ownership: Ownership
    entry: RecordEntry | None = None
    """What the record says of the pyc."""
    packaged: str = ""
    """What brings back a pyc that a package ships, which is compared and never replaced; empty if none ships it."""


class CompileJob(NamedTuple):
    """All that one worker does for one source and one interpreter, in one answer."""

    source: SourceFile
    state: FileState
    cache: CacheState
    works: tuple[Work, ...]
    siblings: tuple[str, ...] = ()
    """Names of the source's other pycs, which go if the source turns out to be another one."""


class CompilePlan(NamedTuple):
    """What compiling will do: jobs in the order they are handed out, and what is settled already."""

    directories: tuple[CacheState, ...]
    """Cache directories whose owner or mode is to be put right first."""
    jobs: tuple[CompileJob, ...]
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


class Removal(NamedTuple):
    """One file to take away, and the reason that makes it ours to take."""

    base: InstalledPath
    directory: InstalledPath
    name: str
    reason: Reason
    source: InstalledPath | None = None


class CleanPlan(NamedTuple):
    """What cleaning will do."""

    removals: tuple[Removal, ...]
    directories: tuple[CacheDirectory, ...]
    """Cache directories that go if nothing is left in them."""
    settled: tuple[Outcome, ...]


class CacheDirectory(NamedTuple):
    """A cache directory and the base it is reached from."""

    base: InstalledPath
    directory: InstalledPath


class Outcome(NamedTuple):
    """What happened to one target, file or directory, and why."""

    status: Status
    reason: Reason
    path: InstalledPath
    """The pyc, directory or source concerned."""
    source: InstalledPath | None = None
    interpreter: InstalledPath | None = None
    level: int | None = None
    mode: int | None = None
    """Permission bits that the file has now."""
    detail: str = ""


def outcome_of(work: Work, status: Status, reason: Reason, detail: str = "") -> Outcome:
    """Report on one target; the mode is told where the pyc is there and right."""
    target = work.target
    wrong = {Status.FAILED, Status.ERROR, Status.REFUSED, Status.SKIPPED, Status.KEPT}
    mode = None if status in wrong else work.ownership.mode
    source, interpreter = target.source.path, target.interpreter.path
    return Outcome(status, reason, target.path, source, interpreter, target.level, mode, detail)
