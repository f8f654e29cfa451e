# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Arch Linux's packages: one tar archive with files of metadata, an install script, and hooks of libalpm."""
