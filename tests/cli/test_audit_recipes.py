# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The recipes of the how-to for running `pkgtools audit` regularly, as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.ours import CHECKOUT
from tests.lab.places import cache_directory, once, trusted_directory
from tests.readers.test_root import make
from tests.rules.bytecode import PUBLIC, SOURCE, TAG, cached, pyc

PAGE = CHECKOUT / "docs/how-to/audit-systems.md"
M = f"{PUBLIC}/m.py"
PROGRAM = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
ANSIBLE = "ansible-core==2.19.14"


def recipe(word: str) -> str:
    """Return the one block of the page that has a word in it."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    (found,) = (block for block in blocks if word in block)
    return str(found)


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory with programs of its own, in which nobody else can write on the way."""
    with trusted_directory() as place:
        (place / "bin").mkdir()
        # the recipes audit `/`; here that is a system in this directory
        words = f'exec env PYTHONPATH={CHECKOUT} {sys.executable} -m pkgtools.cli "$@" "{place}/system"'
        _program(place / "bin/pkgtools", words)
        _program(place / "bin/logger", f'echo "$*" >> "{place}/log"')
        make(place / "system", {PROGRAM: "", M: SOURCE, cached(M): pyc(M)})
        (place / f"system{PROGRAM}").chmod(0o755)
        yield place


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _run(place: Path, script: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{place}/bin:{os.environ['PATH']}"}
    return subprocess.run(["/bin/sh", "-e", "-c", script], check=False, capture_output=True, text=True, env=environment)


def _plant(place: Path) -> None:
    Path(f"{place}/system{cached(M)}").write_bytes(pyc(M, SOURCE.replace("42", "43")))


def test_cron_job_reports_dangers_and_nothing_else(place: Path) -> None:
    script = recipe("cron.daily").replace("/var/log/", f"{place}/")
    assert _run(place, script).returncode == 0
    assert not (place / "log").exists()
    assert json.loads((place / "pkgtools-audit.json").read_text())["exit"] == 0
    _plant(place)
    assert _run(place, script).returncode == 0
    assert "status 1" in (place / "log").read_text()
    report = json.loads((place / "pkgtools-audit.json").read_text())
    assert [one["rule"] for one in report["verdicts"][0]["findings"]] == ["code-differs"]


def test_metrics_are_written_for_node_exporter(place: Path) -> None:
    script = recipe("prometheus").replace("/var/lib/node-exporter", f"{place}/metrics")
    assert _run(place, script).returncode == 0
    assert "pkgtools_audit_exit_status" in (place / "metrics/pkgtools.prom").read_text()
    assert (place / "metrics/pkgtools.prom").stat().st_mode & 0o777 == 0o644


def _ansible() -> Path:
    """Return the directory with Ansible's programs; installed once."""

    def fill(directory: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        argv = [str(directory / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", ANSIBLE]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)

    return once(cache_directory() / f"venv-{ANSIBLE.replace('==', '-')}", fill)


@pytest.mark.slow
def test_playbook_repairs_says_what_changed_and_fails_where_something_is_left(place: Path) -> None:
    (place / "play.yml").write_text(recipe("ansible.builtin.command"))
    argv = f"{_ansible()}/bin/python {_ansible()}/bin/ansible-playbook -c local -i localhost, -e ansible_become=false"
    script = f"ANSIBLE_HOME={place}/ansible {argv} -e ansible_python_interpreter={sys.executable} {place}/play.yml"

    def play() -> tuple[int, set[str]]:
        done = _run(place, script)
        recap = done.stdout.rpartition("PLAY RECAP")[2]
        return done.returncode, {one for one in re.findall(r"(\w+)=[1-9]", recap) if one in {"changed", "failed"}}

    assert play() == (0, set())
    _plant(place)
    planted = Path(f"{place}/system{cached(M)}").read_bytes()
    assert play() == (0, {"changed"})
    assert Path(f"{place}/system{cached(M)}").read_bytes() != planted
    assert play() == (0, set())
    make(
        place / "system",
        {f"{PUBLIC}/open.py": SOURCE, f"{PUBLIC}/__pycache__/open.{TAG}.pyc": pyc(f"{PUBLIC}/open.py")},
    )
    Path(f"{place}/system{PUBLIC}/open.py").chmod(0o666)  # a mode is for people to put right
    assert play() == (2, {"failed"})
