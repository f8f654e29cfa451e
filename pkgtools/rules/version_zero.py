# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""version-zero: metadata with the version that build tools make up where they find none."""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.distribution import DistributionFacts
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind, PackageManager
from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.runtime.pythons import CPYTHON_STEM, SHARED_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "The metadata of a Python distribution say that its version is 0, 0.0.0, 0.1.dev0 or 0+unknown, and the "
        "package's own version is another."
    ),
    why=(
        "setuptools-scm, pbr, versioneer and their kin ask the version control system for the version. An unpacked "
        "archive has none, and the build goes on with a version that they make up. Whatever requires `acme >= 1.2` "
        "doesn't start: importlib.metadata and pkg_resources find version 0."
    ),
    example="python3-acme 1.4-2: /usr/lib/python3/dist-packages/acme-0.0.0.dist-info/METADATA: Version: 0.0.0",
    fix=(
        "Set the version for the build: `export SETUPTOOLS_SCM_PRETEND_VERSION=$(DEB_VERSION_UPSTREAM)`, or "
        "`PBR_VERSION`; pybuild does so for some. Build from the archive on PyPI, which holds the version."
    ),
    references=(
        "https://setuptools-scm.readthedocs.io/en/latest/overrides/",
        "https://docs.openstack.org/pbr/latest/user/packagers.html",
    ),
)
_MADE_UP = re.compile(
    r"0(?:\.0)*(?:\.?(?:dev|post)\d*)?(?:\+\S*)?|0\.1\.dev\d+(?:\+\S*)?|0\.0\.1\.dev\d+(?:\+\S*)?|unknown"
)
_PREFIX = re.compile(rf"{SHARED_NAME}(?:\.?\d+)?-|{CPYTHON_STEM}-")
_UPSTREAM = re.compile(r"(?:\d+:)?v?([\d.]*)")


@rule(title="metadata with a made-up version", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield metadata of public distributions with such a version, unless the package itself has no other."""
    package = subject.package
    if package.kind is Kind.TREE and package.family is PackageManager.UNKNOWN:
        return  # its version is not known yet
    for file in subject.package.files:
        facts = file.facts
        if not isinstance(facts, DistributionFacts) or _MADE_UP.fullmatch(facts.version.lower()) is None:
            continue
        base = third_party_base(file.path)
        is_at_top = base is not None and base in {dirname(file.path), dirname(dirname(file.path))}
        if is_at_top and package.version and not _begins_alike(package.version, facts.version):
            text = f"says that {facts.name or 'it'} has version {facts.version}, and the package has {package.version}"
            severity = None if _is_made_of(package.name, facts.name) else Severity.INFO
            yield Hit(text=text, path=file.path, severity=severity)


def _is_made_of(package: str, distribution: str) -> bool:
    """Whether a package is called as the distribution is: what it ships besides may have any version."""
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - 15 ms, which few packages cost

    return canonicalize_name(_PREFIX.sub("", package, count=1)) == canonicalize_name(distribution)


def _begins_alike(packaged: str, told: str) -> bool:
    """Whether the numbers of the package's version are those that a made-up version begins with: there is no release.

    >>> _begins_alike("0.0~git20230101-1", "0.0.0"), _begins_alike("1:1.2-1", "0"), _begins_alike("0.1-1", "0.1.dev3")
    (True, False, True)
    """
    return _numbers(packaged) == _numbers(told)


def _numbers(version: str) -> str:
    """Return the numbers at the start of a version, without zeros and dots at their end."""
    found = _UPSTREAM.match(version)
    return found[1].rstrip(".0") if found else ""
