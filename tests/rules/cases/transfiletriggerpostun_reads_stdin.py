# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Triggers that read, and those that get something."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case


def rpm(line: str, body: str) -> SamplePackage:
    return SamplePackage(name="acme", scripts={f"{line} -- /usr/share/acme/": body})


POSTUN = "%transfiletriggerpostun"
TRIPS = [
    Case(
        id=name,
        package=rpm(POSTUN, body),
        kind=Kind.RPM,
        hits=((POSTUN, line),),
    )
    for name, body, line in (
        ("loop", 'while read -r file; do rm -f "$file"c; done', 1),
        ("pipe", "true\ngrep '\\.py$' | xargs rm -f", 2),
        ("helper", "pkgtools-clean --rpm-stdin || :", 1),
    )
]
SPARES = [
    Case(id="orphans", package=rpm(POSTUN, "pkgtools-clean --orphans /usr/share/acme || :"), kind=Kind.RPM),
    Case(id="own-pipe", package=rpm(POSTUN, "ls /usr/share/acme | while read f; do :; done"), kind=Kind.RPM),
    Case(id="a-file", package=rpm(POSTUN, "grep -q x /etc/acme && cat < /etc/acme"), kind=Kind.RPM),
    Case(id="gets-names", package=rpm("%filetriggerun", "pkgtools-clean --rpm-stdin || :"), kind=Kind.RPM),
]
