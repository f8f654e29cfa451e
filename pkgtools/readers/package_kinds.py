# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What kind of package a file is: by its first bytes, and by its name where those don't say."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from pkgtools.model.package import Kind

from .pkginfo import PKGINFO
from .unreadable import UnreadablePackage

if TYPE_CHECKING:
    import io
    from pathlib import Path

VERSION_3 = b"ADB"
"""The start of a package of apk v3; letters for the sort of compression follow (apk-v3(5))."""
_NAMES = (
    (Kind.DEB, re.compile(r".*\.[du]?deb", re.DOTALL)),
    (Kind.RPM, re.compile(r".*\.rpm", re.DOTALL)),
    (Kind.APK, re.compile(r".*\.apk", re.DOTALL)),
    (Kind.ALPM, re.compile(r".*\.pkg\.tar(?:\.(?!sig)\w+)?", re.DOTALL)),
)
_MAGICS = {b"!<arch>\n": Kind.DEB, b"\xed\xab\xee\xdb": Kind.RPM, VERSION_3: Kind.APK}
_LONGEST_MAGIC = 8
_GZIP = b"\x1f\x8b"
_FIRST = 20
"""Members of an archive that are looked at: makepkg and abuild put their metadata first."""
_METADATA = re.compile(r"\.[^./][^/]*", re.DOTALL)
_OF_ALPM = frozenset({".BUILDINFO", ".INSTALL", ".MTREE"})
_SIGNATURE = ".SIGN."


def kind_by_name(path: Path) -> Kind | None:
    """Return the kind of package that a path is by its name; None if it is called like none."""
    return next((kind for kind, name in _NAMES if name.fullmatch(path.name)), None)


def kind_of_package(path: Path) -> Kind | None:
    """Return the kind of package that a file is by its content, else by its name.

    None for what is neither: a directory, an image, or a package whose metadata stand last and whose name says nothing.
    """
    if path.is_dir():
        return None
    return _kind_by_content(path) or kind_by_name(path)


def _kind_by_content(path: Path) -> Kind | None:
    from .tar.streams import open_regular  # noqa: PLC0415 - with the modules of archives
    from .tar.tar import BROKEN  # noqa: PLC0415 - as above

    try:
        with open_regular(path) as stream:
            start = stream.peek(_LONGEST_MAGIC)
            for magic, kind in _MAGICS.items():
                if start.startswith(magic):
                    return kind
            return _kind_of_archive(stream, path)
    except (*BROKEN, UnreadablePackage):  # who reads it will say so
        return None


def _kind_of_archive(stream: io.BufferedReader, path: Path) -> Kind | None:
    """Return the kind by the metadata at the start of an archive; in an .apk they are a stream of gzip of their own."""
    from .apk.gzip_parts import GzipParts  # noqa: PLC0415 - as above
    from .tar.archives import unpacked_by_content  # noqa: PLC0415 - as above
    from .tar.tar import members, open_tar  # noqa: PLC0415 - as above

    start, size = stream.peek(), os.fstat(stream.fileno()).st_size
    is_gzip = start.startswith(_GZIP)
    unpacked = GzipParts(stream, size, path).next() if is_gzip else unpacked_by_content(stream, start, size, path)
    found: list[str] = []
    has_files = False
    with unpacked as content, open_tar(content) as archive:
        for member in members(path, archive):
            has_files = not _METADATA.fullmatch(member.name)
            if has_files or len(found) == _FIRST:
                break
            found.append(member.name)
    if is_gzip and found and found[0].startswith(_SIGNATURE):
        return Kind.APK
    if _OF_ALPM & set(found):
        return Kind.ALPM
    if PKGINFO not in found:
        return None
    if is_gzip and not has_files:  # nothing but metadata at the start is both, and in an .apk the files follow
        return Kind.ALPM if kind_by_name(path) is Kind.ALPM else Kind.APK
    return Kind.ALPM
