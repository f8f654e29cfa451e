# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a package of a manifest -> what it is to depend on, in the words of each family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.manifest import DeclaredPackage, Family, Strategy
from pkgtools.runtime.policy.version_range import parse_version_range, version_text
from pkgtools.runtime.pythons import RPM_ABI, SHARED_NAME
from pkgtools.runtime.system.interpreters import BIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.runtime.pythons import PythonVersion

_PYTHON = {
    Family.DEB: SHARED_NAME,
    Family.RPM: f"{BIN}/{SHARED_NAME}",
    Family.ALPM: "python",
    Family.APK: SHARED_NAME,
}
"""Python with its standard library, by its name in each family."""


def programs(package: DeclaredPackage, family: Family, strategy: Strategy) -> Iterator[str]:
    """Require what the scripts call or, without sources, the one version whose bytecode the package holds."""
    if strategy in {Strategy.TRIGGER, Strategy.DIRECT, Strategy.CACHE_PREFIX}:
        yield "pkgtools-runtime"
    elif strategy is Strategy.STANDALONE or (strategy is Strategy.NATIVE and family is Family.DEB):
        yield _PYTHON[family]
    elif strategy is Strategy.SOURCELESS:
        yield from _exactly(package.python, family)


def interpreters(package: DeclaredPackage, family: Family, strategy: Strategy) -> Iterator[str]:
    """Require Python of the versions that all modules are for; where they are for different ones, any."""
    private = [one.versions for one in package.private if one.interpreter is None]
    texts = private + ([package.versions] if package.public else [])
    ranges = [parse_version_range(text) for text in texts if text]
    least = max((one.least for one in ranges if one.least), default=None)
    ends = [_after(one.least) if one.exact and one.least else one.below for one in ranges]
    below = min((end for end in ends if end), default=None)
    if strategy is Strategy.SOURCELESS or not texts:  # it brings its own
        return
    if not ranges or (least and below and least >= below):
        yield _PYTHON[family]
    elif least and below == _after(least):
        yield from _exactly(version_text(least), family)
    else:
        yield from _between(version_text(least) if least else "", version_text(below) if below else "", family)


def _after(version: PythonVersion) -> PythonVersion:
    return version[0], version[1] + 1


def _between(least: str, below: str, family: Family) -> Iterator[str]:
    if family is Family.DEB:
        limits = ("python3 (>= {}~)", "python3 (<< {}~)")
    elif family is Family.RPM:
        limits = ("python3 >= {}", "python3 < {}")
    else:
        name = "python" if family is Family.ALPM else "python3"
        limits = (f"{name}>={{}}", f"{name}<{{}}")
    yield from (limit.format(version) for limit, version in zip(limits, (least, below), strict=True) if version)


def _exactly(version: str, family: Family) -> Iterator[str]:
    """Require one version: that whose bytecode a package without sources holds, say."""
    major, minor = version.split(".")
    if family is Family.RPM:
        yield f"{RPM_ABI} = {version}"
    else:
        yield from _between(version, f"{major}.{int(minor) + 1}", family)
