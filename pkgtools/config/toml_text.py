# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: TOML, and what is wrong with it in words that begin with the line and column."""

from __future__ import annotations

import re
import tomllib

from .problems import ConfigError, Problem

_POSITION = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)
_NOT_BARE = re.compile(r"""#.*|"(?:[^"\\]|\\.)*+"?|'[^']*+'?""")
"""Comments and strings of a line; also one that isn't closed, so that no part is read twice."""
_BETWEEN_KEYS = re.compile(r"[,=\[\]{}]")
_MOST_STEPS = 1000
_AT_END = re.compile(r"(.*) \(at end of document\)", re.DOTALL)


def parse_toml(text: str, where: str) -> dict[str, object]:
    """Return what a document says; `where` names it in errors. Raises ConfigError."""
    try:
        _refuse_long_keys(text)
        return tomllib.loads(text)
    except ValueError as error:
        wrong = _syntax_error(str(error), text)
    except RecursionError:
        wrong = "arrays or tables are nested too deeply"
    raise ConfigError(where, [Problem(text=wrong)])


def _refuse_long_keys(text: str) -> None:
    """Raise RecursionError for a key of too many steps, `a.a.a.a`: the parser's time grows with their square."""
    for line in text.split("\n"):
        if line.count(".") > _MOST_STEPS:
            keys = _BETWEEN_KEYS.split(_NOT_BARE.sub("s", line))
            if max(key.count(".") for key in keys) > _MOST_STEPS:
                raise RecursionError


def _syntax_error(said: str, text: str) -> str:
    """Begin with the line and column, which the parser puts last, or has not at the end of the document."""
    if found := _POSITION.fullmatch(said):
        return f"line {found[2]}, column {found[3]}: not valid TOML: {found[1]}"
    if found := _AT_END.fullmatch(said):
        line = text.count("\n") + 1
        return f"line {line}, column {len(text) - text.rfind(chr(10))}: not valid TOML: {found[1]}; the file ends here"
    return f"not valid TOML: {said}"
