# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools explain` and `pkgtools rules list`: every rule can be found and read."""

from __future__ import annotations

import json

import pytest
from click.testing import Result

from pkgtools.check.registry import all_rules
from pkgtools.cli.group import main
from tests.lab.cli import cli_runner

IDS = [rule.facts.id for rule in all_rules()]


def run(*arguments: str) -> Result:
    return cli_runner().invoke(main, arguments)


@pytest.mark.parametrize("rule_id", IDS)
def test_every_rule_is_explained(rule_id: str) -> None:
    done = run("explain", rule_id)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{rule_id}: ")
    assert [line for line in lines if line in {"Why", "Example", "What to do", "See"}] == [
        "Why",
        "Example",
        "What to do",
        "See",
    ]
    assert max(map(len, lines)) <= 120


def test_explanation_as_json_has_the_whole_page() -> None:
    read = json.loads(run("explain", "--json", "stale-pyc").stdout)
    assert (read["version"], read["id"]) == (1, "stale-pyc")
    assert set(read["page"]) == {"what", "why", "example", "fix", "references"}


@pytest.mark.parametrize(("given", "hint"), [("stale-pcy", "did you mean stale-pyc?"), ("zzz", "rules list")])
def test_unknown_rule_is_said_with_a_hint(given: str, hint: str) -> None:
    done = run("explain", given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert hint in done.stderr


def test_all_rules_are_listed() -> None:
    assert [line.split()[0] for line in run("rules", "list").stdout.splitlines()] == IDS
    assert run("rules").stdout == run("rules", "list").stdout


def test_list_is_for_one_kind_of_reader_where_that_is_asked_for() -> None:
    read = json.loads(run("rules", "list", "--persona", "auditor", "--json").stdout)
    expected = [rule.facts.id for rule in all_rules() if rule.facts.persona.value == "auditor"]
    assert [one["id"] for one in read["rules"]] == expected
    assert 0 < len(expected) < len(IDS)
