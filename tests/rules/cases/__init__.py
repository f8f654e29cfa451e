# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""For each rule a module of its name: `TRIPS` are packages that trip it, `SPARES` are packages that don't."""
