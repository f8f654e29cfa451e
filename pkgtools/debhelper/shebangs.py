# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""First lines of scripts: which Python they name, and which they shall name (Debian Python Policy 4.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .records import Shebang

_LINE = re.compile(
    rb"#!\s*(?P<path>(?:[^\s]*/bin/)?(?:env\s+(?:-S\s+)?)?(?:[^\s]*/)?)"
    rb"python(?P<version>\d(?:\.\d+)?)?(?P<debug>-dbg)?(?P<options>[ \t][^\n]*)?\s*"
)
LENGTH = 256
"""Bytes of a file that decide, as in Linux."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLine:
    """A first line that names a Python."""

    path: str
    """What stands before the name: `/usr/bin/`, `/usr/bin/env `, empty."""
    version: str
    """What follows `python`; empty for none."""
    debug: bool
    options: str
    """With single blanks between them."""

    @property
    def shebang(self) -> Shebang:
        """Return the interpreter that it means: without a version it's Python 3, for there is no other."""
        version = self.version or "3"
        suffix = "-dbg" if self.debug else ""
        return Shebang(path=f"/usr/bin/python{version}{suffix}", version=version, debug=self.debug)


def parse_first_line(start: bytes) -> FirstLine | None:
    """Read the beginning of a file; None if it isn't a script for Python 3, or isn't text."""
    if b"\0" in start:
        return None
    found = _LINE.fullmatch(start.partition(b"\n")[0])
    if not found or (found["version"] or b"3")[:1] != b"3":
        return None
    return FirstLine(
        path=found["path"].decode("utf-8", "surrogateescape"),
        version=(found["version"] or b"").decode(),
        debug=bool(found["debug"]),
        options=" ".join((found["options"] or b"").decode("utf-8", "surrogateescape").split()),
    )


def rewritten(content: bytes, line: FirstLine, command: str) -> bytes | None:
    """Return the content with the right first line, or None where it has it; a `command` is wanted for all scripts."""
    if command:
        wanted = f"#! {command}"
    elif line.path != "/usr/bin/" or not line.version:
        wanted = f"#! {line.shebang.path}" + (f" {line.options}" if line.options else "")
    else:
        return None
    _, newline, rest = content.partition(b"\n")
    new = wanted.encode("utf-8", "surrogateescape") + b"\n" + (rest if newline else b"")
    return None if new == content else new
