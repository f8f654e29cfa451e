#!/usr/bin/python3 -IBSXutf8
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Run the command that the first argument names; `launch` starts this, and takes a status from 100 on for its own.

Nothing from the working directory, the environment or site-packages is imported.
"""

import sys

if sys.version_info < (3, 9):  # noqa: UP036 - it may be any that is called python3
    sys.exit(99)  # it looks for another interpreter

import _signal
import gc
import os

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # nothing is begun yet that would have to be put away
gc.disable()  # a run makes many records and no cycles: collecting is a third of the time, for nothing
sys.path.append(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

from pkgtools.runtime.main import main  # noqa: E402 - from there

main(sys.argv.pop(1).removeprefix("pkgtools-"), answer=100)
