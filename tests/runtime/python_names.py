# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The libraries of all Pythons by name, as lists for package managers and shells have them."""

from __future__ import annotations

from pkgtools.runtime.pythons import SERVED, PythonName


def names_in_lists(*, first: int = 0) -> tuple[str, ...]:
    """Return the names of all libraries that are compiled for, from a minor version on."""
    shared = tuple(dict.fromkeys(f"{one.stem}{one.major}" for one in SERVED))
    return shared + tuple(
        str(PythonName(one, minor)) for one in SERVED for minor in range(max(first, one.first), one.newest + 1)
    )
