# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""From hits to a verdict: order, severities, what a maintainer ignores, and what is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pkgtools.check.apply import judge_package
from pkgtools.check.registry import all_rules, rule_of
from pkgtools.check.rule import Hit, Rule
from pkgtools.model.finding import Finding, Severity
from pkgtools.model.ignore import Ignore
from pkgtools.model.package import File, Kind, Package, PackageManager, PycFacts, SourceFacts
from pkgtools.runtime.facts import InstalledPath

PACKAGE = Package(origin="acme.deb", kind=Kind.DEB, family=PackageManager.DPKG, name="acme", version="1")
FIRST, SECOND = all_rules()[:2]


def rule(of: Rule, *hits: Hit, severity: Severity = Severity.WARNING) -> Rule:
    """Return a rule that has always the same to say."""
    return replace(of, kinds=frozenset(Kind), facts=replace(of.facts, severity=severity), find=lambda _subject: hits)


def ignore(rule_id: str, *paths: str) -> Ignore:
    return Ignore(rule=rule_id, paths=paths, reason="we know", origin="packages.acme.ignores[0]")


def places(findings: tuple[Finding, ...]) -> list[str]:
    return [one.path or one.script for one in findings]


def test_worst_comes_first_then_rule_and_path() -> None:
    hits = (Hit(text="x", path="/b"), Hit(text="x", path="/a"), Hit(text="x", path="/z", severity=Severity.DANGER))
    verdict = judge_package(PACKAGE, [rule(SECOND, Hit(text="x", path="/0")), rule(FIRST, *hits)])
    assert places(verdict.findings) == ["/z", "/a", "/b", "/0"]
    assert [one.severity for one in verdict.findings] == [Severity.DANGER, *[Severity.WARNING] * 3]


def test_rule_is_not_asked_about_what_it_is_not_for() -> None:
    other = replace(rule(FIRST, Hit(text="x")), kinds=frozenset({Kind.RPM}))
    assert judge_package(PACKAGE, [other]).findings == ()


IGNORES = {
    "everywhere": ((), ["/opt/a.py", "postinst"]),
    "one file": (("/opt/a.py",), ["/opt/a.py"]),
    "pattern": (("/opt/*",), ["/opt/a.py"]),
    "script": (("post*",), ["postinst"]),
    "both": (("/opt/?.py", "postinst"), ["/opt/a.py", "postinst"]),
    "nothing": (("/srv/*",), []),
}


@pytest.mark.parametrize(("paths", "gone"), IGNORES.values(), ids=IGNORES)
def test_what_is_ignored_is_told_apart_with_its_reason(paths: tuple[str, ...], gone: list[str]) -> None:
    hits = (Hit(text="x", path="/opt/a.py"), Hit(text="x", script="postinst"))
    verdict = judge_package(PACKAGE, [rule(FIRST, *hits)], [ignore(FIRST.facts.id, *paths)])
    assert sorted(places(tuple(one.finding for one in verdict.ignored))) == gone
    assert {one.reason for one in verdict.ignored} <= {"we know"}
    assert sorted([*places(verdict.findings), *gone]) == ["/opt/a.py", "postinst"]
    assert len(verdict.notes) == int(not gone)


def test_ignore_of_another_rule_ignores_nothing_and_that_is_said() -> None:
    verdict = judge_package(PACKAGE, [rule(FIRST, Hit(text="x"))], [ignore(SECOND.facts.id)])
    assert len(verdict.findings) == 1
    assert SECOND.facts.id in verdict.notes[0]
    assert "packages.acme.ignores[0]" in verdict.notes[0]


def test_each_of_two_ignores_of_the_same_finding_has_its_use() -> None:
    both = [ignore(FIRST.facts.id, "/opt/*"), ignore(FIRST.facts.id)]
    verdict = judge_package(PACKAGE, [rule(FIRST, Hit(text="x", path="/opt/a.py"))], both)
    assert (verdict.findings, verdict.notes) == ((), ())


def test_files_and_bytes_are_counted_by_what_they_are() -> None:
    pyc = PycFacts(size=3, header=b"", first=b"", body_digest="", names_itself=True, filename="")
    files = (
        File(path=InstalledPath("/opt"), mode=0o040755),
        File(path=InstalledPath("/opt/a.py"), mode=0o100644, size=5, facts=SourceFacts(size=5)),
        File(path=InstalledPath("/opt/a.pyc"), mode=0o100644, size=3, facts=pyc),
        File(path=InstalledPath("/opt/x"), mode=0o100644, size=7),
        File(path=InstalledPath("/opt/l"), mode=0o120777, link="x"),
    )
    verdict = judge_package(replace(PACKAGE, files=files), [])
    assert verdict.counts == (("sources", 1, 5), ("pycs", 1, 3), ("programs", 0, 0), ("other", 1, 7))


def test_owner_of_a_file_is_in_the_finding() -> None:
    file = File(path=InstalledPath("/opt/a.py"), mode=0o100644, package="python3-a")
    verdict = judge_package(replace(PACKAGE, files=(file,)), [rule(FIRST, Hit(text="x", path="/opt/a.py"))])
    assert [one.package for one in verdict.findings] == ["python3-a"]


def test_rule_is_found_by_its_id() -> None:
    assert rule_of(FIRST.facts.id) is FIRST
    assert rule_of("no-such-rule") is None


def test_pyc_that_no_package_owns_is_that_of_its_sources_package() -> None:
    source = File(path=InstalledPath("/opt/a.py"), mode=0o100644, package="python3-a")
    pyc = File(path=InstalledPath("/opt/__pycache__/a.cpython-311.pyc"), mode=0o100644)
    verdict = judge_package(replace(PACKAGE, files=(source, pyc)), [rule(FIRST, Hit(text="x", path=pyc.path))])
    assert [one.package for one in verdict.findings] == ["python3-a"]
