# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Run as `python -m pkgtools.cli`."""

from . import main

main()
