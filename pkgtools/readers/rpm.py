# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a .rpm ships, by name: from the arrays of its header, which have directories and ghosts, too."""

from __future__ import annotations

import stat
import struct
from typing import TYPE_CHECKING

from pkgtools.model.listing import Entry, Kind, Listing
from pkgtools.runtime.errors import EnvironmentFault
from pkgtools.runtime.filelist import absolute

from .errors import MOST_ENTRIES, UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Header = Mapping[str, object]
    """rpmfile's: bytes, an integer, or a sequence of either; sequences of one integer come as the integer."""

_LEAD = b"\xed\xab\xee\xdb"
_LESS, _GREATER, _EQUAL = 2, 4, 8  # RPMSENSE_*
_LARGEST_HEADER = 256 << 20


def read_rpm(path: Path) -> Listing:
    """Read the header of a binary package. Raises UnreadablePackage, and EnvironmentFault without rpmfile."""
    header = _read_header(path)
    try:
        if "sourcerpm" not in header:
            raise UnreadablePackage(path, "this is a source package; name a binary one")
        return Listing(
            kind=Kind.RPM,
            name=_text(header["name"]),
            version=f"{_text(header['version'])}-{_text(header['release'])}",
            dependencies=tuple(_dependencies(header)),
            entries=tuple(_entries(header, path)),
        )
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise UnreadablePackage(path, f"no RPM package, or a broken one: {error!r}") from error


def _read_header(path: Path) -> Header:
    try:
        import rpmfile  # noqa: PLC0415 - Debian has no package of it, and all else works without
        from rpmfile.errors import RPMError  # noqa: PLC0415
    except ImportError as error:
        raise EnvironmentFault(f"{path}: to read it takes the module rpmfile: pip install rpmfile") from error
    try:
        with path.open("rb") as stream:
            if stream.read(len(_LEAD)) != _LEAD:
                raise UnreadablePackage(path, "no RPM package")
            stream.seek(0)
            headers: Header = rpmfile.RPMFile(fileobj=stream).headers
            return headers
    except (
        RPMError,
        AssertionError,
        IndexError,
        MemoryError,
        OSError,
        OverflowError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:
        raise UnreadablePackage(path, f"no RPM package, or a broken one: {error}") from error


def _entries(header: Header, path: Path) -> Iterator[Entry]:
    if "basenames" not in header:
        return
    names, directories = _texts(header["basenames"]), _texts(header["dirnames"])
    indexes, modes = _numbers(header["dirindexes"]), _numbers(header["filemodes"])
    if len(names) > MOST_ENTRIES:
        raise UnreadablePackage(path, f"there are more than {MOST_ENTRIES} files in it")
    for name, index, mode in zip(names, indexes, modes, strict=True):
        yield Entry(path=absolute(directories[index] + name), is_directory=stat.S_ISDIR(mode))


def _dependencies(header: Header) -> Iterator[str]:
    if "requirename" not in header:
        return
    names, versions = _texts(header["requirename"]), _texts(header["requireversion"])
    for name, version, flags in zip(names, versions, _numbers(header["requireflags"]), strict=True):
        signs = ((_LESS, "<"), (_GREATER, ">"), (_EQUAL, "="))
        sign = "".join(one for bit, one in signs if flags & bit)
        yield f"{name} {sign} {version}" if sign and version else name


def _text(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"{value!r} is no string")
    return value.decode("utf-8", "surrogateescape")


def _texts(value: object) -> list[str]:
    return [_text(one) for one in value] if isinstance(value, (list, tuple)) else [_text(value)]


def _numbers(value: object) -> list[int]:
    values = value if isinstance(value, (list, tuple)) else [value]
    numbers = [one for one in values if isinstance(one, int)]
    if len(numbers) != len(values):
        raise TypeError("an array of numbers has something else in it")
    return numbers
