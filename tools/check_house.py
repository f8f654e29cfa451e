# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Check the house rules that no ready-made linter checks.

Each check is a pure function from the tree to complaints, in a module of `house/`; `main` runs them all, prints every
complaint as `path:line: text` and exits 1 if there was one. To add a check: write the function, add it to `CHECKS`.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.house.checkout import Checkout, Complaint, tracked_files
from tools.house.clocks import clocks
from tools.house.columns import columns
from tools.house.documents import manuals, reasons, spdx, versions
from tools.house.modules import exclusions, minimal, sizes, worker
from tools.house.names import class_names, fields, module_names, started_modules
from tools.house.pythons import pythons
from tools.house.references import references
from tools.house.shells import shell
from tools.house.turns import turns


def main() -> int:
    """Run every check and report; return the exit status."""
    top = Path(__file__).resolve().parent.parent
    checkout = Checkout(top=top, paths=tracked_files(top))
    complaints = sorted({str(complaint) for check in CHECKS for complaint in check(checkout)})
    for complaint in complaints:
        print(complaint)
    print(f"house rules: {len(CHECKS)} checks over {len(checkout.paths)} files, {len(complaints)} complaints")
    return 1 if complaints else 0


CHECKS: tuple[Callable[[Checkout], Iterator[Complaint]], ...] = (
    sizes,
    spdx,
    minimal,
    worker,
    shell,
    manuals,
    reasons,
    exclusions,
    clocks,
    columns,
    versions,
    references,
    started_modules,
    class_names,
    module_names,
    fields,
    pythons,
    turns,
)

if __name__ == "__main__":
    sys.exit(main())
