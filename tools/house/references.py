# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""House rule: what messages, pages and comments refer to is there.

Manual pages with their section, rules that `pkgtools explain` is said to explain, pages in docs/, and tests.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.house.checkout import Checkout, Complaint

_FOLDERS = frozenset({"debian", "docs", "pkgtools", "rpm", "templates", "triggers"})
_MANUAL = re.compile(r"(?<![\w./-])(pkgtools(?:-[a-z]+)*|dh_pkgtools|bytecode\.conf)(?:\*\*)?\\*\(([1-8])\)")
_RULE = re.compile(r"pkgtools explain ([a-z][a-z0-9]*(?:-[a-z0-9]+)+)")
_PAGE = re.compile(r"(?<![\w./-])docs/(?!adr/NNNN)[\w./-]+\.(?:md|rst|svg)")
_TEST = re.compile(r"(?<![\w./-])(tests/[\w/]+\.py)(?:::(\w+))?")
_SECTION = re.compile(r"^:Manual section: (\d)$", re.MULTILINE)


def references(checkout: Checkout) -> Iterator[Complaint]:
    """Find references to manual pages, rules, pages and tests that are not there."""
    for path in checkout.paths:
        if (path.parts[0] in _FOLDERS or len(path.parts) == 1) and path.name != "CHANGELOG.md":
            for number, line in enumerate(checkout.text(path).split("\n"), 1):
                yield from (Complaint(path=path, line=number, text=text) for text in _dead(checkout, line))


def _dead(checkout: Checkout, line: str) -> Iterator[str]:
    for name, section in _MANUAL.findall(line):
        page = Path(f"docs/man/{name}.rst")
        found = _SECTION.search(checkout.text(page)) if page in checkout.paths else None
        if found is None or found[1] != section:
            yield f"there is no manual page {name}({section})"
    for rule in _RULE.findall(line):
        if Path(f"pkgtools/rules/{rule.replace('-', '_')}.py") not in checkout.paths:
            yield f"there is no rule {rule}"
    for page in _PAGE.findall(line):
        if Path(page) not in checkout.paths:
            yield f"there is no {page}"
    for test, function in _TEST.findall(line):
        if Path(test) not in checkout.paths:
            yield f"there is no {test}"
        elif function and f"def {function}(" not in checkout.text(Path(test)):
            yield f"{test} has no test {function}"
