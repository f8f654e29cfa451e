# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Where our own files lie: beside the modules where pkgtools is installed, beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def package_root() -> Path:
    """Return the directory of the import package."""
    return _PACKAGE


def triggers_root() -> Path:
    """Return the directory of what package managers call."""
    return _beside("triggers")


def templates_root() -> Path:
    """Return the directory of the texts for downstream packages."""
    return _beside("templates")


def _beside(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
