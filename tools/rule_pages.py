# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python -m tools.rule_pages`: write docs/reference/rules.md and a page for each rule below docs/reference/rules."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from pkgtools.check.registry import all_rules
from pkgtools.report.addresses import address_in
from pkgtools.report.pages import as_markdown
from tools.house.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.rule import Rule

REFERENCE = Path(__file__).resolve().parent.parent / "docs/reference"
MANUALS = REFERENCE.parent / "man"
_HEAD = """\
<!-- Written by tools/rule_pages.py from pkgtools/rules. -->
# The rules of `pkgtools check` and `pkgtools audit`

What can be wrong with the bytecode of a package or system. `pkgtools explain ID` prints one page,
`pkgtools rules list` this table. Findings that you know of and accept are
[ignored in the manifest](manifest.md), with a reason.

Severities: *danger*, code of another user can run; *error*, something doesn't work, or files are
lost or left behind; *warning*, it costs speed or space, or goes wrong on some systems; *info*, to
know. `--persona auditor` adds the rules about what is allowed and yet worth knowing.

| rule | severity | for | looks at |
|---|---|---|---|
"""
_TREE = "\n```{toctree}\n:hidden:\n:glob:\nrules/*\n```\n"
_MANUAL = re.compile(r"((?:[a-z0-9]|\\_|[.-])+)\(([1-8])\)")


def pages() -> dict[str, str]:
    """Return the text of each page by its path below docs/reference."""
    rules = tuple(all_rules())
    table = "".join(map(_row, rules))
    return {"rules.md": _HEAD + table + _TREE, **{f"rules/{rule.facts.id}.md": _page(rule) for rule in rules}}


def _row(rule: Rule) -> str:
    facts = rule.facts
    kinds = ", ".join(sorted(kind.value for kind in rule.kinds))
    return f"| [`{facts.id}`](rules/{facts.id}.md) | {facts.severity.value} | {facts.persona.value} | {kinds} |\n"


def _page(rule: Rule) -> str:
    facts = rule.facts
    kinds = ", ".join(sorted(kind.value for kind in rule.kinds))
    head, mark, references = as_markdown(facts).partition("**References**")
    linked = "".join(f"{_linked(line)}\n" for line in references.splitlines())
    title = f"{facts.title[0].upper()}{facts.title[1:]}."
    return _wrapped(
        f"<!-- Written by tools/rule_pages.py from pkgtools/rules. -->\n# `{facts.id}`\n\n"
        f"**{title}** Severity *{facts.severity.value}*, for {facts.persona.value}s; "
        f"looks at {kinds}.\n\n{head.rstrip()}\n"
        f"{f'{chr(10)}{mark}{linked}' if mark else ''}"
    )


def _wrapped(page: str) -> str:
    """Break the lines of prose at COLUMNS; blocks of code stay as they are."""
    lines, is_code = [], False
    for line in page.split("\n"):
        is_code ^= line.startswith("```")
        is_whole = line.startswith("<!--") or " " not in line.removeprefix("- ")
        if is_code or is_whole or len(line) <= COLUMNS:
            lines.append(line)
        else:
            behind = "  " if line.startswith("- ") else ""
            lines += wrap(line, COLUMNS, subsequent_indent=behind, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def _linked(line: str) -> str:
    """Make a link of a reference that has an address."""
    text = line.removeprefix("- ")
    if not text or text == line:
        return line
    manual = _MANUAL.match(text)
    if manual is not None and (MANUALS / f"{manual[1].replace(chr(92), '')}.rst").is_file():
        return f"- [{manual[0]}](../../man/{manual[1].replace(chr(92), '')}.rst){text[manual.end() :]}"
    address = address_in(text.replace("\\", ""))
    return f"- [{text}]({address})" if address else line


def main() -> int:
    """Write the pages, and remove those of rules that are gone; return 0."""
    written = pages()
    (REFERENCE / "rules").mkdir(exist_ok=True)
    for old in left_over(written):
        old.unlink()
    for name, text in written.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


def left_over(written: dict[str, str]) -> Iterator[Path]:
    """Yield pages of rules that aren't among those written."""
    return (path for path in (REFERENCE / "rules").glob("*.md") if f"rules/{path.name}" not in written)


if __name__ == "__main__":
    sys.exit(main())
