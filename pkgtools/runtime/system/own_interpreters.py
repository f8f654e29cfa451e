# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The interpreters that registrations name: each looked at when a directory needs it, and once in a run."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath, Interpreter, Outcome, Reason, Status

from .own_interpreter import VENV, own_interpreter, value_in
from .packages import owners
from .trust import read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.policy.configuration import PrivateDirectory
    from pkgtools.runtime.pythons import PythonLibrary

    from .trust import Tree


class OwnInterpreters:
    """Answers for registered directories which interpreter of its own each has."""

    def __init__(self, tree: Tree, packaged: tuple[Interpreter, ...], *, remember: bool = True) -> None:
        """Look at nothing yet; `packaged` are the distribution's, `remember` those that don't answer."""
        self._tree = tree
        self._packaged = packaged
        self._remember = remember
        self._found: dict[InstalledPath, Interpreter | Outcome] = {}
        self._venvs: dict[str, Interpreter | Outcome | None] = {}
        self._may: dict[tuple[InstalledPath, InstalledPath], Outcome | None] = {}

    def of(self, entry: PrivateDirectory) -> Interpreter | Outcome:
        """Return the interpreter that a registration names, or why it isn't run."""
        key = entry.file, entry.directory
        if key not in self._may:
            self._may[key] = self._refusal(entry)
        refusal = self._may[key]
        if refusal is not None:
            return refusal
        if entry.python not in self._found:
            found = own_interpreter(self._tree, entry.python, self._packaged, remember=self._remember)
            self._found[entry.python] = found
        return self._found[entry.python]

    def of_venv(self, library: PythonLibrary) -> Interpreter | Outcome | None:
        """Return the interpreter that a virtual environment is of, or why it isn't run; None: it's no such library.

        It was found and not declared, so it has to be a package's.
        """
        if library.prefix not in self._venvs:
            self._venvs[library.prefix] = self._base_of(library)
        return self._venvs[library.prefix]

    def _base_of(self, library: PythonLibrary) -> Interpreter | Outcome | None:
        try:
            text = read_settings(self._tree, InstalledPath(library.prefix), VENV)
        except (OSError, Refused):  # there is none, or none that can be trusted
            return None
        home = value_in(text.decode("utf-8", "surrogateescape"), "home")
        if home is None or not home.startswith("/"):
            return None
        base = InstalledPath(f"{home.rstrip('/')}/{library.python}")
        try:
            is_packaged = bool(owners(self._tree, base))
        except UnknownOwner as error:
            return Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail)
        if not is_packaged:
            detail = "no package has it: register the directory with compile-for, or use --python"
            return Outcome(Status.SKIPPED, Reason.NO_INTERPRETER, base, detail=detail)
        return own_interpreter(self._tree, base, self._packaged, remember=self._remember)

    def identity(self, entry: PrivateDirectory) -> str:
        """Return what changes when another interpreter stands in its place; nothing of it is run."""
        above, _, name = entry.python.rpartition("/")
        try:
            directory = self._tree.open_settings(InstalledPath(above or "/"))
            found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        except (OSError, Refused):
            return entry.python
        return f"{entry.python} {found.st_ino} {found.st_size} {found.st_mtime_ns}"

    def _refusal(self, entry: PrivateDirectory) -> Outcome | None:
        """Refuse what a package says of a directory that isn't its own alone."""
        try:
            of_file, of_directory = owners(self._tree, entry.file), owners(self._tree, entry.directory)
        except UnknownOwner as error:
            return Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail)
        if of_file == of_directory:
            return None
        whose = ", ".join(sorted(of_directory)) or "no package"
        detail = f"it is of {whose}: a package names an interpreter for directories of its own alone"
        return Outcome(Status.REFUSED, Reason.BAD_DROP_IN, entry.file, detail=f"{entry.directory}: {detail}")
