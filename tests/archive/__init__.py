# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of the archive live on plain Debian and beside ours: the same has to come of them."""
