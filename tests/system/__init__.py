# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Tests with the real dpkg and apt in throw-away systems."""
