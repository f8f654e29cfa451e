# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unserved-directory: modules in a directory that no interpreter searches."""

from __future__ import annotations

import re
from collections import Counter
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.check.expected_bytecode import not_served
from pkgtools.check.rule import PACKAGES, SYSTEMS, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import PackageManager
from pkgtools.readers.system.bytecode_settings import PROGRAMS
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.pythons import (
    CPYTHON_NAME,
    DIST,
    PACKAGES_NAME,
    SHARED,
    SHARED_NAME,
    SITE,
    library_of,
    may_search,
    parse_python_name,
)
from pkgtools.runtime.system.interpreters import BIN
from pkgtools.shell.compilers import is_of_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.runtime.pythons import PythonLibrary


_PAGE = Page(
    what="Modules are in a directory that looks like one that interpreters search, and isn't.",
    why=(
        "`import` doesn't find them, and no tool compiles them. Debian's interpreters search dist-packages, "
        "those of RPM distributions, Alpine and Arch Linux site-packages of their own version. "
        "On a system it may be the library of an "
        "interpreter that was removed: another version never looks there. Or a directory is registered in "
        "/usr/share/pkgtools/private.d for versions that the system doesn't have, or for an interpreter of its "
        "own that isn't there: its program doesn't run."
    ),
    example="/usr/lib/python3.11/site-packages/acme/__init__.py in a .deb",
    fix=(
        "Install with the distribution's layout: pybuild does, or `--install-layout=deb`; in a spec file "
        "`%{python3_sitelib}`. On a system: install the interpreter, or remove the package that has the modules or "
        "the registration."
    ),
    references=(
        "Debian Python Policy, 'Module Path'",
        "PEP 668",
    ),
)


_SHARED = InstalledPath(SHARED)
_OF_OTHERS = re.compile(rf"(/usr/lib(?:64)?/(?:{CPYTHON_NAME}/{DIST}|{SHARED_NAME}/{PACKAGES_NAME}))/.+")
"""Debian's directories, which no other distribution's interpreters search."""
_WRONG = {
    PackageManager.DPKG: re.compile(
        rf"(/usr/(?:local/)?lib/(?:{CPYTHON_NAME}|{SHARED_NAME})/{SITE}|/usr/lib64/{SHARED_NAME}[^/]*)/.+"
    ),
    **dict.fromkeys((PackageManager.RPM, PackageManager.APK, PackageManager.ALPM), _OF_OTHERS),
}


@rule(title="modules that no interpreter finds", severity=Severity.ERROR, kinds=PACKAGES | SYSTEMS, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such directory once, with the number of its modules."""
    if subject.package.kind in SYSTEMS:
        yield from _without_interpreter(subject)
        return
    pattern = _WRONG.get(subject.package.family)
    if pattern is None or is_of_interpreter(subject.package):
        return
    found: dict[str, int] = {}
    for file in subject.modules:
        if match := pattern.fullmatch(file.path):
            found[match[1]] = found.get(match[1], 0) + 1
    for directory, number in sorted(found.items()):
        yield Hit(text=f"{number} modules, and no interpreter of this kind of system searches here", path=directory)


def _without_interpreter(subject: Subject) -> Iterator[Hit]:
    """Yield the directories for packages' modules, and registered ones, whose interpreters a system doesn't have."""
    pythons = subject.package.pythons
    shared = sum(is_below(file.path, _SHARED) for file in subject.modules)
    if shared and not any(dirname(one.path) == BIN for one in pythons):
        text = f"{shared} modules, and {BIN} has no interpreter of Python 3"
        yield Hit(text=text, path=SHARED, severity=Severity.INFO)
    libraries = Counter(library for file in subject.modules if (library := _library_of_one(file.path)))
    for library, number in sorted(libraries.items(), key=lambda one: one[0].packages):
        if pythons and not any(_searches(one.path, library) for one in pythons):
            text = f"{number} modules, and {library.python}, which alone searches here, is not installed"
            yield Hit(text=text, path=library.packages, severity=Severity.WARNING)
    for one in not_served(subject):
        severity = Severity.WARNING if one.is_certain else Severity.INFO
        yield Hit(text=f"{one.modules} modules, registered for {one.why}", path=one.directory, severity=severity)


def _library_of_one(path: str) -> PythonLibrary | None:
    """Return the library of one version whose directory for packages' modules a file lies in."""
    library = library_of(path)
    return library if library and library.is_versioned and library.packages else None


def _searches(program: str, library: PythonLibrary) -> bool:
    """Whether an interpreter, by its name and place, searches a library."""
    python, directory = parse_python_name(basename(program)), dirname(program)
    if python is None or not may_search(python, library.python):
        return False
    return directory in PROGRAMS or directory == f"{library.prefix}/bin"
