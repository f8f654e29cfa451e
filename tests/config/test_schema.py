# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The schema is one, our reading of it is that of others, and nothing but ConfigError comes out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.config import ConfigError, parse_manifest
from pkgtools.config.build import draft_package
from pkgtools.config.schema import Schema, manifest_schema, resolve
from pkgtools.config.shape import check_shape
from pkgtools.config.tables import Table
from pkgtools.config.text_files import NO_FILES
from pkgtools.config.values import is_about_one_directory
from pkgtools.model.manifest import BadSource, DeclaredPackage, Family, Hook, Strategy, When
from pkgtools.runtime.facts import InvalidationMode
from tests.lab.work import examples

TOP = Path(__file__).resolve().parent.parent.parent


def _tables(schema: Schema) -> Iterator[tuple[str, Schema]]:
    yield "top", schema
    for name, one in schema["$defs"].items():
        if one.get("type") == "object":
            yield name, one


TABLES = dict(_tables(manifest_schema()))
KEYS = sorted({key for table in TABLES.values() for key in table["properties"]})
WORDS = sorted(one.value for kind in (Strategy, Family, Hook, When, BadSource, InvalidationMode) for one in kind)

scalars = (
    st.sampled_from([*WORDS, "", "/opt/a", "3.11", "3.9-", "acme", "A", "a\n", ":", "a/x", "("])
    | st.sampled_from([0, 1, 2, 3, -1, 0.0, 1.0, 2.5, True, False, float("nan"), float("inf"), 1 << 70])
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.none() | st.just(dt.UTC))
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
)
values = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), below),
    max_leaves=10,
)


def fitting(schema: Schema) -> st.SearchStrategy[object]:
    """Make documents that are nearly, and often quite, as the schema wants them."""
    schema = resolve(schema, manifest_schema())
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "boolean":
            return st.booleans()
        case "string":
            return st.sampled_from([str(one) for one in schema["examples"]] if "examples" in schema else ["a/", "x"])
        case "array":
            return st.lists(nearly(schema["items"]), max_size=3)
        case _:
            optional = {key: nearly(one) for key, one in schema.get("properties", {}).items()}
            required = {key: optional.pop(key) for key in schema.get("required", [])}
            further = schema.get("additionalProperties", False)
            tables: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(required, optional=optional)
            if isinstance(further, dict):
                tables = st.dictionaries(st.sampled_from(["acme", "a1", "x y"]), nearly(further), max_size=2)
            return tables


def nearly(schema: Schema) -> st.SearchStrategy[object]:
    return st.integers(0, 30).flatmap(lambda dice: values if dice == 0 else fitting(schema))


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(manifest_schema())


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_explained(table: str) -> None:
    for one in TABLES[table]["properties"].values():
        schema = resolve(one, manifest_schema())
        assert schema["title"]
        assert schema["description"].endswith((".", "]]."))
        assert schema["examples"]
        for example in (*schema["examples"], *([schema["default"]] if "default" in schema else [])):
            rooted: Schema = {**schema, "$defs": manifest_schema()["$defs"]}
            assert list(check_shape(example, rooted, {})) == []


def test_defaults_in_the_schema_are_those_that_hold(tmp_path: Path) -> None:
    package = draft_package("acme", Table({"packages": {"acme": {}}}), NO_FILES, []).package
    defaults = {
        key: resolve(one, manifest_schema()).get("default") for key, one in TABLES["package"]["properties"].items()
    }
    assert _written(package) == {key: value for key, value in defaults.items() if value is not None}


def _written(package: DeclaredPackage) -> dict[str, object]:
    variant = package.variants[Family.DEB]
    return {
        "strategy": variant.strategy.value,
        "depends": variant.depends,
        "levels": list(package.levels),
        "invalidation-mode": package.invalidation.value,
        "bad-source": package.bad_source.value,
        "exclude": list(package.exclude),
        "python": package.python,
        "cache-prefix": package.cache_prefix,
        "public": package.public,
        "private": list(package.private),
        "snippets": list(package.snippets),
        "ignores": list(package.ignores),
    }


@settings(max_examples=examples(400))
@given(nearly(manifest_schema()) | values)
def test_each_fault_is_said_once_and_where_it_stands(document: object) -> None:
    found = list(check_shape(document, manifest_schema(), {}))
    assert len({(one.key, one.text) for one in found}) == len(found)
    assert bool(found) >= (not jsonschema.Draft202012Validator(manifest_schema()).is_valid(document))


@settings(max_examples=examples(300))
@given(fitting(manifest_schema()) | st.dictionaries(st.sampled_from(KEYS), values))
def test_nothing_but_config_errors_comes_out(document: object) -> None:
    assert isinstance(document, dict)
    with suppress(ConfigError):
        parse_manifest(document, where="m", origin="m", directory=Path("/nowhere"))


@given(
    st.lists(st.sampled_from([*"ab/.|()[]^\\*?+{}:#-", "a/", "(?:", "(?#", "[]|]", "[^]"]), max_size=10).map("".join),
    st.text(st.sampled_from("ab/|"), max_size=5),
)
def test_expression_about_one_directory_matches_nothing_outside(regex: str, path: str) -> None:
    try:
        compiled = re.compile(regex)
    except (re.error, FutureWarning, DeprecationWarning):
        return
    if is_about_one_directory(regex) and compiled.match(path):
        assert "/" in path
        assert path[: path.index("/") + 1] in regex


def test_reference_names_every_key_where_it_belongs() -> None:
    page = (TOP / "docs/reference/manifest.md").read_text(encoding="utf-8")
    sections = {
        "top": "the top level",
        "package": "`[packages.NAME]`",
        "private": "`[[packages.NAME.private]]`",
        "ignore": "`[[packages.NAME.ignores]]`",
        "snippet": "`[[packages.NAME.snippets]]`",
        **dict.fromkeys(("deb", "rpm", "alpm", "apk"), "`[packages.NAME.deb]`, `.rpm`, `.alpm`, `.apk`"),
    }
    assert set(sections) == set(TABLES)
    for name, heading in sections.items():
        body = re.split(r"^## ", page.partition(f": {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
        rows = re.findall(r"^\| (`[^|]*`) \|", body, re.MULTILINE)
        assert {key for row in rows for key in re.findall(r"`([^`]+)`", row)} == set(TABLES[name]["properties"])
