# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Maintainer scripts, triggers and calls that a package gets."""
