# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Installed systems in a directory: files, owners, settings and interpreters."""
