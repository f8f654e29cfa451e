# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a pyc is worth: headers, completeness, magic numbers, compiling to compare."""
