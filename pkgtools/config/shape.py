# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: whether a document has the shape that a JSON Schema asks for (draft 2020-12; the part that our schema uses)."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from .problems import nearest, one_of, problem, quoted, shown, toml_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .problems import KeyPath, Problem

    Formats = Mapping[str, Callable[[str], str | None]]
    """The name of a `format` -> what is wrong with a string, or None."""

SCHEMA = Path(__file__).parent.parent / "manifest.schema.json"

Schema = TypedDict(
    "Schema",
    {
        "$defs": "dict[str, Schema]",
        "$ref": str,
        "additionalProperties": "Schema | bool",
        "default": object,
        "description": str,
        "enum": list[str | int],
        "examples": list[object],
        "format": str,
        "items": "Schema",
        "maximum": int,
        "minimum": int,
        "minItems": int,
        "minLength": int,
        "minProperties": int,
        "pattern": str,
        "patternErrorMessage": str,
        "properties": "dict[str, Schema]",
        "required": list[str],
        "title": str,
        "type": str,
        "uniqueItems": bool,
        "$schema": str,
    },
    total=False,
)
"""The keywords that are understood; the other ones mean nothing here."""

_TYPES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "object": "a table",
    "string": "a string",
}


@cache
def manifest_schema() -> Schema:
    """Read the schema of manifests."""
    schema: Schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def resolve(schema: Schema, root: Schema) -> Schema:
    """Follow a reference to a definition of the same file."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def check_shape(value: object, root: Schema, formats: Formats) -> Iterator[Problem]:
    """Yield every place where a document isn't as the schema wants it. The formats of strings count if given."""
    yield from _Check(root, formats).value(value, root, ())


def is_integer(value: object) -> bool:
    """Whether JSON Schema takes a number for an integer: 1.0 is one, true isn't."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


class _Check:
    """One document against one schema."""

    def __init__(self, root: Schema, formats: Formats) -> None:
        self._root = root
        self._formats = formats

    def value(self, value: object, schema: Schema, at: KeyPath) -> Iterator[Problem]:
        schema = resolve(schema, self._root)
        wanted = schema.get("type")
        if wanted is not None and not _has_type(value, wanted):
            yield problem(at, f"must be {_TYPES[wanted]}, not {toml_type(value)}")
            return
        if "enum" in schema and not any(_same(value, choice) for choice in schema["enum"]):
            yield problem(at, _not_allowed(value, schema["enum"]))
            return
        match value:
            case str():
                yield from self._string(value, schema, at)
            case list():
                yield from self._array(value, schema, at)
            case dict():
                yield from self._table(value, schema, at)
            case int() | float() if not isinstance(value, bool):
                yield from _number(value, schema, at)
            case _:
                pass

    def _string(self, value: str, schema: Schema, at: KeyPath) -> Iterator[Problem]:
        if len(value) < schema.get("minLength", 0):
            yield problem(at, "must not be empty")
        elif "pattern" in schema and not ecma(schema["pattern"]).search(value):
            hint = schema.get("patternErrorMessage", f"must match {schema['pattern']}")
            yield problem(at, f"{quoted(value)}: {hint}")
        elif (check := self._formats.get(schema.get("format", ""))) and (wrong := check(value)):
            yield problem(at, wrong)

    def _array(self, value: list[object], schema: Schema, at: KeyPath) -> Iterator[Problem]:
        if len(value) < schema.get("minItems", 0):
            yield problem(at, f"must have {schema['minItems']} or more items")
        seen: set[tuple[bool, str | float]] = set()
        for index, item in enumerate(value):
            if "items" in schema:
                yield from self.value(item, schema["items"], (*at, index))
            if schema.get("uniqueItems") and isinstance(item, str | int | float):  # what must be unique is simple
                same = isinstance(item, bool), item
                if same in seen:
                    yield problem((*at, index), f"{shown(item)} stands there twice")
                seen.add(same)

    def _table(self, value: dict[str, object], schema: Schema, at: KeyPath) -> Iterator[Problem]:
        if len(value) < schema.get("minProperties", 0):
            yield problem(at, f"must have {schema['minProperties']} or more entries")
        for key in schema.get("required", []):
            if key not in value:
                yield problem(at, f"the key `{key}` is missing")
        known = schema.get("properties", {})
        for key, item in value.items():
            below = known.get(key, schema.get("additionalProperties", True))
            if isinstance(below, dict):
                yield from self.value(item, below, (*at, key))
            elif not below:
                yield problem((*at, key), _unknown(key, known))


def _number(value: float, schema: Schema, at: KeyPath) -> Iterator[Problem]:
    if "minimum" in schema and value < schema["minimum"]:
        yield problem(at, f"must be {schema['minimum']} or more")
    if "maximum" in schema and value > schema["maximum"]:
        yield problem(at, f"must be {schema['maximum']} or less")


@cache
def ecma(pattern: str) -> re.Pattern[str]:
    """Compile a pattern as JSON Schema means it: `$` is the very end, not also before a last newline."""
    return re.compile(re.sub(r"\$\Z", r"\\Z", pattern))


def _has_type(value: object, name: str) -> bool:
    match name:
        case "integer":
            return is_integer(value)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def _same(value: object, choice: str | int) -> bool:
    """Whether JSON Schema takes two values for equal: 1 and 1.0 are, 1 and true aren't."""
    return isinstance(value, bool) is isinstance(choice, bool) and value == choice


def _not_allowed(value: object, choices: list[str | int]) -> str:
    text = f"{shown(value)} is not allowed; write {one_of(str(choice) for choice in choices)}"
    near = nearest(value, [str(choice) for choice in choices]) if isinstance(value, str) else None
    return f"{text}; did you mean `{near}`?" if near else text


def _unknown(key: str, known: Mapping[str, Schema]) -> str:
    near = nearest(key, known)
    return f"unknown key; did you mean `{near}`?" if near else f"unknown key; the keys here are {one_of(sorted(known))}"
