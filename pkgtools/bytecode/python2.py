# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: does a source look as if only Python 2 understood it? A guess by its text, which a compiler has to confirm."""

from __future__ import annotations

import re

# possessive quantifiers, so that no line, however long, takes more than one pass
_SIGNS = (
    ("the print statement", rb"""print[ \t]++(?:[urb]?["'][^\n]|%|\w[\w.]*+[ \t]*+(?:[,%(]|$|\n))"""),
    ("`print >>file`", rb"print[ \t]*+>>"),
    # Python 3.14 catches both of `except A, B:` (PEP 758); what Python 2 binds is seldom called as a class is
    ("`except X, name`", rb"except[ \t]++[\w.() ,]+,[ \t]*+[a-z_]\w*+[ \t]*+:"),
    ("`raise X, text`", rb"raise[ \t]++[\w.]++[ \t]*+,"),
    ("the exec statement", rb"""exec[ \t]++(?:[urb]?["']|[A-Za-z_])"""),
)
_EITHER = re.compile(rb"^[ \t]*+(?:%s)" % b"|".join(rb"(%s)" % pattern for _, pattern in _SIGNS), re.MULTILINE)
_WORDS = (b"print>>", *(word + space for word in (b"print", b"except", b"raise", b"exec") for space in (b" ", b"\t")))


def looks_like_python2(source: bytes) -> bool:
    """Whether a line looks as if only Python 2 understood it; it may be one of a text in quotes."""
    return any(_begins_line(source, word) for word in _WORDS)


def _begins_line(source: bytes, word: bytes) -> bool:
    """Whether a line that begins with a word is such a one; bytes.find is ten times as fast as a search for all."""
    found = source.find(word)
    while found >= 0:
        start = source.rfind(b"\n", 0, found) + 1
        if not source[start:found].strip(b" \t") and _EITHER.match(source, start):
            return True
        end = source.find(b"\n", found)
        found = source.find(word, end) if end >= 0 else -1
    return False


def sign_in_line(source: bytes, line: int) -> str:
    """Return what of Python 2 is in a line, counted from 1; empty if there is nothing that we know."""
    lines = source.splitlines()
    found = _EITHER.match(lines[line - 1] + b"\n") if 0 < line <= len(lines) else None
    return _SIGNS[found.lastindex - 1][0] if found and found.lastindex else ""
