# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a path says of what a file is for."""

from __future__ import annotations

import re

_DOCUMENTATION = re.compile(
    r"/usr/share/(?:doc|doc-base|lintian|bug)/.*|.*/(?:examples?|docs?|demos?|samples?)/.*", re.DOTALL
)
_TESTS = re.compile(
    r".*/(?:tests?|testing|testdata|test_data|fixtures|data|templates?|lib2to3)/.*|.*/(?:bad|test)_?[^/]*", re.DOTALL
)


def is_documentation(path: str) -> bool:
    """Whether a file is there to be read: nobody imports or runs it."""
    return _DOCUMENTATION.fullmatch(path) is not None


def is_for_tests(path: str) -> bool:
    """Whether a source may be broken on purpose: tests, their data, and templates of sources."""
    return _TESTS.fullmatch(path) is not None
