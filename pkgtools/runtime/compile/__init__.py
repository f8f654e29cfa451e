# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""From sources to pycs: observe, plan, perform, publish."""
