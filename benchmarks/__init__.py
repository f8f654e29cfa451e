# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`make bench`: our commands side by side with py3compile, compileall and uv, in one run on one machine.

Absolute times say little on a machine that does other things too; ratios do. So every contender has its own copy of
the same files, a round measures each of them once, and what is reported is the median of the ratios within rounds.
"""
