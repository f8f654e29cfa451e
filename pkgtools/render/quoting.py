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
_DIRECTIVE = re.compile(r"^[ \t\v\f\r]*%%[a-zA-Z]", re.MULTILINE)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_STAND_IN = "\ue000"
"""A character that the shell wants quoted, for a percent sign in quotes."""
_PERCENT = """'"$(printf '\\045')"'"""
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def quote_sh(value: str | Sequence[str]) -> Markup:
    """Quote a word, or words with blanks between them, for a POSIX shell (POSIX.1-2017, Shell 2.2).

    Raises UsageError for NUL, which no argument can hold, and for what isn't Unicode, which generated files can't hold.
    """
    words = [str(word) for word in ([value] if isinstance(value, str) else value)]
    if any("\0" in word for word in words):
        raise UsageError(f"{value!r}: no program takes an argument with NUL in it")
    if any(_SURROGATE.search(word) for word in words):
        raise UsageError(f"{value!r}: not Unicode text, so it can't be written into a script")
    return _done(" ".join(map(shlex.quote, words)))


def quote_sh_for_fpm(value: Sequence[str]) -> Markup:
    """Quote words for a shell that dpkg starts, or rpm once it has expanded what follows a percent sign."""
    return _done(str(quote_sh([word.replace("%", _STAND_IN) for word in value])).replace(_STAND_IN, _PERCENT))


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
    """Pass a word for files whose format has no quoting, such as dpkg's triggers."""
    if not re.fullmatch(r"[!-~]+", value):
        raise UsageError(f"{value!r}: only printable ASCII characters without blanks can be written there")
    return _done(value)


def quote_rpm_prefix(value: str) -> Markup:
    """Pass a prefix of a file trigger: a word in which rpm finds no list and no version of a package.

    Raises UsageError for anything else.
    """
    if re.search(r"[,<>=]", quote_word(value)):
        raise UsageError(f"{value!r}: rpm would split this prefix of a file trigger at `,`, `<`, `>` or `=`")
    return _done(value)


def quote_apk_path(value: str) -> Markup:
    """Pass a directory to watch for an APKBUILD's `triggers`, where quotes, colons and patterns have a meaning.

    Raises UsageError for one with such characters.
    """
    if not re.fullmatch(r"[A-Za-z0-9@%+,./_-]+", value):
        raise UsageError(f"{value!r}: a trigger of apk can't watch this: it takes letters, digits and @%+,./_- only")
    return _done(value)


def quote_target(value: str) -> Markup:
    """Write a path, which alpm-hooks(5) takes as a pattern, so that it stands for itself."""
    escaped = re.sub(r"[\\*?\[]", r"\\\g<0>", quote_word(value))
    # alpm drops a backslash that begins a target, and takes an exclamation mark there for "not"
    return _done(f"\\{escaped}" if escaped.startswith(("!", "\\")) else escaped)


def quote_exec(value: Sequence[str]) -> Markup:
    """Quote words for Exec in alpm-hooks(5), where a backslash escapes a quote, even between quotes, and nothing else.

    Raises UsageError for what can't stand in a line.
    """
    if any(re.search(r"[\x00\n\r]", word) for word in value):
        raise UsageError(f"{value!r}: a hook's command is one line")
    return _done(" ".join(map(_quote_alpm_word, value)))


def _quote_alpm_word(word: str) -> str:
    parts = []
    for part in re.findall(r"[^'\\]+|'+|\\+(?:[^\\]|$)", word):
        if part.endswith("\\") or _PLAIN.fullmatch(part):
            parts.append(part)  # backslashes at the end need no quotes, and bear none behind them
        else:
            quote = '"' if "'" in part or (part[0] == "\\" and part[-1] != '"') else "'"
            parts.append(f"{quote}{part}{quote}")
    return "".join(parts) or "''"


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
    # looking for a macro's end in further lines, rpm takes a backslash's next character for nothing, then `%(` for one
    text = str(value).replace("%", "%%").replace("\\%", "\\%{nil}%")
    if found := _DIRECTIVE.search(text):
        raise UsageError(f"rpm would read a line that begins with {found[0].strip()[1:]!r} as its own: indent won't do")
    return _done(text)


def quote_make(value: str) -> Markup:
    """Escape shell text for a makefile's recipe (GNU make: `$` is doubled). Raises UsageError for several lines."""
    if re.search(r"[\x00\n]", value):
        raise UsageError(f"{value!r}: a line of a makefile's recipe is one line")
    return _done(str(value).replace("$", "$$"))


def quote_snippet(value: str) -> Markup:
    """Pass the packager's own shell lines, which were checked when the manifest was read."""
    return _done(value if value.endswith("\n") else value + "\n")


def quote_number(value: int) -> Markup:
    """Write a number in decimal digits."""
    return _done(str(int(value)))


def quote_octal(value: int) -> Markup:
    """Write permission bits with a leading zero, as 0644."""
    return _done(f"0{value:o}")


def quote_rpm_path(value: str) -> Markup:
    """Write a path in %files (rpm's spec manual: names in quotes can have blanks; all are patterns).

    Raises UsageError for what rpm has no way to write.
    """
    if re.search(r'["\\*?\[{\x00-\x1f]', value) or ("%" in value and " " in value):
        raise UsageError(f"{value!r}: a file list of rpm can't name this: choose another directory")
    # a doubled percent sign wouldn't do: rpm expands these lines twice
    return _done('"' + value.replace("%", "[%]") + '"' if re.search(r"[^\w/.+-]", value) else value)


def quote_yaml(value: str | bool | int | Sequence[str]) -> Markup:
    """Write a value in YAML 1.1, strings in double quotes, sequences in brackets.

    Raises UsageError for text that isn't Unicode.
    """
    return _as_json(value)


def quote_toml(value: str | bool | int | Sequence[str | int]) -> Markup:
    """Write a value in TOML 1.0: basic strings, booleans, integers, arrays.

    Raises UsageError for text that isn't Unicode.
    """
    return _as_json(value)


def _as_json(value: str | bool | int | Sequence[str | int]) -> Markup:
    text = json.dumps(value if isinstance(value, (str, bool, int)) else list(value), ensure_ascii=False)
    if _SURROGATE.search(text):
        raise UsageError(f"{value!r}: not Unicode text, so it can't be written there")
    # what JSON leaves as it is and YAML or TOML don't allow
    return _done(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _done(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - this is where text becomes trusted, each time by a rule above


FILTERS: dict[str, Callable[..., Markup]] = {
    "apkpath": quote_apk_path,
    "comment": quote_comment,
    "exec": quote_exec,
    "field": quote_field,
    "line": quote_line,
    "make": quote_make,
    "number": quote_number,
    "octal": quote_octal,
    "rpm": quote_rpm,
    "rpmpath": quote_rpm_path,
    "rpmprefix": quote_rpm_prefix,
    "sh": quote_sh,
    "shfpm": quote_sh_for_fpm,
    "snippet": quote_snippet,
    "target": quote_target,
    "toml": quote_toml,
    "word": quote_word,
    "yaml": quote_yaml,
}
"""Every filter by its name in templates."""
