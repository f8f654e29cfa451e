# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import sys

import pytest

from pkgtools.report.charts import size
from pkgtools.report.locations import uri
from pkgtools.report.pages import spans
from pkgtools.report.wording import counted, visible


def test_every_character_can_be_seen_and_encoded() -> None:
    for code in range(sys.maxunicode + 1):
        shown = visible(chr(code))
        assert shown.isprintable(), hex(code)
        shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/usr/é ü/x.py", "/usr/é ü/x.py"),
        ("a\x1b[0m\n", r"a\x1b[0m\n"),
        ("\udcff", r"\xff"),
        ("\u202etxt", r"\u202etxt"),
        ("\ud800", r"\ud800"),
    ],
    ids=["plain", "control", "byte", "direction", "surrogate"],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [(1, "error", "1 error"), (2, "error", "2 errors"), (10_000, "finding", "10,000 findings"), (3, "info", "3 info")],
)
def test_counted(number: int, noun: str, said: str) -> None:
    assert counted(number, noun) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_951, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (5 * 10**9, "5.0 GB"),
        (10**18, "1,000,000 TB"),
    ],
)
def test_size(number: int, said: str) -> None:
    assert size(number) == said


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("./build/a b.deb!/x", "build/a%20b.deb!/x"),
        ("/pool/a.deb!/x", "file:///pool/a.deb!/x"),
        ("//usr/x", "file:///usr/x"),
        ("c:/x?y#z", "c%3A/x%3Fy%23z"),
        ("\udcfc%", "%FC%25"),
    ],
    ids=["relative", "absolute", "slashes", "signs", "bytes"],
)
def test_uri(name: str, address: str) -> None:
    assert uri(name) == address


def test_backquotes_are_code() -> None:
    assert [(one.text, one.code) for one in spans("see `a b` and `")] == [
        ("see ", False),
        ("a b", True),
        (" and `", False),
    ]
