# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""broken-pyc: a pyc that has no code object in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.readers.headers import header_size_of

from .repairs import recompile
from .rule import EVERYTHING, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=("A pyc ends within its header, or what follows the header isn't the beginning of a code object."),
    why=(
        "Import raises EOFError or ValueError for everybody, and doesn't fall back to the source: the header "
        "is all that it looks at before."
    ),
    example="/usr/lib/python3/dist-packages/__pycache__/m.cpython-311.pyc with 0 bytes",
    fix=(
        "Compile again. If this comes from a full disk or a power loss, compile with a tool that writes whole "
        "files or none, such as `pkgtools-compile`."
    ),
    references=(
        "https://bugs.python.org/issue13146",
        "PEP 552",
    ),
)


_CODE = (b"c", b"\xe3")
"""The type of a code object in marshal's format, without and with the mark of what is referred to again."""


def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs that can't be imported."""
    for pyc in (*subject.cached, *subject.loose):
        facts = pyc.facts
        if facts is None:
            continue
        size = header_size_of(facts)
        if facts.size <= size:
            text = f"{facts.size} bytes: it ends within its header"
        elif facts.first not in _CODE and pyc.version is not None:
            text = "no code object follows its header"
        else:
            continue
        yield Hit(text=text, path=pyc.file.path, repair=recompile(subject, pyc.file.path))


RULE = Rule(
    facts=RuleFacts(
        id="broken-pyc",
        title="truncated or empty bytecode",
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=EVERYTHING,
    find=find,
)
