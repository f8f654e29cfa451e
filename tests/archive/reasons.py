# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Why packages may come out otherwise than on plain Debian; whatever else differs is a fault."""

from __future__ import annotations

from collections.abc import Iterable

from tests.archive.lives import Difference

_DIST = "/usr/lib/python3/dist-packages/"
_OF_A_RANGE = tuple(f"{_DIST}{name}/" for name in ("construct", "duplicity", "sphinx"))
"""Public modules of packages whose postinst calls py3compile with an open range, as `-V 3.6-`."""


def without_reason(differences: Iterable[Difference]) -> list[Difference]:
    """Return those for which there is no reason."""
    return [one for one in differences if not reason_of(one)]


def reason_of(one: Difference) -> str:
    """Return why something differs; empty if it should not."""
    if one.story.endswith(": installed") and one.what == "/var/lib/pkgtools":
        return "the runtime's state, while it is installed"
    if one.kind == "extra" and one.what.startswith(_OF_A_RANGE):
        return "with -V Debian's py3compile serves supported versions; the runtime each installed one in the range"
    if one.story.startswith("upgraded: ") and one.what.startswith(_DIST):
        if one.kind == "extra" and one.what.endswith(".cpython-313.pyc"):
            return "packages that stay as they are get bytecode for the new default; plain Debian leaves them without"
        if one.kind == "gone" and one.what.endswith(".cpython-311.pyc"):
            return "the new release doesn't support the old interpreter; plain Debian leaves its bytecode"
    return ""
