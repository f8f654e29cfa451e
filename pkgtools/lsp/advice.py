# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is wrong with a manifest as it stands in an editor, what could be written at a place, and what a key means."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.check.registry import all_rules
from pkgtools.config.manifest import PROJECT, manifest_of, project_of, section_of
from pkgtools.config.problems import ConfigError
from pkgtools.config.schema import manifest_schema, resolve
from pkgtools.config.text_files import UnreadableText, read_text
from pkgtools.config.toml_text import parse_toml
from pkgtools.model.own_files import MANIFESTS

from .toml_spans import EntrySpans, Position, Span, read_spans, steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pkgtools.config.problems import KeyPath, Problem
    from pkgtools.config.schema import Schema

    from .toml_spans import TomlSpans

NAMES = frozenset(Path(one).name for one in MANIFESTS)
"""What manifests are called."""
_SECTION = ("tool", "pkgtools")
_RULE = ("ignores", "rule")
_SYNTAX = re.compile(r"line (\d+), column (\d+): ")
_KEY_BEGUN = re.compile(r"\s*(?:[A-Za-z0-9_-]*)")
_VALUE_BEGUN = re.compile(r"\s*(?P<key>[^=#]+?)\s*=(?P<value>.*)", re.DOTALL)
_INLINE_KEY = re.compile(r".*[{,]\s*[A-Za-z0-9_-]*", re.DOTALL)
_INLINE_VALUE = re.compile(r".*[{,]\s*(?P<key>[A-Za-z0-9_-]+)\s*=(?P<value>[^{},]*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is wrong, and where."""

    span: Span
    """What of the document is to be changed."""
    text: str
    """What is wrong there, and what to write."""
    instead: str = ""
    """What to write in the place of the span; empty if that isn't known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Something that could be written."""

    text: str
    """What is put in."""
    label: str
    """What is shown."""
    title: str
    """What it is, in a few words."""
    explanation: str
    """What it is for, as Markdown."""
    is_key: bool
    """Whether it is a key; else it is a value."""


def find_faults(text: str, path: Path) -> list[Fault]:
    """Return what is wrong with a manifest, whose file is at `path`; nothing of a project without one.

    Files that it names are read if they are regular files below its directory that no link leads to.
    """
    try:
        document = parse_toml(text, path.name)
    except ConfigError as error:
        return [_syntax_fault(one) for one in error.problems]
    above: KeyPath = ()
    if path.name == PROJECT:
        if section_of(document) is None:
            return []
        above = _SECTION
    try:
        manifest_of(document, path, _read_below(project_of(path)))
    except ConfigError as error:
        places = read_spans(text)
        return [_fault(one, places, above) for one in error.problems]
    return []


def _read_below(directory: Path) -> Callable[[Path], str]:
    """Return what reads files below a directory and follows no link."""

    def read(path: Path) -> str:
        top = os.path.realpath(directory)
        plain = os.path.normpath(f"{top}/{path.relative_to(directory)}")
        if not plain.startswith(f"{top}/") or os.path.realpath(path) != plain:
            raise UnreadableText("a link leads there, or it lies outside of the project: it isn't read here")
        return read_text(path)

    return read


def _syntax_fault(problem: Problem) -> Fault:
    found = _SYNTAX.match(problem.text)
    line, column = (int(found[1]) - 1, int(found[2]) - 1) if found else (0, 0)
    return Fault(span=Span(Position(line, max(0, column)), Position(line, column + 1)), text=problem.text)


def _fault(problem: Problem, places: TomlSpans, above: KeyPath) -> Fault:
    path = (*above, *problem.at)
    place = places.nearest(path) or EntrySpans(key=_TOP, value=_TOP)
    instead = problem.instead if path in places.entries else ""  # what is meant for a place is written nowhere else
    if instead and not problem.is_key:
        instead = json.dumps(instead)
    return Fault(span=place.key if problem.is_key else place.value, text=str(problem), instead=instead)


_TOP = Span(Position(0, 0), Position(0, 0))


def propose(text: str, name: str, position: Position) -> list[Proposal]:
    """Return what could be written at a position of a document: keys of its table, or values of its key."""
    lines = text.split("\n")
    if position.line >= len(lines):
        return []
    before = lines[position.line][: position.column]
    places = read_spans(text)
    table = _within(places.table_at(position.line), name)
    if table is None or before.lstrip().startswith(("[", "#")):
        return []
    if _KEY_BEGUN.fullmatch(before):
        written = {path[-1] for path in places.entries if len(path) and _within(path[:-1], name) == table}
        return list(_keys(table, written))
    begun = _VALUE_BEGUN.fullmatch(before)
    if begun is None:
        return []
    path: KeyPath = (*table, *steps_of(begun["key"]))
    value = begun["value"]
    if value.count("{") > value.count("}"):
        return list(_in_braces(path, value))
    return list(_values(path, value))


def _in_braces(path: KeyPath, value: str) -> Iterator[Proposal]:
    """Yield what can stand in an inline table, alone or in an array, that isn't closed yet."""
    path = (*path, 0) if _schema_at(path).get("type") == "array" else path
    inline = _INLINE_VALUE.fullmatch(value)
    if inline:
        yield from _values((*path, inline["key"]), inline["value"])
    elif _INLINE_KEY.fullmatch(value):
        yield from _keys(path, set())


def _within(path: KeyPath, name: str) -> KeyPath | None:
    """Return a path as one of the manifest; None if it lies outside of it in a pyproject.toml."""
    if name != PROJECT:
        return path
    return path[len(_SECTION) :] if path[: len(_SECTION)] == _SECTION else None


def _keys(table: KeyPath, written: set[str | int]) -> Iterator[Proposal]:
    root = manifest_schema()
    for key, one in _schema_at(table).get("properties", {}).items():
        schema = resolve(one, root)
        if key not in written and schema.get("type") != "object":
            yield Proposal(
                text=f"{key} = ", label=key, title=schema.get("title", ""), explanation=explain(schema), is_key=True
            )


def _values(path: KeyPath, begun: str) -> Iterator[Proposal]:
    """Yield the values that a key, or the array of a key, can have."""
    schema = _schema_at(path)
    schema = resolve(schema.get("items", schema), manifest_schema())
    is_open = begun.count('"') % 2 == 1
    for value, title in _choices(path, schema):
        text = value if is_open and isinstance(value, str) else json.dumps(value)
        yield Proposal(
            text=text,
            label=value if isinstance(value, str) else json.dumps(value),
            title=title,
            explanation=explain(schema),
            is_key=False,
        )


def _choices(path: KeyPath, schema: Schema) -> Iterator[tuple[str | int | bool, str]]:
    if tuple(step for step in path[-3:] if isinstance(step, str)) == _RULE:
        yield from ((rule.facts.id, rule.facts.title) for rule in all_rules())
    elif "enum" in schema:
        yield from ((value, schema.get("title", "")) for value in schema["enum"])
    elif schema.get("type") == "boolean":
        yield from ((value, schema.get("title", "")) for value in (True, False))
    else:
        examples = (value for value in schema.get("examples", ()) if isinstance(value, str))
        yield from ((value, f"example: {schema.get('title', '')}") for value in examples)


def _schema_at(path: KeyPath) -> Schema:
    """Return the schema of the value at a path; an empty one where no value may be."""
    root = manifest_schema()
    schema: Schema = root
    for step in path:
        if isinstance(step, int):
            schema = schema.get("items", {})
        else:
            other = schema.get("additionalProperties", {})
            schema = schema.get("properties", {}).get(step, other if isinstance(other, dict) else {})
        schema = resolve(schema, root)
    return schema


def explain(schema: Schema) -> str:
    """Return what a key is for, as Markdown."""
    parts = [f"**{schema['title']}**" if "title" in schema else "", schema.get("description", "")]
    if "enum" in schema:
        parts.append("One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + ".")
    if "default" in schema:
        parts.append(f"Default: `{json.dumps(schema['default'])}`.")
    return "\n\n".join(part for part in parts if part)


def explain_at(text: str, name: str, position: Position) -> tuple[Span, str] | None:
    """Return what the key at a position is for, with the place that this is about; None if nothing is there."""
    places = read_spans(text)
    found = places.path_at(position)
    path = _within(found, name) if found is not None else None
    if found is None or not path:
        return None
    if explanation := explain(_schema_at(path)):
        return places.entries[found].key, explanation
    return None
