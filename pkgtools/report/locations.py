# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: where a finding is, as an address that tools for source code understand, and what stays the same about it."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from pkgtools.model.package import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckVerdict, Finding

_DIRECTORIES = frozenset({Kind.TREE, Kind.ROOT})
_SAFE = "/!"


def file_name(finding: Finding, verdict: CheckVerdict) -> str:
    """Return the file of a finding: `TREE/usr/x.py` below a directory, `PACKAGE!/usr/x.py` inside of a package.

    A maintainer script is `PACKAGE!postinst`. What is about the package as a whole is in the package's own file.
    """
    if finding.path:
        if verdict.kind in _DIRECTORIES:
            return f"{verdict.origin.rstrip('/')}/{finding.path.lstrip('/')}"
        return f"{verdict.origin}!/{finding.path.lstrip('/')}"
    return f"{verdict.origin}!{finding.script}" if finding.script else verdict.origin


def uri(name: str) -> str:
    """Return a file's name as a URI reference (RFC 3986), relative to the working directory if the name is."""
    encoded = quote(name_bytes(name), safe=_SAFE)
    if encoded.startswith("/"):
        return f"file:///{encoded.lstrip('/')}"
    return encoded.removeprefix("./")


def fingerprints(verdict: CheckVerdict, findings: tuple[Finding, ...]) -> Iterator[str]:
    """Yield for each finding what stays the same as other findings come and go, and in the package's next version.

    It is a digest of package, rule, place and text, and a number: the second of two that are the same is `:2`.
    Neither the line nor the package's file has a part in it, for both change with each version.
    """
    seen: Counter[str] = Counter()
    for finding in findings:
        parts = (finding.package or verdict.name, finding.rule.id, finding.path, finding.script, finding.text)
        digest = hashlib.sha256(b"\0".join(map(name_bytes, parts))).hexdigest()[:16]
        seen[digest] += 1
        yield f"{digest}:{seen[digest]}"


def name_bytes(name: str) -> bytes:
    """Return the bytes of a name, whatever surrogates are in it."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return name.encode("utf-8", "surrogatepass")
