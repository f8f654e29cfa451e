# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python -m tools.scoreboard`: write docs/reliability.md, which compares compilers when something is wrong.

Each fault is made in a throw-away Debian 12, where all of them run as root. Needs root.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.lab.ours import build_ours
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs/reliability.md"
CASES = TOP / "tools/scoreboard_cases.py"
_HEAD = """\
<!-- Written by tools/scoreboard.py: run `make scoreboard`. -->
# What happens when something is wrong

`make scoreboard` makes each of these faults in a throw-away Debian 12, lets py3compile, compileall
and `pkgtools-compile` compile ten modules there as root, and writes this page. ✓ means that the
modules are compiled, or that the failure is reported, and that no code but that of the sources is
left to run.

"""
_TAIL = """
A bit that changes in a pyc changes no header. A plain run believes a whole body whose header fits;
`pkgtools verify` and `pkgtools-compile --verify` compile and compare, and find each such change
(`tests/runtime/test_content.py::test_t21_verify_finds_every_change_with_the_time_restored`).

How a pyc gets its name, and what happens at each point where a run can end, is on the page about
[durability](explanation/durability.md).
"""
Rows = list[tuple[str, dict[str, tuple[str, bool]]]]


def measured() -> Rows:
    """Return each fault, and for each tool what was seen and whether it is right."""
    build = build_ours()
    binds = (Bind(source=build.directory, target="/srv/debs"),)
    with System(root_directory("bookworm"), binds=binds) as system:
        system.run("dpkg", "--install", f"/srv/debs/{build.deb('pkgtools-runtime').name}")
        said = system.run("python3", "-I", "-", stdin=CASES.read_text("utf-8")).stdout
    return [(fault, {tool: (text, right) for tool, (text, right) in seen.items()}) for fault, seen in json.loads(said)]


def page(rows: Rows) -> str:
    """Return the page."""
    tools = list(rows[0][1])
    lines = [f"| fault | {' | '.join(tools)} |", f"|---|{'---|' * len(tools)}"]
    for fault, seen in rows:
        cells = (f"{'✓' if right else '✗'} {text}" for text, right in seen.values())
        lines.append(f"| {fault} | {' | '.join(cells)} |")
    sums = (f"{sum(seen[tool][1] for _, seen in rows)} of {len(rows)} right" for tool in tools)
    lines.append(f"| **together** | {' | '.join(sums)} |")
    return _HEAD + "\n".join(lines) + "\n" + _TAIL


def main() -> int:
    """Write the page; return 0."""
    PAGE.write_text(page(measured()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
