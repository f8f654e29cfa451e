# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: where on the web the references of rules are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pkgtools.model.finding import RuleFacts

PROJECT = "https://pypi.org/project/pkgtools-distro/"

_OWN = frozenset({"pkgtools", "pkgtools-compile", "pkgtools-clean", "pkgtools-trigger", "dh_pkgtools"})
"""Manual pages that are in no archive yet."""
_PATTERNS = (
    (re.compile(r"(https://\S+)"), "{0}"),
    (re.compile(r"PEP (\d+)"), "https://peps.python.org/pep-{0:0>4}/"),
    (re.compile(r"CWE-(\d+)"), "https://cwe.mitre.org/data/definitions/{0}.html"),
    (re.compile(r"Debian Policy (\d+)"), "https://www.debian.org/doc/debian-policy/"),
    (re.compile(r"(Debian Python Policy)"), "https://www.debian.org/doc/packaging-manuals/python-policy/"),
    (re.compile(r"([a-z][\w.-]*)\(([1-8])\)"), "https://manpages.debian.org/{0}.{1}"),
)


def address_of(rule: RuleFacts) -> str:
    """Return an address to read on about a rule: that of its first reference that has one, else the project's."""
    return next(filter(None, map(address_in, rule.page.references)), PROJECT)


def address_in(reference: str) -> str:
    """Return the address of what a reference names; empty if it is not known."""
    for pattern, address in _PATTERNS:
        found = pattern.search(reference)
        if found and found[1] not in _OWN:
            return address.format(*found.groups())
    return ""
