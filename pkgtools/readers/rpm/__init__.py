# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""RPM packages and the rpm database: headers, file tables, scriptlets, payload."""
