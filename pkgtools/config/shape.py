# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: whether a document has the shape that a schema asks for, in words for packagers. Alone imports jsonschema."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema

from .problems import Problem, nearest, one_of, quoted, shown, toml_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .problems import KeyPath
    from .schema import Schema

    Formats = Mapping[str, Callable[[str], str | None]]
    """The name of a `format` -> what is wrong with a string, or None."""
    Positions = dict[KeyPath, dict[str | int, int]]
    """The path of a table -> the position of each of its keys."""

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
    positions: Positions = {}
    found.sort(key=lambda one: _place(value, one.at, positions))
    yield from found


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


def _problems(at: KeyPath, errors: Mapping[str, jsonschema.ValidationError]) -> Iterator[Problem]:
    """Yield what is wrong with one value."""
    if first := next((errors[name] for name in _FIRST if name in errors), None):
        yield _wrong_value(at, first)
    for name, error in errors.items():
        if name not in _FIRST:
            yield from _wrong_table(at, name, error)


def _wrong_value(at: KeyPath, error: jsonschema.ValidationError) -> Problem:
    if error.validator == "enum":
        return _not_allowed(at, error.instance, error.validator_value)
    return Problem(at=at, text=_said_of_value(error))


def _said_of_value(error: jsonschema.ValidationError) -> str:
    value, wanted = error.instance, error.validator_value
    match error.validator:
        case "type":
            return f"must be {_TYPES[wanted]}, not {toml_type(value)}"
        case "minLength":
            return "must not be empty"
        case "pattern":
            return f"{quoted(value)}: {error.schema.get('patternErrorMessage', error.message)}"
        case _:
            return str(error.cause)


def _wrong_table(at: KeyPath, name: str, error: jsonschema.ValidationError) -> Iterator[Problem]:
    """Yield what is wrong with an array, a table or a number."""
    value, wanted = error.instance, error.validator_value
    match name:
        case "required":
            yield from (Problem(at=at, text=f"the key `{key}` is missing") for key in wanted if key not in value)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            yield from (_unknown(at, key, known) for key in value if key not in known)
        case "uniqueItems":
            for index in _repeated(value):
                yield Problem(at=(*at, index), text=f"{shown(value[index])} stands there twice")
        case "minItems" | "minProperties":
            what = "items" if name == "minItems" else "entries"
            yield Problem(at=at, text=f"must have {wanted} or more {what}")
        case _:
            yield Problem(at=at, text=error.message)


def _repeated(items: Iterable[object]) -> Iterator[int]:
    """Yield the positions of simple values that are there before; 1 and true are two."""
    seen: Counter[tuple[bool, Any]] = Counter()  # any value that can be a key
    for index, item in enumerate(items):
        if isinstance(item, str | int | float):
            if seen[isinstance(item, bool), item]:
                yield index
            seen[isinstance(item, bool), item] += 1


def _place(document: object, path: KeyPath, positions: Positions) -> tuple[int, ...]:
    """Return where a value stands: its position, and those of what it lies in. `positions` keeps those of keys."""
    place = []
    for number, step in enumerate(path):
        if isinstance(document, dict):
            if path[:number] not in positions:
                positions[path[:number]] = {key: position for position, key in enumerate(document)}
            place.append(positions[path[:number]][step])
            document = document[step]
        elif isinstance(document, list) and isinstance(step, int):
            place.append(step)
            document = document[step]
    return tuple(place)


def _not_allowed(at: KeyPath, value: object, choices: list[str | int]) -> Problem:
    text = f"{shown(value)} is not allowed; write {one_of(str(choice) for choice in choices)}"
    near = nearest(value, [str(choice) for choice in choices]) if isinstance(value, str) else None
    return Problem(at=at, text=f"{text}; did you mean `{near}`?" if near else text, instead=near or "")


def _unknown(at: KeyPath, key: str, known: Mapping[str, Schema]) -> Problem:
    near = nearest(key, known)
    what = f"did you mean `{near}`?" if near else f"the keys here are {one_of(sorted(known))}"
    return Problem(at=(*at, key), text=f"unknown key; {what}", is_key=True, instead=near or "")
