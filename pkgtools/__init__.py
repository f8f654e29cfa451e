# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""pkgtools: Debian and RPM packages that handle Python bytecode correctly."""

__version__ = "0.1.0"
