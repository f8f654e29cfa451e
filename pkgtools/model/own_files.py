# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Files that more than one layer looks for: manifests by their names, and our own files.

Ours lie beside the modules where pkgtools is installed, beside the package in a checkout.
"""

from __future__ import annotations

from pathlib import Path

MANIFESTS = ("debian/pkgtools.toml", "pkgtools.toml", "pyproject.toml")
"""Where a manifest can be in a project."""

_PACKAGE = Path(__file__).parent.parent


def package_root() -> Path:
    """Return the directory of the import package."""
    return _PACKAGE


def triggers_root() -> Path:
    """Return the directory of what package managers call."""
    return _beside("triggers")


def templates_root() -> Path:
    """Return the directory of the texts for downstream packages and reports."""
    return _beside("templates")


def _beside(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
