# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A run over a mirror: each package once, what is new the next day, and the same results however it is done."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pkgtools.archive.package_done import PackageOutcome
from pkgtools.archive.store import Store
from pkgtools.archive.tally import tally_of
from pkgtools.model.finding import Severity
from tests.cli.packages import PKGTOOLS, environment, write_deb
from tests.mirrors.made_mirrors import (
    ARCHITECTURE,
    SUITE,
    Key,
    check,
    make_mirror,
    replace_listed,
    served,
    write_index,
    write_release,
)
from tools.json_reference import SCHEMAS


def test_what_is_new_is_checked_and_what_has_nothing_of_pythons_is_counted(mirror: Path, store: Path, key: Key) -> None:
    first = check(mirror, store, "--keyring", key.keyring)
    assert first.returncode == 1
    assert "3 packages listed, 1 of them may have to do with Python; 2 passed over" in first.stdout
    assert "1 done now, 0 known from before" in first.stdout
    again = check(mirror, store, "--keyring", key.keyring)
    assert again.returncode == 1
    assert "0 done now, 1 known from before" in again.stdout
    write_deb(mirror / "pool/worse_1_all.deb", "worse", bad=True)
    write_index(mirror, key)
    third = check(mirror, store, "--keyring", key.keyring)
    assert "1 done now, 1 known from before" in third.stdout
    assert third.returncode == 1


def test_without_an_index_of_contents_all_are_checked(tmp_path: Path, store: Path, key: Key) -> None:
    mirror = make_mirror(tmp_path / "mirror", {"good": False, "plain": False}, key)
    write_index(mirror, key, contents=False)
    done = check(mirror, store, "--keyring", key.keyring, "--json")
    packages = json.loads(done.stdout)["packages"]
    assert [packages[name] for name in ("listed", "passed_over", "new", "checked")] == [2, 0, 2, 2]
    assert done.returncode == 0


def test_a_package_that_contents_does_not_name_is_checked(mirror: Path, store: Path, key: Key) -> None:
    contents = (mirror / f"dists/{SUITE}/main/Contents-{ARCHITECTURE}.gz").read_bytes()
    write_deb(mirror / "pool/newer_1_all.deb", "newer")
    write_index(mirror, None)
    (mirror / f"dists/{SUITE}/main/Contents-{ARCHITECTURE}.gz").write_bytes(contents)
    write_release(mirror, key)
    done = check(mirror, store, "--keyring", key.keyring, "--json")
    assert json.loads(done.stdout)["packages"]["checked"] == 2


def test_what_cannot_be_read_is_a_row_and_not_the_end(mirror: Path, store: Path, key: Key) -> None:
    broken = mirror / "pool/aaa_1_all.deb"
    write_deb(broken, "aaa", bad=True)
    write_index(mirror, None)
    text = broken.read_bytes()
    replace_listed(mirror, key, broken, b"!<arch>\n" + text[8:60])
    done = check(mirror, store, "--keyring", key.keyring, "--json")
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert (report["packages"]["unreadable"], report["packages"]["checked"]) == (1, 1)
    (row,) = report["not_done"]
    assert row["name"] == "aaa"
    assert "pool/aaa_1_all.deb" in row["reason"]
    assert "/tmp" not in row["reason"]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_the_report_is_the_same_by_any_number_of_processes_and_over_http(jobs: str, tmp_path: Path, key: Key) -> None:
    mirror = make_mirror(tmp_path / "mirror", {f"p{number}": number % 2 == 0 for number in range(6)}, key)
    alone = json.loads(check(mirror, tmp_path / "a.sqlite", "--keyring", key.keyring, "--json").stdout)
    with served(mirror) as address:
        done = check(address, tmp_path / "b.sqlite", "--keyring", key.keyring, "--json", "-j", jobs)
    assert done.returncode == 1, done.stderr
    assert {**json.loads(done.stdout), "mirror": alone["mirror"]} == alone


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path, store: Path, key: Key) -> None:
    names = {f"p{number:02}": True for number in range(12)}
    mirror = make_mirror(tmp_path / "mirror", names, key)
    argv = [*PKGTOOLS, "archive", "check", str(mirror), "--suite", SUITE, "--arch", ARCHITECTURE]
    argv += ["--store", str(store), "--keyring", str(key.keyring)]
    process = subprocess.Popen(argv, env=environment(), cwd=tmp_path, start_new_session=True)
    while process.poll() is None and _results(store) < 2:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = _results(store)
    report = json.loads(check(mirror, store, "--keyring", key.keyring, "--json").stdout)
    assert before >= 2
    assert report["packages"]["new"] == 12 - before
    assert report["packages"]["checked"] == 12
    assert report["run"] == 1


def _results(store: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
            (number,) = db.execute("SELECT count(*) FROM results").fetchone()
    except sqlite3.OperationalError:  # it isn't there yet
        return 0
    return int(number)


def test_findings_are_kept_as_the_check_has_them(mirror: Path, store: Path, key: Key) -> None:
    check(mirror, store, "--keyring", key.keyring)
    opened = Store(store)
    (run,) = opened.runs()
    (kept,) = opened.kept(run)
    tally = tally_of(opened, run, Severity.ERROR)
    opened.close()
    assert run.is_ended
    assert kept.done is not None
    assert kept.done.outcome is PackageOutcome.CHECKED
    assert {one["rule"] for one in kept.done.findings} >= {"pyc-in-public-package"} or kept.done.findings
    assert tally.status == 1


@pytest.mark.parametrize("content", [b"text", b"SQLite format 3\0" + bytes(84)])
def test_another_file_is_no_store(content: bytes, mirror: Path, store: Path, key: Key) -> None:
    store.write_bytes(content)
    done = check(mirror, store, "--keyring", key.keyring)
    assert done.returncode == 2
    assert store.read_bytes() == content
    assert "store" in done.stderr


def test_another_programs_database_is_left_alone(mirror: Path, store: Path, key: Key) -> None:
    db = sqlite3.connect(store)
    db.execute("CREATE TABLE t (a)")
    db.close()
    before = store.read_bytes()
    done = check(mirror, store, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "isn't a store of this version" in done.stderr
    assert store.read_bytes() == before


def test_json_is_what_its_schema_says(mirror: Path, store: Path, key: Key) -> None:
    schema = json.loads((SCHEMAS / "archive.schema.json").read_text())
    (mirror / "pool/bad_1_all.deb").unlink()
    for options in (("--keyring", key.keyring), ("--allow-unsigned",)):
        Draft202012Validator(schema).validate(json.loads(check(mirror, store, *options, "--json").stdout))


def test_verify_compiles_and_compares(mirror: Path, store: Path, key: Key) -> None:
    done = check(mirror, store, "--keyring", key.keyring, "--json", job="verify")
    report = json.loads(done.stdout)
    assert report["command"] == "archive verify"
    assert report["packages"]["checked"] == 1
