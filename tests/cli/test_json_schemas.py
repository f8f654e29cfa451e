# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What each command prints with --json fits its schema, which explains every key, and the manual is the schemas'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pkgtools.report.json import SCHEMA
from tests.cli.packages import run_here, write_source
from tests.lab.debs import SampleFile, SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.readers.test_root import make
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, pair, pyc
from tools.json_reference import COMMANDS, PAGE, SCHEMAS, page

M = f"{PRIVATE}/m.py"
MANIFEST = '[packages.acme]\nstrategy = "shipped"\npython = "3.11"\nprivate = [{directory = "/usr/share/acme"}]\n'
CALLS = {
    "archive": [],  # tests/mirrors/test_run.py looks at its reports
    "diff": ["diff old.deb new.deb", "diff old.deb old.deb", "diff old.deb root"],
    "explain": ["explain stale-pyc", "explain clean-by-glob"],
    "generate": [
        "generate -t deb -o out -m m.toml --dry-run",
        "generate -t nfpm -o out -m m.toml --check",
        "generate -t debhelper -o out -m m.toml",
    ],
    "init": ["init old.deb", "init new.deb", "init root"],
    "inspect": ["inspect old.deb", "inspect new.deb", "inspect --root root", "inspect root"],
    "migrate": ["migrate source", "migrate --strategy native source"],
    "rules": ["rules list", "rules list --persona auditor"],
    "stage": ["stage -t deb -m m.toml --dry-run root", "stage -t deb -m m.toml root"],
    "summary": ["audit --summary --no-compile root", "check --summary old.deb new.deb"],
    "templates": ["templates list"],
    "try": [],  # tests/trial/trials.py looks at each report that its tests get
    "verify": ["verify new.deb", "verify --all root", "verify old.deb"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with two packages, a system and a manifest."""
    need_tools(["dpkg-deb"])
    place = tmp_path_factory.mktemp("place")
    scripts = {"postinst": "py3compile -p acme\n", "prerm": "py3clean -p acme\n"}
    old = SamplePackage(name="acme", files={M: SOURCE, f"{PUBLIC}/x.py": SampleFile(SOURCE, 0o600)}, scripts=scripts)
    new = SamplePackage(
        name="acme", files={**pair(M), f"{PRIVATE}/n.pyc": pyc(M)}, fields={"Depends": "python3 (>= 3.9)"}
    )
    for name, package in (("old", old), ("new", new)):
        build_deb(package, place).rename(place / f"{name}.deb")
    make(place / "root", {M: SOURCE, cached(M): pyc(M, source="value = 2\n"), f"{PRIVATE}/n.py": SOURCE})
    (place / "m.toml").write_text(MANIFEST)
    write_source(place / "source")
    return place


def _objects(below: object) -> Iterator[dict[str, Any]]:
    if isinstance(below, dict):
        if "properties" in below:
            yield below
        for value in below.values():
            yield from _objects(value)


def strict(name: str) -> jsonschema.Draft202012Validator:
    """Return a schema, with no key allowed that it doesn't explain."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for one in _objects(schema):
        one["additionalProperties"] = False
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(("name", "call"), [(name, call) for name, calls in CALLS.items() for call in calls])
def test_json_fits_the_schema(name: str, call: str, place: Path) -> None:
    command, *rest = call.split()
    words = [command, rest.pop(0)] if command in {"rules", "templates"} else [command]
    done = run_here(place, *words, "--json", *rest)
    assert done.returncode in {0, 1, 2}
    strict(name).validate(json.loads(done.stdout))


def test_every_command_with_json_has_a_schema_and_every_schema_explains_all() -> None:
    assert {one.name.partition(".")[0] for one in SCHEMAS.iterdir()} == {*COMMANDS, "check"}
    assert SCHEMA.parent == SCHEMAS
    assert CALLS.keys() == COMMANDS.keys()
    for name in COMMANDS:
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
        for one in _objects(schema):
            assert set(one["required"]) == set(one["properties"])
            assert [key for key, value in one["properties"].items() if not value.get("description")] == []


def test_manual_is_what_the_schemas_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run tools/json_reference.py"
