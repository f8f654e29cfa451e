# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""build-path-in-pyc: a pyc whose code names a file of the build machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import source_path_of
from pkgtools.check.repairs import renew
from pkgtools.check.rule import PACKAGES, RENEWED, Hit, fixable, rule
from pkgtools.check.subject import is_cached
from pkgtools.model.finding import Confidence, Page, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.edits import Edit
    from pkgtools.runtime.facts import InstalledPath


_PAGE = Page(
    what="The file name in a pyc's code is not the path that the source has once it is installed.",
    why=(
        "The path names a directory of the build machine, and a build in another directory makes other bytes. rpm's "
        "`check-buildroot` stops where it finds its build root in a file. Import puts the path right in pycs of cache "
        "directories; tracebacks of a module without a source name a file that isn't on the system."
    ),
    example="co_filename '/build/acme-1.0/debian/acme/usr/share/acme/m.py'",
    fix=(
        "Compile with the installed name: `python3 -m compileall -s BUILDROOT -p /`, or `pkgtools stage`. "
        "`check --fix` can't compile a module again whose source is not in the package: change that where it is built."
    ),
    references=(
        "https://docs.python.org/3/library/compileall.html",
        "https://reproducible-builds.org/docs/build-path/",
    ),
)


@fixable(f"in a cache directory {RENEWED}")
@rule(title="build path inside", severity=Severity.WARNING, confidence=Confidence.MEDIUM, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for each directory that pycs with another absolute path in their code say they are from."""
    found: dict[str, list[tuple[InstalledPath, str]]] = {}
    edits: dict[InstalledPath, tuple[Edit, ...]] = {}
    for pyc in (*subject.cached, *subject.loose):
        facts, path = pyc.facts, pyc.file.path
        if facts is not None and not facts.names_itself and facts.filename:
            found.setdefault(_moved_from(facts.filename, source_path_of(path)), []).append((path, facts.filename))
            edits[path] = renew(subject, pyc) if is_cached(path) else ()
    for directory, pycs in sorted(found.items()):
        path, name = min(pycs)
        more = f", and {len(pycs) - 1} others of below {directory}" if len(pycs) > 1 else ""
        text = f"its code says that it is from {name}{more}"
        yield Hit(text=text, path=path, edits=tuple(edit for one, _ in pycs for edit in edits[one]))


def _moved_from(named: str, installed: str) -> str:
    """Return what stands in a path before the parts at its end that it has in common with another."""
    there, here = named.split("/"), installed.split("/")
    while there and here and there[-1] == here[-1]:
        there.pop()
        here.pop()
    return "/".join(there)
