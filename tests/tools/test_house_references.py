# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The house rule about references: manual pages, rules, pages and tests that are named are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.house.checkout import Checkout
from tools.house.references import references

FILES = {
    "docs/man/pkgtools.rst": ":Manual section: 1\n",
    "pkgtools/rules/stale_pyc.py": "",
    "tests/test_x.py": "def test_it() -> None:\n",
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("see pkgtools(1), **pkgtools**\\(1) and dpkg(1)", ""),
        ("see pkgtools(8)", "there is no manual page pkgtools(8)"),
        ("see **pkgtools-audit**\\(1)", "there is no manual page pkgtools-audit(1)"),
        ("run pkgtools explain stale-pyc", ""),
        ("run `pkgtools explain stale-pyz`", "there is no rule stale-pyz"),
        ("docs/man/pkgtools.rst and https://example.org/docs/gone.md", ""),
        ("docs/gone.md has more", "there is no docs/gone.md"),
        ("`tests/test_x.py::test_it`, `tests/test_x.py`", ""),
        ("`tests/test_x.py::test_that`", "tests/test_x.py has no test test_that"),
        ("`tests/test_y.py`", "there is no tests/test_y.py"),
    ],
)
def test_references_are_looked_up(line: str, expected: str, tmp_path: Path) -> None:
    files = {**FILES, "docs/page.md": f"one\n{line}\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    checkout = Checkout(top=tmp_path, paths=tuple(map(Path, files)))
    found = [(complaint.line, complaint.text) for complaint in references(checkout)]
    assert found == ([(2, expected)] if expected else [])
