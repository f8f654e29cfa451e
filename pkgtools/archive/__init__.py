# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Whole archives of packages: read their indexes, check what is new, and keep what was found."""
