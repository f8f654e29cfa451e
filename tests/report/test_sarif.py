# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any  # documents of JSON, looked into at many places
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
import pytest
from hypothesis import given, settings

from pkgtools.check.registry import all_rules
from pkgtools.model.finding import CheckReport, CheckVerdict
from pkgtools.report.addresses import PROJECT
from pkgtools.report.formats import Format, write
from tests.report.sample import (
    ACME,
    AUDIT,
    BROKEN,
    HASH,
    HOSTILE,
    HOSTILE_ONE,
    RULES,
    SAMPLE,
    WRITABLE,
    finding,
    report,
)
from tests.report.schemas import SARIF, fetch_schema
from tests.report.test_formats import reports


def run_of(some: CheckReport) -> Any:  # as json.loads has it
    document = json.loads("".join(write(some, Format.SARIF)))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    return run


def results_of(*verdicts: CheckVerdict) -> Any:  # likewise
    return run_of(report(*verdicts))["results"]


def addresses(*verdicts: CheckVerdict) -> list[str]:
    return [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results_of(*verdicts)]


@pytest.mark.slow
def test_reports_fit_the_official_schema() -> None:
    validator = jsonschema.Draft4Validator(json.loads(fetch_schema(SARIF).read_bytes()))
    assert not validator.is_valid({"version": "2.1.0"})

    @settings(max_examples=30)
    @given(some=reports)
    def fits(some: CheckReport) -> None:
        validator.validate(json.loads("".join(write(some, Format.SARIF))))

    for some in (SAMPLE, AUDIT, report()):
        validator.validate(json.loads("".join(write(some, Format.SARIF))))
    fits()


def test_rules_are_whole_and_found_by_their_index() -> None:
    run = run_of(SAMPLE)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert [rule for rule in rules if not (rule["help"]["text"] and rule["help"]["markdown"])] == []
    assert [one for one in run["results"] if rules[one["ruleIndex"]]["id"] != one["ruleId"]] == []


def test_each_rule_has_an_address_to_read_on() -> None:
    driver = run_of(replace(report(), rules=tuple(one.facts for one in all_rules())))["tool"]["driver"]
    addresses = {rule["id"]: rule["helpUri"] for rule in driver["rules"]}
    assert len(addresses) == len(all_rules())
    assert [one for one in addresses.values() if urlsplit(one).scheme != "https" or " " in one] == []
    assert addresses["unchecked-hash-pyc"] == "https://peps.python.org/pep-0552/"
    assert addresses["interest-awaits"] == "https://manpages.debian.org/deb-triggers.5"
    assert addresses["owner-differs"] == PROJECT  # nobody's archive has our manual pages


def test_severity_and_confidence_reach_code_scanning() -> None:
    rules = {rule["id"]: rule for rule in run_of(SAMPLE)["tool"]["driver"]["rules"]}
    danger, info = rules[WRITABLE.id], rules[HASH.id]
    assert danger["defaultConfiguration"]["level"] == "error"
    assert danger["properties"] == {
        "precision": "high",
        "problem.severity": "error",
        "tags": ["packaging", "python", "security", "auditor"],
        "security-severity": "8.0",
    }
    assert info["defaultConfiguration"]["level"] == "note"
    assert info["properties"] == {
        "precision": "medium",
        "problem.severity": "recommendation",
        "tags": ["packaging", "python", "auditor"],
    }


def test_every_result_has_a_line_and_an_address() -> None:
    for result in run_of(SAMPLE)["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert urlsplit(place["artifactLocation"]["uri"]).scheme == ""


def test_addresses_are_those_of_files_in_the_package() -> None:
    assert addresses(ACME)[:3] == [
        "build/acme_1.4-2_all.deb!/usr/share/acme/plugins/loader.py",
        "build/acme_1.4-2_all.deb!postrm",
        "build/acme_1.4-2_all.deb!/usr/share/acme/old.py",
    ]
    assert addresses(AUDIT.verdicts[0])[0].startswith("file:///usr/lib/python3/")


def test_addresses_hold_any_name() -> None:
    inside = [unquote_to_bytes(one).partition(b"!")[2] for one in addresses(HOSTILE_ONE)[: len(HOSTILE)]]
    assert inside == [name.encode("utf-8", "surrogateescape") for name in HOSTILE]


def test_no_name_is_a_link() -> None:
    (result,) = results_of(CheckVerdict(origin="a", findings=(finding(HASH, "in /a[x](https://example.org).py"),)))
    assert result["message"]["text"] == "in /a[x] (https://example.org).py"


def marks(verdict: CheckVerdict) -> list[str]:
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in results_of(verdict)]


def test_fingerprints_tell_all_results_apart() -> None:
    for verdict in (ACME, HOSTILE_ONE, replace(ACME, findings=ACME.findings * 3)):
        assert len(set(marks(verdict))) == len(verdict.findings) + len(verdict.ignored)


def test_fingerprints_stay_when_others_come_and_go() -> None:
    assert (
        marks(replace(ACME, findings=ACME.findings[2:]))[: len(ACME.findings) - 2]
        == marks(ACME)[2 : len(ACME.findings)]
    )


def test_fingerprints_stay_in_the_next_version() -> None:
    moved = tuple(replace(one, line=one.line + 7 if one.line else None) for one in ACME.findings)
    assert marks(replace(ACME, findings=moved, version="2.0", origin="other/acme_2.0_all.deb")) == marks(ACME)


def test_ignored_findings_are_suppressed_with_the_reason() -> None:
    suppressed = [one["suppressions"] for one in results_of(ACME) if "suppressions" in one]
    assert suppressed == [[{"kind": "external", "justification": ACME.ignored[0].reason}]]


def test_unreadable_packages_are_notifications() -> None:
    (invocation,) = run_of(report(ACME, BROKEN))["invocations"]
    (error,) = [one for one in invocation["toolExecutionNotifications"] if one["level"] == "error"]
    assert not invocation["executionSuccessful"]
    assert invocation["exitCode"] == 2
    assert error["message"]["text"] == f"build/torn.deb could not be read: {BROKEN.error}"
    assert error["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "build/torn.deb", "index": 1}


def test_a_run_that_read_all_was_successful() -> None:
    (invocation,) = run_of(report(ACME))["invocations"]
    assert invocation["executionSuccessful"]
    assert invocation["exitCode"] == 1
