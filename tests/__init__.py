# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Tests of pkgtools; they mirror the package, and `lab` holds what the system tests stand on."""
