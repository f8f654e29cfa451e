# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The house rules that no ready-made linter checks, by what they are about."""
