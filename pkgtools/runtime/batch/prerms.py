# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what packages clean themselves, by the text of their prerm scripts."""

from __future__ import annotations

import os

from pkgtools.runtime.policy.sources import lies_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.facts import InstalledPath

OURS = "pkgtools-clean"
"""The program that a package calls to clean, while our runtime is installed."""
_PY3CLEAN = "py3clean"
_EMBEDDED = ".pyz"
"""How the name of a runtime ends that a package carries itself."""
WITHOUT_US = frozenset({_PY3CLEAN})
"""Programs that clean where our runtime is not installed; an embedded runtime does, too."""
WITH_US = frozenset({_PY3CLEAN, OURS})
"""Programs that clean where our runtime is installed."""


def cleaned_by(
    package: str, prerm: str, sources: Iterable[InstalledPath], programs: frozenset[str]
) -> list[InstalledPath]:
    """Return those of a package's sources that a prerm cleans: all, or those below the directories that it names.

    It cleans with one of some programs, or with an embedded runtime.
    """
    if not any(name in prerm for name in (*programs, _EMBEDDED)):
        return []
    sources = tuple(sources)
    cleaned: list[InstalledPath] = []
    for line in prerm.splitlines():
        words = line.split()
        at = next((n for n, word in enumerate(words) if _is_clean(word, words[n + 1 :], programs)), None)
        if at is None or package.partition(":")[0] not in {word.partition(":")[0] for word in words[at:]}:
            continue
        named = frozenset(word.rstrip("/") for word in words[at + 1 :] if word.startswith("/"))
        cleaned.extend(path for path in sources if not named or lies_in(path, named))
    return cleaned


def _is_clean(word: str, following: list[str], programs: frozenset[str]) -> bool:
    """Whether a word of a script is a program that cleans, called for a package."""
    if "-p" not in following:
        return False
    name = os.path.basename(word)
    return name in programs or (name.endswith(_EMBEDDED) and following[0] == "clean")
