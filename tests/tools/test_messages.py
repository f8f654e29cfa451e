# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""docs/reference/messages.md has every message: `python tools/messages.py` writes it."""

from __future__ import annotations

from tools.messages import PAGE, collect, page


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_errors_findings_and_outcomes_are_in_it() -> None:
    found = set(collect())
    assert ("runtime", "{program} is missing, and no other interpreter is run without: install util-linux") in found
    assert ("rules", "umask {umask} holds here; the cache directories get a mode by it: {text}") in found
    assert ("config", "this isn't a regular file") in found
