# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Repositories of RPM packages as createrepo_c makes them, signed by gpg, and indexes that were meddled with."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.packages import run
from tests.lab.commands import run_on_host
from tests.lab.debs import SamplePackage
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm
from tests.mirrors.made_mirrors import Key

REPOMD = "repodata/repomd.xml"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, key: Key) -> Path:
    """Return a repository of one package with a module, and one without."""
    need_tools(("createrepo_c", "rpmbuild"))
    top, built = (tmp_path_factory.mktemp(name) for name in ("repository", "built"))
    for name, path in {"acme": "/usr/lib/python3.11/site-packages/acme.py", "plain": "/usr/share/plain/text"}.items():
        package = build_rpm(SamplePackage(name=name, files={path: "x = 1\n"}), built)
        (top / package.name).write_bytes(package.read_bytes())
    run_on_host(["createrepo_c", "--quiet", str(top)])
    sign(top, key)
    return top


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it to meddle with."""
    return Path(shutil.copytree(made, tmp_path / "repository"))


def sign(top: Path, key: Key) -> None:
    """Sign repomd.xml beside it, as repositories do."""
    key.sign("--armor", "--output", top / f"{REPOMD}.asc", "--detach-sign", top / REPOMD)


def check(top: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """Check a repository."""
    return run(top.parent, "archive", "check", top, "--store", top.parent / "store.sqlite", "--json", *options)


def test_packages_without_modules_are_passed_over(repository: Path, key: Key) -> None:
    done = check(repository, "--keyring", key.keyring)
    report = json.loads(done.stdout)
    assert done.returncode in {0, 1}
    assert [report["packages"][name] for name in ("listed", "passed_over", "checked")] == [2, 1, 1]
    assert report["index"]["signed_by"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", report["index"]["date"])


def test_an_index_that_was_changed_is_not_read(repository: Path, key: Key) -> None:
    (primary,) = (repository / "repodata").glob("*-primary.xml.*")
    primary.write_bytes(primary.read_bytes() + b"\n")
    done = check(repository, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "primary.xml" in done.stderr


def test_a_repomd_that_was_changed_is_not_read(repository: Path, key: Key) -> None:
    path = repository / REPOMD
    path.write_text(path.read_text().replace("<revision>", "<revision>1"))
    done = check(repository, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "is bad: the file was changed" in done.stderr
    assert check(repository, "--allow-unsigned").returncode in {0, 1}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        pytest.param(("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>'), "document type", id="entities"),
        pytest.param(('href="repodata/', 'href="../repodata/'), "could lead out", id="name-that-leads-out"),
        pytest.param(('type="sha256"', 'type="md5"'), "has no SHA-256", id="weak-digest"),
        pytest.param(("</repomd>", ""), "can't be read", id="broken"),
        pytest.param(("<size>", "<size>x"), "can't be read", id="no-number"),
        pytest.param(('type="primary"', 'type="other"'), "no index of the type primary", id="no-primary"),
    ],
)
def test_a_repomd_that_is_hostile(change: tuple[str, str], wrong: str, repository: Path, key: Key) -> None:
    path = repository / REPOMD
    path.write_text(path.read_text().replace(*change))
    sign(repository, key)
    done = check(repository, "--keyring", key.keyring)
    assert done.returncode == 2
    assert wrong in done.stderr


def _vouched(repository: Path, key: Key, text: str) -> None:
    """Put an index of packages in, and have repomd.xml vouch for it."""
    index = repository / "repodata/primary.xml"
    index.write_text(text)
    path = repository / REPOMD
    digest = hashlib.sha256(index.read_bytes()).hexdigest()
    data = (
        f'<data type="primary"><checksum type="sha256">{digest}</checksum><location href="repodata/primary.xml"/>'
        f"<timestamp>1790000000</timestamp><size>{index.stat().st_size}</size></data>"
    )
    path.write_text(f'<repomd xmlns="http://linux.duke.edu/metadata/repo">{data}</repomd>')
    sign(repository, key)


def test_an_index_of_packages_with_a_document_type_is_not_read(repository: Path, key: Key) -> None:
    _vouched(repository, key, '<!DOCTYPE x [<!ENTITY a "b">]><metadata>&a;</metadata>')
    done = check(repository, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "document type" in done.stderr


def test_without_file_lists_all_are_checked(repository: Path, key: Key) -> None:
    (primary,) = (repository / "repodata").glob("*-primary.xml.*")
    text = subprocess.run(["zcat", "-f", str(primary)], capture_output=True, text=True, check=True).stdout
    _vouched(repository, key, text)
    report = json.loads(check(repository, "--keyring", key.keyring).stdout)
    assert [report["packages"][name] for name in ("listed", "passed_over", "checked")] == [2, 0, 2]


def test_an_entry_that_would_fill_the_memory_is_not_held(repository: Path, key: Key) -> None:
    _vouched(repository, key, f"<metadata><package><x>{'y' * (17 << 20)}</x></package></metadata>")
    done = check(repository, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "an entry of it is larger than" in done.stderr
