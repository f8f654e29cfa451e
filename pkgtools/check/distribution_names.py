# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: names of distributions and of packages, compared loosely: python3-yaml is PyYAML."""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.runtime.pythons import CPYTHON_STEM, SHARED_NAME

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath

CALLED = {
    "beautifulsoup4": "bs4",
    "pygobject": "gi",
    "pymdown-extensions": "pymdownx",
    "pymupdf": "fitz",
    "scikit-learn": "sklearn",
}
"""Distributions whose packages are called like their modules."""
_NAME = re.compile(r"[A-Za-z][\w.+-]*")
_NO_NAMES = re.compile(rf"any|with|and|or|if|native|all|(?:{CPYTHON_STEM}|{SHARED_NAME})[\d.]*(?:dist)?")
_AFFIX = re.compile(rf"^(?:{SHARED_NAME}|{CPYTHON_STEM})?(?:py)?(?=..)|(?<=..)(?:{CPYTHON_STEM}|py)$")


def is_public_metadata(path: InstalledPath) -> bool:
    """Whether metadata are those of a distribution that all programs can import."""
    return third_party_base(path) in {dirname(path), dirname(dirname(path))}


def names_in(dependency: str) -> list[str]:
    """Return the names of packages and distributions in a dependency, without those of Python itself."""
    return [name for name in _NAME.findall(dependency) if not _NO_NAMES.fullmatch(name)]


def core_of(name: str) -> str:
    """Return what of a package's or distribution's name is its own.

    >>> core_of("python3-pyyaml"), core_of("PyYAML"), core_of("msgpack-python"), core_of("zope.interface")
    ('yaml', 'yaml', 'msgpack', 'zopeinterface')
    """
    return _AFFIX.sub("", re.sub(r"[^a-z0-9]", "", name.lower()))
