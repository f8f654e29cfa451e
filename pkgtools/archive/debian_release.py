# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A suite's Release file: who vouches for it, and the sizes and digests of the indexes below it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pkgtools.readers.tar.unpack import unpack
from pkgtools.runtime.errors import said

from .listed import ArchiveIndex, MirrorFault, MirrorFile, NotThere
from .mirror import copy, read_top, safe_name
from .signature import signed_text, signer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from debian.deb822 import Release

    from .mirror import Mirror

_LARGEST_RELEASE = 16 << 20
_PACKED = {".zst": "zst", ".xz": "xz", ".gz": "gz", ".bz2": "bz2", "": ""}
"""How an index may be packed, the best first."""


class DebianSuite:
    """A suite of a mirror, opened: what its Release file says, and its indexes."""

    def __init__(self, mirror: Mirror, suite: str, keyring: Path | None) -> None:
        """Read the Release file, and see who signed it unless there is no keyring. Raises MirrorFault."""
        self._mirror = mirror
        self._top = safe_name(f"dists/{suite}")
        text, signer = _release(mirror, self._top, keyring)
        self._release = _parsed(f"{self._top}/Release", text)
        self._files = _files(self._top, self._release)
        self.index = ArchiveIndex(
            digest=sha256(text).hexdigest(),
            date=_date(self._release.get("Date", "")),
            signed_by=signer,
            notes=tuple(_notes(self._release, suite)),
        )

    def components(self) -> tuple[str, ...]:
        """Return the components that the suite has, in its order."""
        names = self._release.get("Components", "").split()
        return tuple(name if self._has_below(name) else name.rpartition("/")[2] for name in names)

    def _has_below(self, component: str) -> bool:
        """Whether a component is where it is called; security's updates/main is in main."""
        return any(name.startswith(f"{component}/") for name in self._files)

    def architectures(self) -> tuple[str, ...]:
        """Return the architectures that the suite has, in its order; `all` may be one of them."""
        return tuple(self._release.get("Architectures", "").split())

    def lists_all_apart(self) -> bool:
        """Whether packages of the architecture `all` have an index of their own, which others don't repeat.

        Source: DebianRepository/Format, No-Support-for-Architecture-all.
        """
        repeated = self._release.get("No-Support-for-Architecture-all", "").split()
        return "all" in self.architectures() and "Packages" not in repeated

    def has(self, name: str) -> bool:
        """Whether there is an index of a name, packed or not: `main/binary-amd64/Packages`."""
        return any(name + suffix in self._files for suffix in _PACKED)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open an index once its digest was compared, unpacked. Raises MirrorFault; reading it OSError and the like."""
        with tempfile.TemporaryFile() as stream:
            suffix, size = self._fetch(name, stream)
            with unpack(stream, _PACKED[suffix], size, Path(name)) as content:
                yield content

    def _fetch(self, name: str, into: IO[bytes]) -> tuple[str, int]:
        """Copy the first packing of an index that the mirror has; return its suffix and size."""
        there = [suffix for suffix in _PACKED if name + suffix in self._files]
        for suffix in there:
            file = self._files[name + suffix]
            for one in (*self._by_digest(file), file):
                with suppress(NotThere):
                    copy(self._mirror, one, into)
                    return suffix, file.size
        raise NotThere(f"{self._top}/{name}")

    def _by_digest(self, file: MirrorFile) -> Iterator[MirrorFile]:
        """Yield the name that stays while the mirror is updated (Acquire-By-Hash)."""
        if self._release.get("Acquire-By-Hash", "") == "yes":
            above = file.name.rpartition("/")[0]
            yield MirrorFile(name=f"{above}/by-hash/SHA256/{file.digest}", size=file.size, digest=file.digest)


def _release(mirror: Mirror, top: str, keyring: Path | None) -> tuple[bytes, str]:
    """Return the text of a Release file and who vouches for it. Raises MirrorFault."""
    name = f"{top}/InRelease"
    with suppress(NotThere):
        content = read_top(mirror, name, _LARGEST_RELEASE)
        return (_unsigned(content), "") if keyring is None else signed_text(name, content, keyring)
    name = f"{top}/Release"
    content = read_top(mirror, name, _LARGEST_RELEASE)
    if keyring is None:
        return content, ""
    signature = read_top(mirror, f"{name}.gpg", _LARGEST_RELEASE)
    return content, signer_of(name, content, signature, keyring)


def _unsigned(content: bytes) -> bytes:
    """Return the text in a clear-signed file whose signature was not asked for."""
    from debian.deb822 import Deb822  # noqa: PLC0415 - the library of Debian's indexes, for those who read one

    return b"\n".join(Deb822.split_gpg_and_payload(iter(content.splitlines()))[1]) + b"\n"


def _parsed(name: str, text: bytes) -> Release:
    from debian.deb822 import Release  # noqa: PLC0415 - as above

    try:
        return Release(text.decode())
    except (ValueError, TypeError, KeyError) as error:
        raise MirrorFault(name, f"it is not a Release file: {said(error)}") from error


def _files(top: str, release: Release) -> Mapping[str, MirrorFile]:
    """Return the files below a suite by their paths there. Raises MirrorFault."""
    found = {}
    for row in release.get("SHA256", []):
        try:
            listed, size, digest = row["name"], int(row["size"]), row["sha256"].lower()
        except (ValueError, TypeError, KeyError) as error:
            raise MirrorFault(f"{top}/Release", "a line of SHA256 isn't a digest, a size and a name") from error
        name = safe_name(listed)
        found[name] = MirrorFile(name=f"{top}/{name}", size=size, digest=digest)
    if not found:
        raise MirrorFault(f"{top}/Release", "it has no SHA256 digests of indexes")
    return found


def _date(text: str) -> str:
    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ""


def _notes(release: Release, suite: str) -> Iterator[str]:
    names = [release[key] for key in ("Suite", "Codename") if key in release]
    if names and suite not in names:
        yield f"the index at dists/{suite} says that it is of {' or '.join(names)}"
    until = _date(release.get("Valid-Until", ""))
    if until and until < datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"):
        yield f"the index was valid until {until}: the mirror may be old"
