# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""debian/PACKAGE.pyinstall and debian/PACKAGE.pyremove: public modules to add and to take away."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.debhelper.records import Origin
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.policy.version_range import ANY_VERSION, VersionRange, parse_version_range

from .public_locations import SHARED_LOCATION, old_directories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pkgtools.debhelper.source_package import TreeSettings

    from .virtual_tree import VirtualTree

_RANGE = r"-?\d\.\d+(?:-(?:\d\.\d+)?)?"
_INSTALL = re.compile(rf"(?P<pattern>\S.*?)(?:\s+(?P<name>[A-Za-z_][\w.]*))?(?:\s+(?P<versions>{_RANGE}))?")
_REMOVE = re.compile(rf"(?P<pattern>\S.*?)(?:\s+(?P<versions>{_RANGE}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallLine:
    """One line."""

    origin: Origin
    """The file and line that it was read from."""
    pattern: str
    """A glob of paths: below the source package's top to install, below a public directory to remove."""
    namespace: str
    """Dotted; empty for none."""
    versions: VersionRange
    """The Python versions that the line is for."""


def read_entries(text: str, file: str, *, names: bool) -> Iterator[InstallLine]:
    """Read the lines of a file; those of pyinstall may have `names`. Raises UsageError with the line."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        origin = Origin(file=file, line=number)
        found = (_INSTALL if names else _REMOVE).fullmatch(line.strip())
        if not found:
            raise UsageError(f"{origin}: {line.strip()!r}: write PATH [NAMESPACE] [VERSIONS]")
        try:
            versions = parse_version_range(found["versions"].strip()) if found["versions"] else ANY_VERSION
        except UsageError as error:
            raise UsageError(f"{origin}: {error}") from error
        namespace = (found["name"] or "") if names else ""
        yield InstallLine(origin=origin, pattern=found["pattern"], namespace=namespace, versions=versions)


def install_entries(tree: VirtualTree, entries: Iterator[InstallLine], top: Path, settings: TreeSettings) -> None:
    """Install files of the source package. Raises UsageError for a pattern that matches nothing."""
    for entry in entries:
        if not _wanted(entry, settings):
            continue
        try:
            files = sorted(path for path in top.glob(_relative(entry)) if path.is_file())
        except ValueError as error:  # what glob says of `a**`
            raise UsageError(f"{entry.origin}: {entry.pattern}: {error}") from error
        if not files:
            raise UsageError(f"{entry.origin}: no file matches {entry.pattern}")
        for file in files:
            source = file.relative_to(top).as_posix()
            name = source.removeprefix("debian/")
            if entry.namespace:
                name = posixpath.join(*entry.namespace.split("."), file.name)
            tree.link(source, file, posixpath.join(SHARED_LOCATION, name))


def _relative(entry: InstallLine) -> str:
    """Return the pattern as seen from the source package's top. Raises UsageError for one that leads elsewhere."""
    parts = [part for part in entry.pattern.split("/") if part not in {"", "."}]
    if entry.pattern.startswith("/") or ".." in parts or not parts:
        raise UsageError(f"{entry.origin}: {entry.pattern}: write a path below the source package's top directory")
    return "/".join(parts)


def remove_entries(tree: VirtualTree, entries: Iterator[InstallLine], settings: TreeSettings) -> None:
    """Remove what patterns match below the public directories."""
    for entry in entries:
        wanted = _wanted(entry, settings)
        directories = [directory for version in wanted for directory in old_directories(version)]
        for directory in [*directories, *([SHARED_LOCATION] if wanted else [])]:
            for path in _matching(tree, directory, entry.pattern.strip("/").split("/")):
                tree.remove(path)


def _matching(tree: VirtualTree, directory: str, patterns: list[str]) -> Iterator[str]:
    """Yield the paths that a glob matches, part by part, so that `*` stays within one name."""
    for name in tree.names(directory):
        if fnmatch.fnmatchcase(name, patterns[0]) and not (name.startswith(".") and not patterns[0].startswith(".")):
            path = posixpath.join(directory, name)
            if len(patterns) == 1:
                yield path
            elif tree.is_directory(path):
                yield from _matching(tree, path, patterns[1:])


def _wanted(entry: InstallLine, settings: TreeSettings) -> list[Minor]:
    wanted = settings.versions or ANY_VERSION
    return [version for version in settings.pythons.among(entry.versions) if version in wanted]
