# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""legacy-pyc: bytecode beside its source, as Python 2 put it, or in the way of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.places import place_of_python2
from pkgtools.check.rule import EVERYTHING, Hit, fixable, rule
from pkgtools.model.edits import RemoveFile
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.facts import InstalledPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=("A pyc or .pyo lies beside its source, or a package of bytecode hides a source of the same name."),
    why=(
        "Python 3 ignores `m.pyc` beside `m.py`, until the source goes: then the old code runs, and a removed "
        "module is still there. A directory `m/` with `__init__.pyc` comes before `m.py`: the source that "
        "everybody reads is not the one that runs."
    ),
    example=("/usr/share/acme/m.py\n/usr/share/acme/m.pyc"),
    fix=("Remove it from the package; don't compile with `compileall -b` where sources are shipped."),
    references=(
        "PEP 3147",
        "https://docs.python.org/3/reference/import.html",
    ),
)


_PACKAGE = "/__init__.pyc"


@fixable("removes what lies beside its source, and .pyo files")
@rule(title="bytecode beside or before a source", severity=Severity.WARNING, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs that are beside a source or hide one."""
    for pyc in subject.loose:
        path = pyc.file.path
        if place_of_python2(path):
            continue  # where it belongs; another rule speaks of Python 2
        if pyc.source is not None:
            text = "lies beside its source: ignored as long as that is there"
            yield Hit(text=text, path=path, edits=(RemoveFile(path=path),))
        elif path.endswith(".pyo"):
            yield Hit(text="no Python 3 looks for .pyo files", path=path, edits=(RemoveFile(path=path),))
        elif path.endswith(_PACKAGE) and InstalledPath(f"{path.removesuffix(_PACKAGE)}.py") in subject.files:
            hidden = path.removesuffix(_PACKAGE).rpartition("/")[2]
            yield Hit(text=f"hides {hidden}.py, which is never imported", path=path, severity=Severity.ERROR)
