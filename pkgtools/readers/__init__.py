# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Packages, trees and projects -> model. Only here are python-debian and rpmfile imported."""
