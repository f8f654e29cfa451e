# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""House rule: lines of documents end at 100 columns, but for what can't be broken."""

import re
from collections.abc import Iterator

from tools.house.checkout import Checkout, Complaint

COLUMNS = 100
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_MARKER = re.compile(r"^\s*(?:[-*+] |\d+\. )?")
_WHOLE = re.compile(r"\s*(?:\||#|<|!\[|\[[^]]+\]: |- `?\{)")
"""Tables, headings, HTML, pictures, references, and messages, which stand in one line each."""


def columns(checkout: Checkout) -> Iterator[Complaint]:
    """Find lines of prose in Markdown that are too long."""
    for path in checkout.paths:
        if path.suffix == ".md" and (len(path.parts) == 1 or path.parts[0] == "docs") and path.name != "messages.md":
            for number, line in _prose(checkout.text(path)):
                if len(line) > COLUMNS and " " in _MARKER.sub("", line[:COLUMNS]):
                    yield Complaint(path=path, line=number, text=f"the line has more than {COLUMNS} columns: break it")


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines outside of blocks of code, counted from 1, that can be broken."""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        found = _FENCE.match(line)
        if fence:
            fence = "" if line.strip().startswith(fence) else fence
        elif found:
            fence = found[1]
        elif not _WHOLE.match(line) and not line.startswith("    "):
            yield number, line
