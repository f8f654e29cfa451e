# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The manifest in pkgtools.toml, debian/pkgtools.toml or pyproject.toml: found, checked as a whole, and read.

Its shape is what `manifest.schema.json` says; what values and their combinations mean is checked here.
"""

from .manifest import find_manifest, parse_manifest, read_manifest
from .problems import ConfigError, Problem

__all__ = ["ConfigError", "Problem", "find_manifest", "parse_manifest", "read_manifest"]
