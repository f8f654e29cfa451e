# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""one-file-egg-info: metadata as distutils wrote them, which Python no longer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.policy.layout import third_party_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="The metadata of a distribution are a single .egg-info file and no directory.",
    why=(
        "distutils wrote such files, and Python 3.12 has no distutils: the package can't be built with it. The file "
        "names no dependencies, so neither helpers nor pip know of any, and pip stops with an error where it is to "
        "install another version."
    ),
    example="/usr/lib/python3/dist-packages/acme-1.0.egg-info",
    fix=(
        "Import `setup` from setuptools in setup.py, or give the project a pyproject.toml: the metadata then are a "
        ".dist-info directory."
    ),
    references=("PEP 632", "https://packaging.python.org/en/latest/specifications/recording-installed-packages/"),
)
_SUFFIX = ".egg-info"


@rule(title="metadata of distutils", severity=Severity.INFO, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such file beside public modules."""
    for file in subject.package.files:
        base = third_party_base(file.path) if file.is_regular and file.path.endswith(_SUFFIX) else None
        if base is not None and "/" not in file.path[len(base) + 1 :]:
            yield Hit(text="is a file, as distutils wrote it", path=file.path)
