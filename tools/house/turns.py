# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The house rule for English: turns that native readers stumble over don't come back.

`turns.txt` counts those that are still there, file by file; a number may only be lowered. To write it again after a
file was mended: `python -m tools.house.turns > tools/house/turns.txt`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.house.checkout import Checkout, Complaint, tracked_files

BANNED = re.compile(
    r"\b(?:none of|no \w+ of (?:ours|its own|theirs)|anew|(?:some|no)body(?:'s)?|what is there|tells?|gets? into knots|"
    r"(?<!there )(?<!here )(?:is|are|was) no (?!longer|more|such|other)\w+|look at (?:its|the) spelling)\b",
    re.IGNORECASE,
)
"""Write instead: expected one of; again; other users, another process; unknown; returns, says, names; is not a."""
COUNTS = Path("tools/house/turns.txt")
_FOLDERS = frozenset({"debian", "docs", "pkgtools", "rpm", "templates", "tools", "triggers"})
_PAGES = frozenset({"CONTRIBUTING.md", "README.md", "SECURITY.md"})


def turns(checkout: Checkout) -> Iterator[Complaint]:
    """Find files with more of the banned turns than `turns.txt` allows, and numbers there that can be lowered."""
    allowed = read_counts(checkout)
    for path in sorted({*allowed, *map(str, written(checkout))}):
        found = list(banned(checkout, Path(path))) if Path(path) in checkout.paths else []
        if len(found) > allowed.get(path, 0):
            for line, words in found:
                yield Complaint(path=Path(path), line=line, text=f"write it without {words!r} (STYLE: plain English)")
        elif len(found) < allowed.get(path, 0):
            yield Complaint(path=COUNTS, line=1, text=f"{path} has only {len(found)} of them now: lower its number")


def written(checkout: Checkout) -> Iterator[Path]:
    """Yield the files that people read, but for decisions and the history, which stay as they were."""
    for path in checkout.paths:
        name = path.as_posix()
        kept = name.startswith(("docs/adr/", "docs/completions/", "tools/house/turns")) or path.suffix == ".svg"
        if not kept and (path.parts[0] in _FOLDERS or name in _PAGES):
            yield path


def banned(checkout: Checkout, path: Path) -> Iterator[tuple[int, str]]:
    """Yield each banned turn of a file with its line."""
    for number, line in enumerate(checkout.text(path).split("\n"), 1):
        yield from ((number, found[0]) for found in BANNED.finditer(line))


def read_counts(checkout: Checkout) -> dict[str, int]:
    """Return how many of them a file may have."""
    lines = checkout.text(COUNTS).splitlines() if COUNTS in checkout.paths else []
    return {path: int(number) for number, path in (line.split(" ", 1) for line in lines)}


def main() -> None:
    """Print the counts of today."""
    top = Path(__file__).resolve().parents[2]
    checkout = Checkout(top=top, paths=tracked_files(top))
    for path in written(checkout):
        if number := len(list(banned(checkout, path))):
            print(number, path)


if __name__ == "__main__":
    main()
