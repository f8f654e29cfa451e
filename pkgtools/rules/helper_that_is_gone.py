# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""helper-that-is-gone: a script calls a tool of Python 2's packaging, which no release has any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.pythons import CPYTHON_STEM, PYTHON2_NAME
from pkgtools.shell.compilers import unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.commands import Command


_PAGE = Page(
    what=(
        "A maintainer script calls pycompile, pyclean, py_compilefiles, update-python-modules, pycentral or another "
        "tool that went with Python 2, or has a part that dh_python2, dh_pysupport or dh_pycentral wrote."
    ),
    why=(
        "No supported release has the tool. A call that a test guards never runs, so nothing compiles the modules or "
        "takes their bytecode away. A call without a test ends the script with 'not found': the package stays "
        "half-configured, or can't be removed."
    ),
    example="if which pycompile >/dev/null 2>&1; then\n    pycompile -p acme\nfi",
    fix=(
        "Drop the call and build with dh_python3 or dh_pkgtools, which write what is needed. By hand: `py3compile -p "
        "PACKAGE` and `py3clean -p PACKAGE`, or pkgtools-compile and pkgtools-clean."
    ),
    references=("Debian Python Policy, 'Modules Byte-Compilation'", "dh_python3(1)", "dh_pkgtools(1)"),
)
_GONE = frozenset(
    {
        *("pycompile", "pyclean", "pypycompile", "pypyclean"),  # dh_python2 and dh_pypy for PyPy 2
        *("update-python-modules", "rebuild-python-modules"),  # python-support
        *("pycentral", "py_compilefiles", "register-python-package", "unregister-python-package"),
    }
)
_HELPERS = frozenset({"dh_python2", "dh_pysupport", "dh_pycentral", "dh_python"})
_BRINGS = re.compile(rf"(?:{PYTHON2_NAME}\S*|{CPYTHON_STEM}(?:-minimal|-support|-central)?)(?:[ :(].*)?")
_TESTS = frozenset({"which", "command", "type", "hash", "[", "test"})


@rule(
    title="calls a helper that is gone", severity=Severity.WARNING, kinds=frozenset({Kind.DEB, Kind.TREE}), page=_PAGE
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each call of such a tool; where nothing tests whether it is there, the call breaks the script."""
    if any(_BRINGS.fullmatch(one.strip()) for all_of in subject.package.dependencies for one in all_of.split("|")):
        return
    tested: set[tuple[str, str]] = set()
    told: set[tuple[str, str]] = set()
    for command in subject.commands:
        if "--compare-versions" in command.words:
            tested |= {(command.script, name) for name in _GONE}  # what follows may be for upgrades of long ago
        if command.program in _TESTS:
            tested |= {(command.script, name) for name in _GONE if any(_is_named(word, name) for word in command.words)}
            continue
        name = _tool(command)
        if name in _GONE:
            is_fatal = command.exits_on_error and not command.is_tolerated and (command.script, name) not in tested
            text = f"no supported release has {name}: {command.text}"
            severity = Severity.ERROR if is_fatal else None
            yield Hit(text=text, script=command.script, line=command.line, severity=severity)
            told.add((command.script, command.helper))
        elif command.helper in _HELPERS and (command.script, command.helper) not in told:
            told.add((command.script, command.helper))
            text = f"{command.helper} wrote this for Python 2: {command.text}"
            yield Hit(text=text, script=command.script, line=command.line)


def _tool(command: Command) -> str:
    return unwrapped(command.words)[0].rpartition("/")[2]


def _is_named(word: str, name: str) -> bool:
    return word == name or word.endswith(f"/{name}")
