# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Write docs/reference/messages.md: what the commands say when something is wrong, to be read in a row.

Collected are the literal texts of errors, findings, outcomes and notes in pkgtools/; what is put in stands in braces.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs/reference/messages.md"
_HEAD = """# Messages

What the commands say when something is wrong, by the part of pkgtools that says it. What stands
in braces is put in. Most are preceded by the command's name and the path at fault.
[Exit codes and reasons](exit-codes-and-reasons.md) has the codes that reports use,
[Rules](rules.md) explains findings. `tools/messages.py` writes this page.
"""
_ERRORS = re.compile(
    r"[A-Za-z_]*(?:Error|Fault|Unreadable\w*|UnknownOwner|Refused|Broken|NotElf|FlawedFiles|BadParameter)"
)
_OTHERS = frozenset({"Hit", "Outcome", "Note", "Gap", "Problem", "Remark", "fixable", "problem", "outcome_of", "fail"})
_KEYWORDS = frozenset({"text", "detail", "reason", "remedy", "refusal"})
_NOT_OURS = frozenset({"OSError", "ValueError", "TypeError", "AssertionError", "EOFError", "TimeoutError"})
"""Errors of Python's: they are caught, and their texts are parts of others."""


def collect() -> Iterator[tuple[str, str]]:
    """Yield the part of pkgtools and the text of each message, in the order of the files."""
    for path in sorted((CHECKOUT / "pkgtools").rglob("*.py")):
        part = path.relative_to(CHECKOUT / "pkgtools").parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from ((part, text) for text in _texts(node))


def _texts(call: ast.Call) -> Iterator[str]:
    name = str(getattr(call.func, "id", "") or getattr(call.func, "attr", ""))
    says = (bool(_ERRORS.fullmatch(name)) and name not in _NOT_OURS) or name in _OTHERS
    values = list(call.args) if says else []
    values += [one.value for one in call.keywords if one.arg in _KEYWORDS]
    for value in values:
        text = _text(value)
        if " " in text.strip():
            yield text


def _text(value: ast.expr) -> str:
    """Return a literal with the names of what is put in; empty for what isn't one."""
    if isinstance(value, ast.Constant):
        return value.value if isinstance(value.value, str) else ""
    if not isinstance(value, ast.JoinedStr):
        return ""
    return "".join(_put_in(one) if isinstance(one, ast.FormattedValue) else _text(one) for one in value.values)


def _put_in(value: ast.FormattedValue) -> str:
    """Return a short name of what is put in: the last one of its expression."""
    names = [getattr(node, "id", None) or getattr(node, "attr", "") for node in ast.walk(value.value)]
    named = [name.strip("_").lower() for name in names if name and name not in {"self", "repr", "str", "len", "join"}]
    return f"{{{named[0].replace('_', ' ') if named else 'value'}}}"


def page() -> str:
    """Return the page."""
    parts: dict[str, dict[str, None]] = {}
    for part, text in collect():
        parts.setdefault(part, {})[" ".join(text.split())] = None
    lines = [_HEAD]
    for part, texts in sorted(parts.items()):
        lines.append(f"\n## {part}\n")
        lines += [f"- {_escaped(text)}" for text in texts]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", text)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
