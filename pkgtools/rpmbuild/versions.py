# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: Python versions and specifiers (PEP 440) in rpm's words.

rpm orders `~` before the end of a version and `^` behind it, so that 1~~dev1 < 1~rc1 < 1 < 1^post1 < 1.1 holds in both
worlds. What rpm can't say exactly (a local version, arbitrary equality) is said as closely as it can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from pkgtools.runtime.errors import PkgtoolsError

if TYPE_CHECKING:
    from packaging.specifiers import Specifier, SpecifierSet

_WILDCARD = ".*"
_BEFORE_ALL = "~~"
"""Behind a release: before all of its versions, of which the development releases are the first."""


class VersionError(PkgtoolsError):
    """A version or specifier that has no meaning for rpm."""


def rpm_version(text: str) -> str:
    """Translate a version: trailing zeros go, pre- and development releases sort before it, post releases behind.

    >>> rpm_version("1!2.0rc1")
    '1:2~rc1'

    Raises VersionError if it's no version (PEP 440).
    """
    try:
        version = Version(text)
    except InvalidVersion as error:
        raise VersionError(f"version {text!r}: not one of PEP 440, correct the package's metadata") from error
    return _epoch(version) + _release(version.release) + _suffixes(version)


def rpm_dependency(name: str, specifiers: SpecifierSet) -> str:
    """Say that `name` must satisfy all specifiers: a plain dependency, or a rich one in parentheses.

    >>> rpm_dependency("python3dist(x)", SpecifierSet("~=2.1"))
    '(python3dist(x) >= 2.1 with python3dist(x) < 3~~)'

    Raises VersionError.
    """
    parts = sorted(_dependency(name, one) for one in specifiers)
    if not parts:
        return name
    return parts[0] if len(parts) == 1 else f"({' with '.join(parts)})"


def _dependency(name: str, specifier: Specifier) -> str:
    operator, text = specifier.operator, specifier.version
    if text.endswith(_WILDCARD):
        return _prefix_dependency(name, operator, text[: -len(_WILDCARD)])
    version = rpm_version(text)
    if operator == "~=":
        return f"({name} >= {version} with {name} < {_next(Version(text), Version(text).release[:-1])})"
    if operator in {"==", "==="}:
        return f"{name} = {version}"
    if operator == "!=":
        return f"({name} < {version} or {name} > {version})"
    if operator == "<":
        return f"{name} < {_exclusive_end(text, version)}"
    if operator == ">":
        return f"{name} > {_exclusive_begin(text, version)}"
    return f"{name} {operator} {version}"


def _prefix_dependency(name: str, operator: str, text: str) -> str:
    """Translate == and != with a trailing `.*`, which PEP 440 has for no other operator."""
    begin = f"{rpm_version(text)}{_BEFORE_ALL}"
    end = _next(Version(text), Version(text).release)
    if operator == "==":
        return f"({name} >= {begin} with {name} < {end})"
    return f"({name} < {begin} or {name} >= {end})"


def _next(version: Version, release: tuple[int, ...]) -> str:
    """Return where the versions of the next release begin, its development releases included."""
    return _epoch(version) + _release((*release[:-1], release[-1] + 1)) + _BEFORE_ALL


def _exclusive_end(text: str, version: str) -> str:
    # PEP 440: <2 leaves out 2rc1 as well, which rpm has before 2
    return version if Version(text).is_prerelease else f"{version}{_BEFORE_ALL}"


def _exclusive_begin(text: str, version: str) -> str:
    # PEP 440: >2 leaves out 2.post1 as well, which rpm has between 2 and 2.0; and >2rc1 leaves out 2rc1.post1
    return version if Version(text).is_postrelease else f"{version}.0"


def _epoch(version: Version) -> str:
    return f"{version.epoch}:" if version.epoch else ""


def _release(release: tuple[int, ...]) -> str:
    numbers = list(release)
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return ".".join(map(str, numbers))


def _suffixes(version: Version) -> str:
    """Put together the marks of pre-, post and development releases, in the order in which PEP 440 nests them."""
    pre = f"~{version.pre[0]}{version.pre[1]}" if version.pre else ""
    post = f"^post{version.post}" if version.post is not None else ""
    dev = f"~~dev{version.dev}" if version.dev is not None else ""
    return pre + post + dev
