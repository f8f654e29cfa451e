# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Apply rules to a package or system: the subject, the registry, comparison with the sources, repairs."""
