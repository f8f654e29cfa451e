# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""dh_pkgtools: what a Debian source package's binary packages need to have their Python modules right."""
