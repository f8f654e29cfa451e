# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""wrong-cache-owner: a cache directory or pyc that isn't root's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import File, Kind

from .repairs import recompile
from .rule import EVERYTHING, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=("A cache directory or pyc belongs to somebody else than root, though its source is root's."),
    why=(
        "The owner can replace the bytecode, and with it what everybody runs who imports the module. Build "
        "users' numbers in a package are some unrelated account's on the target."
    ),
    example="-rw-r--r-- builder/builder ./usr/share/acme/__pycache__/m.cpython-311.pyc",
    fix=(
        "Build with `Rules-Requires-Root: no` or fakeroot, `dpkg-deb --root-owner-group`, or "
        "`%defattr(-,root,root)`. On a system: `pkgtools-compile` on the directory, which makes root's pycs "
        "anew."
    ),
    references=(
        "Debian Policy 10.9",
        "pkgtools-compile(1)",
    ),
)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield what isn't root's, in packages and systems; the owners in a staged tree are the build's."""
    if subject.package.kind is Kind.TREE:
        return
    for directory in subject.caches.values():
        if directory is not None and not _is_roots(directory):
            above = subject.files.get(directory.path.rpartition("/")[0])  # type: ignore[call-overload] # it's a path
            if above is None or _is_roots(above):
                yield _hit(subject, directory)
    for pyc in subject.cached:
        if not _is_roots(pyc.file) and (pyc.source is None or _is_roots(pyc.source)):
            yield _hit(subject, pyc.file)


def _hit(subject: Subject, file: File) -> Hit:
    owner = f"{file.user or file.uid}:{file.group or file.gid}"
    return Hit(text=f"belongs to {owner}, not to root", path=file.path, repair=recompile(subject, file.path))


def _is_roots(file: File) -> bool:
    return file.uid == 0 or (file.uid is None and file.user == "root")


RULE = Rule(
    facts=RuleFacts(
        id="wrong-cache-owner",
        title="wrong owner of a cache",
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=EVERYTHING,
    find=find,
)
