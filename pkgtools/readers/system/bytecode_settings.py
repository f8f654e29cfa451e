# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a system's configuration says of bytecode, and which interpreters it has; nothing is run to find out."""

from __future__ import annotations

from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING, Protocol

from pkgtools.bytecode.settings import (
    LARGEST_SETTINGS_FILE,
    PREFIX,
    SETTING_DIRECTORIES,
    SETTING_FILES,
    UNITS,
    holds_settings,
    is_unit_drop_in,
    settings_in,
)
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.pythons import is_interpreter_name, tags_by_name
from pkgtools.runtime.system.packages import RPM_FRONT_ENDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import Setting

PROGRAMS = ("/usr/bin", "/usr/local/bin", "/usr/libexec")
"""Where interpreters are that serve a system: the distribution's, what images of Python build, RHEL's own."""

_COMPILERS = ("pkgtools-compile", "py3compile")


class ReadableSystem(Protocol):
    """A system of which single files can be read."""

    def read(self, path: InstalledPath, limit: int) -> bytes | None:
        """Return the content of a regular file, at most `limit` bytes; None if there is none."""

    def names(self, directory: InstalledPath) -> list[str]:
        """Return the names in a directory; none if there is no such directory."""

    def link(self, path: InstalledPath) -> str:
        """Return where a symbolic link leads; empty if there is none."""


def directories_of(path: InstalledPath) -> list[InstalledPath]:
    """Return the directories above a path and itself, the root directory left out."""
    parts = path.split("/")[1:]
    return [InstalledPath("/" + "/".join(parts[:number])) for number in range(1, len(parts) + 1) if parts[0]]


def named_directories(settings: Iterable[Setting]) -> Iterator[InstalledPath]:
    """Yield the central caches that settings name, and the directories above: who may write there matters."""
    for setting in settings:
        if setting.name == PREFIX and setting.value.startswith("/"):
            yield from directories_of(InstalledPath(normpath(setting.value)))


def is_setting(path: InstalledPath) -> bool:
    """Whether a file is one of those that `find_settings` reads, or that `find_tags` knows interpreters by."""
    directory, name = dirname(path), basename(path)
    if directory in PROGRAMS:
        return bool(tags_of([name])) or name in RPM_FRONT_ENDS or name in _COMPILERS
    return holds_settings(path)


def _candidates(system: ReadableSystem) -> Iterator[InstalledPath]:
    """Yield the paths of files that may be there, and of directories among them, which can't be read as files."""
    yield from map(InstalledPath, SETTING_FILES)
    for directory in (*SETTING_DIRECTORIES, *UNITS):
        for name in system.names(InstalledPath(directory)):
            path = InstalledPath(f"{directory}/{name}")
            if directory not in UNITS or not name.endswith(".d"):
                yield path
                continue
            below = (InstalledPath(f"{path}/{one}") for one in system.names(path))
            yield from filter(is_unit_drop_in, below)


def find_settings(system: ReadableSystem) -> Iterator[Setting]:
    """Yield what shells, PAM and systemd set for Python's bytecode, file by file."""
    for path in _candidates(system):
        yield from settings_in(path, system.read(path, LARGEST_SETTINGS_FILE) or b"")


def find_tags(system: ReadableSystem) -> frozenset[str]:
    """Return the cache tags of a system's interpreters, by the names of their programs."""
    return tags_of(name for directory in PROGRAMS for name in system.names(InstalledPath(directory)))


def find_installer(system: ReadableSystem) -> str:
    """Return the front end of rpm that a system has, `dnf` or `zypper`; empty if it has neither."""
    found = {RPM_FRONT_ENDS[name] for name in system.names(InstalledPath(PROGRAMS[0])) if name in RPM_FRONT_ENDS}
    return "zypper" if found == {"zypper"} else "dnf" if found else ""


def find_compiler(system: ReadableSystem) -> str:
    """Return the command with which a system's package manager has modules compiled; empty if it has none."""
    names = system.names(InstalledPath(PROGRAMS[0]))
    return next((name for name in _COMPILERS if name in names), "")


def tags_of(programs: Iterable[str]) -> frozenset[str]:
    """Return the cache tags of interpreters by the names of their programs; of PyPy's, which don't say, all."""
    return frozenset(tag for name in programs if is_interpreter_name(name) for tag in tags_by_name(name))
