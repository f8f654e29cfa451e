# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The trigger's batch: what a run of the package manager brought and took is put in order, once, at its end."""
