# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: whether a document has the shape that a schema asks for, in words for packagers. Alone imports jsonschema."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema

from .problems import nearest, one_of, problem, quoted, shown, toml_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .problems import KeyPath, Problem
    from .schema import Schema

    Formats = Mapping[str, Callable[[str], str | None]]
    """The name of a `format` -> what is wrong with a string, or None."""

_TYPES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "object": "a table",
    "string": "a string",
}
_FIRST = ("type", "enum", "minLength", "pattern", "format")
"""Of these the first that a value breaks is reported: the others follow from it, or are about another type."""


def check_shape(value: object, root: Schema, formats: Formats) -> Iterator[Problem]:
    """Yield every place where a document isn't as the schema wants it, from its top to its end.

    The formats of strings count if given.
    """
    validator = _validator()(root, format_checker=_checker(formats))
    broken: dict[KeyPath, dict[str, jsonschema.ValidationError]] = {}
    for error in validator.iter_errors(value):
        broken.setdefault(tuple(error.absolute_path), {}).setdefault(str(error.validator), error)
    found = [one for at, errors in broken.items() for one in _problems(at, errors)]
    found.sort(key=lambda one: _place(value, one[0]))
    yield from (problem(at, text) for at, text in found)


@cache
def _validator() -> type[jsonschema.protocols.Validator]:
    """Return a validator that differs in four keywords.

    In a pattern `$` is the end, as in ECMA 262; for re it is also before a last newline. Items that must be unique are
    compared where they are simple values; others have another fault, and may be nested too deeply to be compared.
    """

    def pattern(_: object, wanted: str, instance: object, __: object) -> Iterator[jsonschema.ValidationError]:
        if isinstance(instance, str) and not re.search(re.sub(r"\$\Z", r"\\Z", wanted), instance):
            yield jsonschema.ValidationError(f"must match {wanted}")

    def unique(_: object, wanted: bool, instance: object, __: object) -> Iterator[jsonschema.ValidationError]:
        if wanted and isinstance(instance, list) and any(True for _ in _repeated(instance)):
            yield jsonschema.ValidationError("items are repeated")

    # theirs write the value into the message, which can be too deep or too long for that
    def typed(
        validator: jsonschema.protocols.Validator, wanted: str, instance: object, __: object
    ) -> Iterator[jsonschema.ValidationError]:
        if not validator.is_type(instance, wanted):
            yield jsonschema.ValidationError("wrong type")

    def chosen(
        _: object, wanted: list[str | int], instance: object, __: object
    ) -> Iterator[jsonschema.ValidationError]:
        if not any(isinstance(instance, bool) is isinstance(one, bool) and instance == one for one in wanted):
            yield jsonschema.ValidationError("not allowed")

    keywords = {"pattern": pattern, "uniqueItems": unique, "type": typed, "enum": chosen}
    found: type[jsonschema.protocols.Validator] = jsonschema.validators.extend(
        jsonschema.Draft202012Validator, keywords
    )
    return found


class _WrongError(Exception):
    """A string isn't what its format wants; the text says why."""


def _checker(formats: Formats) -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=())
    for name, find_wrong in formats.items():
        checker.checks(name, raises=_WrongError)(_raising(find_wrong))
    return checker


def _raising(find_wrong: Callable[[str], str | None]) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if isinstance(value, str) and (wrong := find_wrong(value)):
            raise _WrongError(wrong)
        return True

    return check


def _problems(at: KeyPath, errors: Mapping[str, jsonschema.ValidationError]) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong with one value: where, and in which words."""
    if first := next((errors[name] for name in _FIRST if name in errors), None):
        yield at, _said_of_value(first)
    for name, error in errors.items():
        if name not in _FIRST:
            yield from ((at + below, text) for below, text in _said_of_table(name, error))


def _said_of_value(error: jsonschema.ValidationError) -> str:
    value, wanted = error.instance, error.validator_value
    match error.validator:
        case "type":
            return f"must be {_TYPES[wanted]}, not {toml_type(value)}"
        case "enum":
            return _not_allowed(value, wanted)
        case "minLength":
            return "must not be empty"
        case "pattern":
            return f"{quoted(value)}: {error.schema.get('patternErrorMessage', error.message)}"
        case _:
            return str(error.cause)


def _said_of_table(name: str, error: jsonschema.ValidationError) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong with an array, a table or a number, each with the path from there."""
    value, wanted = error.instance, error.validator_value
    match name:
        case "required":
            yield from (((), f"the key `{key}` is missing") for key in wanted if key not in value)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            yield from (((key,), _unknown(key, known)) for key in value if key not in known)
        case "uniqueItems":
            yield from (((index,), f"{shown(value[index])} stands there twice") for index in _repeated(value))
        case "minItems" | "minProperties":
            yield (), f"must have {wanted} or more {'items' if name == 'minItems' else 'entries'}"
        case _:
            yield (), error.message


def _repeated(items: Iterable[object]) -> Iterator[int]:
    """Yield the positions of simple values that are there before; 1 and true are two."""
    seen: Counter[tuple[bool, Any]] = Counter()  # any value that can be a key
    for index, item in enumerate(items):
        if isinstance(item, str | int | float):
            if seen[isinstance(item, bool), item]:
                yield index
            seen[isinstance(item, bool), item] += 1


def _place(document: object, path: KeyPath) -> tuple[int, ...]:
    """Return where a value stands: its position, and those of what it lies in."""
    place = []
    for step in path:
        if isinstance(document, dict):
            place.append(list(document).index(step))
            document = document[step]
        elif isinstance(document, list) and isinstance(step, int):
            place.append(step)
            document = document[step]
    return tuple(place)


def _not_allowed(value: object, choices: list[str | int]) -> str:
    text = f"{shown(value)} is not allowed; write {one_of(str(choice) for choice in choices)}"
    near = nearest(value, [str(choice) for choice in choices]) if isinstance(value, str) else None
    return f"{text}; did you mean `{near}`?" if near else text


def _unknown(key: str, known: Mapping[str, Schema]) -> str:
    near = nearest(key, known)
    return f"unknown key; did you mean `{near}`?" if near else f"unknown key; the keys here are {one_of(sorted(known))}"
