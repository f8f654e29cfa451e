# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Give dh_python3 and dh_pkgtools --compat=dh_python3 the same packages and print where they differ, and why.

dh-python's own tests of whole packages run with both.

Exits with 1 if a difference has no reason in docs/parity.md. Needs root, as the lab does.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.parity.compare import ROOTS, compare_root, summary, unexplained
from tests.parity.own_tests import report, run_own_tests
from tests.parity.sdists import compare_sdists


def main() -> int:
    """Compare on each release that was asked for; return the exit status."""
    failed = False
    for root in sys.argv[1:] or ROOTS:
        for title, compare in (("packages of the archive", compare_root), ("upstream's releases", compare_sdists)):
            comparisons = list(compare(root))
            lines = list(unexplained(comparisons))
            failed = failed or bool(lines)
            print("\n".join([f"\n{root}: {title}", *lines, summary(comparisons)]), flush=True)
        lines, all_of_them = report(run_own_tests(root))
        failed = failed or bool(lines)
        print("\n".join([f"\n{root}: dh-python's own tests of packages", *lines, all_of_them]), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
