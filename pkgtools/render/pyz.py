# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The embedded runtime of strategy `standalone`: one file that is a shell script and a zip archive of Python modules.

The shell reads up to `exit`. Behind it the archive stands in a here-document that isn't used: so `sh -n`, which
lintian runs over every script, finds whole syntax to the file's end. The archive's own comment ends the document.
"""

from __future__ import annotations

import io
import stat
import zipfile
from typing import TYPE_CHECKING

from pkgtools.model.own_files import package_root, triggers_root

from .quoting import quote_comment

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = "standalone-header.sh"
_SHELL_PYTHON = "python.sh"
_SHELL_CLEAN = "clean-without-python"
_MAIN = "standalone-main.py"
_HEAD_LINES = 3
"""The interpreter and the licence, which come before the provenance."""
_BEGIN = b"set -eu\n"
"""The header's line behind which it needs what starts Python."""
_END = b"END-OF-ARCHIVE"
_SOME_DAY = (1980, 1, 1, 0, 0, 0)
"""The first that a zip archive can say."""
_MODE = stat.S_IFREG | 0o644
_UNIX = 3


def build_pyz(provenance: str) -> bytes:
    """Return the file, whose bytes depend on our own files and on `provenance` alone.

    `provenance` says in one line who made the file from what, without a comment sign. Raises OSError if pkgtools is
    not completely installed.
    """
    stream = io.BytesIO()
    stream.write(_script(provenance))
    # mode w begins where the stream stands, and counts offsets from the stream's beginning
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(_members()):
            archive.writestr(_member(name), content)
        archive.comment = b"\n" + _END + b"\n"
    return stream.getvalue()


def _script(provenance: str) -> bytes:
    lines = _trigger(_HEADER).splitlines(keepends=True)
    lines.insert(_HEAD_LINES, f"# {quote_comment(provenance)}\n".encode())
    begin = lines.index(_BEGIN) + 1
    head, tail = b"".join(lines[:begin]), b"".join(lines[begin:])
    parts = (head, _trigger(_SHELL_PYTHON), tail.lstrip(b"\n"), _trigger(_SHELL_CLEAN))
    return b"%s\nexit\n: << '%s'\n" % (b"\n".join(parts), _END)


def _members() -> Iterator[tuple[str, bytes]]:
    yield "__main__.py", _trigger(_MAIN)
    package = package_root()
    for path in (package / "__init__.py", *(package / "runtime").rglob("*.py")):
        yield f"pkgtools/{path.relative_to(package).as_posix()}", path.read_bytes()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _SOME_DAY)
    member.create_system = _UNIX
    member.external_attr = _MODE << 16
    return member


def _trigger(name: str) -> bytes:
    return (triggers_root() / name).read_bytes()
