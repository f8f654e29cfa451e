# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A binary .rpm: its header's lists of files, scriptlets and triggers, and what its payload says of the files."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.package import Kind, Package, PackageManager
from pkgtools.readers.member_count import MemberCount
from pkgtools.readers.tar.streams import open_regular
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import said

from .file_table import read_files
from .frame import BINARY_TYPE, MAGIC, read_frame
from .header_values import open_header, open_signature
from .payload import Digesting, Payload
from .scriptlets import read_dependencies, read_scripts, read_triggers
from .tags import Tag

if TYPE_CHECKING:
    from pathlib import Path

    from pkgtools.model.package import File

    from .frame import Frame
    from .header_values import RpmHeader


_STRATEGY = re.compile(r"pkgtools-strategy\(([a-z-]+)\)")
_HEADER_DIGESTS = ((Tag.SHA3_256HEADER, "sha3_256"), (Tag.SHA256HEADER, "sha256"), (Tag.SHA1HEADER, "sha1"))


def read_rpm(path: Path, look: ReadingOptions = ReadingOptions()) -> Package:  # noqa: B008 - it is frozen
    """Read a binary package: all of its header, and its payload unless `look` wants names only.

    What is wrong with it and doesn't hinder reading, such as a digest that differs, is in `flaws`. Raises
    UnreadablePackage, and EnvironmentFault if the machine lacks what it takes.
    """
    try:
        with open_regular(path) as stream:
            return _read(stream, os.fstat(stream.fileno()).st_size, path, look)
    except OSError as error:
        raise UnreadablePackage(path, said(error)) from error


def _read(stream: IO[bytes], size: int, path: Path, look: ReadingOptions) -> Package:
    frame = read_frame(stream, size, path)
    held = MemberCount(path, look.grow)
    held.members(max((one.items for one in frame.header.entries.values() if one.type != BINARY_TYPE), default=0))
    header, signature = open_header(frame.header, path), open_signature(frame.signature, path)
    if Tag.SOURCEPACKAGE in header or Tag.SOURCERPM not in header:
        raise UnreadablePackage(path, "this is a source package; name a binary one")
    files, sets = read_files(header, path)
    package = describe(header, path, files)
    flaws = _header_flaws(frame, signature)
    if look.contents:
        payload = Payload(path, header, files, sets, held)
        whole = Digesting("md5", MAGIC + frame.header.raw)
        flaws += payload.read(stream, frame, look, [whole])
        if (declared := signature.data(Tag.SIGMD5)) and declared.hex() != whole.hexdigest():
            flaws.append("it doesn't have the md5 digest that its signature header names")
        package = replace(package, files=tuple(payload.files))
    return replace(package, flaws=tuple(flaws))


def describe(header: RpmHeader, path: Path, files: tuple[File, ...]) -> Package:
    """Return what a header says of a package with these files. Raises UnreadablePackage."""
    name = header.text(Tag.NAME)
    if not (name and Tag.VERSION in header and Tag.RELEASE in header):
        raise UnreadablePackage(path, "its header has no name, no version or no release")
    epoch = "".join(f"{number}:" for number in header.numbers(Tag.EPOCH)[:1])
    release = header.text(Tag.RELEASE)
    return Package(
        origin=str(path),
        kind=Kind.RPM,
        family=PackageManager.RPM,
        name=name,
        version=f"{epoch}{header.text(Tag.VERSION)}-{release}",
        architecture=header.text(Tag.ARCH),
        distribution=header.text(Tag.DISTRIBUTION) or release,
        dependencies=read_dependencies(header, path),
        recommendations=(*header.texts(Tag.RECOMMENDNAME), *header.texts(Tag.SUGGESTNAME)),
        files=files,
        scripts=read_scripts(header),
        triggers=read_triggers(header, path),
        changed=max(header.numbers(Tag.CHANGELOGTIME), default=None),
        strategy=next((found[1] for one in header.texts(Tag.PROVIDENAME) if (found := _STRATEGY.fullmatch(one))), ""),
    )


def _header_flaws(frame: Frame, signature: RpmHeader) -> list[str]:
    """Compare the header with the digests that the signature header has of it."""
    flaws = []
    for tag, algorithm in _HEADER_DIGESTS:
        digest = Digesting(algorithm, MAGIC + frame.header.raw)
        if tag in signature and signature.text(tag).lower() != digest.hexdigest():
            flaws.append(f"its header doesn't have the {algorithm} digest that its signature header names")
    return flaws
