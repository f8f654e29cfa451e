# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The nouns of the runtime: frozen records and closed sets, no behaviour that touches a system."""

from __future__ import annotations

from pkgtools.runtime.lean import Enum, NamedTuple, NewType

TYPE_CHECKING = False
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
    REUSED = "reused"
    UNRECORDED = "unrecorded"
    REPLACED_SOURCE = "replaced-source"

    SYNTAX_ERROR = "syntax-error"
    UNKNOWN_ENCODING = "unknown-encoding"
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
    UNSUPPORTED_INTERPRETER = "unsupported-interpreter"
    BAD_DROP_IN = "bad-drop-in"
    BAD_SETTING = "bad-setting"
    LOST_RECORD = "lost-record"
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
    NO_PERMISSION = "no-permission"
    IO_ERROR = "io-error"
    UNKNOWN_OWNER = "unknown-owner"
    CACHE_OF_SOURCE = "cache-of-source"
    ORPHAN = "orphan"
    DEAD_TAG = "dead-tag"
    UNWANTED_LEVEL = "unwanted-level"
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
    """The whole version as `sys.hexversion` in hexadecimal, which patch releases differ in; empty if unknown."""
    abi: str = ""
    """`t` for a CPython without the global lock (PEP 703); it has a library of its own."""
    is_shared: bool = True
    """It searches the directory of modules for all versions, /usr/lib/python3/dist-packages."""
    is_supported: bool = True
    """The distribution, or the administrator, has modules in that directory compiled for it."""
    build: str = ""
    """8 hexadecimal digits of a digest of `sys.version`, which builds of one release differ in; empty if unknown."""

    @property
    def release_and_build(self) -> str:
        """The release and the build, as the record has them; empty if either is unknown."""
        return self.release + self.build if self.release and self.build else ""


class SourceFile(NamedTuple):
    """One .py file, by the name it was asked for."""

    base: InstalledPath
    """The directory up to which trusted links are followed; below it only those of root to directories."""
    directory: InstalledPath
    """The directory that holds the file: the base or a directory below it."""
    name: str
    """The file's own name, with `.py`."""

    @property
    def path(self) -> InstalledPath:
        """The whole path, as the interpreter will write it into code objects."""
        return InstalledPath(f"{self.directory.rstrip('/')}/{self.name}")


class FileState(NamedTuple):
    """What stat(2) says of a file."""

    mode: int
    """st_mode: type and permission bits."""
    uid: int
    """The owner's user id."""
    gid: int
    """The group's id."""
    size: int
    """Bytes."""
    mtime_ns: int
    """The time of the last change of the content, in nanoseconds since the epoch."""
    ctime_ns: int
    """The time of the last change of inode or content, in nanoseconds since the epoch; programs can't set it."""
    identity: tuple[int, int]
    """Device and inode."""


class PycState(NamedTuple):
    """A file found under a pyc's name."""

    file: FileState
    """What lstat(2) says of it: a link is not followed."""
    header: bytes | None
    """Its first 16 bytes, or fewer; empty if it isn't a regular file; None if the record vouches for it."""
    has_acl: bool
    """An access ACL is set (looked at only where the source isn't for everybody to read)."""


class Ownership(NamedTuple):
    """Owner and permission bits that a file or directory of ours must have."""

    mode: int
    """Permission bits, without the file's type."""
    uid: int
    """The owner's user id."""
    gid: int
    """The group's id."""


class BytecodeTarget(NamedTuple):
    """A pyc to be made for one source, interpreter and level."""

    source: SourceFile
    """The source that it is compiled from."""
    interpreter: Interpreter
    """The interpreter that loads it."""
    level: int
    """Optimization level: 0, 1 or 2 (PEP 488)."""
    directory: InstalledPath
    """The cache directory."""
    name: str
    """The pyc's own name."""

    @property
    def path(self) -> InstalledPath:
        """The whole path of the pyc."""
        return InstalledPath(f"{self.directory.rstrip('/')}/{self.name}")


class CacheState(NamedTuple):
    """A cache directory as found, or as it is to be made."""

    base: InstalledPath
    """What it is reached from: the base of its sources, or the central cache."""
    directory: InstalledPath
    """The cache directory itself: a `__pycache__`, or a directory's counterpart in the central cache."""
    found: bool
    """Whether it exists; if not, it is made before its first pyc is written."""
    expected: Ownership
    """The owner and permission bits that follow from the directory of the sources."""
    to_repair: Reason | None
    """Why owner, mode or ACL must be put right before anything in it is looked at."""
    untrusted: bool
    """Others could write into it: no pyc in it proves anything."""


class ObservedTarget(NamedTuple):
    """A target, what stands in its place, and what the record says of it."""

    target: BytecodeTarget
    """The wanted pyc."""
    state: PycState | None
    """The file under its name; None if there is none."""
    entry: RecordEntry | None = None
    """What the record knows of a pyc of that name; None if it knows nothing."""


class ObservedSource(NamedTuple):
    """A source with everything that a plan needs to know of it."""

    source: SourceFile
    """Its base, directory and name."""
    state: FileState
    """What lstat(2) says of it: always a regular file."""
    cache: CacheState
    """The cache directory that its pycs belong in."""
    targets: tuple[ObservedTarget, ...]
    """The pycs wanted of it, by interpreter and level."""
    has_acl: bool
    """The source has an access ACL (looked at only where its mode leaves a question)."""
    siblings: tuple[str, ...] = ()
    """Names of other pycs of this source in the cache directory: tags and levels that aren't wanted now."""


class Observation(NamedTuple):
    """All that was looked at before a plan is made."""

    sources: tuple[ObservedSource, ...]
    """The sources that were looked at closely: those that were right at a glance are left out."""
    caches: tuple[CacheState, ...]
    """The cache directories of the sources, those that are yet to be made among them."""
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
    """The invalidation mode that pycs shall have."""
    force: bool = False
    """Compile what is fresh, too."""
    verify: bool = False
    """Compile what is fresh, too, and compare; what differs is replaced."""
    thorough: bool = False
    """A package manager brought the sources: content decides, not size and time (DESIGN: is this pyc right?)."""


class Removal(NamedTuple):
    """One file to take away, and the reason that makes it ours to take."""

    base: InstalledPath
    """The directory that the file's directory is reached from, see `Tree.open`."""
    directory: InstalledPath
    """The directory that holds the file."""
    name: str
    """The file's own name."""
    reason: Reason
    """Why it goes, or in `CompilePlan.repairs` why it is repaired."""
    source: InstalledPath | None = None
    """The source whose pyc it is; None if its name does not name one or the source doesn't matter."""

    @property
    def path(self) -> InstalledPath:
        """The whole path of the file."""
        return InstalledPath(f"{self.directory.rstrip('/')}/{self.name}")


class CleanPlan(NamedTuple):
    """What cleaning will do."""

    removals: tuple[Removal, ...]
    """The files to remove; those that packages own are left out."""
    directories: tuple[CacheDirectory, ...]
    """Cache directories that go if nothing is left in them."""
    settled: tuple[Outcome, ...]
    """What stays, with the reason: files that packages own or that are not caches of a source."""


class CacheDirectory(NamedTuple):
    """A cache directory and the base it is reached from."""

    base: InstalledPath
    """The directory that it is reached from, see `Tree.open`."""
    directory: InstalledPath
    """The cache directory itself, or a directory above it that is left empty."""


class Outcome(NamedTuple):
    """What happened to one target, file or directory, and why."""

    status: Status
    """What was done, or in a dry run would be done."""
    reason: Reason
    """Why, as a stable code."""
    path: InstalledPath
    """The pyc, directory or source concerned."""
    source: InstalledPath | None = None
    """The source that a pyc belongs to; None if it is about something else or the source is not known."""
    interpreter: InstalledPath | None = None
    """The interpreter that it is about; None if it is about all of them or none."""
    level: int | None = None
    """Optimization level: 0, 1 or 2; None if it is not about one pyc."""
    mode: int | None = None
    """Permission bits that the file has now."""
    detail: str = ""
    """More about the cause and what to do, for people; empty if the reason says it all."""
