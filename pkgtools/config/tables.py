# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: typed access to a parsed document. A value of the wrong shape (see shape.py) reads as if it weren't there."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from .schema import defaults, is_integer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .problems import KeyPath

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class Table:
    """A table of the document, and the path of keys that leads to it."""

    def __init__(self, content: object, at: KeyPath = ()) -> None:
        """Take what the document has at a path."""
        self.at = at
        self._content: dict[str, object] = content if isinstance(content, dict) else {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def text(self, key: str) -> str | None:
        """Return a string."""
        value = self._content.get(key)
        return value if isinstance(value, str) else None

    def flag(self, key: str) -> bool | None:
        """Return a boolean."""
        value = self._content.get(key)
        return value if isinstance(value, bool) else None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return an array's strings."""
        value = self._content.get(key)
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else None

    def numbers(self, key: str) -> tuple[int, ...] | None:
        """Return an array's integers, ascending."""
        value = self._content.get(key)
        return tuple(sorted({int(one) for one in value if is_integer(one)})) if isinstance(value, list) else None

    def choice(self, key: str, kind: type[E]) -> E | None:
        """Return the member of an enumeration that a string names."""
        return next((one for one in kind if one.value == self._content.get(key)), None)

    def table(self, key: str) -> Table:
        """Return a table; an empty one if there is none."""
        return Table(self._content.get(key), (*self.at, key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return an array's tables."""
        value = self._content.get(key)
        items = value if isinstance(value, list) else []
        return tuple(Table(one, (*self.at, key, index)) for index, one in enumerate(items) if isinstance(one, dict))


class Layers:
    """Tables of which the first that has a key gives its value."""

    def __init__(self, *tables: Table) -> None:
        """Take tables, the most specific one first."""
        self._tables = tables
        self.written: dict[str, KeyPath] = {}
        """Where the values that were asked for so far are written; those that are defaults are missing."""

    def get(self, read: Callable[[Table, str], T | None], key: str, default: T | None = None) -> T:
        """Return a setting, read by a method of tables; where none has it `default`, or else the schema's."""
        for table in self._tables:
            value = read(table, key)
            if value is not None:
                self.written[key] = (*table.at, key)
                return value
        value = read(Table(defaults()), key) if default is None else default
        if value is None:
            raise AssertionError(f"the schema has no default for {key}")
        return value

    def choice(self, kind: type[E], key: str) -> E:
        """Return the member of an enumeration that a setting names."""
        return self.get(lambda table, name: table.choice(name, kind), key)
