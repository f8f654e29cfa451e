# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The files of metadata that stand among a package's files in one archive, by names that begin with a dot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.readers.unreadable import UnreadablePackage

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Mapping
    from pathlib import Path


class MetadataFiles:
    """The content of those that matter; each may be there once."""

    def __init__(self, path: Path, largest: Mapping[str, int]) -> None:
        """Want some files; `largest` says how many bytes each may have."""
        self.contents: dict[str, bytes] = {}
        """What was found, by the names."""
        self._path = path
        self._largest = largest

    def take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
        """Read a member if it is one of them, and say whether it is.

        Raises UnreadablePackage for one that is larger, comes twice or is a link or the like; one of `tar.BROKEN`.
        """
        name = member.name
        largest = self._largest.get(name)
        if largest is None:
            return False
        if name in self.contents:
            raise UnreadablePackage(self._path, f"there are two files {name} in it")
        content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
        if content is None:
            raise UnreadablePackage(self._path, f"its {name} is a link or the like, not a file")
        if member.size > largest:
            raise UnreadablePackage(self._path, f"its file {name} has more than {largest} bytes")
        self.contents[name] = content.read()
        return True
