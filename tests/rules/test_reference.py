# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""docs/reference/rules.md has the page of every rule; PKGTOOLS_REWRITE_SNAPSHOTS=1 writes it again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pkgtools.check.registry import all_rules
from pkgtools.report.pages import as_markdown

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/reference/rules.md"
HEAD = """# The rules of `pkgtools check` and `pkgtools audit`

What can be wrong with the bytecode of a package or system. `pkgtools explain ID` prints one page, `pkgtools rules list`
this table. Findings that you know of and accept are [ignored in the manifest](manifest.md), with a reason.

Severities: *danger*, another user's code can run; *error*, something doesn't work, or files are lost or left
behind; *warning*, it costs speed or space, or goes wrong on some systems; *info*, to know. `--persona auditor` adds
the rules that tell of what is within the rules, too.
"""


def reference() -> Iterator[str]:
    yield HEAD
    yield "\n| rule | severity | for | looks at |\n|---|---|---|---|\n"
    for rule in all_rules():
        facts = rule.facts
        kinds = ", ".join(sorted(kind.value for kind in rule.kinds))
        yield f"| [`{facts.id}`](#{facts.id}) | {facts.severity.value} | {facts.persona.value} | {kinds} |\n"
    for rule in all_rules():
        yield f"\n## `{rule.facts.id}`\n{as_markdown(rule.facts)}\n"


def test_reference_is_what_the_rules_say() -> None:
    text = "".join(reference())
    if os.environ.get("PKGTOOLS_REWRITE_SNAPSHOTS") == "1":
        PAGE.write_text(text, encoding="utf-8")
    assert text == PAGE.read_text(encoding="utf-8"), f"see the head of {Path(__file__).name}"
