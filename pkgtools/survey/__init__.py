# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a project or a list of files seems to be: for `init`, `inspect` and dh_pkgtools."""
