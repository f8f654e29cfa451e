# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Whether a packager's shell lines can stand inside a generated script and stay inside their place."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHELL = ("/bin/sh", "-n")
_SECONDS = 10
_RPM_LINE = re.compile(r"^[^\S\n]*%[A-Za-z]", re.MULTILINE)
_COMMAND = re.compile(r"^\s*[^\s#]", re.MULTILINE)
_SAID = re.compile(r"[^\n]*?(?:line )?(\d+): (.*)")


def complete_line(text: str) -> str:
    """Return the text as scripts get it: with a newline at its end."""
    return text if text.endswith("\n") else text + "\n"


def find_faults(text: str, *, for_rpm: bool) -> Iterator[str]:
    """Yield what keeps shell lines from being put into scripts, or into those of RPM packages (`for_rpm`)."""
    if for_rpm and (found := _RPM_LINE.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        yield f"line {line} begins with `{found[0].strip()}`, which rpm takes for its own even when escaped"
    bad = _bad_character(text)
    if bad:
        yield bad
    elif not _COMMAND.search(text):
        yield "there is no command in it, and POSIX shell wants one; write `:` or leave the snippet out"
    elif _last_backslashes(text.rstrip("\n")) % 2:
        yield "it ends with a backslash, which would swallow the end of the line that follows"
    else:
        yield from _syntax_errors(complete_line(text))


def _bad_character(text: str) -> str | None:
    for character, name in (("\r\n", "CRLF line ends; write LF"), ("\r", "a carriage return"), ("\0", "a NUL")):
        if character in text:
            return f"line {text.count(chr(10), 0, text.index(character)) + 1} has {name}"
    return None


def _last_backslashes(text: str) -> int:
    return len(text) - len(text.rstrip("\\"))


def _syntax_errors(text: str) -> Iterator[str]:
    """Parse the lines as a script of their own, and as the body of a function as they will stand in ours."""
    alone = _complaint(text)
    if alone is not None:
        yield f"no POSIX shell: {alone}"
    elif _complaint(f"f() (\n{text})\n") is not None:
        yield "it can't stand inside a function; is there a here-document without its last line?"


def _complaint(script: str) -> str | None:
    """Let the shell parse a script without running it; return its first error."""
    environment = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    try:
        done = subprocess.run(
            _SHELL, input=script.encode(), env=environment, capture_output=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"the shell took more than {_SECONDS} seconds to read it"
    said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
    if not done.returncode and not said:
        return None
    found = _SAID.fullmatch(said)
    return f"line {found[1]}: {found[2]}" if found else said or f"the shell broke off ({done.returncode})"
