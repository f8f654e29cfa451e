# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: requirements and markers (PEP 508), read and evaluated by `packaging`, within bounds.

What rpmbuild calls imports it, under the build host's Python 3.9 and later: hence no dataclasses with slots.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import InvalidVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 4000
"""Characters of a requirement or marker that is read; CPython converts numbers of 4,300 digits at most."""
DEEPEST = 50
"""Parentheses in it: `packaging` calls itself for each."""
_NAMED = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9._-]*(?:\s*\[[^\[\]]*\])?(?=\s*[(<>=!~]|\s+[^\s@;])")
"""A distribution's name with extras, before what could be meant as a version."""
_EXTRA = re.compile(r'\bextra [!=]= "')


class RequirementError(ValueError):
    """A requirement or marker that can't be read or evaluated; the text says why, in the words of `packaging`."""


class TolerantRequirement(NamedTuple):
    """A requirement, read as dh_python3 does: what can't be read as a version is left out."""

    parts: Requirement
    """Name, extras, versions, URL and marker, as `packaging` has read them."""
    complaint: str = ""
    """What is wrong with the versions, which are left out then; else empty."""


def read_requirement(text: str) -> Requirement:
    """Read a requirement. Raises RequirementError."""
    _check_size(text)
    try:
        return Requirement(text)
    except (ValueError, SyntaxError) as error:  # InvalidRequirement, and what urllib and ast say of URLs and strings
        raise RequirementError(_first_line(error)) from error


def read_tolerantly(text: str) -> TolerantRequirement:
    """Read a requirement, without the versions where they are wrong. Raises RequirementError."""
    _check_size(text)
    try:
        return TolerantRequirement(read_requirement(text))
    except RequirementError as error:
        named = _NAMED.match(text)
        _, semicolon, marker = text.partition(";")
        if not named:
            raise
        try:
            return TolerantRequirement(read_requirement(f"{named[0]}{semicolon}{marker}"), str(error))
        except RequirementError:
            raise error from None


def read_marker(text: str) -> Marker:
    """Read a marker. Raises RequirementError."""
    _check_size(text)
    read_requirement(f"any;{text}")  # Marker() of packaging 23.0 takes what begins with a marker, whatever follows
    return Marker(text)


def holds(marker: Marker, environment: Mapping[str, str]) -> bool:
    """Whether a marker holds in an environment; what that doesn't say is this system's. Raises RequirementError."""
    try:
        try:
            return marker.evaluate(dict(environment))
        except InvalidVersion:
            # packaging before 26 compares an extra whose name looks like a version as one, with the empty one, too
            words = Marker(_EXTRA.sub(r"\g<0>extra-", str(marker)))
            return words.evaluate({**environment, "extra": f"extra-{environment.get('extra', '')}"})
    except (ValueError, KeyError) as error:
        # UndefinedComparison, UndefinedEnvironmentName or InvalidVersion, by the version of packaging
        raise RequirementError(f"its marker can't be evaluated: {_first_line(error)}") from error


def _check_size(text: str) -> None:
    if len(text) > LONGEST:
        raise RequirementError(f"it has {len(text)} characters, more than {LONGEST}")
    if text.count("(") > DEEPEST:
        raise RequirementError(f"it has more than {DEEPEST} parentheses")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
