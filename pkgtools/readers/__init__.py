# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Packages, trees and projects -> model. Only here are rpmfile and python-debian's archive reader imported."""
