# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""docs/reference has the page of every rule, and of no other: `python -m tools.rule_pages` writes them again."""

from __future__ import annotations

import pytest

from tools.rule_pages import REFERENCE, left_over, pages

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_what_the_rule_says(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name], "run python -m tools.rule_pages"


def test_every_page_is_that_of_a_rule() -> None:
    assert list(left_over(PAGES)) == []
