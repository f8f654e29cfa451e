# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Alpine's packages, version 2 of the format: streams of gzip one behind the other, each a piece of a tar archive."""
