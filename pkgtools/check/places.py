# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a path says of what a file is for."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.fitting import version_served
from pkgtools.model.package import PackageManager
from pkgtools.runtime.pythons import DIST, PYTHON2_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .subject import Subject

_DOCUMENTATION = re.compile(
    r"/usr/share/(?:doc|doc-base|lintian|bug)/.*|.*/(?:examples?|docs?|demos?|samples?)/.*", re.DOTALL
)
_TESTS = re.compile(
    r".*/(?:tests?|testing|testdata|test_data|fixtures|data|templates?|lib2to3)/.*|.*/(?:bad|test)_?[^/]*", re.DOTALL
)
_PROGRAMS = re.compile(r"(?:.*/)?(?:s?bin|libexec|games)/[^/]+", re.DOTALL)
_PYTHON2 = re.compile(
    rf"/usr/lib(?:64)?/{PYTHON2_NAME}[^/]*|/usr/lib/pymodules|/usr/share/pyshared|/usr/share/python-support"
)


def is_documentation(path: str) -> bool:
    """Whether a file is there to be read, not to be imported or run."""
    return _DOCUMENTATION.fullmatch(path) is not None


def is_for_tests(path: str) -> bool:
    """Whether a source may be broken on purpose: tests, their data, and templates of sources."""
    return _TESTS.fullmatch(path) is not None


def is_program(path: str) -> bool:
    """Whether a file lies where programs are, which are run and not imported."""
    return _PROGRAMS.fullmatch(path) is not None


def is_served(path: str, versions: Iterable[str]) -> bool:
    """Whether one of some versions, as `3.11`, searches a file's directory: only these can say if it compiles."""
    served = version_served(path)
    return served is None or "{}.{}".format(*served) in versions


def place_of_python2(path: str) -> str:
    """Return the directory of modules that a file lies in and only Python 2 searches; empty if it lies in none."""
    found = _PYTHON2.match(path)
    return found[0] if found and path[found.end() :].startswith("/") else ""


def is_debians(subject: Subject, path: str) -> bool:
    """Whether a file is for a Debian package: by its package, or in a tree without DEBIAN/control by its directory."""
    is_build = basename(dirname(subject.package.origin)) == "debian"  # debian/acme, as debhelper stages it
    return subject.package.family is PackageManager.DPKG or f"/{DIST}/" in path or is_build
