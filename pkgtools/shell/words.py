# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a shell script's words and operators, in one pass whose time is the script's length, whatever it holds.

Nested constructs are a stack, nothing is searched for twice, and what is never closed ends with the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    """Quotes taken off; substitutions stand in it as they are written."""
    OPERATOR = "operator"
    """What ends a command, newlines among them."""
    REDIRECT = "redirect"
    """`>`, `2>&1` without its number; the next word is its target."""
    OPEN = "open"
    """A command substitution begins; the word that it is in comes after it."""
    CLOSE = "close"
    DOCUMENT = "document"
    """The body of a here document, before the newline that ended its command."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word or operator."""

    kind: TokenKind
    """What it is to the shell."""
    text: str
    """A word without its quotes, variables unreplaced; an operator as written; a here document's body; else empty."""
    line: int
    """Where it begins, counted from 1."""


@dataclass(slots=True)
class _Frame:
    """A construct that isn't closed yet."""

    kind: str
    """What opened it; empty for the script itself."""
    start: int = 0
    pieces: list[str] = field(default_factory=list)
    has_word: bool = False
    """Something of a word is there, an empty string in quotes perhaps."""
    line: int = 1
    """Of the word."""
    depth: int = 0
    """Parentheses that are open in it."""


_COMMANDS = frozenset({"", "$(", "`"})
_BLANK = re.compile(r"[ \t\r]+")
_PLAIN = re.compile(r"[^\s;|&()<>'\"`\\$]+")
_PLAIN_QUOTED = re.compile(r'[^"\\$`]+')
_PLAIN_BRACED = re.compile(r"[^}'\"\\$`]+")
_OPERATOR = re.compile(r";;&|;;|;&|&&|\|\||\|&|[\n;|&()]")
_REDIRECT = re.compile(r"<<<|<<-|<<|<>|<&|>&|>>|>\||&>>|&>|<|>")
_LONGEST_SUBSTITUTION = 1000


def scan(text: str) -> list[Token]:
    """Take a script apart; what isn't closed ends where the text does."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._tokens: list[Token] = []
        self._stack = [_Frame("")]
        self._documents: list[tuple[str, bool]] = []
        self._awaits_end: bool | None = None
        """The next word ends a here document; True: tabs before it don't count."""
        self._has_arithmetic = True

    def scan(self) -> list[Token]:
        """Return the tokens."""
        text = self._text
        while self._at < len(text):
            frame = self._stack[-1]
            if frame.kind == '"':
                self._in_quotes(text[self._at])
            elif frame.kind == "${":
                self._in_braces(text[self._at])
            else:
                self._in_commands(frame, text[self._at])
        while len(self._stack) > 1:
            self._close()
        self._end_word()
        return self._tokens

    def _in_commands(self, frame: _Frame, char: str) -> None:
        text = self._text
        if found := _PLAIN.match(text, self._at):
            if char == "#" and not frame.has_word:
                end = text.find("\n", self._at)
                self._at = end if end >= 0 else len(text)
            else:
                self._put(found[0], len(found[0]))
        elif found := _BLANK.match(text, self._at):
            self._end_word()
            self._at = found.end()
        elif found := _REDIRECT.match(text, self._at):
            self._redirect(frame, found[0])
        elif found := _OPERATOR.match(text, self._at):
            self._operator(frame, found[0])
        elif char == "`" and frame.kind == "`":
            self._at += 1
            self._close()
        elif char.isspace():
            self._put(char, 1)
        else:
            self._quote_or_substitution(char)

    def _in_quotes(self, char: str) -> None:
        if found := _PLAIN_QUOTED.match(self._text, self._at):
            self._put(found[0], len(found[0]))
        elif char == '"':
            self._at += 1
            self._close()
        elif char == "\\":
            after = self._text[self._at + 1 : self._at + 2]
            self._put("" if after == "\n" else after if after in '$`"\\' else char + after, 2)
        else:
            self._quote_or_substitution(char)

    def _in_braces(self, char: str) -> None:
        if found := _PLAIN_BRACED.match(self._text, self._at):
            self._at = found.end()
        elif char == "}":
            self._at += 1
            self._close()
        elif char == "'" and '"' in (frame.kind for frame in self._stack[-2:]):
            self._at += 1  # between double quotes an apostrophe is one
        else:
            self._quote_or_substitution(char)

    def _quote_or_substitution(self, char: str) -> None:
        text, at = self._text, self._at
        if text.startswith("\\\n", at):
            self._at += 2  # the line goes on, a word perhaps, too
        elif char == "\\":
            self._put(text[at + 1 : at + 2], 2)
        elif char == "'":
            end = text.find("'", at + 1)
            end = end if end >= 0 else len(text)
            self._put(text[at + 1 : end], end + 1 - at)
        elif char in {'"', "`"}:
            self._open(char, char)
        elif text.startswith("$((", at) and self._skip_arithmetic():
            return
        elif text.startswith("$(", at):
            self._open("$(", "$(")
        elif text.startswith("${", at):
            self._open("${", "${")
        else:
            self._put(char, 1)

    def _skip_arithmetic(self) -> bool:
        end = self._text.find("))", self._at) if self._has_arithmetic else -1
        self._has_arithmetic = end >= 0
        if self._has_arithmetic:
            self._put(self._text[self._at : end + 2][:_LONGEST_SUBSTITUTION], end + 2 - self._at)
        return self._has_arithmetic

    def _redirect(self, frame: _Frame, operator: str) -> None:
        if operator in {"<", ">"} and self._text.startswith("(", self._at + 1):
            self._open("$(", operator + "(")
            return
        if frame.has_word and "".join(frame.pieces).isdecimal():
            frame.pieces, frame.has_word = [], False
        self._end_word()
        self._emit(TokenKind.REDIRECT, operator)
        self._at += len(operator)
        if operator in {"<<", "<<-"}:
            self._awaits_end = operator == "<<-"

    def _operator(self, frame: _Frame, operator: str) -> None:
        if operator == ")" and frame.kind == "$(" and not frame.depth:
            self._at += 1
            self._close()
            return
        self._end_word()
        frame.depth += (operator == "(") - (operator == ")" and frame.depth > 0)
        start = self._at
        self._at += len(operator)
        if operator == "\n" and self._documents:
            self._read_documents()
        self._emit(TokenKind.OPERATOR, operator, start)

    def _read_documents(self) -> None:
        text = self._text
        for end, is_indented in self._documents:
            start = self._at
            while self._at < len(text):
                begin = self._at
                stop = text.find("\n", begin)
                stop = stop if stop >= 0 else len(text)
                self._at = stop + 1
                if (text[begin:stop].lstrip("\t") if is_indented else text[begin:stop]) == end:
                    self._emit(TokenKind.DOCUMENT, text[start:begin], start)
                    break
        self._documents = []

    def _open(self, kind: str, opener: str) -> None:
        if kind in _COMMANDS:
            self._emit(TokenKind.OPEN, opener)
        self._mark_word()
        self._stack.append(_Frame(kind, self._at))
        self._at += len(opener)

    def _close(self) -> None:
        if self._stack[-1].kind in _COMMANDS:
            self._end_word()
            self._emit(TokenKind.CLOSE, "")
        frame = self._stack.pop()
        if frame.kind == '"':
            text = "".join(frame.pieces)
        else:
            text = self._text[frame.start : min(self._at, frame.start + _LONGEST_SUBSTITUTION)]
        self._put(text, 0)

    def _put(self, text: str, consumed: int) -> None:
        """Add to the word that is being read."""
        self._mark_word()
        frame = self._stack[-1]
        if frame.kind != "${":
            frame.pieces.append(text)
        self._at += consumed

    def _mark_word(self) -> None:
        frame = self._stack[-1]
        if not frame.has_word:
            frame.has_word, frame.line = True, self._line_at(self._at)

    def _end_word(self) -> None:
        frame = self._stack[-1]
        if not frame.has_word:
            return
        text = "".join(frame.pieces)
        self._tokens.append(Token(TokenKind.WORD, text, frame.line))
        frame.pieces, frame.has_word = [], False
        if self._awaits_end is not None:
            self._documents.append((text, self._awaits_end))
            self._awaits_end = None

    def _emit(self, kind: TokenKind, text: str, start: int | None = None) -> None:
        self._tokens.append(Token(kind, text, self._line_at(self._at if start is None else start)))

    def _line_at(self, position: int) -> int:
        """Count lines; positions only grow, but for an operator after its here documents."""
        if position >= self._counted:
            self._line += self._text.count("\n", self._counted, position)
            self._counted = position
            return self._line
        return self._line - self._text.count("\n", position, self._counted)
