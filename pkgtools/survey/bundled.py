# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which interpreter of its own a package has for a private directory: that of a library in it."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from pkgtools.config.values import wrong_program
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.pythons import SHARED_NAME, library_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.model.package import File


def own_interpreter_of(
    root: InstalledPath, modules: Iterable[InstalledPath], files: Mapping[InstalledPath, File]
) -> InstalledPath | None:
    """Return the one interpreter beside the libraries in a private directory; None if there is none, or several.

    Nor is it one of its own where it's a link to the distribution's: a virtual environment of that.
    """
    here = (one for one in modules if one == root or is_below(one, root))
    libraries = {
        (library.prefix, str(library.python))
        for one in here
        if (library := library_of(one)) is not None and library.is_versioned and not library.is_of_system
    }
    found = {one for prefix, python in libraries if (one := _program(prefix, python, files)) is not None}
    return found.pop() if len(found) == 1 else None


def _program(prefix: str, python: str, files: Mapping[InstalledPath, File]) -> InstalledPath | None:
    """Return the program beside a library that has its name, or the general one."""
    named = [InstalledPath(f"{prefix}/bin/{name}") for name in (python, SHARED_NAME, "python")]
    there = next((path for path in named if path in files), None)
    if there is None or wrong_program(there) or wrong_program(_end_of(there, files)):
        return None
    return there


def _end_of(path: InstalledPath, files: Mapping[InstalledPath, File]) -> InstalledPath:
    """Return where links lead, as far as the package has them."""
    seen = set()
    while path in files and files[path].link and path not in seen:
        seen.add(path)
        path = InstalledPath(normpath(join(dirname(path), files[path].link)))
    return path
