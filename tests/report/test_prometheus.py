# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Metrics as the client library of Prometheus reads them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from prometheus_client.parser import text_string_to_metric_families

from pkgtools.model.finding import CheckReport, CheckVerdict, Coverage, Ignored, Severity
from pkgtools.report.formats import Format, write
from pkgtools.report.totals import exit_status, summarize
from pkgtools.report.wording import visible
from tests.cli.packages import run_here
from tests.lab.places import trusted_directory
from tests.lab.work import examples
from tests.readers.test_root import make
from tests.report.sample import HASH, finding, report
from tests.report.test_formats import reports

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(some: CheckReport) -> Samples:
    families = text_string_to_metric_families("".join(write(some, Format.PROMETHEUS)))
    read = [(one.name, frozenset(one.labels.items()), one.value) for family in families for one in family.samples]
    found = {(name, labels): value for name, labels, value in read}
    assert len(found) == len(read), "a series stands there twice"
    return found


@settings(max_examples=examples(50))
@given(some=reports)
def test_any_report_can_be_read(some: CheckReport) -> None:
    found = samples(some)
    values = {name: value for (name, labels), value in found.items() if "severity" not in dict(labels)}
    assert values[f"pkgtools_{some.command}_exit_status"] == exit_status(some)
    assert values[f"pkgtools_{some.command}_ignored_findings"] == summarize(some.verdicts).ignored


def test_names_of_a_system_come_back_escaped() -> None:
    for root in ('/srv/a"b', "/srv/a\\b", "/srv/a\nb", "/srv/\udcff", "/srv/{x}=,", "/srv/\x1b[31m"):
        verdict = CheckVerdict(origin=root, findings=(finding(HASH, "m.py", "x"),))
        some = replace(report(verdict), command="audit")
        roots = {dict(labels)["root"] for _, labels in samples(some)}
        assert roots == {visible(root)}


def test_each_number_has_its_series() -> None:
    one = finding(HASH, "m.py", "x")
    verdict = CheckVerdict(
        origin="/",
        findings=(one, replace(one, severity=Severity.DANGER), one),
        ignored=(Ignored(finding=one, reason="known"),),
        coverage=Coverage(is_required=True, pycs=10, compared=7),
    )
    some = CheckReport(command="audit", verdicts=(verdict,), rules=(HASH,), fail_on=Severity.ERROR)
    found = {
        (name.removeprefix("pkgtools_audit_"), *sorted(v for k, v in labels if k != "root")): value
        for (name, labels), value in samples(some).items()
    }
    assert found == {
        ("compared_pycs",): 7,
        ("pycs",): 10,
        ("exit_status",): 1,
        ("findings", "danger"): 1,
        ("findings", "error"): 0,
        ("findings", "warning"): 0,
        ("findings", HASH.severity.value): 2,
        ("ignored_findings",): 1,
        ("rule_findings", *sorted([HASH.id, "danger"])): 1,
        ("rule_findings", *sorted([HASH.id, HASH.severity.value])): 2,
        ("unreadable",): 0,
    }


def test_metrics_are_written_where_nobody_else_can_lead_them_elsewhere(tmp_path: Path) -> None:
    with trusted_directory() as home:
        make(home / "system", {"/usr/share/acme/m.py": "x = 1\n"})
        options = ("audit", "--no-compile", "--format", "prometheus", "--fail-on", "danger")
        file = home / "pkgtools.prom"
        done = run_here(home, *options, "-o", str(file), "system")
        assert (done.returncode, done.stderr) == (0, "")
        assert 'pkgtools_audit_exit_status{root="system"} 0\n' in file.read_text()
        home.chmod(0o777)
        done = run_here(home, *options, "-o", str(file), "system")
        assert done.returncode == 2
        assert str(home) in done.stderr
        done = run_here(home, *options, "-o", str(tmp_path / "pkgtools.prom"), "system")
        assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
        (home / "linked.prom").symlink_to(tmp_path / "pkgtools.prom")
        home.chmod(0o755)
        done = run_here(home, *options, "-o", str(home / "linked.prom"), "system")
        assert (done.returncode, list(tmp_path.iterdir())) == (2, [])


def test_systems_have_series_of_their_own_whatever_looks_at_them() -> None:
    """A file that repeats the series of another makes node exporter drop all of them."""
    for command in ("audit", "verify"):
        some = [replace(report(CheckVerdict(origin=root)), command=command) for root in ("/srv/a", "/srv/b")]
        one, other = map(samples, some)
        assert one.keys().isdisjoint(other)
