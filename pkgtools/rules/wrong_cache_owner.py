# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""wrong-cache-owner: a cache directory or pyc that isn't root's."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.repairs import recompile
from pkgtools.check.rule import EVERYTHING, Hit, rule
from pkgtools.check.trusted import is_roots, owner_of
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.package import File


_PAGE = Page(
    what=(
        "A cache directory or pyc belongs to another user than root, though its source is root's or interpreters "
        "find it by themselves."
    ),
    why=(
        "The owner can replace the bytecode, and with it what everybody runs who imports the module. Build "
        "users' numbers in a package are some unrelated account's on the target."
    ),
    example="-rw-r--r-- builder/builder ./usr/share/acme/__pycache__/m.cpython-311.pyc",
    fix=(
        "Build with `Rules-Requires-Root: no` or fakeroot, `dpkg-deb --root-owner-group`, or "
        "`%defattr(-,root,root)`. On a system: `pkgtools-compile` on the directory, which makes root's pycs "
        "again."
    ),
    references=(
        "Debian Policy 10.9",
        "pkgtools-compile(1)",
    ),
)


@rule(title="wrong owner of a cache", severity=Severity.ERROR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield what isn't root's, in packages and systems; the owners in a staged tree are the build's."""
    if subject.package.kind is Kind.TREE:
        return
    for directory in subject.caches.values():
        if directory is not None and not is_roots(subject, directory):
            above = subject.files.get(InstalledPath(dirname(directory.path)))
            if above is None or is_roots(subject, above) or is_public(directory.path):
                yield _hit(subject, directory)
    for pyc in subject.cached:
        if is_roots(subject, pyc.file):
            continue
        if pyc.source is None or is_roots(subject, pyc.source) or is_public(pyc.file.path):
            yield _hit(subject, pyc.file)


def _hit(subject: Subject, file: File) -> Hit:
    owner = f"{owner_of(file)}:{file.group or file.gid}"
    is_packaged = subject.package.kind is Kind.ROOT and file.package != ""
    return Hit(
        text=f"belongs to {owner}, not to root",
        path=file.path,
        severity=Severity.DANGER if is_packaged or is_public(file.path) else None,
        repair=recompile(subject, file.path),
    )
