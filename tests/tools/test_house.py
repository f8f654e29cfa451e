# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""House rules for names, for texts that start modules and for turns of English: what they find, and what they spare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tools.house.checkout import Checkout, Complaint
from tools.house.columns import columns
from tools.house.names import class_names, fields, module_names, started_modules
from tools.house.turns import COUNTS, turns

Check = Callable[[Checkout], Iterator[Complaint]]
A, B = "pkgtools/a/one.py", "pkgtools/b/two.py"

BREAKING: Mapping[str, tuple[Check, Mapping[str, str], str]] = {
    "two classes of one name": (class_names, {A: "class Look: ...", B: "class Look: ..."}, "one name, one meaning"),
    "two modules of one name": (module_names, {A: "", "pkgtools/b/one.py": ""}, "the same name"),
    "a field without a docstring": (fields, {A: "class Look:\n    x: int\n    y: int\n    '''It.'''"}, "Look.x"),
    "a module started by a text": (started_modules, {A: "RUN = 'import sys; from pkgtools.b import two'"}, "import it"),
    "a turn more than there was": (turns, {A: "# nobody\n# somebody", str(COUNTS): f"1 {A}\n"}, "'somebody'"),
    "a number that is too high": (turns, {A: "# nobody", str(COUNTS): f"2 {A}\n"}, "lower its number"),
    "a long line of a document": (columns, {"docs/a.md": f"{'word ' * 21}"}, "more than 100 columns"),
    "a long line of a list": (columns, {"README.md": f"- {'word ' * 21}"}, "more than 100 columns"),
    "a file that went": (turns, {str(COUNTS): f"2 {A}\n"}, "lower its number"),
}
KEEPING: Mapping[str, tuple[Check, Mapping[str, str]]] = {
    "a private class": (class_names, {A: "class _Look: ...", B: "class Look: ..."}),
    "a class of the tests": (class_names, {A: "class Look: ...", "tests/test_a.py": "class Look: ..."}),
    "a command and what it calls": (module_names, {"pkgtools/cli/one.py": "", A: ""}),
    "a private field": (fields, {A: "class Look:\n    _x: int\nclass _Other:\n    y: int"}),
    "a docstring about an import": (started_modules, {A: "'''import pkgtools.b'''"}),
    "as many turns as there were": (turns, {A: "# nobody", str(COUNTS): f"1 {A}\n"}),
    "a table, code and a word": (columns, {"docs/a.md": f"| {'word ' * 21}|\n```\n{'word ' * 21}\n```\n{'w' * 101}"}),
    "a decision": (turns, {"docs/adr/0001-x.md": "nobody"}),
    "there is no": (turns, {A: "# there is no file, and it is no longer there"}),
}


def checkout(top: Path, files: Mapping[str, str]) -> Checkout:
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return Checkout(top=top, paths=tuple(map(Path, sorted(files))))


@pytest.mark.parametrize("case", BREAKING)
def test_what_breaks_a_rule_is_found(case: str, tmp_path: Path) -> None:
    check, files, text = BREAKING[case]
    assert any(text in complaint.text for complaint in check(checkout(tmp_path, files)))


@pytest.mark.parametrize("case", KEEPING)
def test_what_keeps_a_rule_is_spared(case: str, tmp_path: Path) -> None:
    check, files = KEEPING[case]
    assert list(check(checkout(tmp_path, files))) == []
