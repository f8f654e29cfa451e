# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Names of files that more than one layer looks for; those that only look don't import what reads them."""

MANIFESTS = ("debian/pkgtools.toml", "pkgtools.toml", "pyproject.toml")
"""Where a manifest can be in a project."""
