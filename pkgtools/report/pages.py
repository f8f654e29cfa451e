# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the pages of rules, for formats that have headings, lists and code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .wording import lines, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import RuleFacts

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_MARKDOWN = re.compile(r"([\\*_<>\[\]#|~&`])")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpan:
    """A piece of a paragraph."""

    text: str
    """The text without backquotes, control characters made visible."""
    code: bool
    """Whether it stood in backquotes."""


def paragraphs(text: str) -> Iterator[tuple[TextSpan, ...]]:
    """Yield the paragraphs of a page's text, each on one line, with its pieces in backquotes as code."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield spans(" ".join(paragraph.split()))


def spans(line: str) -> tuple[TextSpan, ...]:
    """Return the pieces of one line, those in backquotes as code."""
    pieces = (TextSpan(text=visible(piece), code=bool(n % 2)) for n, piece in enumerate(_CODE.split(line)))
    return tuple(piece for piece in pieces if piece.text)


def fixed(rule: RuleFacts) -> str:
    """Say what `check --fix` does; empty of a rule that looks at no staged tree."""
    if rule.fixed:
        return f"`check --fix` {rule.fixed}."
    return "`check --fix` changes nothing here: people have to decide." if rule.is_for_trees else ""


def as_markdown(rule: RuleFacts) -> str:
    """Return a rule's page as CommonMark, with characters escaped that would mean something there."""
    page = rule.page
    parts = [_prose(page.what), _prose(page.why)]
    if page.example:
        parts += ["**Example**", _fenced(page.example)]
    parts += ["**What to do**", _prose(page.fix), _prose(fixed(rule))]
    if page.references:
        parts += ["**References**", "\n".join(f"- {_prose(reference)}" for reference in page.references)]
    return "\n\n".join(part for part in parts if part)


def as_text(rule: RuleFacts) -> str:
    """Return a rule's page as plain text."""
    page = rule.page
    example = f"Example:\n{lines(page.example.strip(chr(10)))}" if page.example else ""
    references = "References: " + "; ".join(map(visible, page.references)) if page.references else ""
    parts = [lines(page.what), lines(page.why), example, f"What to do: {lines(page.fix)}", fixed(rule), references]
    return "\n\n".join(part for part in parts if part)


def _prose(text: str) -> str:
    return "\n\n".join(
        "".join(f"`{span.text}`" if span.code else _MARKDOWN.sub(r"\\\1", span.text) for span in pieces)
        for pieces in paragraphs(text)
    )


def _fenced(text: str) -> str:
    """Put text between fences that are longer than any in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{lines(text.strip(chr(10)))}\n{fence}"
