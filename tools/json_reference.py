# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Write docs/reference/json.md from the schemas of what commands print with --json."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs/reference/json.md"
SCHEMAS = CHECKOUT / "pkgtools/report/schemas"
COMMANDS = {
    "archive": "pkgtools archive check, archive verify and archive try",
    "diff": "pkgtools diff",
    "explain": "pkgtools explain",
    "generate": "pkgtools generate",
    "init": "pkgtools init",
    "inspect": "pkgtools inspect",
    "migrate": "pkgtools migrate",
    "rules": "pkgtools rules list",
    "stage": "pkgtools stage",
    "summary": "pkgtools audit --summary and check --summary",
    "templates": "pkgtools templates list",
    "try": "pkgtools try",
    "verify": "pkgtools verify",
}
"""Each schema's name and the command that prints it with --json."""
_HEAD = """\
<!-- SPDX-FileCopyrightText: 2026 The pkgtools authors -->
<!-- SPDX-License-Identifier: MIT -->
<!-- Written by tools/json_reference.py from the schemas. -->
# What commands print with `--json`

Each object begins with the number of its format's version. Keys may be added within a version;
none is removed or changes its meaning. Bytes of names that are not UTF-8 are lone surrogates,
`\\udc80` to `\\udcff`, as Python's `os.fsdecode` makes them. The schemas (JSON Schema, draft 2020-12)
are in `pkgtools/report/schemas` of the Python package. The report of `check` and `audit` has
[a page of its own](check-report.md), and so has [that of the programs that compile and
clean](json-report.md).
"""

Schema = dict[str, Any]


def page() -> str:
    """Return the page."""
    return _HEAD + "".join(_section(name, command) for name, command in COMMANDS.items())


def _section(name: str, command: str) -> str:
    schema: Schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    rows = "".join(f"| `{key}` | {kind} | {text} |\n" for key, kind, text in _keys(schema, schema, ""))
    version = schema["properties"]["version"]["const"]
    head = f"\n## {command}\nVersion {version}, schema `{name}.schema.json`.\n"
    return f"{head}\n| key | value | meaning |\n|---|---|---|\n{rows}"


def _keys(whole: Schema, part: Schema, above: str) -> Iterator[tuple[str, str, str]]:
    """Yield each key below an object, what its value is, and what it means."""
    for key, value in part["properties"].items():
        if above or key != "version":
            yield from _key(whole, value, f"{above}{key}")


def _key(whole: Schema, given: Schema, name: str) -> Iterator[tuple[str, str, str]]:
    is_optional = "anyOf" in given
    value = _resolved(whole, given["anyOf"][0] if is_optional else given)
    text = given.get("description") or value["description"]
    kind = _kind(value)
    yield name, f"{kind} or null" if is_optional else kind, text.replace("|", "\\|")
    items = _resolved(whole, value["items"]) if value.get("type") == "array" else value
    if "properties" in items:
        yield from _keys(whole, items, f"{name}[]." if items is not value else f"{name}.")


def _resolved(whole: Schema, value: Schema) -> Schema:
    found: Schema = whole["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value
    return found


def _kind(value: Schema) -> str:
    if "enum" in value:
        return ", ".join(f"`{json.dumps(one)}`" for one in value["enum"])
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    return " or ".join(kinds)


def main() -> int:
    """Write the page; return 0."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
