# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Move what builds installed for one version to where all versions look: /usr/lib/python3/dist-packages."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from pkgtools.debhelper.records import Note, Origin
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.pythons import CPYTHON, CPYTHON_STEM, PACKAGES, SHARED, parse_python_name

from .extensions import parse_extension, rename_extension
from .python_directories import is_dist_info, is_metadata, is_unwanted, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.debhelper.source_package import TreeSettings

    from .virtual_tree import VirtualTree

SHARED_LOCATION = SHARED[1:]
_LEFTOVERS = frozenset({".coverage", "__pycache__"})


def move_to_shared(tree: VirtualTree, settings: TreeSettings, notes: list[Note]) -> None:
    """Move and merge the directories of each version; of files that differ the first one stays."""
    for version in _versions(tree, settings):
        for prefix in ("", "usr/lib/debug/"):
            for directory in old_directories(version):
                if tree.is_directory(prefix + directory):
                    _share(tree, prefix + directory, prefix + SHARED_LOCATION, settings, notes)
                    tree.prune(prefix + directory)


def old_directories(version: Minor) -> Iterator[str]:
    """Yield where builds put modules for one version."""
    for above in ("usr/local/lib", "usr/lib"):
        yield from (f"{above}/{CPYTHON_STEM}{version}/{packages}" for packages in reversed(PACKAGES))
    yield from (f"{above}/{CPYTHON_STEM}{version}" for above in ("var/lib/python-support", "usr/lib/pymodules"))


def _versions(tree: VirtualTree, settings: TreeSettings) -> list[Minor]:
    """Return the distribution's versions, the default one first, and, where there are directories of them, others."""
    default = settings.pythons.default
    supported = sorted(settings.pythons.supported, key=lambda one: (one != default, one))
    if settings.options.compat:
        return supported
    found = set()
    for above in ("usr/local/lib", "usr/lib"):
        for name in tree.names(above):
            python = parse_python_name(name)
            if python and python.implementation is CPYTHON and python.version:
                found.add(Minor(*python.version))
    return supported + sorted(found - set(supported))


def _share(tree: VirtualTree, source: str, target: str, settings: TreeSettings, notes: list[Note]) -> None:
    # names first, for links beside a module follow it to its new one
    tidied = [_tidied(tree, posixpath.join(source, name), settings, notes) for name in tree.names(source)]
    for path in dict.fromkeys(tidied):
        if path is not None and tree.exists(path):
            _share_one(tree, path, posixpath.join(target, posixpath.basename(path)), settings, notes)
    tree.prune(source)


def _tidied(tree: VirtualTree, path: str, settings: TreeSettings, notes: list[Note]) -> str | None:
    """Rename an extension module and return its path; None for what doesn't belong into a package and is gone."""
    source, name = posixpath.split(path)
    if not tree.exists(path):  # a link that made place for its library
        return None
    if (
        name.endswith((".pyc", ".pyo"))
        or name in _LEFTOVERS
        or (is_dist_info(source) and is_unwanted(name, public=True))
    ):
        tree.remove(path)
        return None
    if settings.options.rename_extensions and parse_extension(name) and version_of(source):
        path = rename_extension(tree, path, settings, notes)
    return path if tree.exists(path) else None


def _tidy(tree: VirtualTree, directory: str, settings: TreeSettings, notes: list[Note]) -> None:
    """Do so with all that is below a directory, so that it can move as a whole."""
    for name in tree.names(directory):
        path = _tidied(tree, posixpath.join(directory, name), settings, notes)
        if path is not None and tree.is_directory(path):
            _tidy(tree, path, settings, notes)
            if not tree.names(path):
                tree.remove(path)


def _share_one(tree: VirtualTree, path: str, target: str, settings: TreeSettings, notes: list[Note]) -> None:
    if tree.is_directory(path) and tree.is_directory(target):
        _share(tree, path, target, settings, notes)
    elif tree.exists(target) and tree.is_directory(path) != tree.is_directory(target):
        notes.append(_differs(path, target, settings))
    elif tree.is_directory(path):
        _tidy(tree, path, settings, notes)
        if tree.names(path):
            tree.move(path, target)
        else:
            tree.remove(path)
    elif not tree.exists(target):
        tree.move(path, target)
    else:
        _merge(tree, path, target, settings, notes)


def _merge(tree: VirtualTree, path: str, target: str, settings: TreeSettings, notes: list[Note]) -> None:
    """Make one of two files, or of two links."""
    if tree.is_symlink(path):
        one, other = tree.get(path), tree.get(target)
        ends = tree.leads_to(path)
        if one == other or (ends is not None and ends == tree.leads_to(target)):
            tree.remove(path)
        else:
            notes.append(_differs(path, target, settings))
    elif not tree.is_file(path) or not tree.is_file(target):
        notes.append(_differs(path, target, settings))
    elif tree.same(path, target):
        tree.remove(path)
    elif (parsed := parse_extension(posixpath.basename(path))) and parsed.is_stable:
        text = f"it differs from {target}, which is kept: an extension module of the stable ABI is for all versions"
        notes.append(Note(origin=Origin(file=path, line=0), text=text))
        tree.remove(path)
    elif is_metadata(posixpath.dirname(path)) and posixpath.basename(path) == "entry_points.txt":
        tree.remove(path)  # it names an interpreter: that of the default version, which came first, is right
    else:
        notes.append(_differs(path, target, settings))


def _differs(path: str, target: str, settings: TreeSettings) -> Note:
    """Report a file that stays in a directory of one version; without metadata Python doesn't see the package."""
    text = f"it differs from {target} and stays where it is, where no interpreter looks: build it once, or pyremove one"
    options = settings.options
    as_theirs = options.compat and settings.pythons.dialect.stops_at_unmerged
    stops = not options.allow_unmerged and (as_theirs or any(map(is_metadata, _upwards(path))))
    if stops:
        text += ", or let it be so by --allow-unmerged-dist-packages"
    return Note(origin=Origin(file=path, line=0), text=text, stops=stops)


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = posixpath.dirname(path)
