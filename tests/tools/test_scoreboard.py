# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""docs/reliability.md is what is seen today when the same faults are made again."""

from __future__ import annotations

import pytest

from tests.lab.needs import need_tools
from tools.scoreboard import PAGE, measured, page


@pytest.mark.system
@pytest.mark.slow
def test_faults_end_as_the_page_says() -> None:
    need_tools(("mmdebstrap", "zstd", "dpkg-deb", "nsenter", "dpkg-buildpackage", "dh"))
    assert PAGE.read_text(encoding="utf-8") == page(measured()), "run make scoreboard"


def test_page_counts_what_is_right() -> None:
    rows = [
        ("full", {"one": ("cut", False), "two": ("whole", True)}),
        ("bad", {"one": ("x", True), "two": ("y", True)}),
    ]
    lines = page(rows).splitlines()
    assert "| full | ✗ cut | ✓ whole |" in lines
    assert "| **together** | 1 of 2 right | 2 of 2 right |" in lines
