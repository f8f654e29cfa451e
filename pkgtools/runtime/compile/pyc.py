# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a pyc's header (PEP 552), owner and mode of ours, and the verdict on what stands in a target's place."""

from __future__ import annotations

import stat

from pkgtools.runtime.facts import CacheState, FileState, InvalidationMode, Ownership, PycState, Reason
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.record import Proof, inode_of

from .steps import Action

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from pkgtools.runtime.facts import Interpreter, ObservedSource, ObservedTarget, Policy
    from pkgtools.runtime.record import RecordEntry

HEADER_SIZE = 16
"""Bytes of a header since Python 3.7; 12 before (no flags)."""

_FLAGS = {InvalidationMode.TIMESTAMP: 0, InvalidationMode.UNCHECKED_HASH: 1, InvalidationMode.CHECKED_HASH: 3}
_NANOSECONDS = 1_000_000_000
_MASK = 0xFFFF_FFFF


class Recipe(NamedTuple):
    """What decides how a pyc must look: the interpreter's magic number and the invalidation mode."""

    magic: bytes
    """The interpreter's 4 bytes that each of its pycs begins with."""
    version: tuple[int, int]
    """Major and minor of the interpreter: before 3.7 a header has no flags."""
    mode: InvalidationMode
    """How the pyc is invalidated; always by time stamp before 3.7."""


def recipe_of(interpreter: Interpreter, wanted: InvalidationMode) -> Recipe:
    """Return the recipe of an interpreter's pycs: before 3.7 there are time stamps only."""
    mode = wanted if interpreter.version >= (3, 7) else InvalidationMode.TIMESTAMP
    return Recipe(interpreter.magic, interpreter.version, mode)


def header_size(version: tuple[int, int]) -> int:
    """Return the bytes in the header of a pyc of this Python version."""
    return HEADER_SIZE if version >= (3, 7) else HEADER_SIZE - 4


def header(recipe: Recipe, source: FileState, source_hash: bytes = b"") -> bytes:
    """Build the header of a pyc.

    `source_hash` is the 8 bytes that the target interpreter computed; only hash-based pycs use it.
    """
    if recipe.mode is InvalidationMode.TIMESTAMP:
        flags = b"" if recipe.version < (3, 7) else bytes(4)
        return recipe.magic + flags + _mtime(source).to_bytes(4, "little") + (source.size & _MASK).to_bytes(4, "little")
    return recipe.magic + _FLAGS[recipe.mode].to_bytes(4, "little") + source_hash


def _mtime(source: FileState) -> int:
    # import computes it from st_mtime, a float: the last 120 ns of a second round up to the next one
    seconds, nanoseconds = divmod(source.mtime_ns, _NANOSECONDS)
    return int(seconds + 1e-9 * nanoseconds) & _MASK


def recipe_bytes(recipe: Recipe) -> bytes:
    """Return the part of a header that says how the pyc was made: the magic number and, since 3.7, the flags."""
    flags = b"" if recipe.version < (3, 7) else _FLAGS[recipe.mode].to_bytes(4, "little")
    return recipe.magic + flags


def pyc_ownership(source_mode: int, source_gid: int, uid: int, gid: int, *, has_acl: bool = False) -> Ownership:
    """Return owner and mode for the pyc of a source: who can read the one can read the other, only `uid` can write.

    The source's group is kept where its members are treated differently from everybody else. With an ACL the
    source's group bits are its mask (acl(5)) and say nothing of the group: then the pyc isn't for the group.
    """
    mode = source_mode & 0o644 | 0o200
    if has_acl:
        mode &= ~0o040
    return Ownership(mode, uid, gid if mode >> 3 & 0o4 == mode & 0o4 else source_gid)


def cache_ownership(parent: FileState, uid: int, gid: int) -> Ownership:
    """Return owner and mode for the cache directory in a directory."""
    mode = parent.mode & 0o755 | 0o700
    return Ownership(mode, uid, gid if mode >> 3 & 0o5 == mode & 0o5 else parent.gid)


class PycOwners(dict[tuple[int, int], tuple[int, int, int]]):
    """What st_mode, owner and group the pycs of sources have, by the sources' st_mode and group.

    Each is computed when it is first asked for. Where an ACL of the source could matter no pyc can have what is said.
    """

    def __init__(self, uid: int, gid: int) -> None:
        """Get ready; pycs belong to `uid` and, where it matters not, `gid`."""
        super().__init__()
        self._owner = uid, gid

    def __missing__(self, source: tuple[int, int]) -> tuple[int, int, int]:
        mode, source_gid = source
        expected = pyc_ownership(mode, source_gid, *self._owner)
        known = stat.S_ISREG(mode) and mode & stat.S_IROTH
        self[source] = (stat.S_IFREG | expected.mode, expected.uid, expected.gid) if known else (-1, -1, -1)
        return self[source]


def is_right(source: os.stat_result, pyc: os.stat_result, entry: RecordEntry, owners: PycOwners) -> bool:
    """Whether a recorded pyc needs nothing: `judge` would keep it, were it asked.

    A no must be no more than a doubt. Written for speed: it's asked once for every pyc of a run with nothing to do.
    """
    if owners[source.st_mode, source.st_gid] != (pyc.st_mode, pyc.st_uid, pyc.st_gid):
        return False
    return entry.source == (
        source.st_dev,
        source.st_ino,
        source.st_size,
        source.st_mtime_ns,
        source.st_ctime_ns,
    ) and entry.pyc == (pyc.st_dev, pyc.st_ino, pyc.st_size, pyc.st_mtime_ns, pyc.st_ctime_ns)


def vouches(entry: RecordEntry | None, recipe: Recipe, source: FileState, pyc: FileState) -> bool:
    """Whether the record knows both inodes with their present contents, so that nothing has to be read."""
    return (
        entry is not None
        and entry.recipe == recipe_bytes(recipe)
        and entry.source == inode_of(source)
        and entry.pyc == inode_of(pyc)
    )


class Verdict(NamedTuple):
    """What is to be done to a target, and why."""

    action: Action
    """What the plan does about the target."""
    reason: Reason
    """Why: what is wrong with the pyc that was found, or that it is missing or right."""


DISTRUSTED = frozenset({Reason.NOT_REGULAR, Reason.WRONG_OWNER, Reason.WRONG_MODE, Reason.UNTRUSTED_CACHE})
"""Reasons to compile for which a pyc can't stay, whatever comes of compiling: others own it or can write it."""

_COMPILE = {
    reason: Verdict(Action.COMPILE, reason)
    for reason in (
        Reason.MISSING,
        Reason.NOT_REGULAR,
        Reason.WRONG_OWNER,
        Reason.WRONG_MODE,
        Reason.UNTRUSTED_CACHE,
        Reason.TRUNCATED,
        Reason.STALE_MAGIC,
        Reason.STALE_FLAGS,
        Reason.STALE_SOURCE,
    )
}
_FRESH = Verdict(Action.KEEP, Reason.UP_TO_DATE)


def judge(
    recipe: Recipe, source: ObservedSource, found: ObservedTarget, expected: Ownership, policy: Policy
) -> Verdict:
    """Decide on one target.

    A pyc that another user owns or can write is never fresh, whatever it holds. One that the record vouches for needs
    no reading. Any other whose header fits is to be looked into: by its digest if the record has one; else, where a
    package manager brought the source or the header holds no time stamp, by compiling; else it must be whole.
    """
    pyc = found.state
    if pyc is None:
        return _COMPILE[Reason.MISSING]
    distrust = _distrust(pyc, source.cache, expected)
    if distrust is not None:
        return _COMPILE[distrust]
    if pyc.header is not None:
        stale = _stale(recipe, source.state, pyc)
        if stale is not None:
            return _COMPILE[stale]
    thorough = is_thorough(policy)
    if pyc.header is not None or (thorough and found.entry is not None and found.entry.proof < Proof.COMPARED):
        action = Action.CONFIRM if thorough else Action.CHECK
        return Verdict(action, to_repair(pyc.file, expected, has_acl=pyc.has_acl) or Reason.UNRECORDED)
    wrong = to_repair(pyc.file, expected, has_acl=pyc.has_acl)
    return _FRESH if wrong is None else Verdict(Action.REPAIR, wrong)


def is_thorough(policy: Policy) -> bool:
    """Whether only compiling proves a pyc that the record doesn't know: a header's hash isn't computed here."""
    return policy.thorough or policy.mode is not InvalidationMode.TIMESTAMP


def to_repair(found: FileState, expected: Ownership, *, has_acl: bool) -> Reason | None:
    """Return what is wrong with the owner or mode of a pyc that may stay, None if nothing is."""
    if (found.uid, found.gid) != (expected.uid, expected.gid):
        return Reason.WRONG_OWNER
    return Reason.WRONG_MODE if stat.S_IMODE(found.mode) != expected.mode or has_acl else None


def _distrust(pyc: PycState, cache: CacheState, expected: Ownership) -> Reason | None:
    if not stat.S_ISREG(pyc.file.mode):
        return Reason.NOT_REGULAR
    if cache.untrusted:
        return Reason.UNTRUSTED_CACHE
    if pyc.file.uid != expected.uid:
        return Reason.WRONG_OWNER
    return Reason.WRONG_MODE if pyc.file.mode & 0o022 else None


def _stale(recipe: Recipe, source: FileState, pyc: PycState) -> Reason | None:
    size = header_size(recipe.version)
    found = pyc.header or b""
    if pyc.file.size <= size or len(found) < HEADER_SIZE:
        return Reason.TRUNCATED
    if recipe.mode is InvalidationMode.TIMESTAMP and found[:size] == header(recipe, source):
        return None
    if found[:4] != recipe.magic:
        return Reason.STALE_MAGIC
    if size == HEADER_SIZE and int.from_bytes(found[4:8], "little") != _FLAGS[recipe.mode]:
        return Reason.STALE_FLAGS
    return Reason.STALE_SOURCE if recipe.mode is InvalidationMode.TIMESTAMP else None
