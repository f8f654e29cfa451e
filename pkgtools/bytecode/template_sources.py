# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: does a source look as if it were a template of one? A guess by its text, which a compiler has to confirm."""

from __future__ import annotations

import re

_STATEMENT = re.compile(rb"^[ \t]*+\{%[-+]?[ \t]*+\w", re.MULTILINE)
_NAME = re.compile(rb"^[ \t]*+(?:(?:class|def|import|from|async def)[ \t][^\n\"'#]*)?\{\{", re.MULTILINE)


def looks_like_template(source: bytes) -> bool:
    """Whether a line begins with a statement of Jinja, or has its braces where Python has a name."""
    if b"{%" in source and _STATEMENT.search(source):
        return True
    return b"{{" in source and _NAME.search(source) is not None
