# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a reviewer gets of a system from `verify` and `audit`: the same formats, all packages, classes of bytecode."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pkgtools.cli.group import main
from tests.lab.cli import cli_runner
from tests.readers.test_root import make
from tests.rules.bytecode import SOURCE, cached, hashed, pair, pyc

M, N, U = (f"/usr/share/acme/{name}.py" for name in "mnu")
QUIET = "/usr/share/quiet/q.py"
INFO = "/var/lib/dpkg/info"
COMMANDS = pytest.mark.parametrize("command", ["verify", "audit"])
CLASSES = {"unchecked-hash-pyc": 1, "sourceless-module": 1, "trailing-bytes": 1}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a system with bytecode of each class, code that differs, and a package that nothing is wrong with."""
    return make(
        tmp_path / "root",
        {
            M: SOURCE,
            cached(M): pyc(M, SOURCE.replace("42", "43")),
            N: SOURCE,
            cached(N): pyc(N) + b"x",
            U: SOURCE,
            cached(U): hashed(U, checked=False),
            "/usr/share/acme/s.pyc": pyc(N),
            f"{INFO}/acme.list": f"{M}\n{N}\n{U}\n/usr/share/acme/s.pyc\n",
            **pair(QUIET),
            f"{INFO}/quiet.list": f"{QUIET}\n",
        },
    )


def report(command: str, form: str, root: Path) -> str:
    done = cli_runner().invoke(main, [command, "-j", "1", "-f", form, str(root)], catch_exceptions=False)
    assert done.exit_code == 1
    return done.stdout


@COMMANDS
def test_page_lists_all_packages_and_compares_in_a_bar(command: str, root: Path) -> None:
    page = report(command, "html", root)
    lines = re.findall(r'<tr id="package-\d+"><th scope="row">(.*?)</th>.*?class="small">(.*?)<', page)
    said = {re.sub("<.*?>", "", name): found for name, found in lines}
    assert said["quiet"] == "no findings"
    assert re.search("1 (danger|error)", said["acme"])
    assert '<a href="#of-1" data-package="acme">acme</a>' in page
    bar = page.partition('<section id="compared">')[2].partition("</section>")[0]
    assert dict(re.findall(r'class="key (\S+)".*?<b>(\d+)</b>', bar)) == {"equal": "3", "different": "1"}
    assert page.partition('<section id="classes">')[2].partition("</section>")[0].count("<li>") == 3
    assert '<section id="bytes">' in page


@COMMANDS
def test_sarif_says_where_to_read_on_and_has_the_classes(command: str, root: Path) -> None:
    (run,) = json.loads(report(command, "sarif", root))["runs"]
    assert run["automationDetails"]["id"] == f"pkgtools-{command}/"
    assert all(rule["helpUri"].startswith("https://") for rule in run["tool"]["driver"]["rules"])
    assert cached(M).rpartition("/")[2] in str([one for one in run["results"] if one["ruleId"] == "code-differs"])
    assert len(run["properties"]["classes"]) == 3


@COMMANDS
def test_junit_fails_a_case_and_says_the_classes(command: str, root: Path) -> None:
    suites = ET.fromstring(report(command, "junit", root))
    assert suites.get("name") == f"pkgtools {command}"
    failed = {case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None}
    assert "code-differs" in failed
    (said,) = [one.text or "" for suite in suites.iter("testsuite") for one in suite.findall("system-out")]
    assert said.count("pycs ") >= 3


@COMMANDS
def test_github_annotates_and_says_the_classes(command: str, root: Path) -> None:
    lines = report(command, "github", root).splitlines()
    assert any(re.match(r"::error file=.*title=code-differs", line) for line in lines)
    assert lines[-1].count("; pycs ") == 3


@COMMANDS
def test_json_has_the_classes(command: str, root: Path) -> None:
    document = json.loads(report(command, "json", root))
    found = document["classes"] if command == "verify" else document["verdicts"][0]["classes"]
    assert found == CLASSES


def test_without_comparing_there_is_no_bar_and_the_classes_are_still_counted(root: Path) -> None:
    arguments = ["audit", "--no-compile", "-f", "html", str(root)]
    page = cli_runner().invoke(main, arguments, catch_exceptions=False).stdout
    assert 'id="compared"' not in page
    assert page.partition('<section id="classes">')[2].partition("</section>")[0].count("<li>") == 3
    assert '<section id="packages">' in page


def test_classes_are_counted_whatever_rules_are_applied(root: Path) -> None:
    arguments = ["audit", "-j", "1", "--json", "-r", "stale-pyc", str(root)]
    document = json.loads(cli_runner().invoke(main, arguments, catch_exceptions=False).stdout)
    assert document["verdicts"][0]["classes"] == CLASSES
