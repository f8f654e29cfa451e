# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which directories are Python's (Debian Python Policy 2.5), and what a package ships of their metadata (PEP 427)."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.pythons import CPYTHON_NAME, PYPY, PYTHON2_NAME, SHARED_NAME, parse_python_name

if TYPE_CHECKING:
    from .virtual_tree import VirtualTree

_PUBLIC = re.compile(rf"(?:usr/lib/debug/)?usr/lib/({CPYTHON_NAME}|{SHARED_NAME})(?=/|$)")
_FOREIGN = re.compile(rf"(?:^|/)(?:{PYTHON2_NAME}|{PYPY.stem}(?:3(?:\.\d+)?)?)(?:/|$)")
_MULTIARCH = re.compile(r"(?:^|/)[a-z][^/-]+-(?:linux|kfreebsd|gnu)(?:-[^/-]+)?/")
_LICENCE = re.compile(r"(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS).*|licenses|license_files")
_BUILDERS = frozenset({"RECORD", "WHEEL", "direct_url.json", "REQUESTED"})
"""What only the machine that built the package can use; contents differ from one architecture to the other."""
_VERSIONED = re.compile(r"(?P<name>.+?)-py\d\.\d+(?:-[^.]*)?(?P<suffix>\.egg-info|\.pth)")


def is_public(path: str) -> bool:
    """Whether a directory lies in an interpreter's library."""
    return _PUBLIC.match(path) is not None


def version_of(path: str) -> Minor | None:
    """Return the version whose library a directory lies in; None for the one that all share, and elsewhere."""
    found = _PUBLIC.match(path)
    python = parse_python_name(found[1]) if found else None
    return Minor(*python.version) if python and python.version else None


def is_foreign(path: str) -> bool:
    """Whether a directory is another implementation's."""
    return _FOREIGN.search(path) is not None


def is_multiarch(path: str) -> bool:
    """Whether a file lies in a directory of one architecture, such as usr/lib/x86_64-linux-gnu."""
    return _MULTIARCH.search(path) is not None


def is_dist_info(directory: str) -> bool:
    """Whether a directory is one of wheels' metadata."""
    return directory.endswith(".dist-info")


def is_metadata(directory: str) -> bool:
    """Whether a directory is one of wheels' metadata, or of eggs'."""
    return directory.endswith((".dist-info", ".egg-info"))


def is_unwanted(name: str, *, public: bool) -> bool:
    """Whether a name in dist-info is the build's own or, in a public directory, a copy of a licence.

    Licences of a public module belong into debian/copyright; a program may show those in its private directory.
    """
    return name in _BUILDERS or (public and _LICENCE.fullmatch(name) is not None)


def clean_dist_info(tree: VirtualTree, directory: str) -> None:
    """Remove what isn't wanted, and say who installed it."""
    public = is_public(directory)
    for name in tree.names(directory):
        if is_unwanted(name, public=public):
            tree.remove(posixpath.join(directory, name))
    installer = posixpath.join(directory, "INSTALLER")
    if not tree.is_file(installer) or tree.read_bytes(installer) != b"debian\n":
        tree.write(installer, b"debian\n")


def clean_egg_name(name: str) -> str:
    """Return an egg-info's name without Python version and platform."""
    found = _VERSIONED.fullmatch(name)
    return f"{found['name']}{found['suffix']}" if found else name


def rename_egg(tree: VirtualTree, path: str) -> str | None:
    """Give an egg-info its short name and return its path, None if one of that name is there and this one goes."""
    directory, name = posixpath.split(path)
    short = posixpath.join(directory, clean_egg_name(name))
    if short == path:
        return path
    if tree.exists(short):
        tree.remove(path)
        return None
    tree.move(path, short)
    return short
