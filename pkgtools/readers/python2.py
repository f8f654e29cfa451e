# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: does a source look as if only Python 2 understood it? A guess by its text, which a compiler has to confirm."""

from __future__ import annotations

import re

_SIGNS = (
    ("the print statement", rb"""print[ \t]+(?:[urb]?["'][^\n]|%|[A-Za-z_][\w.]*[ \t]*(?:,|$|\n))"""),
    ("`print >>file`", rb"print[ \t]*>>"),
    ("`except X, name`", rb"except[ \t]+[\w.() ,]+,[ \t]*[A-Za-z_]\w*[ \t]*:"),
    ("`raise X, text`", rb"raise[ \t]+[\w.]+[ \t]*,"),
    ("the exec statement", rb"""exec[ \t]+(?:[urb]?["']|[A-Za-z_])"""),
)
_EITHER = re.compile(rb"^[ \t]*(?:%s)" % b"|".join(rb"(%s)" % pattern for _, pattern in _SIGNS), re.MULTILINE)
_WORDS = (b"print ", b"print\t", b"print>>", b"except", b"raise", b"exec ")


def looks_like_python2(source: bytes) -> bool:
    """Whether a line looks as if only Python 2 understood it; it may be one of a text in quotes."""
    return any(word in source for word in _WORDS) and _EITHER.search(source) is not None


def sign_in_line(source: bytes, line: int) -> str:
    """Return what of Python 2 is in a line, counted from 1; empty if there is nothing that we know."""
    lines = source.splitlines()
    found = _EITHER.match(lines[line - 1] + b"\n") if 0 < line <= len(lines) else None
    return _SIGNS[found.lastindex - 1][0] if found and found.lastindex else ""
