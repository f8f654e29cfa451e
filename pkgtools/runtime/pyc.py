# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a pyc's header (PEP 552), the seal in its time stamp, and the verdict on what stands in a target's place."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, NamedTuple

from .facts import (
    Action,
    CacheState,
    FileState,
    InvalidationMode,
    Ownership,
    PycState,
    Reason,
)

if TYPE_CHECKING:
    import os

    from .facts import Interpreter

HEADER_SIZE = 16
"""Bytes of a header since Python 3.7; 12 before (no flags)."""

_FLAGS = {InvalidationMode.TIMESTAMP: 0, InvalidationMode.UNCHECKED_HASH: 1, InvalidationMode.CHECKED_HASH: 3}
_NANOSECONDS = 1_000_000_000
_MASK = 0xFFFF_FFFF


class Recipe(NamedTuple):
    """What decides how a pyc must look: the interpreter's magic number and the invalidation mode."""

    magic: bytes
    version: tuple[int, int]
    mode: InvalidationMode


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


class Seal(NamedTuple):
    """What the time stamp of a pyc of ours says, so that nothing has to be read to know it for whole and fitting."""

    made_here: bool
    """We compiled it; False if another tool did and we found it right."""
    length: int
    """Bytes of the pyc, modulo 511."""
    recipe: int
    """Magic number and flags, modulo 61."""
    content: int
    """CRC-32 of the source, modulo 16000."""


_LENGTHS, _RECIPES, _CONTENTS, _SIZES = 511, 61, 16000, 61
_OFFSET = 1_234_567
"""No round number of nanoseconds is a seal; with it, the largest one is just below a second."""


def seal_time(recipe: Recipe, source: FileState, source_crc: int, pyc_size: int, *, made_here: bool) -> int:
    """Return the modification time, in nanoseconds, that seals a pyc.

    It lies up to a minute before the source's, by a distance that depends on the source's size; the nanoseconds carry
    the Seal. Whoever writes to the file afterwards breaks it.
    """
    sealed = (int(made_here) * _LENGTHS + pyc_size % _LENGTHS) * _RECIPES + recipe_number(recipe)
    second = source.mtime_ns // _NANOSECONDS - 1 - source.size % _SIZES
    return second * _NANOSECONDS + _OFFSET + sealed * _CONTENTS + source_crc % _CONTENTS


def read_seal(pyc: FileState, source: FileState | None = None) -> Seal | None:
    """Return the seal of a pyc, or None if it has none that fits its length (and its source's time and size)."""
    seconds, sealed = divmod(pyc.mtime_ns, _NANOSECONDS)
    rest, content = divmod(sealed - _OFFSET, _CONTENTS)
    rest, recipe = divmod(rest, _RECIPES)
    made_here, length = divmod(rest, _LENGTHS)
    if made_here not in {0, 1} or length != pyc.size % _LENGTHS:
        return None
    if source is not None and seconds != source.mtime_ns // _NANOSECONDS - 1 - source.size % _SIZES:
        return None
    return Seal(bool(made_here), length, recipe, content)


def recipe_number(recipe: Recipe) -> int:
    """Return what a seal says of magic number and flags; neighbouring magic numbers never share it."""
    return (int.from_bytes(recipe.magic[:2], "little") * 4 + _FLAGS[recipe.mode]) % _RECIPES


def content_matches(seal: Seal, source_crc: int) -> bool:
    """Whether the source still has the content that the sealed pyc was made from."""
    return seal.content == source_crc % _CONTENTS


def pyc_ownership(source: FileState, uid: int, gid: int, *, has_acl: bool = False) -> Ownership:
    """Return owner and mode for the pyc of a source: who can read the one can read the other, only `uid` can write.

    The source's group is kept where its members are treated differently from everybody else. With an ACL the
    source's group bits are its mask (acl(5)) and say nothing of the group: then the pyc isn't for the group.
    """
    mode = source.mode & 0o644 | 0o200
    if has_acl:
        mode &= ~0o040
    return Ownership(mode, uid, gid if mode >> 3 & 0o4 == mode & 0o4 else source.gid)


def cache_ownership(parent: FileState, uid: int, gid: int) -> Ownership:
    """Return owner and mode for the cache directory in a directory."""
    mode = parent.mode & 0o755 | 0o700
    return Ownership(mode, uid, gid if mode >> 3 & 0o5 == mode & 0o5 else parent.gid)


def is_right(source: os.stat_result, pyc: os.stat_result, recipe: int, uid: int, gid: int) -> bool:
    """Whether a sealed pyc needs nothing: `judge` would keep it, were it asked.

    A no must be no more than a doubt. Written for speed: it's asked once for every pyc of a run with nothing to do.
    """
    mode = source.st_mode
    if pyc.st_mode != mode & 0o644 | 0o100200 or mode & 0o170004 != 0o100004 or pyc.st_uid != uid:
        return False
    if pyc.st_gid != (gid if mode & 0o040 else source.st_gid):
        return False
    seconds, sealed = divmod(pyc.st_mtime_ns, _NANOSECONDS)
    sealed -= _OFFSET
    return (
        sealed // _CONTENTS % _RECIPES == recipe
        and sealed // (_CONTENTS * _RECIPES) % _LENGTHS == pyc.st_size % _LENGTHS
        and 0 <= sealed < 2 * _LENGTHS * _RECIPES * _CONTENTS
        and seconds == source.st_mtime_ns // _NANOSECONDS - 1 - source.st_size % _SIZES
        and source.st_ctime_ns <= pyc.st_ctime_ns
    )


class Verdict(NamedTuple):
    """What is to be done to a target, and why."""

    action: Action
    reason: Reason


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
        Reason.UNPROVEN,
    )
}
_FRESH = Verdict(Action.KEEP, Reason.UP_TO_DATE)
_REPAIR_MODE = Verdict(Action.REPAIR, Reason.WRONG_MODE)
_REPAIR_OWNER = Verdict(Action.REPAIR, Reason.WRONG_OWNER)
_CHECK = Verdict(Action.CHECK, Reason.SEALED)


def judge(recipe: Recipe, source: FileState, pyc: PycState | None, cache: CacheState, expected: Ownership) -> Verdict:
    """Decide on one target.

    A pyc that somebody else owns or can write is never fresh, whatever it holds. A sealed one needs no reading. One
    with a right header and no seal is to be checked (is its body whole?), as is a sealed one whose source was
    replaced since (is its content the same?).
    """
    if pyc is None:
        return _COMPILE[Reason.MISSING]
    distrust = _distrust(pyc, cache, expected)
    if distrust is not None:
        return _COMPILE[distrust]
    seal = read_seal(pyc.file, source)
    stale = _stale(recipe, source, pyc) if pyc.header is not None else _stale_seal(recipe, seal)
    if stale is not None:
        return _COMPILE[stale]
    replaced = source.ctime_ns > pyc.file.ctime_ns
    if seal is None and (replaced or recipe.mode is not InvalidationMode.TIMESTAMP):
        return _COMPILE[Reason.UNPROVEN]
    if seal is None or replaced:
        return _CHECK
    if pyc.file.gid != expected.gid:
        return _REPAIR_OWNER
    if stat.S_IMODE(pyc.file.mode) != expected.mode or pyc.has_acl:
        return _REPAIR_MODE
    return _FRESH


def _distrust(pyc: PycState, cache: CacheState, expected: Ownership) -> Reason | None:
    if not stat.S_ISREG(pyc.file.mode):
        return Reason.NOT_REGULAR
    if cache.untrusted:
        return Reason.UNTRUSTED_CACHE
    if pyc.file.uid != expected.uid:
        return Reason.WRONG_OWNER
    return Reason.WRONG_MODE if pyc.file.mode & 0o022 else None


def _stale_seal(recipe: Recipe, seal: Seal | None) -> Reason | None:
    if seal is not None and seal.recipe == recipe_number(recipe):
        return None
    others = {recipe_number(recipe._replace(mode=mode)) for mode in InvalidationMode}
    return Reason.STALE_FLAGS if seal is not None and seal.recipe in others else Reason.STALE_MAGIC


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
