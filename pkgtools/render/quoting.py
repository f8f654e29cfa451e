# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The one way by which values get into generated text: filters, one for each language that the text is in.

Each takes what the packager wrote and returns `Markup`, which is jinja2's mark for "quoted already"; an expression
in a template that isn't of this type is an error (`templates.py`).
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

from markupsafe import Markup

from pkgtools.runtime.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_DIRECTIVE = re.compile(r"^[ \t]*%%[a-zA-Z]", re.MULTILINE)


def quote_sh(value: str | Sequence[str]) -> Markup:
    """Quote a word, or words with blanks between them, for a POSIX shell (POSIX.1-2017, Shell 2.2).

    Raises UsageError for NUL, which no argument can hold.
    """
    words = [str(word) for word in ([value] if isinstance(value, str) else value)]
    if any("\0" in word for word in words):
        raise UsageError(f"{value!r}: no program takes an argument with NUL in it")
    return _done(" ".join(map(shlex.quote, words)))


def quote_comment(value: str) -> Markup:
    """Make one line of a comment out of any text: what could end the line becomes `?`."""
    return _done(_CONTROL.sub("?", str(value)))


def quote_field(value: str | Sequence[str]) -> Markup:
    """Make the value of a field in Debian's control files; several are joined by commas (Policy 5.1)."""
    text = str(value) if isinstance(value, str) else ", ".join(value)
    if not text.strip() or _CONTROL.search(text):
        raise UsageError(f"{text!r} can't stand in a control field: it is empty or not one line")
    return _done(text)


def quote_word(value: str) -> Markup:
    """Pass a word for files whose format has no quoting: dpkg's triggers, rpm's prefixes, pacman's targets."""
    if not re.fullmatch(r"[!-~]+", value):
        raise UsageError(f"{value!r}: only printable ASCII characters without blanks can be written there")
    return _done(value)


def quote_line(value: str) -> Markup:
    """Pass one line of a drop-in file. Raises UsageError for anything else."""
    if re.search(r"[\x00\n\r]", value):
        raise UsageError(f"{value!r}: this must be one line")
    return _done(value)


def quote_rpm(value: str) -> Markup:
    """Escape text, mostly a whole scriptlet, for a spec file: `%` starts no macro.

    Raises UsageError where rpm would take a line for a section or a condition all the same: it looks for those after
    it has expanded the line.
    """
    text = str(value).replace("%", "%%")
    if found := _DIRECTIVE.search(text):
        raise UsageError(f"rpm would read a line that begins with {found[0].strip()[1:]!r} as its own: indent won't do")
    return _done(text)


def quote_make(value: str) -> Markup:
    """Escape shell text for a makefile's recipe (GNU make: `$` is doubled)."""
    return _done(str(value).replace("$", "$$"))


def quote_snippet(value: str) -> Markup:
    """Pass the packager's own shell lines, which were checked when the manifest was read."""
    return _done(value if value.endswith("\n") else value + "\n")


def quote_number(value: int) -> Markup:
    """Write a number in decimal digits."""
    return _done(str(int(value)))


def quote_octal(value: int) -> Markup:
    """Write permission bits with a leading zero, as 0644."""
    return _done(f"{value:04o}")


def quote_rpm_path(value: str) -> Markup:
    """Write a path in %files (rpm's spec manual: quoted names, `%` doubled, no patterns).

    Raises UsageError for what rpm has no way to write.
    """
    if re.search(r'["\\*?\[{\x00-\x1f]', value):
        raise UsageError(f"{value!r}: a file list of rpm can't name this: choose another directory")
    return _done('"' + value.replace("%", "%%") + '"' if re.search(r"[^\w/.+-]", value) else value)


def quote_yaml(value: str | bool | int | Sequence[str]) -> Markup:
    """Write a value in YAML 1.1, strings in double quotes, sequences in brackets."""
    if isinstance(value, (str, bool, int)):
        return _done(_escape_more(json.dumps(value, ensure_ascii=False)))
    return _done("[" + ", ".join(_escape_more(json.dumps(one, ensure_ascii=False)) for one in value) + "]")


def quote_toml(value: str | bool | int | Sequence[str | int]) -> Markup:
    """Write a value in TOML 1.0: basic strings, booleans, integers, arrays."""
    if isinstance(value, (str, bool, int)):
        return _done(_escape_more(json.dumps(value, ensure_ascii=False)))
    return _done("[" + ", ".join(_escape_more(json.dumps(one, ensure_ascii=False)) for one in value) + "]")


def _escape_more(text: str) -> str:
    """Escape what JSON leaves as it is and YAML or TOML don't allow."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _done(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - this is where text becomes trusted, each time by a rule above


FILTERS: dict[str, Callable[..., Markup]] = {
    "comment": quote_comment,
    "field": quote_field,
    "line": quote_line,
    "make": quote_make,
    "number": quote_number,
    "octal": quote_octal,
    "rpm": quote_rpm,
    "rpmpath": quote_rpm_path,
    "sh": quote_sh,
    "snippet": quote_snippet,
    "toml": quote_toml,
    "word": quote_word,
    "yaml": quote_yaml,
}
"""Every filter by its name in templates."""
