# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which packages can have to do with Python, by what indexes say of them: paths and relations."""

from __future__ import annotations

import re

from pkgtools.runtime.pythons import COMMAND, STEMS

_PATHS = rf"\.py[co]?\Z|\.pth\Z|(?:^|/)__pycache__/|(?:^|/){COMMAND}/|(?:^|/)usr/share/pkgtools/|\.(?:dist|egg)-info\b"
_PATH = re.compile(_PATHS)
_PATH_IN_BYTES = re.compile(_PATHS.encode())
_RELATION = re.compile(rf"\b(?:{STEMS}|pkgtools)")


def is_pythons(path: str) -> bool:
    """Whether a path in a package is a module, bytecode, or what else import and our programs look at."""
    return _PATH.search(path) is not None


def is_pythons_in_bytes(path: bytes) -> bool:
    """Likewise of a path as it stands in an index that isn't text: millions of them."""
    return _PATH_IN_BYTES.search(path) is not None


def is_related(relations: str) -> bool:
    """Whether a package needs or provides an interpreter, or our programs: its scripts may compile."""
    return _RELATION.search(relations) is not None
