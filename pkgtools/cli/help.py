# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""How --help is laid out: 80 columns at most, and in narrow terminals without a word that is cut."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDEST = 80
_NARROW = 60
"""Below so many columns the text of an option begins in a line of its own."""
_LEAST = 20
_INDENT = 6
_HYPHEN = "\N{NON-BREAKING HYPHEN}"


class HelpFormatter(click.HelpFormatter):
    """click's own, but for its width and for narrow terminals."""

    def __init__(self, **_given: object) -> None:
        """Take the width of the terminal, or what COLUMNS says; click's has 50 columns at least."""
        super().__init__(width=max(min(shutil.get_terminal_size().columns, _WIDEST), _LEAST))

    def write(self, string: str) -> None:
        """Write a piece of the page."""
        super().write(string.replace(_HYPHEN, "-"))

    def write_text(self, text: str) -> None:
        """Write paragraphs, wrapped."""
        super().write_text(_unbroken(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options or commands with their texts."""
        if self.width >= _NARROW:
            super().write_dl([(name, _unbroken(text)) for name, text in rows], col_max, col_spacing)
            return
        room = max(self.width - self.current_indent - _INDENT, _LEAST)
        for name, text in rows:
            self.write(f"{'':>{self.current_indent}}{name}\n")
            for line in textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False):
                self.write(f"{'':>{self.current_indent + _INDENT}}{line}\n")


def _unbroken(text: str) -> str:
    """Return the text with hyphens that no line is broken at: options have some."""
    return text.replace("-", _HYPHEN)


class HelpContext(click.Context):
    """A call of a command whose --help is laid out so."""

    formatter_class = HelpFormatter
