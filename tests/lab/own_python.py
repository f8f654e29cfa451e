# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A vendor's package with a Python of its own: that of a base system, moved below a prefix, with another cache tag."""

from __future__ import annotations

from pathlib import Path

from tests.lab.debs import SampleFile

PREFIX = "/opt/acme"
APP = f"{PREFIX}/app"
TAG = "cpython-398"
"""How it calls its bytecode: a version that no distribution's Python has."""
_PACKAGES = ("collections", "encodings", "importlib", "re")
"""Beside the library's single modules: what a Python reads at its start, and to say what it is."""


def program(version: str) -> str:
    """Return where it is."""
    return f"{PREFIX}/bin/python{version}"


def own_python(root: Path, version: str) -> dict[str, str | bytes | SampleFile]:
    """Return the files of a Python for a package that goes onto the base system in `root`, which has that version."""
    library = root / f"usr/lib/python{version}"
    binary = (root / f"usr/bin/python{version}").resolve().read_bytes()
    files: dict[str, str | bytes | SampleFile] = {program(version): SampleFile(binary, 0o755)}
    for path in sorted(
        [*library.glob("*.py"), *(path for name in _PACKAGES for path in (library / name).rglob("*.py"))]
    ):
        if path.is_file():
            files[f"{PREFIX}/lib/python{version}/{path.relative_to(library)}"] = path.read_bytes()
    begin = f"{PREFIX}/lib/python{version}/encodings/__init__.py"
    files[begin] = f"import sys; sys.implementation.cache_tag = {TAG!r}\n".encode() + bytes(files[begin])  # type: ignore[arg-type]
    files[f"{PREFIX}/lib/python{version}/lib-dynload/README"] = ""
    return files
