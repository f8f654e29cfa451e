# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Findings that an administrator accepts: by rule, path and package, up to a day, and only while nothing changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgtools.cli import accepting
from pkgtools.runtime.facts import InstalledPath
from tests.cli.packages import run_here
from tests.lab.places import trusted_directory
from tests.readers.test_root import make
from tests.runtime.acl import ACCESS, set_acl

OPEN = "/usr/share/acme/open.py"
"""A module that everybody can write: a danger."""
STRAY = "/usr/lib/python3/dist-packages/stray.py"
"""One that no interpreter of the system finds: to know."""
DANGER, INFO = "modules-writable-by-others", "unserved-directory"


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a directory in which nobody else can write on the way either, unlike those below /tmp."""
    with trusted_directory() as path:
        yield path


@pytest.fixture
def system(home: Path) -> Path:
    """Return a system with a danger and something to know."""
    top = make(home / "system", {OPEN: "x = 1\n", STRAY: "y = 1\n"})
    Path(f"{top}{OPEN}").chmod(0o666)
    return top


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "SETTINGS", InstalledPath(f"{home}/audit.toml"))
    monkeypatch.setattr(accepting, "DIRECTORY", InstalledPath(f"{home}/audit.d"))


def audit(system: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_here(system.parent, "audit", "--no-compile", *options, str(system))


def rules(system: Path, *options: str) -> tuple[list[str], list[str], list[str]]:
    """Return the rules of the findings that count, those of the ignored ones, and the notes of ignores."""
    (verdict,) = json.loads(audit(system, "--json", *options).stdout)["verdicts"]
    notes = [one for one in verdict["notes"] if "ignore" in one or "baseline" in one]
    return [one["rule"] for one in verdict["findings"]], [one["rule"] for one in verdict["ignored"]], notes


def settings(system: Path, text: str, name: str = "audit.toml") -> None:
    path = system.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def test_all_counts_where_nothing_is_accepted(system: Path) -> None:
    assert rules(system) == ([DANGER, INFO], [], [])
    assert audit(system).returncode == 1


@pytest.mark.parametrize(
    ("more", "is_accepted"),
    [
        ("", True),
        ('paths = ["/usr/lib/*"]', True),
        ('paths = ["/opt/*"]', False),
        ('packages = ["*"]', True),
        ('packages = ["acme"]', False),
        ("expires = 2999-12-31", True),
        ('expires = "2999-12-31"', True),
        ("expires = 2020-01-01", False),
        (f'digest = "sha256:{"0" * 64}"', False),
    ],
)
def test_ignore_accepts_what_it_is_about(more: str, is_accepted: bool, system: Path) -> None:
    settings(system, f'[[ignores]]\nrule = "{INFO}"\nreason = "known"\n{more}\n')
    counted, ignored, notes = rules(system)
    assert (INFO in ignored, INFO in counted) == (is_accepted, not is_accepted)
    assert len(notes) == (0 if is_accepted else 1)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github", "html"])
def test_ignored_findings_are_told_in_every_format(form: str, system: Path) -> None:
    settings(system, f'[[ignores]]\nrule = "{INFO}"\nreason = "no interpreter on purpose"\n')
    told = audit(system, "--format", form).stdout
    assert "ignored" in told or "no interpreter on purpose" in told


def test_danger_is_accepted_with_its_digest_only(system: Path) -> None:
    ignore = f'[[ignores]]\nrule = "{DANGER}"\npaths = ["{OPEN}"]\nreason = "known"\n'
    settings(system, ignore)
    counted, ignored, (note,) = rules(system)
    assert (counted, ignored) == ([DANGER, INFO], [])
    digest = note.rpartition(" ")[2]
    assert digest.startswith("sha256:")
    settings(system, f'{ignore}digest = "{digest}"\n')
    assert rules(system) == ([INFO], [DANGER], [])
    assert audit(system).returncode == 0
    Path(f"{system}{OPEN}").write_text("x = 2\n")
    counted, ignored, (note,) = rules(system)
    assert (counted, ignored) == ([DANGER, INFO], [])
    assert "changed since it was accepted" in note


def test_files_of_the_directory_are_read_too_and_unused_ignores_are_told(system: Path) -> None:
    settings(system, f'[[ignores]]\nrule = "{INFO}"\nreason = "known"\n', "audit.d/10-ours.toml")
    settings(system, '[[ignores]]\nrule = "stale-pyc"\nreason = "known"\n', "audit.d/20-more.toml")
    settings(system, "no TOML", "audit.d/README")
    counted, ignored, notes = rules(system)
    assert (counted, ignored) == ([DANGER], [INFO])
    assert [one for one in notes if "ignores nothing; delete it" in one and "20-more.toml" in one] == notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[ignores]]\n", "the key `rule` is missing"),
        ('[[ignores]]\nrule = "stale-pic"\nreason = "x"\n', "no rule stale-pic; did you mean stale-pyc?"),
        ('[[ignores]]\nrule = "stale-pyc"\nreason = ""\n', "reason"),
        ('[[ignores]]\nrule = "stale-pyc"\nreason = "x"\nexpires = "soon"\n', "must be a date"),
        ('[[ignores]]\nrule = "stale-pyc"\nreason = "x"\ndigest = "12"\n', "digest"),
        ('[[ignore]]\nrule = "stale-pyc"\nreason = "x"\n', "ignore"),
        ("[[ignores", "not valid TOML"),
        ("\udcff", "not UTF-8"),
    ],
)
def test_wrong_settings_are_an_error(text: str, said: str, system: Path) -> None:
    (system.parent / "audit.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = audit(system)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize("option", ["--config", "--baseline"])
def test_what_others_can_write_is_refused(option: str, system: Path) -> None:
    audit(system, "--write-baseline", str(system.parent / "baseline.json"))
    settings(system, f'[[ignores]]\nrule = "{INFO}"\nreason = "known"\n', "mine.toml")
    file = system.parent / ("mine.toml" if option == "--config" else "baseline.json")
    assert INFO in rules(system, option, str(file))[1]
    file.chmod(0o666)
    done = audit(system, option, str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(file) in done.stderr
    file.chmod(0o644)
    elsewhere = Path(shutil.copy(file, "/tmp")) if option == "--config" else file.rename(system.parent / "gone")
    wrong = elsewhere if option == "--config" else file
    assert audit(system, option, str(wrong)).returncode == 2
    elsewhere.unlink()


def test_settings_of_the_audited_system_are_not_read(system: Path) -> None:
    make(system, {"/etc/pkgtools/audit.toml": f'[[ignores]]\nrule = "{INFO}"\nreason = "known"\n'})
    assert rules(system)[1] == []


def test_baseline_accepts_what_was_there_and_nothing_new(system: Path) -> None:
    baseline = str(system.parent / "baseline.json")
    done = audit(system, "--write-baseline", baseline)
    assert (done.returncode, "2 ignored" in done.stdout) == (0, True)
    assert rules(system, "--baseline", baseline) == ([], [DANGER, INFO], [])
    make(system, {"/usr/share/acme/new.py": "z = 1\n"})
    Path(f"{system}/usr/share/acme/new.py").chmod(0o666)
    assert rules(system, "--baseline", baseline) == ([DANGER], [DANGER, INFO], [])
    Path(f"{system}/usr/share/acme/new.py").unlink()
    Path(f"{system}{OPEN}").chmod(0o646)
    assert rules(system, "--baseline", baseline)[:2] == ([DANGER], [INFO])
    Path(f"{system}{OPEN}").unlink()
    assert rules(system, "--baseline", baseline) == (
        [],
        [INFO],
        ["findings of the baseline that are gone: 1; --write-baseline renews it"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 1, "findings": [{"rule": 1}]}',
        '{"version": 9}',
        "\udcff",
        pytest.param("[" * 100_000, id="deep"),
        '{"version": 1, "findings": [{"rule": "unserved-directory", "path": "/usr", "script": "", "digest": ""}]}',
        '{"version": 1, "findings": [{"rule": "unserved-directory", "path": "", "script": "", "digest": "sha256:x"}]}',
    ],
)
def test_what_is_no_baseline_is_refused(text: str, system: Path) -> None:
    baseline = system.parent / "baseline.json"
    baseline.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = audit(system, "--baseline", str(baseline))
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a baseline" in done.stderr


def test_a_finding_that_became_worse_is_new(system: Path) -> None:
    """The file that was accepted is the same; the directory that it names can be written by all since."""
    prefix = "/var/cache/python"
    make(system, {"/etc/environment": f"PYTHONPYCACHEPREFIX={prefix}\n", f"{prefix}/x.pyc": ""})
    baseline = str(system.parent / "baseline.json")
    audit(system, "--write-baseline", baseline, "--rule", "cache-prefix-in-use")
    options = ("--rule", "cache-prefix-in-use", "--baseline", baseline)
    assert rules(system, *options)[:2] == ([], ["cache-prefix-in-use"])
    Path(f"{system}{prefix}").chmod(0o777)
    assert rules(system, *options)[:2] == (["cache-prefix-in-use"], [])


@pytest.mark.parametrize("kind", ["fifo", "directory", "link", "device"])
def test_what_is_no_file_of_settings_is_said_at_once(kind: str, system: Path) -> None:
    file = system.parent / "audit.d/10-ours.toml"
    file.parent.mkdir()
    match kind:
        case "fifo":
            os.mkfifo(file)
        case "directory":
            file.mkdir()
        case "link":
            file.symlink_to("nowhere")
        case _:
            file.symlink_to("/dev/zero")
    done = audit(system)
    assert (done.returncode, done.stdout) == (2, "")
    is_link = kind in {"link", "device"}
    assert ("is a symbolic link: name" if is_link else f"{file} is not a regular file\n") in done.stderr


def test_a_baseline_of_a_group_of_ones_own_is_read(system: Path) -> None:
    baseline = str(system.parent / "baseline.json")
    before = os.umask(0o002)
    try:
        audit(system, "--write-baseline", baseline)
    finally:
        os.umask(before)
    assert rules(system, "--baseline", baseline)[0] == []


NO_PLACES = [
    ("--baseline", "/etc", " is not a regular file"),
    ("--write-baseline", "/dev/full", ": no space left on device"),
]


@pytest.mark.parametrize(("option", "path", "said"), NO_PLACES)
def test_a_place_that_can_be_no_baseline_is_named(option: str, path: str, said: str, system: Path) -> None:
    done = audit(system, option, path)
    assert (done.returncode, done.stderr) == (2, f"pkgtools audit: {path}{said}\n")


def test_only_rules_that_are_asked_for_are_applied(system: Path) -> None:
    assert rules(system, "--rule", INFO) == ([INFO], [], [])
    make(system, {"/etc/environment": "PYTHONPYCACHEPREFIX=/var/cache/python\n"})
    assert "cache-prefix-in-use" in rules(system)[0]
    assert rules(system, "--persona", "maintainer")[0] == [DANGER, INFO]


def test_fix_repairs_nothing_that_is_accepted(system: Path) -> None:
    cache = Path(f"{system}/usr/share/acme/__pycache__")
    cache.mkdir()
    (cache / "gone.cpython-311.pyc").write_bytes(b"x" * 40)
    options = ("--fix", "--fail-on", "info")
    rule = rules(system, "--rule", "pyc-without-source", "--fail-on", "info")[0]
    assert rule == ["pyc-without-source"]
    settings(system, '[[ignores]]\nrule = "pyc-without-source"\nreason = "known"\n')
    audit(system, *options, "--rule", "pyc-without-source")
    assert [one.name for one in cache.iterdir()] == ["gone.cpython-311.pyc"]
    (system.parent / "audit.toml").unlink()
    audit(system, *options, "--rule", "pyc-without-source")
    assert not (cache / "gone.cpython-311.pyc").exists()


def test_another_acl_is_another_finding(system: Path) -> None:
    """That there is one is not enough to know: another user may be named in it."""
    where = f"{system}{OPEN}"

    def name_user(user: int) -> None:
        set_acl(where, ACCESS, owner=6, user=(user, 6), group=6, mask=6, other=6)

    name_user(1000)
    baseline = f"{system.parent}/baseline.json"
    audit(system, "--write-baseline", baseline)
    assert rules(system, "--baseline", baseline)[0] == []
    name_user(1000)
    assert rules(system, "--baseline", baseline)[0] == []
    name_user(1001)
    assert rules(system, "--baseline", baseline)[0] == [DANGER]
    os.removexattr(where, ACCESS)
    assert rules(system, "--baseline", baseline)[0] == [DANGER]


COUNTED = {
    "text": r"; 1 ignored",
    "json": r'"ignored": 1,',
    "sarif": r'"suppressions": \[\{"kind": "external"',
    "junit": r'skipped="1"',
    "github": r"; 1 ignored;",
    "html": r'<b>1</b> <span class="sev">ignored</span>',
    "prometheus": r"pkgtools_audit_ignored_findings\{.*\} 1\n",
}


@pytest.mark.parametrize("form", COUNTED)
def test_ignored_findings_are_counted_in_every_format(form: str, system: Path) -> None:
    settings(system, f'[[ignores]]\nrule = "{INFO}"\nreason = "no interpreter on purpose"\n')
    assert len(re.findall(COUNTED[form], audit(system, "--format", form).stdout)) == 1


@pytest.mark.parametrize("options", [("--summary",), ("--summary", "--json")], ids=" ".join)
def test_ignored_findings_are_counted_in_summaries(options: tuple[str, ...], system: Path) -> None:
    settings(system, f'[[ignores]]\nrule = "{INFO}"\nreason = "no interpreter on purpose"\n')
    assert re.search(r'; 1 ignored|"ignored": 1,', audit(system, *options).stdout)


def test_what_expired_is_said_with_its_day(system: Path) -> None:
    settings(system, f'[[ignores]]\nrule = "{INFO}"\nreason = "known"\nexpires = 2020-01-01\n')
    (note,) = rules(system)[2]
    assert note.endswith("expired on 2020-01-01: a finding counts again")


@pytest.mark.parametrize(("rule", "option"), [("code-differs", "--no-compile"), (INFO, "--exclude=/usr/lib/python3")])
def test_who_looks_at_a_part_is_not_told_to_delete_what_is_for_the_rest(rule: str, option: str, system: Path) -> None:
    settings(system, f'[[ignores]]\nrule = "{rule}"\nreason = "known"\n')
    (note,) = rules(system, option)[2]
    assert note.endswith(f"this ignore of {rule} ignores nothing of what was looked at")


def test_who_looks_at_a_part_is_not_told_to_renew_the_baseline(system: Path) -> None:
    baseline = str(system.parent / "baseline.json")
    audit(system, "--write-baseline", baseline)
    notes = rules(system, "--exclude", "/usr/lib/python3", "--baseline", baseline)[2]
    assert notes == ["findings of the baseline that may be in what was not looked at: 1"]


def test_ignore_of_a_rule_for_auditors_is_not_called_useless_by_maintainers(system: Path) -> None:
    settings(system, '[[ignores]]\nrule = "cache-prefix-in-use"\nreason = "known"\n')
    assert rules(system, "--persona", "maintainer")[2] == []
