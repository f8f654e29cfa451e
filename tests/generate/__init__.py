# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Tests of what `pkgtools generate` writes, as real packages under the real package managers."""
