# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The options of `pkgtools check`, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.packages import PKGTOOLS, environment, run, run_here, write_deb

FORMATS = ("text", "json", "sarif", "junit", "github", "html")

IGNORE = """
[[packages.acme.ignores]]
rule = "{rule}"
reason = "because"
"""


@pytest.fixture
def debs(tmp_path: Path) -> dict[int, Path]:
    """Return a package for each exit status."""
    broken = tmp_path / "broken.deb"
    broken.write_bytes(b"no package")
    return {
        0: write_deb(tmp_path / "good.deb", "good"),
        1: write_deb(tmp_path / "bad.deb", "acme", bad=True),
        2: broken,
    }


def rules_found(path: Path, *argv: str) -> list[str]:
    said = json.loads(run_here(path.parent, "check", "--json", path, *argv).stdout)
    return sorted({finding["rule"] for package in said["verdicts"] for finding in package["findings"]})


@pytest.mark.parametrize("status", [0, 1, 2])
@pytest.mark.parametrize("form", FORMATS)
def test_format_does_not_change_the_exit_status(form: str, status: int, debs: dict[int, Path]) -> None:
    done = run_here(debs[0].parent, "check", "--format", form, debs[0], debs[status])
    assert (done.returncode, done.stderr) == (status, "")


def test_unreadable_package_wins_over_findings(debs: dict[int, Path]) -> None:
    assert run_here(debs[0].parent, "check", *debs.values()).returncode == 2


@pytest.mark.parametrize("command", ["check", "verify", "inspect", "diff"])
def test_a_package_of_apk_v3_is_named_and_not_taken_for_clean(command: str, tmp_path: Path) -> None:
    path = tmp_path / "acme-1-r0.apk"
    path.write_bytes(b"ADBd" + bytes(100))
    done = run_here(tmp_path, command, path, *([path] if command == "diff" else []))
    wrong = f"{path}: a package of apk v3 (an ADB container), which pkgtools can't read yet; it reads apk v2"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"pkgtools {command}: {wrong}\n")


def test_a_package_of_apk_v3_in_a_pool_is_counted(debs: dict[int, Path], tmp_path: Path) -> None:
    debs[1].unlink()
    debs[2].unlink()
    (debs[0].parent / "acme-1-r0.apk").write_bytes(b"ADBd" + bytes(100))
    done = run_here(tmp_path, "check", debs[0].parent)
    assert (done.returncode, len(done.stdout.splitlines())) == (2, 2)
    assert done.stdout.startswith("unreadable  ")
    report = json.loads(run_here(tmp_path, "check", "--json", debs[0].parent).stdout)
    assert (report["exit"], [bool(one["error"]) for one in report["verdicts"]]) == (2, [True, False])


@pytest.mark.parametrize(("severity", "status"), [("info", 1), ("warning", 1), ("error", 1), ("danger", 0)])
def test_fail_on_says_from_which_severity_on(severity: str, status: int, debs: dict[int, Path]) -> None:
    assert run_here(debs[1].parent, "check", "--fail-on", severity, debs[1]).returncode == status


def test_only_the_rules_that_were_named_are_applied(debs: dict[int, Path]) -> None:
    assert {"bytecode-in-deb", "broken-pyc"} <= set(rules_found(debs[1]))
    assert rules_found(debs[1], "--rule", "broken-pyc") == ["broken-pyc"]


def test_unknown_rule_is_refused(debs: dict[int, Path]) -> None:
    done = run_here(debs[1].parent, "check", "--rule", "no-such", debs[1])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pkgtools check: no rule no-such; ")


def test_auditor_hears_of_more(debs: dict[int, Path]) -> None:
    assert set(rules_found(debs[1])) <= set(rules_found(debs[1], "--persona", "auditor"))


def write_manifest(directory: Path, *rules: str) -> Path:
    path = directory / "pkgtools.toml"
    path.write_text("[packages.acme]\n" + "".join(IGNORE.format(rule=rule) for rule in rules))
    return path


def test_ignored_findings_do_not_count(debs: dict[int, Path], tmp_path: Path) -> None:
    found = rules_found(debs[1])
    named = tmp_path / "elsewhere"
    named.mkdir()
    path = write_manifest(named, *found)
    assert run_here(tmp_path, "check", debs[1]).returncode == 1
    assert run_here(tmp_path, "check", "-m", path, debs[1]).returncode == 0
    assert run_here(named, "check", debs[1]).returncode == 0


def test_ignore_that_ignores_nothing_is_reported(debs: dict[int, Path], tmp_path: Path) -> None:
    write_manifest(tmp_path, "stale-pyc", "syntax-error")
    (package,) = json.loads(run(tmp_path, "check", "--json", debs[1]).stdout)["verdicts"]
    said = "pkgtools.toml: packages.acme.ignores[{}]: this ignore of {} ignores nothing{}"
    assert package["notes"] == [
        said.format(0, "stale-pyc", "; delete it"),
        said.format(1, "syntax-error", " of what was looked at"),  # --compile may find some
    ]
    (package,) = json.loads(run(tmp_path, "check", "--compile", "--json", debs[1]).stdout)["verdicts"]
    assert said.format(1, "syntax-error", "; delete it") in package["notes"]


@pytest.mark.parametrize(("rule", "options"), [("bytecode-in-deb", ("-r", "broken-pyc")), ("missing-requirement", ())])
def test_ignore_of_a_rule_that_is_not_applied_is_not_called_useless(
    rule: str, options: tuple[str, ...], debs: dict[int, Path], tmp_path: Path
) -> None:
    write_manifest(tmp_path, rule)
    (package,) = json.loads(run_here(tmp_path, "check", "--json", *options, debs[1]).stdout)["verdicts"]
    assert package["notes"] == []


def test_each_directory_has_its_own_manifest_and_its_newest(debs: dict[int, Path], tmp_path: Path) -> None:
    (one := tmp_path / "one").mkdir()
    (other := tmp_path / "other").mkdir()
    found = rules_found(debs[1])
    write_manifest(one, *found)
    write_manifest(other, found[0])
    assert [run_here(where, "check", debs[1]).returncode for where in (one, other, one)] == [0, 1, 0]
    write_manifest(other, *found)
    assert run_here(other, "check", debs[1]).returncode == 0


def test_each_directory_has_its_own_interpreters(debs: dict[int, Path], tmp_path: Path) -> None:
    (one := tmp_path / "one").mkdir()
    (other := tmp_path / "other").mkdir()
    (one / "python").symlink_to("/usr/bin/python3")
    assert run_here(one, "check", "--python", "./python", debs[0]).returncode == 0
    assert run_here(other, "check", "--python", "./python", debs[0]).returncode == 2


def test_ignore_of_an_unknown_rule_is_refused(debs: dict[int, Path], tmp_path: Path) -> None:
    write_manifest(tmp_path, "no-such")
    done = run(tmp_path, "check", debs[0])
    assert (done.returncode, done.stdout) == (2, "")
    assert "no rule no-such" in done.stderr


def test_report_replaces_a_file_as_a_whole(debs: dict[int, Path], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("before")
    assert run_here(tmp_path, "check", "--json", "-o", report, debs[1]).returncode == 1
    assert json.loads(report.read_text())["exit"] == 1
    assert list(tmp_path.glob(".pkgtools-*")) == []


def test_report_that_cannot_be_written_leaves_the_old_one(debs: dict[int, Path], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("before")
    argv = ["prlimit", "--fsize=1000", *PKGTOOLS, "check", "--json", "-o", str(report), str(debs[1])]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment(), cwd=tmp_path)
    assert (done.returncode, report.read_text()) == (2, "before")
    assert done.stderr.startswith("pkgtools check: ")
    assert list(tmp_path.glob(".pkgtools-*")) == []


@pytest.mark.parametrize("name", ["none/report", "."])
def test_report_that_goes_nowhere_is_said(name: str, debs: dict[int, Path], tmp_path: Path) -> None:
    done = run_here(tmp_path, "check", "-o", tmp_path / name, debs[0])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pkgtools check: ")


def test_report_goes_to_a_device(debs: dict[int, Path], tmp_path: Path) -> None:
    done = run(tmp_path, "check", "-o", "/dev/stderr", debs[0])
    assert (done.returncode, done.stderr) == (0, "1 package: no findings\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_closed_standard_output_is_no_traceback(form: str, debs: dict[int, Path]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    argv = [*PKGTOOLS, "check", "-f", form, "--all", str(debs[1])]
    done = subprocess.run(argv, check=False, stdout=writing, stderr=subprocess.PIPE, text=True, env=environment())
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, "")


@pytest.mark.parametrize("form", FORMATS)
def test_path_that_is_not_utf8_is_shown_escaped(form: str, tmp_path: Path) -> None:
    path = write_deb(tmp_path / "caf\udce9 \n.deb", "acme", bad=True)
    done = run_here(tmp_path, "check", "-f", form, path)
    assert (done.returncode, done.stderr) == (1, "")
    done.stdout.encode()


@pytest.mark.parametrize("kind", ["fifo", "device", "missing"])
def test_what_is_no_file_is_said_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    done = run_here(tmp_path, "check", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pkgtools check: {path}: ")


def test_text_to_a_pipe_needs_no_rich(debs: dict[int, Path]) -> None:
    done = run_here(debs[1].parent, "check", debs[1])
    code = "import sys; from pkgtools.cli.group import main; main(standalone_mode=False); print('rich' in sys.modules)"
    argv = [PKGTOOLS[0], "-c", code, "check", str(debs[0])]
    said = subprocess.run(argv, check=True, capture_output=True, text=True, env=environment()).stdout
    assert (done.returncode, said.splitlines()[-1]) == (1, "False")


def test_interpreters_beside_those_of_the_system_compile_too(debs: dict[int, Path], tmp_path: Path) -> None:
    done = run_here(tmp_path, "check", "--compile", "--python", str(tmp_path), debs[0])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"pkgtools check: {tmp_path}: no Python that runs on this machine is below it\n"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3.11").symlink_to("/usr/bin/python3")
    assert run_here(tmp_path, "check", "--compile", "--python", str(tmp_path), debs[0]).returncode == 0
