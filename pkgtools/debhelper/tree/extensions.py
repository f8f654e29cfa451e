# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Extension modules: the tag in their names (PEP 3149), the version they are for, links in their place."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.debhelper.records import Note, Origin
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.pythons import CPYTHON_TAG

from .python_directories import is_multiarch, version_of

if TYPE_CHECKING:
    from pkgtools.debhelper.source_package import TreeSettings

    from .virtual_tree import VirtualTree

_STABLE = re.compile(r"(?P<abi>abi\d+t?)(?:-(?P<triplet>.+))?")
_SOABI = re.compile(rf"{CPYTHON_TAG}(?P<major>3)(?P<minor>\d{{1,2}})(?P<flags>[a-z]*)(?:-(?P<triplet>.+))?")
_TRIPLET = re.compile(r"[a-z0-9_]+-(?:linux|kfreebsd|gnu|hurd)[a-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionName:
    """The parts of an extension module's file name: stem[.tag].so."""

    stem: str
    """The module's name, which imports use."""
    tag: str
    """`abi3`, `abi3-x86_64-linux-gnu`, `cpython-311`, `cpython-311-x86_64-linux-gnu`, a triplet; empty for none."""

    @property
    def is_stable(self) -> bool:
        """Whether it is for all versions of Python 3 (PEP 384)."""
        return _STABLE.fullmatch(self.tag) is not None

    @property
    def version(self) -> Minor | None:
        """Return the version that the tag names."""
        found = _SOABI.fullmatch(self.tag)
        return Minor(int(found["major"]), int(found["minor"])) if found else None

    @property
    def flags(self) -> str:
        """Return what follows the version: `t` is a build without the global lock, whose ABI is another (PEP 703)."""
        found = _SOABI.fullmatch(self.tag)
        return found["flags"] if found else ""

    @property
    def triplet(self) -> str:
        """Return the architecture that the tag names."""
        found = _SOABI.fullmatch(self.tag) or _STABLE.fullmatch(self.tag)
        return (found["triplet"] or "") if found else (self.tag if _TRIPLET.fullmatch(self.tag) else "")

    @property
    def is_complete(self) -> bool:
        """Whether the tag names the ABI and the architecture."""
        return bool(self.tag and self.triplet and self.triplet != self.tag)


def parse_extension(name: str) -> ExtensionName | None:
    """Read a file name; None if it doesn't end with `.so`."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or suffix != "so" or not stem:
        return None
    front, dot, tag = stem.rpartition(".")
    if dot and front and any(pattern.fullmatch(tag) for pattern in (_STABLE, _SOABI, _TRIPLET)):
        return ExtensionName(stem=front, tag=tag)
    return ExtensionName(stem=stem, tag="")


def tagged_name(name: str, version: Minor, settings: TreeSettings, content: bytes = b"") -> str:
    """Return the name that an extension module for a version shall have; the same where nothing is to be done.

    `content` says by which name it is imported; without that a stem that ends with `module` loses this word.
    """
    parsed = parse_extension(name)
    if parsed is None or parsed.is_complete or parsed.stem.endswith("_d"):
        return name
    if parsed.is_stable:
        return _stable_name(name, parsed, settings)
    if not parsed.tag and "." in parsed.stem and _is_loaded(name, settings):
        return name
    if parsed.triplet and parsed.triplet != settings.multiarch:
        return name
    wanted = settings.soabi(parsed.version or version)
    if parsed.version is not None and not wanted.startswith(f"{parsed.tag}-"):  # another ABI: debug, free-threaded
        return name
    stem = parsed.stem.removesuffix("module") or parsed.stem
    if re.search(rb"PyInit_%s(?!\w)" % re.escape(os.fsencode(parsed.stem)), content):
        stem = parsed.stem
    return f"{stem}.{wanted}.so"


def _stable_name(name: str, parsed: ExtensionName, settings: TreeSettings) -> str:
    """Name the architecture where all supported interpreters load that: packages of two may then stand side by side."""
    if settings.options.compat and not settings.pythons.dialect.knows_stable_abi:
        return name
    suffix = f".{parsed.tag}-{settings.multiarch}.so"
    if all(suffix in settings.suffixes(one) for one in settings.pythons.supported):
        return f"{parsed.stem}{suffix}"
    return name


def _is_loaded(name: str, settings: TreeSettings) -> bool:
    """Whether an interpreter here loads a module of that name by more than `.so`: its tag is one that we don't know."""
    suffixes = (suffix for one in settings.pythons.supported for suffix in settings.suffixes(one))
    return any(name.endswith(suffix) for suffix in suffixes if suffix != ".so")


def rename_extension(tree: VirtualTree, path: str, settings: TreeSettings, notes: list[Note]) -> str:
    """Give an extension module its tag and return its path then.

    One in a directory of no version is for the default one, unless its name says another.
    """
    directory, name = posixpath.split(path)
    public = directory.endswith("-packages") or "-packages/" in directory
    if public and tree.is_symlink(path):
        _put_in_place_of_link(tree, path)
    if is_multiarch(path) or not tree.exists(path):
        return path
    content = b"" if settings.options.compat else _content(tree, path)
    if not settings.options.compat and b"PyInit" not in content:  # with which a module begins (PEP 489)
        return path
    parsed = parse_extension(name)
    if parsed and parsed.is_stable and version_of(directory) is None:  # where all versions look its name is as wanted
        return path
    version = version_of(directory) or (parsed.version if parsed else None) or settings.pythons.default
    new = tagged_name(name, version, settings, content)
    if new == name:
        return path
    target = posixpath.join(directory, new)
    if tree.exists(target):
        text = f"{name} isn't renamed to {new}, which is there already: remove one of the two"
        notes.append(Note(origin=Origin(file=path, line=0), text=text))
        return target
    tree.move(path, target)
    for one in tree.links(directory):
        node = tree.get(posixpath.join(directory, one))
        if node is not None and node.target == name:
            tree.relink(posixpath.join(directory, one), new)
    return target


def _content(tree: VirtualTree, path: str) -> bytes:
    """Return what a path leads to has in it; empty where the package ships no such file."""
    end = tree.leads_to(path)
    return tree.read_bytes(end) if end is not None and tree.is_file(end) else b""


def _put_in_place_of_link(tree: VirtualTree, path: str) -> None:
    """Where a link x.so leads to x.so.1.2 beside it, as libtool makes them, let the library itself be x.so."""
    directory = posixpath.dirname(path)
    links = []
    target = path
    while tree.is_symlink(target) and target not in links:
        links.append(target)
        node = tree.get(target)
        target = posixpath.normpath(posixpath.join(directory, node.target if node else ""))
        if posixpath.dirname(target) != directory:  # a library for other programs, too
            return
    if not tree.is_file(target) or ".so." not in posixpath.basename(target):
        return
    name = posixpath.basename(path)
    beside = [posixpath.join(directory, one) for one in tree.names(directory) if one.startswith(f"{name}.")]
    others = [one for one in beside if tree.is_symlink(one) and tree.leads_to(one) == target]
    for link in dict.fromkeys([*links, *others]):
        tree.remove(link)
    tree.move(target, path)
