# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Reading a packager's text files: manifests and snippets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import PkgtoolsError, said

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 1 << 20
"""Bytes; more than anyone writes by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFiles:
    """The files that a manifest may name."""

    directory: Path
    """Where the project is: their paths are relative to it."""
    read: Callable[[Path], str]
    """Returns the text of one; raises UnreadableText."""


class UnreadableText(PkgtoolsError):
    """A file isn't there or isn't a text; the error's text says why, without the name."""


def _read_none(path: Path) -> str:
    raise UnreadableText(f"{path.name} isn't read here")


NO_FILES = ProjectFiles(directory=Path(), read=_read_none)
"""For tables that name no files."""


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
