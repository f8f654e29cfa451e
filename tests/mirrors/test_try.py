# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`archive try`: the lives of the packages of a mirror, each once, and their faults in the site."""

from __future__ import annotations

import html
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.packages import run
from tests.lab.debs import SamplePackage, build_deb
from tests.mirrors.made_mirrors import Key, check, write_index
from tests.trial.trials import TIMEOUT, package, root

pytestmark = [pytest.mark.system, pytest.mark.slow]


def test_faults_of_lives_are_kept_and_shown(tmp_path: Path, store: Path, key: Key) -> None:
    mirror = tmp_path / "mirror"
    (mirror / "pool").mkdir(parents=True)
    leaving = package("leaving", "mkdir -p /usr/lib/left; echo > /usr/lib/left/m.pyc\n")
    for one in (package("whole"), leaving, SamplePackage(name="text", files={"/usr/share/doc/text": "x"})):
        shutil.copy(build_deb(one, tmp_path), mirror / "pool")
    write_index(mirror, key)
    options = ("--keyring", key.keyring, "--root", root(), "--timeout", str(TIMEOUT), "--steps", "install,remove")
    done = check(mirror, store, *options, "--json", job="try")
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert done.returncode == report["exit"] == 1
    assert [report["packages"][name] for name in ("listed", "passed_over", "checked")] == [3, 1, 2]
    assert {"id": "left-behind", "findings": 1, "packages": 1} in report["rules"]
    again = check(mirror, store, *options, "--json", job="try")
    assert json.loads(again.stdout)["packages"]["new"] == 0
    assert run(tmp_path, "archive", "report", "--store", store, "-o", tmp_path / "site").returncode == 0
    page = html.unescape((tmp_path / "site/rules/left-behind.html").read_text())
    assert "`pkgtools try` looks for it" in page.replace("<code>", "`").replace("</code>", "`")
    assert "leaving 1" in page
    assert "whole 1" not in page
