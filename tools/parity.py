# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Give dh_python3 and dh_pkgtools --compat=dh_python3 the same packages and print where they differ, and why.

Exits with 1 if a difference has no reason in docs/parity.md. Needs root, as the lab does.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.parity.compare import ROOTS, compare_root, reason_of, summary


def main() -> int:
    """Compare on each release that was asked for; return the exit status."""
    failed = 0
    for root in sys.argv[1:] or ROOTS:
        comparisons = list(compare_root(root))
        print(f"\n{root}")
        for one in comparisons:
            for difference in one.differences:
                reason = reason_of(difference)
                if reason is None:
                    failed += 1
                    print(f"  {one.deb} ({one.variant}): {difference.what} {difference.name}")
                    print(f"    dh_python3:  {difference.theirs[:300]}\n    dh_pkgtools: {difference.ours[:300]}")
        print(summary(comparisons))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
