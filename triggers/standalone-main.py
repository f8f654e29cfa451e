#!/usr/bin/python3 -IBSXutf8
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Run the command that the first argument names; the header of the file that this is in has checked it."""

import sys

from pkgtools.runtime.main import main

if sys.argv[1:2] not in (["compile"], ["clean"]):
    sys.exit("run this file by its own name, without python3: pkgtools.pyz compile|clean ARGUMENT...")
main(sys.argv.pop(1))
