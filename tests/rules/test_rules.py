# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every rule has a page, a package that trips it and one that doesn't; a new rule's cases are a module in cases/."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from pkgtools.check.apply import judge_package
from pkgtools.check.edit_plan import EditingMeans, plan_edits
from pkgtools.check.registry import all_rules, rule_of
from pkgtools.model.package import Digest, File, Kind, Package, PackageManager
from pkgtools.model.package_scripts import Script, ScriptKind
from pkgtools.runtime.facts import InstalledPath
from tests.lab.work import calls
from tests.rules.case import Case, package_of

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

    from pkgtools.check.rule import Rule

RULES = all_rules()


def module_of(rule: Rule) -> str:
    return rule.facts.id.replace("-", "_")


def cases_of(rule: Rule, which: str) -> list[Case]:
    name = f"tests.rules.cases.{module_of(rule)}"
    return list(getattr(import_module(name), which)) if find_spec(name) else []


def every(which: str) -> list[ParameterSet]:
    return [
        pytest.param(rule, case, id=f"{rule.facts.id}-{case.id}") for rule in RULES for case in cases_of(rule, which)
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.facts.id)
def test_every_rule_has_cases_of_both_sorts(rule: Rule) -> None:
    assert cases_of(rule, "TRIPS")
    assert cases_of(rule, "SPARES")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.facts.id)
def test_every_page_is_complete(rule: Rule) -> None:
    facts = rule.facts
    assert rule.find.__module__ == f"pkgtools.rules.{module_of(rule)}"
    assert rule_of(facts.id) is rule
    assert facts.title == facts.title.strip()
    assert 0 < len(facts.title) <= 60
    assert [field.name for field in fields(facts.page) if not getattr(facts.page, field.name)] == []
    assert [one for one in facts.page.references if not one.strip()] == []
    assert facts.page.what.endswith(".")
    assert rule.kinds


def test_ids_are_unique() -> None:
    assert [name for name, number in Counter(rule.facts.id for rule in RULES).items() if number > 1] == []


@pytest.mark.parametrize(("rule", "case"), every("TRIPS"))
def test_trips(rule: Rule, case: Case) -> None:
    package = package_of(case)
    findings = judge_package(package, [rule]).findings
    if case.severity is not None:
        assert {one.severity for one in findings} == {case.severity}
    if case.count is not None:
        assert len(findings) == case.count
    else:
        assert case.hits
        assert sorted((one.path or one.script, one.line or 0) for one in findings) == sorted(
            (place, line or 0) for place, line in case.hits
        )


@pytest.mark.parametrize(("rule", "case"), every("SPARES"))
def test_spares(rule: Rule, case: Case) -> None:
    assert judge_package(package_of(case), [rule]).findings == ()


PACKAGED = File(path=InstalledPath("/usr/share/acme/m.py"), mode=0o100644, package="acme", manager=PackageManager.DPKG)
CACHE = InstalledPath("/usr/share/acme/__pycache__")


@pytest.mark.parametrize(
    ("name", "file", "command"),
    [
        ("linked-cache", File(path=CACHE, mode=0o120777, link="/srv"), f"rm {CACHE}"),
        ("modules-writable-by-others", replace(PACKAGED, mode=0o100666), f"chmod 0644 {PACKAGED.path}"),
        (
            "digest-mismatch",
            replace(PACKAGED, is_intact=False, digest=Digest(algorithm="md5", value="0" * 32)),
            "apt-get install --reinstall acme",
        ),
    ],
)
def test_report_of_a_system_has_the_command_that_repairs(name: str, file: File, command: str) -> None:
    rule = rule_of(name)
    assert rule is not None
    system = Package(origin="/", kind=Kind.ROOT, family=PackageManager.DPKG, name="x", files=(file,))
    assert [one.repair for one in judge_package(system, [rule]).findings] == [command]
    assert [one.repair for one in judge_package(replace(system, kind=Kind.DEB), [rule]).findings] == [""]


@pytest.mark.parametrize("rule", [one for one in RULES if Kind.TREE in one.kinds], ids=lambda rule: rule.facts.id)
def test_a_rule_says_whether_what_it_finds_in_a_tree_is_repaired(rule: Rule) -> None:
    trees = [replace(package_of(case), kind=Kind.TREE) for case in cases_of(rule, "TRIPS")]
    edits = [edit for tree in trees for one in judge_package(tree, [rule]).findings for edit in one.edits]
    assert bool(edits) is bool(rule.facts.fixed)


@pytest.mark.parametrize(("rule", "case"), every("TRIPS"))
def test_repairs_on_the_model_are_done_after_one_plan(rule: Rule, case: Case) -> None:
    tree = replace(package_of(case), kind=Kind.TREE)
    means = EditingMeans(problem_of=lambda _edit: "", can_compile=lambda edit: "opt" not in edit.path)
    plan = plan_edits(tree, lambda package: judge_package(package, RULES), means)
    assert [edit for one in plan.verdict.findings for edit in one.edits] == []
    assert plan.left == ()
    of_rule = [one for one in plan.edits if rule.facts.id in one.rules]
    assert rule.facts.fixed or not of_rule


@pytest.mark.parametrize(("rule", "case"), every("TRIPS"))
def test_only_trees_are_edited(rule: Rule, case: Case) -> None:
    package = package_of(case)
    assert package.kind is Kind.TREE or {one.edits for one in judge_package(package, [rule]).findings} == {()}


@pytest.mark.parametrize(("rule", "case"), every("TRIPS"))
def test_no_rule_stumbles_over_what_trips_another(rule: Rule, case: Case) -> None:
    verdict = judge_package(package_of(case), RULES)
    assert rule.facts.id in {one.rule.id for one in verdict.findings}
    assert {one.text for one in verdict.findings if "\n" in one.text} == set()


@pytest.mark.parametrize("length", [100, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", [Kind.DEB, Kind.RPM], ids=lambda kind: kind.value)
@pytest.mark.parametrize(
    "pattern", ["py3compile -p a /usr/b{}\n", "rm -r /usr/b{}\n", "find /{} -name *.pyc|xargs rm\n"]
)
def test_work_grows_with_the_length_of_scripts(kind: Kind, pattern: str, length: int) -> None:
    some, many = (package_with_scripts(kind, pattern, number) for number in (length, 6 * length))
    assert calls(lambda: judge_package(many, RULES)) < 7 * calls(lambda: judge_package(some, RULES))


def package_with_scripts(kind: Kind, pattern: str, length: int) -> Package:
    """Return a package with three scripts of so many lines, and as many files."""
    text = "".join(pattern.format(number) for number in range(length))
    scripts = [
        Script(name=name, kind=when, interpreter=("/bin/sh",), text=text)
        for name, when in (
            ("postinst", ScriptKind.POST_INSTALL),
            ("%post", ScriptKind.POST_INSTALL),
            ("postrm", ScriptKind.POST_REMOVE),
        )
    ]
    files = [File(path=InstalledPath(f"/usr/b/{number}/__init__.py"), mode=0o100644) for number in range(length)]
    return Package(
        origin="", kind=kind, family=PackageManager.DPKG, name="a", files=tuple(files), scripts=tuple(scripts)
    )
