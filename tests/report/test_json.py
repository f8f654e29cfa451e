# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings

from pkgtools.model.finding import CheckReport, Confidence, Persona, Severity
from pkgtools.model.package import Kind
from pkgtools.report.formats import Format, write
from pkgtools.report.json import SCHEMA
from tests.lab.work import examples
from tests.report.sample import AUDIT, HOSTILE, HOSTILE_ONE, SAMPLE, report
from tests.report.test_formats import reports

Schema = dict[str, object]


def loaded(some: CheckReport) -> dict[str, object]:
    document = json.loads("".join(write(some, Format.JSON)))
    assert isinstance(document, dict)
    return document


def schema() -> Schema:
    document = json.loads(SCHEMA.read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def objects(below: object) -> Iterator[Schema]:
    if isinstance(below, dict):
        if "properties" in below:
            yield below
        for value in below.values():
            yield from objects(value)


def strict() -> jsonschema.Draft202012Validator:
    """Return the schema, with no key allowed that it doesn't explain."""
    wanted = schema()
    for one in objects(wanted):
        one["additionalProperties"] = False
    return jsonschema.Draft202012Validator(wanted)


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("some", [SAMPLE, AUDIT, report()], ids=["check", "audit", "nothing"])
def test_reports_fit_the_schema(some: CheckReport) -> None:
    strict().validate(loaded(some))


@settings(max_examples=examples(50))
@given(some=reports)
def test_all_reports_fit_the_schema(some: CheckReport) -> None:
    strict().validate(loaded(some))


def test_every_key_is_required_and_explained() -> None:
    for one in objects(schema()):
        properties = one["properties"]
        assert isinstance(properties, dict)
        assert one["required"] == list(properties)
        assert [key for key, value in properties.items() if not value.keys() & {"description", "$ref"}] == []


@pytest.mark.parametrize(
    ("where", "key", "kind"),
    [
        ("rule", "confidence", Confidence),
        ("rule", "persona", Persona),
        ("verdict", "kind", Kind),
    ],
)
def test_words_are_those_of_the_model(where: str, key: str, kind: type[Enum]) -> None:
    definitions = json.loads(SCHEMA.read_text("utf-8"))["$defs"]
    words = definitions[where]["properties"][key]["enum"]
    assert [word for word in words if word is not None] == [one.value for one in kind]
    assert definitions["severity"]["enum"] == [one.value for one in reversed(Severity)]


def test_names_come_back_byte_for_byte() -> None:
    document = json.loads("".join(write(report(HOSTILE_ONE), Format.JSON)))
    assert [one["path"] for one in document["verdicts"][0]["findings"]] == list(HOSTILE)


def test_a_package_is_a_line() -> None:
    lines = "".join(write(SAMPLE, Format.JSON)).splitlines()
    assert [json.loads(line.strip().rstrip(","))["origin"] for line in lines if '"origin"' in line] == [
        verdict.origin for verdict in SAMPLE.verdicts
    ]


def test_every_key_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs/reference/check-report.md").read_text("utf-8")
    words = set(re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`\n]+)`", manual))))
    keys = {key for one in objects(schema()) for key in json.loads(json.dumps(one["properties"]))}
    assert keys - words == set()
