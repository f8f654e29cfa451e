# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: .MTREE, which lists the files of a package of Arch Linux with their checksums (mtree(5))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.model.package import Digest
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.policy.sources import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pkgtools.readers.member_count import MemberCount
    from pkgtools.runtime.facts import InstalledPath

MTREE = ".MTREE"
"""The file's name in the archive."""
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_WITHOUT_VALUE = frozenset({b"ignore", b"nochange", b"optional"})
_DIGESTS = {b"sha256": "sha256", b"sha256digest": "sha256", b"md5": "md5", b"md5digest": "md5"}
LONGEST_LINE = 1 << 16
"""Bytes of a line with its end, and one more."""


class FileList(NamedTuple):
    """The files that a package lists, metadata among them."""

    digests: Mapping[InstalledPath, Digest | None]
    """The best checksum of each."""
    is_taken: bool
    """Whether pacman takes it for the package's files; with a word that it doesn't know it takes the archive's."""


def parse_mtree(lines: Iterable[bytes], path: Path, held: MemberCount) -> FileList:
    """Return the files that a package lists.

    makepkg names each file by its whole path, so what mtree(5) says of nested names doesn't matter.
    Raises UnreadablePackage for more than a package may have; `held` counts them.
    """
    found: dict[InstalledPath, Digest | None] = {}
    is_taken = True
    for line in lines:
        if len(line) >= LONGEST_LINE:
            raise UnreadablePackage(path, f"its {MTREE} has a line that is too long")
        words = line.split()
        if words and not words[0].startswith((b"#", b"/")):
            held.member(len(words[0]))
            found[_path(words[0])] = _digest(words[1:])
            is_taken = is_taken and all(b"=" in word or word in _WITHOUT_VALUE for word in words[1:])
    return FileList(found, is_taken)


def _path(word: bytes) -> InstalledPath:
    name = _ESCAPED.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), word)
    return absolute(f"/{name.decode('utf-8', 'surrogateescape')}")


def _digest(words: list[bytes]) -> Digest | None:
    """Return the checksum among keywords, SHA-256 rather than MD5; None if there is none."""
    best: Digest | None = None
    for word in words:
        key, _, value = word.partition(b"=")
        algorithm = _DIGESTS.get(key)
        if algorithm and (best is None or algorithm == "sha256"):
            best = Digest(algorithm=algorithm, value=value.decode("ascii", "replace").lower())
    return best
