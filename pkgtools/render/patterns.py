# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: regular expressions of a manifest, put behind a directory: all tools match them from a path's start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.policy.expressions import compile_expression
from pkgtools.runtime.pythons import PACKAGES_NAME, SHARED_NAME

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath

LIBRARIES = rf"(?:lib|lib64)/{SHARED_NAME}[^/]*/{PACKAGES_NAME}/"
"""Below /usr: what interpreters search for modules of packages."""

_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")
_TOKEN = re.compile(r"\\.|\(\?#[^)]*\)|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_STARTS = frozenset({"^", r"\A"})


def public_pattern(pattern: str) -> str:
    """Make a pattern for paths below a directory that interpreters search into one for whole paths.

    One that begins with a slash is for whole paths already. Raises UsageError where that can't be done.
    """
    return pattern if pattern.startswith("/") else behind(f"/usr/{LIBRARIES}", pattern)


def private_pattern(directory: InstalledPath, pattern: str) -> str:
    """Make a pattern for paths below a private directory into one for whole paths. Raises UsageError as above."""
    return pattern if pattern.startswith("/") else behind(f"{re.escape(directory)}/", pattern)


def behind(prefix: str, pattern: str) -> str:
    """Put a pattern behind another one: flags go to the front, what says "at the start" goes.

    Raises UsageError where the two make no regular expression together.
    """
    flags = found[0] if (found := _FLAGS.match(pattern)) else ""
    rest = "".join(token for token in _TOKEN.findall(pattern[len(flags) :]) if token not in _STARTS)
    whole = f"{flags}{prefix}(?:{rest})"
    try:
        compile_expression(whole)
    except UsageError as error:
        raise UsageError(f"exclude {pattern!r} can't be matched below a directory: {error}") from error
    return whole


def as_argument(pattern: str) -> str:
    """Keep a pattern with a dash in front from being taken for an option."""
    return f"(?:{pattern})" if pattern.startswith("-") else pattern
