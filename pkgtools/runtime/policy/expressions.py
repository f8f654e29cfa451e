# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: regular expressions that packages, administrators and options write."""

from __future__ import annotations

import re

from pkgtools.runtime.errors import UsageError

BAD_EXPRESSION = (re.error, OverflowError, RecursionError)
"""What re raises for a text that it can't compile: wrong, too large, too deeply nested."""


def compile_expression(text: str) -> re.Pattern[str]:
    """Compile a regular expression. Raises UsageError, also for one that is too large or too deeply nested."""
    try:
        return re.compile(text)
    except BAD_EXPRESSION as error:
        shown = text if len(text) <= 60 else f"{text[:60]}..."
        raise UsageError(f"{shown!r} is not a regular expression: {error}") from error
