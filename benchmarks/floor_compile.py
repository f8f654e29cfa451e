# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The floor of a cold run: read, compile and marshal every module in one process, write nothing."""

import marshal
import os
import sys


def main() -> None:
    """Compile all modules below the directories given."""
    for top in sys.argv[1:]:
        for directory, _, names in os.walk(top):
            for name in names:
                if name.endswith(".py"):
                    path = os.path.join(directory, name)  # noqa: PTH118 (pathlib would be measured too)
                    with open(path, "rb") as source:  # noqa: PTH123
                        marshal.dumps(compile(source.read(), path, "exec", dont_inherit=True, optimize=0))


main()
