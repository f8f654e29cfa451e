# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What decides about a package's tree, and which of its directories are public (Debian Python Policy 2.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .records import Minor

if TYPE_CHECKING:
    from .pythons import Pythons, Range

_PUBLIC = re.compile(r"(?:usr/lib/debug/)?usr/lib/python3(?:\.(\d+))?(?=/|$)")
_FOREIGN = re.compile(r"(?:^|/)(?:python2\.\d|pypy3?)(?:/|$)")
_MULTIARCH = re.compile(r"(?:^|/)[a-z][^/-]+-(?:linux|kfreebsd|gnu)(?:-[^/-]+)?/")


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSettings:
    """What the maintainer asked for, as far as files are concerned."""

    package: str
    pythons: Pythons
    versions: Range | None
    private: tuple[str, ...]
    """The only directories to look at, relative to the tree; empty: the public ones and the usual private ones."""
    skip_private: bool
    shebang: str
    """A command for all scripts; empty: the interpreter that they name."""
    rewrite_shebangs: bool
    ignore_shebangs: bool
    rename_extensions: bool
    clean_dbg: bool
    multiarch: str
    """The triplet in extension modules' names, such as x86_64-linux-gnu."""
    compat: bool
    """Decide as dh_python3 does where tastes differ."""

    @property
    def is_dbg(self) -> bool:
        """Whether all but extension modules and headers goes."""
        return self.package.endswith("-dbg") and self.clean_dbg

    def soabi(self, version: Minor) -> str:
        """Return the tag of extension modules, as cpython-311-x86_64-linux-gnu (PEP 3149)."""
        debug = "d" if self.package.endswith("-dbg") else ""
        return f"cpython-{version.major}{version.minor}{debug}-{self.multiarch}"

    @property
    def usual_private(self) -> tuple[str, ...]:
        """Return the private directories that dh_python3 looks at."""
        name = self.package
        return (f"usr/lib/{name}", f"usr/lib/games/{name}", f"usr/share/{name}", f"usr/share/games/{name}")


def is_public(path: str) -> bool:
    """Whether a directory lies in an interpreter's library."""
    return _PUBLIC.match(path) is not None


def version_of(path: str) -> Minor | None:
    """Return the version whose library a directory lies in; None for the one that all share, and elsewhere."""
    found = _PUBLIC.match(path)
    return Minor(3, int(found[1])) if found and found[1] else None


def is_foreign(path: str) -> bool:
    """Whether a directory is another implementation's."""
    return _FOREIGN.search(path) is not None


def is_multiarch(path: str) -> bool:
    """Whether a file lies in a directory of one architecture, such as usr/lib/x86_64-linux-gnu."""
    return _MULTIARCH.search(path) is not None
