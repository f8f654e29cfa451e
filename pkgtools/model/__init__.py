# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Frozen records shared by all that runs on a maintainer's machine."""
