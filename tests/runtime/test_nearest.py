# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which option a misspelt one was probably meant to be: edit distance, two letters that were swapped counting once."""

from __future__ import annotations

import itertools

import pytest

from pkgtools.runtime.full_parser import _distance, _nearest

OPTIONS = ["--dry-run", "--version", "--verbose", "--force", "--help", "-q"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("abc", "", 3),
        ("", "abc", 3),
        ("ab", "ba", 1),
        ("xab", "xba", 1),
        ("abx", "bax", 1),
        ("abcd", "badc", 2),
        ("ca", "abc", 3),  # a pair that was swapped is not changed again
        ("abc", "abd", 1),
        ("abc", "xabc", 1),
        ("abc", "bc", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(one: str, other: str, expected: int) -> None:
    assert _distance(one, other) == expected


def test_distance_is_the_same_both_ways_and_obeys_its_bounds() -> None:
    words = ["".join(letters) for size in range(4) for letters in itertools.product("ab", repeat=size)]
    for one, other in itertools.product(words, words):
        assert _distance(one, other) == _distance(other, one)
        assert abs(len(one) - len(other)) <= _distance(one, other) <= max(len(one), len(other))
        assert (_distance(one, other) == 0) == (one == other)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("--verison", "--version"),
        ("--dryrun", "--dry-run"),
        ("--forec", "--force"),
        ("--ver", ""),  # begins two
        ("--vers", "--version"),
        ("--fo", "--force"),
        ("--colour", ""),
        ("-x", ""),
        ("-q", ""),
    ],
)
def test_the_nearest_option(word: str, expected: str) -> None:
    assert _nearest(word, OPTIONS) == expected
