# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what the files say that hold a Python distribution's metadata, and those that an installer puts beside them."""

from __future__ import annotations

import csv
import json
import re
from itertools import islice
from posixpath import basename, dirname, join, normpath

from pkgtools.model.distribution import DistributionFacts, InstallerFacts
from pkgtools.runtime.facts import InstalledPath

LARGEST_METADATA = 1 << 16
"""Bytes of metadata that are read: the fields stand before the description."""
LARGEST_RECORD = 4 << 20
"""Bytes that are read of what an installer wrote."""
MOST_KEPT = 100
"""Requirements of a distribution, and pycs of a RECORD, that are kept: archives may have any number of such files."""
_LONGEST_URL = 1000
_METADATA = re.compile(r".*\.(?:dist-info/METADATA|egg-info/PKG-INFO|egg-info)", re.DOTALL)
_OF_INSTALLERS = re.compile(r".*\.dist-info/(?:INSTALLER|RECORD|direct_url\.json)", re.DOTALL)
_REQUIRES = re.compile(rb"^Requires-Dist:[ \t]*([^;\r\n]{1,200}?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_CONDITIONAL = re.compile(
    rb"^Requires-Dist:[ \t]*([^;\r\n]{1,200};[^\r\n]{1,400}?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)
_FIELD = re.compile(rb"^(Name|Version|Requires-Python):[ \t]*([^\r\n]{1,200}?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


def is_metadata(path: InstalledPath) -> bool:
    """Whether a file holds the metadata of a Python distribution, by its name."""
    return path.endswith(("/METADATA", "/PKG-INFO", ".egg-info")) and _METADATA.fullmatch(path) is not None


def is_of_installer(path: InstalledPath) -> bool:
    """Whether a file is one that an installer wrote beside the metadata, by its name."""
    return path.endswith(("/INSTALLER", "/RECORD", "/direct_url.json")) and _OF_INSTALLERS.fullmatch(path) is not None


def facts_of_metadata(content: bytes) -> DistributionFacts:
    """Return what the fields at the start of METADATA or PKG-INFO say; of a repeated one, the first."""
    fields: dict[bytes, str] = {}
    head = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0]
    for found in _FIELD.finditer(head):
        fields.setdefault(found[1].lower(), found[2].decode("utf-8", "replace"))
    return DistributionFacts(
        requires_python=fields.get(b"requires-python", ""),
        name=fields.get(b"name", ""),
        version=fields.get(b"version", ""),
        requires=_requirements(_REQUIRES, head),
        conditional=_requirements(_CONDITIONAL, head),
    )


def _requirements(pattern: re.Pattern[bytes], head: bytes) -> tuple[str, ...]:
    return tuple(found[1].decode("utf-8", "replace") for found in islice(pattern.finditer(head), MOST_KEPT))


def facts_of_installer(path: InstalledPath, content: bytes) -> InstallerFacts:
    """Return what INSTALLER, RECORD or direct_url.json says; a damaged file says nothing."""
    text = content.decode("utf-8", "surrogateescape")
    match basename(path):
        case "INSTALLER":
            return InstallerFacts(installer=text.strip()[:100])
        case "RECORD":
            return InstallerFacts(bytecode=tuple(_bytecode_in(dirname(dirname(path)), text)))
        case _:
            return InstallerFacts(url=_url_in(text))


def _bytecode_in(base: str, text: str) -> list[InstalledPath]:
    try:
        rows = islice((row for row in csv.reader(text.splitlines()) if row and row[0].endswith(".pyc")), MOST_KEPT)
        return [InstalledPath(normpath(join(base, row[0]))) for row in rows]
    except csv.Error:
        return []


def _url_in(text: str) -> str:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    url = document.get("url") if isinstance(document, dict) else None
    return url[:_LONGEST_URL] if isinstance(url, str) else ""
