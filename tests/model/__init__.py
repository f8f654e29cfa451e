# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Tests of manifests: found, checked and read."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pkgtools.config import parse_manifest
from pkgtools.model.manifest import Manifest


def parse(text: str, directory: Path = Path("/nowhere")) -> Manifest:
    """Read a manifest from text."""
    return parse_manifest(tomllib.loads(text), where="m", origin="pkgtools.toml", directory=directory)
