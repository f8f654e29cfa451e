# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The runtime under nothing but what the package python3-minimal brings."""
