# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Why packages may come out otherwise than on plain Debian; whatever else differs is a fault."""

from __future__ import annotations

from collections.abc import Iterable

from tests.archive.lives import Difference


def without_reason(differences: Iterable[Difference]) -> list[Difference]:
    """Return those for which there is no reason."""
    return [one for one in differences if not reason_of(one)]


def reason_of(one: Difference) -> str:
    """Return why something differs; empty if it should not."""
    if one.story.endswith(": installed") and one.what == "/var/lib/pkgtools":
        return "the runtime's state, while it is installed"
    return ""
