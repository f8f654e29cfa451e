# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What commands say of what they did, would do or found: it holds, and it advises what the reader can do."""

from __future__ import annotations

from pathlib import Path

from tests.cli.packages import run_here
from tests.lab.debs import SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.readers.test_root import make
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pyc

M = f"{PRIVATE}/m.py"
MANIFEST = f'[packages.acme]\nstrategy = "trigger"\nprivate = [{{ directory = "{PRIVATE}" }}]\n'


def test_generate_says_what_it_did_or_would_do(tmp_path: Path) -> None:
    (tmp_path / "pkgtools.toml").write_text(MANIFEST)
    call = ("generate", "-t", "deb", "-o", "out")
    would = run_here(tmp_path, *call, "--check")
    lines = would.stdout.splitlines()
    assert lines
    assert {line.partition(" out/")[0] for line in lines} == {"would create"}
    assert would.stderr == f"{len(lines)} files: {len(lines)} to be created\n"
    did = run_here(tmp_path, *call)
    assert did.stdout == would.stdout.replace("would create", "create")
    assert did.stderr == f"{len(lines)} files: {len(lines)} created\n"
    for again in (run_here(tmp_path, *call), run_here(tmp_path, *call, "--check")):
        assert (again.returncode, again.stdout, again.stderr) == (
            0,
            "",
            f"{len(lines)} files: {len(lines)} unchanged\n",
        )


def test_stage_says_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / "pkgtools.toml").write_text(MANIFEST)
    make(tmp_path / "tree", {M: SOURCE})
    done = run_here(tmp_path, "stage", "-t", "deb", "tree")
    assert (done.returncode, done.stdout) == (0, "write /usr/share/pkgtools/private.d/acme.conf\n")


def test_who_verifies_a_package_is_not_sent_to_audit(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    files: dict[str, str | bytes] = {M: SOURCE, cached(M): pyc(M, SOURCE.replace("42", "43"))}
    package = build_deb(SamplePackage(name="acme", files=files), tmp_path)
    done = run_here(tmp_path, "verify", package)
    assert done.returncode == 1
    assert "pkgtools audit" not in done.stdout + done.stderr
    top = make(tmp_path / "root", files)
    done = run_here(tmp_path, "verify", top)
    assert done.returncode == 1
    assert "pkgtools audit" in done.stdout + done.stderr
