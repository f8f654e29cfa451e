# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Debian packages: the archive, its control files and its maintainer scripts."""
