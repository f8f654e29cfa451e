# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""bytecode-in-deb: a .deb that ships caches."""

from __future__ import annotations

from collections import defaultdict
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, fixable, rule
from pkgtools.model.edits import RemoveEmptyDirectory, RemoveFile
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind, PackageManager

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.edits import Edit
    from pkgtools.runtime.facts import InstalledPath


_PAGE = Page(
    what="A Debian package ships cache directories with bytecode.",
    why=(
        "Debian compiles at installation, for each interpreter that is there: shipped pycs are for one "
        "version, stale where times differ, and lost files to dpkg when py3clean removes them. Debian's "
        "policy for Python forbids them."
    ),
    example="./usr/lib/python3/dist-packages/__pycache__/acme.cpython-311.pyc",
    fix=(
        "Remove them at build (`find debian -name __pycache__ -prune -exec rm -rf {} +`; dh_python3 and "
        "dh_pkgtools do), and have them made at installation. A vendor who ships bytecode on purpose ignores "
        "this rule in the manifest."
    ),
    references=(
        "Debian Python Policy, 'Modules Byte-Compilation'",
        "lintian: package-installs-python-pycache-dir",
    ),
)


@fixable("removes the pycs, and the directories that are empty then")
@rule(title="caches in a .deb", severity=Severity.WARNING, kinds=frozenset({Kind.DEB, Kind.TREE}), page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each cache directory of a Debian package; those below its own directory go with it."""
    if subject.package.family is not PackageManager.DPKG:
        return
    pycs: dict[str, list[InstalledPath]] = defaultdict(list)
    for pyc in subject.cached:
        pycs[dirname(pyc.file.path)].append(pyc.file.path)
    tops: dict[str, list[InstalledPath]] = {}
    top = "//"
    for path in sorted(subject.caches, key=lambda path: f"{dirname(path)}/"):
        if not f"{dirname(path)}/".startswith(f"{top}/"):
            top = dirname(path)
        tops.setdefault(top, []).append(path)
    for top, caches in tops.items():
        more = f", and {len(caches) - 1} more below {top}" if len(caches) > 1 else ""
        text = f"is shipped{more}; {_pycs(sum(len(pycs[path]) for path in caches))}"
        yield Hit(text=text, path=caches[0], edits=tuple(_removals(pycs, caches)))


def _removals(pycs: dict[str, list[InstalledPath]], caches: list[InstalledPath]) -> Iterator[Edit]:
    for cache in caches:
        yield from (RemoveFile(path=path) for path in pycs[cache])
        yield RemoveEmptyDirectory(path=cache)


def _pycs(number: int) -> str:
    return "1 pyc" if number == 1 else f"{number} pycs"
