# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The paragraphs of a control file (deb822(5)), each field with its line: the tokens of python-debian, counted."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from debian._deb822_repro import tokens as deb822

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 20
"""Bytes of a control file that is read."""
_BLANKS_BEFORE_COLON = re.compile(r"^([!-9;-~]+)[ \t]+(?=:)")
"""dpkg allows them, the tokens don't."""


class BrokenControlFile(Exception):
    """A control file that makes no sense; the text says why."""

    def __init__(self, line: int, text: str) -> None:
        """Name the line, counted from 1."""
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlField:
    """A field of a paragraph."""

    name: str
    """As it is written."""
    line: int
    """Where it begins, counted from 1."""
    parts: list[str] = field(default_factory=list)
    """The value's tokens, ends of lines among them."""

    @property
    def text(self) -> str:
        """Return the value on one line, with single blanks."""
        return " ".join("".join(self.parts).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlParagraph:
    """One paragraph."""

    fields: dict[str, ControlField] = field(default_factory=dict)
    """By their names in lower case (Debian Policy 5.1)."""

    @property
    def line(self) -> int:
        """Return the line of the first field, counted from 1."""
        return next(one.line for one in self.fields.values())

    def get(self, name: str) -> str:
        """Return the text of a field; empty where it isn't there."""
        found = self.fields.get(name)
        return found.text if found else ""


def read_paragraphs(content: bytes, errors: str = "strict") -> Iterator[ControlParagraph]:
    """Yield the paragraphs; `errors` is for what isn't UTF-8, as bytes.decode() takes it. Raises BrokenControlFile."""
    line, paragraph = 1, ControlParagraph()
    parts: list[str] = []
    for token in deb822.tokenize_deb822_file(_lines(content, errors)):
        match token:
            case deb822.Deb822ErrorToken():
                problem = "continues no field" if token.text[0] in " \t" else "isn't a field"
                raise BrokenControlFile(line, f"{token.text.strip()[:80]!r} {problem}: write NAME: VALUE")
            case deb822.Deb822FieldNameToken():
                parts = _add_field(paragraph, str(token.text), line)
            case deb822.Deb822FieldSeparatorToken() | deb822.Deb822CommentToken():
                pass
            case deb822.Deb822WhitespaceToken() if token.text.endswith("\n") and not _ends_a_value(token):
                if paragraph.fields:
                    yield paragraph
                paragraph = ControlParagraph()
            case _:
                parts.append(token.text)
        line += token.text.count("\n")
    if paragraph.fields:
        yield paragraph


def _ends_a_value(token: deb822.Deb822Token) -> bool:
    return isinstance(token, deb822.Deb822NewlineAfterValueToken)


def _add_field(paragraph: ControlParagraph, name: str, line: int) -> list[str]:
    """Begin a field and return the list that its value's tokens go to."""
    added = ControlField(name=name, line=line)
    before = paragraph.fields.setdefault(name.lower(), added)
    if before is not added:
        raise BrokenControlFile(line, f"{name} is here twice, before at line {before.line}")
    return added.parts


def _lines(content: bytes, errors: str) -> Iterator[str]:
    if len(content) > LARGEST:
        raise BrokenControlFile(1, f"the file has more than {LARGEST} bytes")
    try:
        text = content.decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise BrokenControlFile(content.count(b"\n", 0, error.start) + 1, "it isn't UTF-8") from error
    for line in io.StringIO(text, newline="\n"):
        yield _BLANKS_BEFORE_COLON.sub(r"\1", line.rstrip("\r\n"), 1)
