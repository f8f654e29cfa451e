# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Read maintainer scripts and scriptlets; nothing is expanded or run."""
