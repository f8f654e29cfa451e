# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Who is to be compiled, and for whom: settings, registered directories, sources, import paths."""
