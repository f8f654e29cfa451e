# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""wrong-magic: a pyc whose magic number is not that of the interpreter its name or directory says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.bytecode.fitting import version_served
from pkgtools.check.repairs import recompile, renew
from pkgtools.check.rule import EVERYTHING, RENEWED, Hit, fixable, rule
from pkgtools.model.edits import RemoveFile
from pkgtools.model.finding import Page, Severity
from pkgtools.readers.system.installed_pythons import is_final, python_of
from pkgtools.runtime.pythons import CPYTHON_TAG, RELEASED_MAGICS, tag_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Pyc, Subject
    from pkgtools.model.edits import Edit


_PAGE = Page(
    what="Magic number, cache tag and directory of a pyc speak of different versions of Python.",
    why=(
        "The interpreter that looks for the name refuses the magic number and compiles again at each start, "
        "where it may not write; in the place of a source it raises ImportError. A pyc of another version's "
        "directory is never looked for."
    ),
    example="/usr/lib/python3.9/site-packages/__pycache__/m.cpython-311.pyc",
    fix="Compile with the interpreter that will import the module, for its own directory only.",
    references=(
        "PEP 3147",
        "importlib.util.MAGIC_NUMBER",
    ),
)


@fixable(RENEWED)
@rule(title="bytecode of another interpreter", severity=Severity.ERROR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs that disagree with themselves."""
    for pyc in subject.cached:
        named = pyc.name is not None and pyc.name.tag.startswith(CPYTHON_TAG)
        expected = tag_version(pyc.name.tag) if pyc.name and named else None
        if wrong := _disagreement(pyc, expected) or _of_no_release(subject, pyc, expected):
            repair = recompile(subject, pyc.file.path)
            yield Hit(text=wrong, path=pyc.file.path, repair=repair, edits=_edits(subject, pyc))
    for pyc in subject.loose:
        if wrong := _disagreement(pyc, version_served(pyc.file.path)):
            yield Hit(text=wrong, path=pyc.file.path)


def _edits(subject: Subject, pyc: Pyc) -> tuple[Edit, ...]:
    """Return what makes a pyc that of its name; one in a directory of another version's goes."""
    served = version_served(pyc.file.path)
    is_foreign = served is not None and pyc.name is not None and tag_version(pyc.name.tag) != served
    return (RemoveFile(path=pyc.file.path),) if is_foreign else renew(subject, pyc)


def _disagreement(pyc: Pyc, expected: tuple[int, int] | None) -> str:
    if expected is None:
        return ""
    served = version_served(pyc.file.path)
    if served is not None and served != expected:
        return f"bytecode of Python {_shown(expected)} in a directory that only Python {_shown(served)} searches"
    if pyc.facts is None or len(pyc.facts.header) < 4:
        return ""
    if pyc.version == expected:
        return ""
    of = f"that of Python {_shown(pyc.version)}" if pyc.version else f"0x{pyc.facts.header[:4].hex()}, no CPython's"
    return f"its magic number is {of}, not of {_shown(expected)}"


def _of_no_release(subject: Subject, pyc: Pyc, expected: tuple[int, int] | None) -> str:
    """Say that an alpha of the right version made a pyc, unless an alpha is what the system loads it with."""
    if expected is None or pyc.name is None or pyc.facts is None or len(pyc.facts.header) < 4:
        return ""
    magic = pyc.facts.header[:4]
    python = python_of(subject.package.pythons, pyc.file.path, pyc.name.tag)
    if magic == RELEASED_MAGICS.get(expected, magic) or (python is not None and not is_final(python.release)):
        return ""
    return f"its magic number is that of no release of Python {_shown(expected)}"


def _shown(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
