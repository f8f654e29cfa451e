# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which directories with modules are a package's own, and which another program reads.

A package's own is one that lies below its own name (/usr/share/PKG, /usr/lib/PKG) and holds a module that isn't a
program. Elsewhere only the packager knows: what he declares is private, nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from posixpath import commonpath, dirname
from typing import TYPE_CHECKING

from pkgtools.readers.system.installed_pythons import application_of
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.pythons import SHARED_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SHARED = re.compile(
    r"/|/(?:etc|home|root|run|tmp|dev|proc|sys)(?:/.*)?|/(?:opt|srv|var|usr|bin|sbin|lib\w*)(?:/local)?"
    r"|/usr/(?:local/)?(?:s?bin|games|share|libexec|include|src|lib\w*)|/var/lib"
    rf"|/usr/(?:local/)?share/(?:doc|doc-base|man|info|locale|{SHARED_NAME}|lintian)(?:/.*)?"
)
"""Directories that no package owns alone, and those whose files aren't modules."""
_NOT_MODULES = frozenset({"doc", "docs", "example", "examples", "template", "templates"})
_LIBRARY = r"/usr/lib(?:/[a-z0-9_]+-linux-[a-z0-9]+)?"
_READERS = (
    # program, directories whose files it reads or runs; each is documented in the program's own manual
    ("ansible", r"/usr/share/ansible(?:/.*)?"),
    ("apport", r"/usr/share/apport/(?:general|package)-hooks(?:/.*)?"),
    ("blender", r"/usr/share/blender(?:/.*)?/addons(?:/.*)?"),
    ("caja", r"/usr/share/caja-python(?:/.*)?"),
    ("cups", r"/usr/lib/cups/(?:backend|cgi-bin|driver|filter|monitor|notifier)(?:/.*)?"),
    ("emacs", r"/usr/share/emacs(?:/.*)?"),
    ("gdb", r"/usr/share/gdb(?:/.*)?|/usr/share/gcc(?:-\d+)?(?:/.*)?|/usr/share/[^/]+/(?:.*/)?gdb(?:/.*)?"),
    ("gedit", rf"{_LIBRARY}/gedit/plugins(?:/.*)?"),
    ("gimp", rf"{_LIBRARY}/gimp/[\d.]+/plug-ins(?:/.*)?|/usr/share/gimp(?:/.*)?"),
    ("inkscape", r"/usr/share/inkscape/(?:extensions|templates)(?:/.*)?"),
    ("initramfs-tools", r"/usr/share/initramfs-tools/(?:conf\.d|conf-hooks\.d|hooks|scripts)(?:/.*)?"),
    ("libreoffice", r"/usr/lib/libreoffice/(?:program|share)(?:/.*)?"),
    ("munin", r"/usr/(?:lib|share)/munin/plugins(?:/.*)?"),
    ("nagios", r"/usr/lib(?:/[a-z0-9_]+-linux-[a-z0-9]+)?/nagios/plugins(?:/.*)?"),
    ("nautilus", r"/usr/share/nautilus-python(?:/.*)?"),
    ("nemo", r"/usr/share/nemo-python(?:/.*)?"),
    ("network-manager", r"/usr/lib/NetworkManager/dispatcher\.d(?:/.*)?"),
    ("pluma", rf"{_LIBRARY}/pluma/plugins(?:/.*)?"),
    ("qgis", r"/usr/share/qgis(?:/.*)?"),
    ("reportbug", r"/usr/share/bug(?:/.*)?"),
    ("rhythmbox", rf"{_LIBRARY}/rhythmbox/plugins(?:/.*)?"),
    ("totem", rf"{_LIBRARY}/totem/plugins(?:/.*)?"),
    ("vim", r"/usr/share/vim(?:/.*)?"),
    ("weechat", rf"(?:/usr/share|{_LIBRARY})/weechat(?:/.*)?"),
)
_HOOKS = tuple((program, re.compile(pattern)) for program, pattern in _READERS)
_OWN_PLACES = ("/usr/share", "/usr/lib", "/usr/share/games", "/usr/lib/games", "/opt")


class Standing(Enum):
    """What a directory with modules is to the package that ships it."""

    OWN = "own"
    """It lies below the package's name: private without further proof."""
    PROGRAMS = "programs"
    """It lies below the package's name, and all in it is run: nothing imports it."""
    POSSIBLE = "possible"
    """Private if the packager says so: another program may read it."""
    NONE = "none"
    """Programs elsewhere, examples, or plugins of another program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One directory with modules that interpreters don't search."""

    directory: InstalledPath
    """The topmost one of an application that holds modules."""
    standing: Standing
    """What it is to the package."""
    why: str
    """Why, in a few words."""


def judge(package: str, sources: Mapping[InstalledPath, bool]) -> tuple[Judged, ...]:
    """Judge the directories of a package's sources outside of import paths, sorted.

    `sources` has for each whether it is executable, as a program is.
    """
    programs: dict[InstalledPath, bool] = {}
    for path, executable in sources.items():
        directory = InstalledPath(dirname(path))
        programs[directory] = programs.get(directory, True) and executable
    own = own_directories(package)
    refused = {one: why for one in programs if (why := _refusal(one, own))}
    wanted = [one for one in programs if one not in refused and not _SHARED.fullmatch(one)]
    left = (Judged(directory=one, standing=Standing.NONE, why=why) for one, why in refused.items())
    kept = (
        _judged(root, own, programs=all(programs[one] for one in wanted if one == root or is_below(one, root)))
        for root in _topmost(wanted)
    )
    return tuple(sorted((*kept, *left), key=lambda one: one.directory))


def own_directories(package: str) -> tuple[InstalledPath, ...]:
    """Return the directories that have a package's name."""
    return tuple(InstalledPath(f"{place}/{package}") for place in _OWN_PLACES)


def private_roots(judged: Iterable[Judged], *standings: Standing) -> tuple[InstalledPath, ...]:
    """Return the directories of some standing."""
    return tuple(one.directory for one in judged if one.standing in standings)


def _judged(root: InstalledPath, own: tuple[InstalledPath, ...], *, programs: bool) -> Judged:
    if programs:
        standing = Standing.PROGRAMS if _is_own(root, own) else Standing.NONE
        return Judged(directory=root, standing=standing, why="all in it is executable: it is run, not imported")
    if _is_own(root, own):
        return Judged(directory=root, standing=Standing.OWN, why="it has the package's name")
    return Judged(directory=root, standing=Standing.POSSIBLE, why="it doesn't have the package's name")


def _is_own(directory: InstalledPath, own: tuple[InstalledPath, ...]) -> bool:
    return any(directory == one or is_below(directory, one) for one in own)


def _refusal(directory: InstalledPath, own: tuple[InstalledPath, ...]) -> str:
    """Say whose a directory is that holds nothing of the package's own; empty where it may."""
    if _SHARED.fullmatch(directory):
        return ""
    if _NOT_MODULES & set(directory.split("/")):
        return "examples, templates or documentation"
    for program, pattern in _HOOKS:
        if pattern.fullmatch(directory) and not _is_own(directory, own):
            return f"{program} reads it"
    return ""


def _topmost(directories: Iterable[InstalledPath]) -> Iterator[InstalledPath]:
    """Yield the topmost directories; of one application's, the directory that holds them all."""
    applications: dict[str, list[str]] = {}
    for directory in directories:
        applications.setdefault(application_of(InstalledPath(f"{directory}/")) or directory, []).append(directory)
    roots = sorted(InstalledPath(commonpath(below)) for below in applications.values())
    yield from (root for root in roots if not any(is_below(root, other) for other in roots))
