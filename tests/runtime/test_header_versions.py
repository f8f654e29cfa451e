# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Headers by version: 3.6 has no flags, and which minor version it is decides."""

from __future__ import annotations

import pytest

from pkgtools.runtime.compile.pyc import Recipe, header, header_size, recipe_bytes, recipe_of
from pkgtools.runtime.facts import FileState, InvalidationMode
from tests.runtime.sandbox import HERE

MAGIC = b"\x33\x0d\r\n"
STATE = FileState(0o100644, 0, 0, size=(1 << 32) + 5, mtime_ns=7_000_000_000, ctime_ns=0, identity=(1, 2))


def _recipe(minor: int, mode: InvalidationMode) -> Recipe:
    return Recipe(version=(3, minor), magic=MAGIC, mode=mode)


@pytest.mark.parametrize(("minor", "flags"), [(6, b""), (7, bytes(4)), (8, bytes(4)), (14, bytes(4))])
def test_time_and_size_follow_the_flags_where_there_are_any(minor: int, flags: bytes) -> None:
    recipe = _recipe(minor, InvalidationMode.TIMESTAMP)
    assert header(recipe, STATE) == MAGIC + flags + b"\7\0\0\0" + b"\5\0\0\0"
    assert recipe_bytes(recipe) == MAGIC + flags
    assert header_size((3, minor)) == 12 + len(flags)


@pytest.mark.parametrize(
    ("mode", "flags"), [(InvalidationMode.UNCHECKED_HASH, b"\1\0\0\0"), (InvalidationMode.CHECKED_HASH, b"\3\0\0\0")]
)
@pytest.mark.parametrize("minor", [7, 12])
def test_hash_follows_the_flags(minor: int, mode: InvalidationMode, flags: bytes) -> None:
    recipe = _recipe(minor, mode)
    assert header(recipe, STATE, b"8 bytes.") == MAGIC + flags + b"8 bytes."
    assert recipe_bytes(recipe) == MAGIC + flags


@pytest.mark.parametrize(
    ("version", "knows_hashes"), [((2, 7), False), ((3, 6), False), ((3, 7), True), ((3, 15), True)]
)
def test_hashes_are_for_interpreters_that_know_them(version: tuple[int, int], knows_hashes: bool) -> None:
    mode = recipe_of(HERE._replace(version=version), InvalidationMode.CHECKED_HASH).mode
    assert (mode is InvalidationMode.CHECKED_HASH) == knows_hashes
