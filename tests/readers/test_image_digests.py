# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A layer counts when all of it has the digest that is its name, whatever of it is an archive."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.readers.image.image import Image
from pkgtools.readers.unreadable import UnreadablePackage
from tests.readers.images import layer, simple_oci_image

BEHIND = bytes(range(256)) * (4 << 12)
"""4 MiB that come after the archive's end: more than anything reads ahead."""
PLAIN = layer(("m.py", b"value = 1\n"))


def _read(image: bytes, directory: Path) -> list[str]:
    path = directory / "image.tar"
    path.write_bytes(image)
    return [file.path for file in Image(path).read(ReadingOptions()).files if not file.is_directory]


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_what_is_behind_the_archive_belongs_to_the_digest(packed: type[bytes], tmp_path: Path) -> None:
    assert _read(simple_oci_image(packed(PLAIN + BEHIND)), tmp_path) == ["/m.py"]


@pytest.mark.parametrize("place", [10, 1000, len(PLAIN) + 10, len(PLAIN) + len(BEHIND) - 10])
def test_no_byte_of_a_layer_can_be_another(place: int, tmp_path: Path) -> None:
    whole = PLAIN + BEHIND
    other = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    image = simple_oci_image(whole)
    assert image.count(whole) == 1
    with pytest.raises(UnreadablePackage):
        _read(image.replace(whole, other), tmp_path)
