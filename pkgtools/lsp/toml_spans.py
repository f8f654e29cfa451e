# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: where the keys and values of a TOML document stand, also while it is being written.

Alone imports tree-sitter. Lines are counted from 0, columns in characters.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import tree_sitter_toml
from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pkgtools.config.problems import KeyPath

_HEADERS = {"table": "[", "table_array_element": "[["}
_KEYS = ("bare_key", "quoted_key", "dotted_key")
_DEEPEST = 64
"""Tables and arrays within one another, and steps of a key; a manifest has five."""


class Position(NamedTuple):
    """A place between two characters."""

    line: int
    """Counted from 0."""
    column: int
    """Characters before it on its line."""


class Span(NamedTuple):
    """A part of a document."""

    start: Position
    """Before its first character."""
    end: Position
    """Behind its last one."""

    def holds(self, position: Position) -> bool:
        """Whether a position lies within or at an end."""
        return self.start <= position <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySpans:
    """Where an entry of a table or array stands."""

    key: Span
    """Its own step of a key or header; the whole of it in an array."""
    value: Span
    """Its value; the header of a table."""


@dataclass(slots=True, kw_only=True)
class TomlSpans:
    """Where everything stands in a document."""

    entries: dict[KeyPath, EntrySpans] = field(default_factory=dict)
    """Each entry by its path, in the order of the document; of two with one path the first."""
    headers: list[tuple[int, KeyPath]] = field(default_factory=list)
    """The line of each table's header, and its path."""

    def table_at(self, line: int) -> KeyPath:
        """Return the path of the table that a line belongs to."""
        return next((path for start, path in reversed(self.headers) if start <= line), ())

    def nearest(self, path: KeyPath) -> EntrySpans | None:
        """Return the place of an entry, or of the innermost one around it that has a place."""
        found = (self.entries.get(path[:length]) for length in range(len(path), 0, -1))
        return next((place for place in found if place is not None), None)

    def path_at(self, position: Position) -> KeyPath | None:
        """Return the path of the innermost entry whose key or value a position is in."""
        here = [path for path, at in self.entries.items() if at.key.holds(position) or at.value.holds(position)]
        return max(here, key=len, default=None)


def read_spans(text: str) -> TomlSpans:
    """Find out where everything stands; what isn't TOML is passed over."""
    content = text.encode("utf-8", "replace")
    places = TomlSpans()
    counts: dict[KeyPath, int] = {}
    reading = _Reading(content.split(b"\n"), places)
    for node in _parser().parse(content).root_node.children:
        if node.type == "pair":
            reading.pair(node, (), 0)
        elif node.type in _HEADERS:
            path = _below_arrays(reading.key_of(node), counts)
            if node.type == "table_array_element" and path:
                counts[path] = counts.get(path, -1) + 1
                path = (*path, counts[path])
            reading.table(node, path)
    return places


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


def _below_arrays(path: KeyPath, counts: dict[KeyPath, int]) -> KeyPath:
    """Put in the position in each array of tables that a header's path leads through: always the last one."""
    found: KeyPath = ()
    for number, step in enumerate(path):
        found = (*found, step)
        if found in counts and number + 1 < len(path):
            found = (*found, counts[found])
    return found


class _Reading:
    """Walks through the tree of a document."""

    def __init__(self, lines: list[bytes], places: TomlSpans) -> None:
        self._lines = lines
        self._places = places

    def table(self, node: Node, path: KeyPath) -> None:
        """Note a table, whose header gave it a path, and what it holds."""
        header = Span(self._position(node.start_point), self._end_of_line(node.start_point[0]))
        self._places.headers.append((header.start.line, path))
        steps = list(_steps_in(node))
        key = self._span(steps[-1]) if steps else header
        self._places.entries.setdefault(path, EntrySpans(key=key, value=header))
        for child in node.children:
            if child.type == "pair":
                self.pair(child, path, 0)

    def pair(self, node: Node, above: KeyPath, depth: int) -> None:
        """Note a key and its value."""
        key = next((child for child in node.children if child.type in _KEYS), None)
        steps = self.key_of(node)
        if key is None or not steps or depth > _DEEPEST:
            return
        values = [child for child in node.children if child.is_named and child.type not in (*_KEYS, "comment")]
        path = (*above, *steps)
        value = values[-1] if values else key
        for length, step in enumerate(_steps_in(node), len(above) + 1):
            place = EntrySpans(key=self._span(step), value=self._span(value))
            self._places.entries.setdefault(path[:length], place)
        self._value(value, path, depth)

    def _value(self, node: Node, path: KeyPath, depth: int) -> None:
        if node.type == "inline_table":
            for child in node.children:
                if child.type == "pair":
                    self.pair(child, path, depth + 1)
        elif node.type == "array" and depth <= _DEEPEST:
            items = [child for child in node.children if child.is_named and child.type != "comment"]
            for number, child in enumerate(items):
                span = self._span(child)
                self._places.entries.setdefault((*path, number), EntrySpans(key=span, value=span))
                self._value(child, (*path, number), depth + 1)

    def key_of(self, node: Node) -> tuple[str, ...]:
        """Return the path that the key of a pair or header says; empty if it says none."""
        key = next((child for child in node.children if child.type in _KEYS), None)
        text = key.text.decode("utf-8", "replace") if key is not None and key.text else ""
        return tuple(steps_of(text))

    def _span(self, node: Node) -> Span:
        return Span(self._position(node.start_point), self._position(node.end_point))

    def _position(self, point: tuple[int, int]) -> Position:
        line, offset = point
        before = self._lines[line][:offset] if line < len(self._lines) else b""
        return Position(line, len(before.decode("utf-8", "replace")))

    def _end_of_line(self, line: int) -> Position:
        return Position(line, len(self._lines[line].decode("utf-8", "replace").rstrip()))


def _steps_in(node: Node) -> Iterator[Node]:
    """Yield the steps of the key of a pair or header, from left to right."""
    steps: list[Node] = []
    key = next((child for child in node.children if child.type in _KEYS), None)
    while key is not None and key.type == "dotted_key" and len(steps) < _DEEPEST:
        key, step = key.children[0], key.children[-1]
        steps.append(step)
    yield from (step for step in (key, *reversed(steps)) if step is not None)


def steps_of(key: str) -> Iterator[str]:
    """Yield the steps of a key as it is written, `a."b c"`; none if it isn't one."""
    if key.count(".") > _DEEPEST:
        return
    try:
        table: object = tomllib.loads(f"{key} = 0")
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    while isinstance(table, dict):
        step, table = next(iter(table.items()))
        yield step
