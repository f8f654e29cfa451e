#!/usr/bin/python3 -IBSXutf8
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Run the command that the first argument names; the header of the file that this is in has checked it."""

import sys

if sys.version_info < (3, 9):  # noqa: UP036 - it may be any that is called python3
    sys.exit(99)  # the header looks for another interpreter
if sys.argv[1:2] != ["answer"]:
    sys.exit("run this file by its own name, without python3: pkgtools.pyz compile|clean ARGUMENT...")
del sys.argv[1]

import gc  # noqa: E402 - not under an older Python

gc.disable()  # as run.py does it

from pkgtools.runtime.main import main  # noqa: E402 - as above

main(sys.argv.pop(1), answer=100)
