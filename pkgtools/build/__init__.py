# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Compile into a staged tree, reproducibly: for the RPM macros and `pkgtools stage`."""
