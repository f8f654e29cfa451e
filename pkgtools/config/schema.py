# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The schemas (JSON Schema, draft 2020-12): they alone say which keys there are, and their defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parent.parent / "manifest.schema.json"
AUDIT_SCHEMA = SCHEMA.with_name("audit.schema.json")

Schema = Mapping[str, Any]  # JSON, whose keywords have values of many shapes


@cache
def manifest_schema() -> Schema:
    """Read the schema of manifests."""
    schema: Schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


@cache
def audit_schema() -> Schema:
    """Read the schema of audit.toml."""
    schema: Schema = json.loads(AUDIT_SCHEMA.read_text(encoding="utf-8"))
    return schema


def resolve(schema: Schema, root: Schema) -> Schema:
    """Follow a reference to a definition of the same file."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def is_integer(value: object) -> bool:
    """Whether JSON Schema takes a number for an integer: 1.0 is one, true isn't."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


@cache
def defaults() -> Mapping[str, object]:
    """Return the value of each key of a package for which neither the package nor the manifest has one."""
    root = manifest_schema()
    keys = ((key, resolve(one, root)) for key, one in root["$defs"]["package"]["properties"].items())
    return {key: schema["default"] for key, schema in keys if "default" in schema}
