# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The promises of `audit`, `check` and `verify` to those who asked for them on python-dev; numbers are their rows."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from pkgtools.cli.group import main
from tests.lab.cli import cli_runner
from tests.lab.debs import SOME_DAY, SampleFile, SamplePackage, build_deb, write_file
from tests.lab.needs import need_tools
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, hashed, pair, pyc

M = f"{PRIVATE}/m.py"
CACHE = f"{PRIVATE}/__pycache__"
OTHER = SOURCE.replace("42", "41")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a system with one module and its cache, all as it should be."""
    need_tools(["setfacl"])
    top = tmp_path / "root"
    put(top, {"/usr/bin/python3.11": SampleFile("", 0o755), **pair(M)})
    return top


def put(top: Path, files: Mapping[str, str | bytes | SampleFile]) -> None:
    for path, given in files.items():
        write_file(f"{top}{path}", given if isinstance(given, SampleFile) else SampleFile(given))


def found(command: str, path: Path, *options: str) -> list[tuple[str, str]]:
    """Return rule and path of each finding, as JSON has them."""
    done = cli_runner().invoke(main, [command, "--json", *options, str(path)])
    assert done.exit_code in {0, 1}, done.stderr
    return [(one["rule"], one["path"]) for one in json.loads(done.stdout)["verdicts"][0]["findings"]]


def test_clean_system_has_no_findings(root: Path) -> None:
    assert found("audit", root) == []


@pytest.mark.parametrize(("path", "mode"), [(CACHE, 0o777), (CACHE, 0o775), (cached(M), 0o666), (cached(M), 0o664)])
def test_t2_audit_finds_each_cache_that_others_than_its_owner_can_write(root: Path, path: str, mode: int) -> None:
    os.chmod(f"{root}{path}", mode)
    assert ("wrong-cache-mode", path) in found("audit", root)


@pytest.mark.parametrize("path", [CACHE, cached(M)])
def test_t2_audit_finds_what_an_acl_lets_others_write(root: Path, path: str) -> None:
    subprocess.run(["setfacl", "-m", "user:nobody:rwx", f"{root}{path}"], check=True)
    assert ("acl-on-cache", path) in found("audit", root)


def test_t2_audit_finds_directories_above_that_others_can_write(root: Path) -> None:
    os.chmod(f"{root}/usr/share", 0o777)
    assert ("untrusted-path", "/usr/share") in found("audit", root)


def test_t6_audit_reports_an_owner_that_differs_from_the_sources(root: Path) -> None:
    put(root, {"/srv/app/m.py": SampleFile(SOURCE, uid=33), cached("/srv/app/m.py"): pyc("/srv/app/m.py")})
    assert ("owner-differs", cached("/srv/app/m.py")) in found("audit", root)


def test_t12_central_cache_is_audited_like_the_rest(root: Path) -> None:
    central = f"/var/cache/python{PRIVATE}/m.cpython-311.pyc"
    put(root, {central: SampleFile(pyc(M, OTHER), 0o666)})
    rules = {rule for rule, path in found("audit", root) if path == central}
    assert rules == {"wrong-cache-mode", "code-differs"}
    put(root, {central: pyc(M)})
    assert found("audit", root) == []


def test_t16_planted_pyc_with_a_perfect_header_is_found(root: Path) -> None:
    put(root, {cached(M): pyc(M, OTHER)})
    assert found("audit", root) == [("code-differs", cached(M))]
    assert found("audit", root, "--no-compile") == []


def test_t16_pyc_of_another_owner_is_found(root: Path) -> None:
    os.chown(f"{root}{cached(M)}", 1000, 1000)
    assert ("wrong-cache-owner", cached(M)) in found("audit", root)


@pytest.mark.parametrize("file", ["/etc/environment", "/etc/profile.d/x.sh", "/etc/systemd/system/x.service"])
def test_t17_audit_shows_the_prefixes_that_are_set(root: Path, file: str) -> None:
    put(root, {file: "A=1\nEnvironment=PYTHONPYCACHEPREFIX=/srv/cache\n"})
    assert found("audit", root) == [("cache-prefix-in-use", file)]


def test_t18_modules_that_are_bytecode_alone_are_listed_and_not_condemned(root: Path) -> None:
    put(root, {f"{PRIVATE}/n.pyc": pyc(f"{PRIVATE}/n.py")})
    done = cli_runner().invoke(main, ["audit", "--json", "--fail-on", "warning", str(root)])
    findings = json.loads(done.stdout)["verdicts"][0]["findings"]
    assert [(one["rule"], one["severity"]) for one in findings] == [("sourceless-module", "info")]
    assert done.exit_code == 0


def test_t19_tag_and_magic_number_and_directory_must_agree(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    wrong = cached("/usr/lib/python3.9/site-packages/m.py")
    deb = build_deb(SamplePackage(name="acme", files={wrong: pyc(M)}), tmp_path)
    assert ("wrong-magic", wrong) in found("check", deb)


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "unchecked"])
def test_t21_verify_is_the_consistency_checker_that_hash_based_pycs_rely_on(root: Path, checked: bool) -> None:
    put(root, {cached(M): hashed(M, checked=checked)})
    assert verified(root) == (0, {"same": 1})
    put(root, {cached(M): hashed(M, OTHER, of=SOURCE, checked=checked)})
    assert verified(root) == (1, {"different": 1})


def test_t21_verify_finds_a_change_that_keeps_time_and_size(root: Path) -> None:
    path = Path(f"{root}{cached(M)}")
    content = path.read_bytes()
    changed = content.replace(b"\x2a\x00\x00\x00", b"\x2b\x00\x00\x00")
    assert len(changed) == len(content) != sum(a == b for a, b in zip(content, changed, strict=True))
    put(root, {cached(M): SampleFile(changed, mtime=SOME_DAY)})
    assert verified(root) == (1, {"different": 1})


def test_t21_public_modules_are_verified_too(root: Path) -> None:
    put(root, pair(f"{PUBLIC}/acme.py"))
    assert verified(root) == (0, {"same": 2})


def verified(root: Path) -> tuple[int, dict[str, int]]:
    """Return exit status and counts; what else this process has compiled decides between identical and equal."""
    done = cli_runner().invoke(main, ["verify", "--json", str(root)])
    counts: dict[str, int] = json.loads(done.stdout)["counts"]
    counts["same"] = counts.pop("identical") + counts.pop("equal")
    return done.exit_code, {name: number for name, number in counts.items() if number}
