# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A plugin of pytest (-p tests.lab.older) that gives CPython 3.9 what the tests have from later versions.

The runtime is for 3.9, too; its tests are written for the version that the project is developed with.
"""

from __future__ import annotations

import builtins
import dataclasses
import sys
from collections.abc import Iterable, Iterator
from typing import Any

if sys.version_info < (3, 10):  # noqa: UP036 - it is for such ones
    _dataclass, _zip = dataclasses.dataclass, zip

    def _plain_dataclass(cls: type | None = None, /, **options: Any) -> Any:  # as dataclass
        """Make a data class, with fields that may be given by position and instances that have a __dict__."""
        known = {key: value for key, value in options.items() if key not in {"slots", "kw_only"}}
        return _dataclass(cls, **known)  # type: ignore[call-overload] # whatever it was given

    def _checked_zip(*iterables: Iterable[Any], strict: bool = False) -> Iterator[tuple[Any, ...]]:
        """Zip iterables, and see with `strict` that they have the same length."""
        lists = [list(one) for one in iterables] if strict else iterables
        if strict and len({len(one) for one in lists}) > 1:  # type: ignore[arg-type] # lists, then
            raise ValueError("the arguments of zip differ in length")
        return _zip(*lists)

    dataclasses.dataclass = _plain_dataclass  # type: ignore[assignment]
    builtins.zip = _checked_zip  # type: ignore[assignment,misc]
