# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""broken-pyc: a pyc that has no code object in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.bytecode.headers import header_size_of
from pkgtools.check.repairs import recompile, renew
from pkgtools.check.rule import EVERYTHING, RENEWED, Hit, fixable, rule
from pkgtools.model.finding import Page, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Pyc, Subject
    from pkgtools.model.package import PycFacts


_PAGE = Page(
    what=(
        "A pyc ends within its header, with it or within its code, has flags that no interpreter knows, or no code "
        "object follows it. Types, lengths and counts of the code are followed to its end; nothing is loaded."
    ),
    why=(
        "With a whole header, import raises EOFError or ValueError for everybody: it has decided for the pyc by then "
        "and doesn't fall back to the source. With a broken header it compiles the source again at each start; where "
        "there is no source, it raises."
    ),
    example="/usr/lib/python3/dist-packages/__pycache__/m.cpython-311.pyc with 16 bytes",
    fix=(
        "Compile again; where the source is gone, remove the pyc. If this comes from a full disk or a power loss, "
        "compile with a tool that writes whole files or none, such as `pkgtools-compile`."
    ),
    references=(
        "https://bugs.python.org/issue13146",
        "PEP 552",
    ),
)


_CODE = (b"c", b"\xe3")
"""The type of a code object in marshal's format, without and with the mark of what is referred to again."""


_FLAGS = 3
"""The bits that PEP 552 gives a meaning."""
_FIRST_WITH_FLAGS = (3, 7)


@fixable(RENEWED)
@rule(title="truncated or empty bytecode", severity=Severity.ERROR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs that can't be imported, and those that import passes over."""
    for pyc in (*subject.cached, *subject.loose):
        if pyc.facts is None:
            continue
        text, is_refused = _judge(pyc, pyc.facts)
        if text:
            severity = Severity.WARNING if is_refused and pyc.name is not None else None
            repair = recompile(subject, pyc.file.path, force=True) if pyc.name is not None else ""
            edits = renew(subject, pyc) if pyc.source is not None and pyc.name is not None else ()
            yield Hit(text=text, path=pyc.file.path, severity=severity, repair=repair, edits=edits)


def _judge(pyc: Pyc, facts: PycFacts) -> tuple[str, bool]:
    """Say what is wrong, and whether import refuses the header already."""
    size = header_size_of(facts)
    if facts.size < size:
        return f"{facts.size} bytes: it ends within its header", True
    if facts.size == size:
        return f"{facts.size} bytes: it ends with its header", False
    if pyc.version is None:
        return "", False
    if pyc.version >= _FIRST_WITH_FLAGS and int.from_bytes(facts.header[4:8], "little") & ~_FLAGS:
        return "no interpreter knows the flags in its header", True
    if facts.first not in _CODE:
        return "no code object follows its header", False
    return (f"its code is damaged: {facts.frame}" if facts.frame else ""), False
