# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Playing a package's life in a throw-away system, whose scripts are taken to be hostile."""
