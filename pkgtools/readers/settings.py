# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a system's configuration says of bytecode, and which interpreters it has; nothing is run to find out."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Protocol

from pkgtools.model.package import Setting
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.interpreters import tags_by_name
from pkgtools.runtime.packages import RPM_FRONT_ENDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FILES = (
    "/etc/environment",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/security/pam_env.conf",
    "/etc/sudoers",
    "/etc/systemd/system.conf",
)
_DIRECTORIES = (
    "/etc/environment.d",
    "/etc/profile.d",
    "/etc/default",
    "/etc/sudoers.d",
    "/etc/sysconfig",
    "/etc/systemd/system.conf.d",
    "/usr/lib/environment.d",
    "/usr/lib/systemd/system.conf.d",
)
_UNITS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
"""Where units are, and drop-ins for them in directories below, as `x.service.d` (systemd.unit(5))."""
_SETTING = re.compile(
    rb"""^[^#\n]*?\b(PYTHONPYCACHEPREFIX|PYTHONDONTWRITEBYTECODE)[ \t]*(?:DEFAULT)?=[ \t]*["']?([^"'\s]*)""",
    re.MULTILINE,
)
_LARGEST = 1 << 18
PROGRAMS = ("/usr/bin", "/usr/local/bin", "/usr/libexec")
"""Where interpreters are that serve a system: the distribution's, what images of Python build, RHEL's own."""
_PYTHON = re.compile(r"(?:platform-)?python3\.(\d+)t?")
_PYPY = re.compile(r"pypy3(?:\.\d+)?")


class Readable(Protocol):
    """A system of which single files can be read."""

    def read(self, path: InstalledPath, limit: int) -> bytes | None:
        """Return the content of a regular file, at most `limit` bytes; None if there is none."""

    def names(self, directory: InstalledPath) -> list[str]:
        """Return the names in a directory; none if there is no such directory."""


def is_setting(path: InstalledPath) -> bool:
    """Whether a file is one of those that `find_settings` reads, or that `find_tags` knows interpreters by."""
    directory, name = dirname(path), basename(path)
    if directory in PROGRAMS:
        return bool(tags_of([name])) or name in RPM_FRONT_ENDS
    return path in _FILES or directory in _DIRECTORIES or directory in _UNITS or _is_drop_in(path)


def _is_drop_in(path: InstalledPath) -> bool:
    directory = dirname(path)
    return dirname(directory) in _UNITS and directory.endswith(".d") and path.endswith(".conf")


def _candidates(system: Readable) -> Iterator[InstalledPath]:
    """Yield the paths of files that may be there, and of directories among them, which can't be read as files."""
    yield from map(InstalledPath, _FILES)
    for directory in (*_DIRECTORIES, *_UNITS):
        for name in system.names(InstalledPath(directory)):
            path = InstalledPath(f"{directory}/{name}")
            if directory not in _UNITS or not name.endswith(".d"):
                yield path
                continue
            below = (InstalledPath(f"{path}/{one}") for one in system.names(path))
            yield from filter(_is_drop_in, below)


def find_settings(system: Readable) -> Iterator[Setting]:
    """Yield what shells, PAM and systemd set for Python's bytecode, file by file."""
    for path in _candidates(system):
        content = system.read(path, _LARGEST) or b""
        for found in _SETTING.finditer(content):
            yield Setting(
                path=path,
                line=content.count(b"\n", 0, found.start(1)) + 1,
                name=found[1].decode(),
                value=found[2].decode("utf-8", "surrogateescape"),
            )


def find_tags(system: Readable) -> frozenset[str]:
    """Return the cache tags of a system's interpreters, by the names of their programs."""
    return tags_of(name for directory in PROGRAMS for name in system.names(InstalledPath(directory)))


def find_installer(system: Readable) -> str:
    """Return the front end of rpm that a system has, `dnf` or `zypper`; empty if it has none of the two."""
    found = {RPM_FRONT_ENDS[name] for name in system.names(InstalledPath(PROGRAMS[0])) if name in RPM_FRONT_ENDS}
    return "zypper" if found == {"zypper"} else "dnf" if found else ""


def tags_of(programs: Iterable[str]) -> frozenset[str]:
    """Return the cache tags of interpreters by the names of their programs; of PyPy's, which don't tell, all."""
    tags: set[str] = set()
    for name in programs:
        if found := _PYTHON.fullmatch(name):
            tags.update(tags_by_name(f"python3.{found[1]}"))
        elif _PYPY.fullmatch(name):
            tags.update(tags_by_name(name))
    return frozenset(tags)
