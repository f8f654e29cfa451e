# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Reading a packager's text files: manifests and snippets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.runtime.errors import PkgtoolsError, said

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1 << 20
"""Bytes; more than anyone writes by hand."""


class UnreadableText(PkgtoolsError):
    """A file isn't there or isn't a text; the error's text says why, without the name."""


def read_text(path: Path) -> str:
    """Read a regular file as UTF-8, its line ends as they are. Raises UnreadableText."""
    try:
        if path.is_dir():
            raise UnreadableText("this is a directory; name a file")
        if path.exists() and not path.is_file():
            raise UnreadableText("this isn't a regular file")
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise UnreadableText(said(error)) from error
    except ValueError as error:
        raise UnreadableText("this isn't a file name") from error
    if len(content) > LARGEST:
        raise UnreadableText(f"it is larger than {LARGEST >> 20} MiB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableText(f"line {line} is not UTF-8 (byte 0x{content[error.start]:02x})") from error
