# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""First lines of scripts: which Python they name, and which they shall name (Debian Python Policy 4.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pkgtools.debhelper.records import Shebang
from pkgtools.runtime.pythons import CPYTHON_STEM
from pkgtools.runtime.system.interpreters import BIN

_LINE = re.compile(
    (
        rf"#![ \t]*(?P<path>(?:[^\s]*/)?(?P<env>env[ \t]+(?P<words>(?:[^\s/]+[ \t]+)*?)(?:[^\s]*/)?)?)"
        rf"{CPYTHON_STEM}(?P<version>\d(?:\.\d+)?)?(?P<debug>-dbg)?(?P<options>[ \t][^\n]*)?\s*"
    ).encode()
)
LENGTH = 4096
"""Bytes of a file that are looked at: more than any system allows in a first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLine:
    """A first line that names a Python."""

    path: str
    """What stands before the name: `/usr/bin/`, `/usr/bin/env `, empty."""
    version: str
    """What follows `python`; empty for none."""
    debug: bool
    """Whether the name ends with `-dbg`."""
    options: str
    """With single blanks between them."""
    words: str
    """What stands between `env` and the name: options and variables."""
    has_return: bool
    """Whether it ends as on Windows: then no Unix finds the interpreter."""

    @property
    def shebang(self) -> Shebang:
        """Return the interpreter that it means: without a version it's Python 3, for there is no other."""
        version = self.version or "3"
        suffix = "-dbg" if self.debug else ""
        return Shebang(path=f"{BIN}/{CPYTHON_STEM}{version}{suffix}", version=version, debug=self.debug)


def parse_first_line(start: bytes) -> FirstLine | None:
    """Read the beginning of a file; None if it isn't a script for Python 3, or isn't text."""
    line, newline, _ = start.partition(b"\n")
    if b"\0" in line or (not newline and len(start) == LENGTH):
        return None
    found = _LINE.fullmatch(line)
    if not found or (found["version"] or b"3")[:1] != b"3":
        return None
    return FirstLine(
        path=found["path"].decode("utf-8", "surrogateescape"),
        version=(found["version"] or b"").decode(),
        debug=bool(found["debug"]),
        options=" ".join((found["options"] or b"").decode("utf-8", "surrogateescape").split()),
        words=(found["words"] or b"").decode("utf-8", "surrogateescape").strip(),
        has_return=line.endswith(b"\r"),
    )


def rewritten(content: bytes, line: FirstLine, command: str) -> bytes | None:
    """Return the content with the right first line, or None where it has it; a `command` is wanted for all scripts."""
    wanted = f"#! {command}" if command else _wanted(line)
    if not wanted:
        return None
    _, newline, rest = content.partition(b"\n")
    new = wanted.encode("utf-8", "surrogateescape") + b"\n" + (rest if newline else b"")
    return None if new == content else new


def _wanted(line: FirstLine) -> str:
    """Return the right first line; empty where it is right, or where env does more than to look for Python."""
    if line.words not in {"", "-S"}:
        return ""
    # a first line has one argument at most, only env makes several of it
    split = "/usr/bin/env -S " if line.words and " " in line.options else ""
    if line.path == f"{split}/usr/bin/" and line.version and not line.has_return:
        return ""
    return f"#! {split}{line.shebang.path}" + (f" {line.options}" if line.options else "")
