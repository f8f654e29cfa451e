# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""installer-leavings: what pip writes for itself, in a package that the package manager installs."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.check.places import is_debians
from pkgtools.check.rule import PACKAGES, Hit, fixable, rule
from pkgtools.model.distribution import InstallerFacts
from pkgtools.model.edits import RemoveFile, ReplaceLine
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import third_party_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.edits import Edit
    from pkgtools.model.package import File


_PAGE = Page(
    what=(
        "A .dist-info directory has files that pip or another installer wrote about its own work: INSTALLER with its "
        "name, REQUESTED, a RECORD with pycs that the package doesn't ship, or a direct_url.json with a path of the "
        "build machine."
    ),
    why=(
        "INSTALLER and REQUESTED say that a user installed the distribution with pip. pip then offers to remove or "
        "upgrade files that belong to the package manager, and doesn't name the package to remove instead. By RECORD "
        "programs list files that were never there. With direct_url.json `pip freeze` writes `acme @ "
        "file:///build/acme`, which can't be installed anywhere, and the path makes builds differ."
    ),
    example="acme-1.0.dist-info/INSTALLER: pip\nacme-1.0.dist-info/direct_url.json: file:///build/acme-1.0",
    fix=(
        "Build with pybuild, `dh_pkgtools` or `%pyproject_install`, which leave them out. By hand: delete REQUESTED, "
        "RECORD and direct_url.json, and write `debian` or `rpm` to INSTALLER."
    ),
    references=(
        "https://packaging.python.org/en/latest/specifications/recording-installed-packages/",
        "PEP 610",
        "PEP 668",
    ),
)
_INSTALLERS = frozenset({"pip", "uv"})
_DEBIAN = b"debian"
"""What Debian's own packages have in INSTALLER, by which pip names the package to remove."""
_LOCAL = "file:"


@fixable("removes the files, and RECORD, which lists them; in a Debian package INSTALLER then says `debian`")
@rule(title="an installer's own files", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for each sort of such files in a directory of modules; environments of their own are pip's."""
    found: dict[tuple[str, str], list[tuple[File, str]]] = {}
    for file in subject.package.files:
        base = third_party_base(file.path)
        told = _told(subject, file) if base and file.is_regular else ""
        if told and base == dirname(dirname(file.path)):
            found.setdefault((base, basename(file.path)), []).append((file, told))
    for (_, name), files in sorted(found.items()):
        file, text = min(files, key=lambda one: one[0].path)
        more = f"; so are {len(files) - 1} others" if len(files) > 1 else ""
        severity = Severity.INFO if name in {"INSTALLER", "REQUESTED"} else None
        edits = tuple(edit for one, _ in files for edit in _edits(subject, one))
        yield Hit(text=text + more, path=file.path, severity=severity, edits=edits)


def _edits(subject: Subject, file: File) -> Iterator[Edit]:
    """Yield what makes INSTALLER say who installs the package, or removes a file, and RECORD, which lists it."""
    record = InstalledPath(f"{dirname(file.path)}/RECORD")
    if isinstance(file.facts, InstallerFacts) and file.facts.installer and is_debians(subject, file.path):
        yield ReplaceLine(path=file.path, old=file.facts.installer.encode(), new=_DEBIAN)
    elif file.path != record:
        yield RemoveFile(path=file.path)
    if record in subject.files and subject.files[record].is_regular:
        yield RemoveFile(path=record)


def _told(subject: Subject, file: File) -> str:
    """Say what is wrong with a file; empty if what it says holds, or an installer did not write it."""
    if file.path.endswith(".dist-info/REQUESTED"):
        return "says that a user asked an installer for it"
    if not isinstance(file.facts, InstallerFacts):
        return ""
    facts = file.facts
    if facts.installer in _INSTALLERS:
        return f"says that {facts.installer} installed it"
    if facts.url.startswith(_LOCAL):
        return f"says that it was installed from {facts.url}, which is the build machine's"
    if subject.package.kind is Kind.APK:
        return ""  # Alpine has the pycs in a package of their own
    missing = next((path for path in facts.bytecode if path not in subject.files), "")
    return f"lists pycs that the package doesn't ship, such as {missing}" if missing else ""
