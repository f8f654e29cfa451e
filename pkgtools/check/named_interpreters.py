# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the interpreters that a system's registrations name, by the names of programs: nothing of it is run."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.readers.system.installed_pythons import as_interpreters, is_python
from pkgtools.runtime.facts import Interpreter, Outcome, Reason, Status

if TYPE_CHECKING:
    from pkgtools.runtime.policy.configuration import PrivateDirectory
    from pkgtools.runtime.pythons import PythonLibrary

    from .subject import Subject


class NamedInterpreters:
    """What the runtime's `OwnInterpreters` is on a running system."""

    def __init__(self, subject: Subject) -> None:
        """Keep the system."""
        self._subject = subject

    def of(self, entry: PrivateDirectory) -> Interpreter | Outcome:
        """Return the interpreter that a registration names, its version by its name or by that of the one beside it."""
        there = [one.path for one in self._subject.package.pythons]
        if is_python(entry.python) and entry.python not in there:
            return Outcome(Status.SKIPPED, Reason.NO_INTERPRETER, entry.python, detail="it isn't there")
        beside = [path for path in there if dirname(path) == dirname(entry.python)]
        found = as_interpreters([path for path in there if path == entry.python]) or as_interpreters(beside)
        if len(found) != 1:
            detail = "neither its name nor one beside it says its version"
            return Outcome(Status.SKIPPED, Reason.NO_INTERPRETER, entry.python, detail=detail)
        return found[0]._replace(path=entry.python)

    def of_venv(self, library: PythonLibrary) -> Interpreter | Outcome | None:
        """Return none: a system that is judged says nothing of what its virtual environments were made of."""
        return None

    def identity(self, entry: PrivateDirectory) -> str:
        """Return its path: nothing changes in a system that is looked at once."""
        return entry.python
