# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools verify`: what differs is named with its owner, the rest is counted, and the exit status tells."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import Result

from pkgtools.cli.verify import verify
from tests.lab.cli import cli_runner
from tests.lab.debs import Files, SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.readers.images import docker_image, layer
from tests.readers.test_root import make
from tests.rules.bytecode import SOURCE, cached, hashed, of_version, pair, pyc

M = "/usr/share/acme/m.py"
N = "/usr/share/acme/n.py"
OTHER = SOURCE.replace("42", "43")
NAME_IT = "name Python 3.9 by --python PATH, or run pkgtools where it is"
NOBODY = "no interpreter of this machine loads them"
INFO = "/var/lib/dpkg/info"


def run(*arguments: str | Path) -> Result:
    return cli_runner().invoke(verify, [*map(str, arguments), "--jobs", "1"], catch_exceptions=False)


def test_a_clean_system(tmp_path: Path) -> None:
    done = run(make(tmp_path, pair(M)))
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "       1 the same code, written down in another way"
    assert done.stderr == ""


def test_what_differs_is_named_with_its_owner(tmp_path: Path) -> None:
    files = {**pair(M), N: SOURCE, cached(N): pyc(N, OTHER), f"{INFO}/acme.list": f"{N}\n"}
    done = run(make(tmp_path, files))
    assert done.exit_code == 1
    assert done.stdout.splitlines()[:3] == [
        f"different {cached(N)} (source: without a checksum, of acme)",
        "       1 the same code, written down in another way",
        "       1 DIFFERENT code",
    ]
    assert "pkgtools audit" in done.stderr


def test_what_nobody_here_can_load_is_counted_and_said(tmp_path: Path) -> None:
    old = cached(M, tag="cpython-39")
    done = run(make(tmp_path, {M: SOURCE, old: of_version(pyc(M), (3, 9))}))
    assert done.exit_code == 2
    assert done.stdout.splitlines()[:3] == [
        "       1 unchecked: they could not be compared",
        "compared 0 of 1 pyc",
        f"note: cpython-39: 1 pyc not compared: {NOBODY}: {NAME_IT}",
    ]
    assert run(tmp_path, "--allow-unchecked").exit_code == 0


def test_what_was_not_compared_wins_over_what_differs(tmp_path: Path) -> None:
    old = cached(N, tag="cpython-39")
    top = make(tmp_path, {M: SOURCE, cached(M): pyc(M, OTHER), N: SOURCE, old: of_version(pyc(N), (3, 9))})
    done = run(top, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["exit"]) == (2, 2)
    assert report["coverage"]["pycs"] == {"total": 2, "compared": 1}
    assert [(one["tag"], one["number"], one["obstacle"]) for one in report["coverage"]["gaps"]] == [
        ("cpython-39", 1, "no-interpreter")
    ]
    assert run(top, "--allow-unchecked").exit_code == 1


def test_json_has_all_numbers_and_the_names_of_what_differs(tmp_path: Path) -> None:
    files = {**pair(M), N: SOURCE, cached(N): pyc(N, OTHER), f"{INFO}/acme.list": f"{M}\n{N}\n"}
    files[f"{INFO}/acme.md5sums"] = f"{'0' * 32}  {N[1:]}\n"
    top = make(tmp_path, files)
    report = json.loads(run(top, "--json").stdout)
    assert (report["version"], report["path"]) == (2, str(top))
    assert {name: number for name, number in report["counts"].items() if number} == {"equal": 1, "different": 1}
    assert report["pycs"] == [
        {"path": cached(N), "result": "different", "source": N, "source_state": "modified", "package": "acme"}
    ]
    assert report["notes"][-1].startswith("not looked at: ")
    assert {one["path"] for one in json.loads(run(top, "--json", "--all").stdout)["pycs"]} == {cached(M), cached(N)}


def test_nothing_to_do(tmp_path: Path) -> None:
    assert run(make(tmp_path, {M: SOURCE})).stdout.splitlines()[0] == "there is no bytecode in cache directories"


def test_names_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = "/opt/\x1b[2J\n\udcff.py"
    done = run(make(tmp_path, {path: SOURCE, cached(path): pyc("/x.py", OTHER)}))
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0].startswith(r"different /opt/__pycache__/\x1b[2J\n\xff.cpython-311.pyc (")


def test_a_package_and_an_image(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"], root=False)
    files: Files = {M: SOURCE, cached(M): pyc(M, OTHER)}
    image = tmp_path / "image.tar"
    image.write_bytes(docker_image(layer((M[1:], SOURCE.encode()), (cached(M)[1:], pyc(M, OTHER)))))
    for path in (build_deb(SamplePackage(name="acme", files=files), tmp_path), image):
        done = run(path)
        assert done.exit_code == 1
        assert done.stdout.startswith(f"different {cached(M)} (source: ")


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["/nowhere"], "pkgtools verify: /nowhere: no such file or directory\n"),
        (["/dev/null"], "not a regular file"),
        (["--python", "/bin/true", "/"], "/bin/true: no Python that runs on this machine"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], wrong: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("pkgtools verify: ")
    assert wrong in done.stderr


def test_links_and_files_that_are_too_big_are_unchecked(tmp_path: Path) -> None:
    top = make(tmp_path, {**pair(M), N: SOURCE, "/opt/x.pyc": ""})
    os.truncate(f"{top}{cached(M)}", 17 << 20)
    Path(f"{top}{cached(N)}").symlink_to("/opt/x.pyc")
    done = run(top)
    assert done.stdout.splitlines()[0].startswith("       2 unchecked:")
    assert f"note: {cached(N)}: not compared, it is a link to /opt/x.pyc" in done.stdout
    assert f"note: {cached(M)}: not compared, it is too big (17825792 bytes) or locked" in done.stdout


def test_nothing_is_written(tmp_path: Path) -> None:
    top = make(tmp_path, {**pair(M), cached(N): pyc(N)})
    before = {path: os.lstat(path).st_ctime_ns for path in top.rglob("*")}
    run(top)
    assert {path: os.lstat(path).st_ctime_ns for path in top.rglob("*")} == before


@pytest.mark.parametrize("form", ["html", "sarif", "junit", "github", "prometheus"])
def test_report_can_be_had_in_the_formats_of_audit(form: str, tmp_path: Path) -> None:
    top = make(tmp_path / "root", {**pair(M), N: SOURCE, cached(N): pyc(N, OTHER)})
    done = run(top, "--format", form, "-o", str(tmp_path / "report"))
    assert (done.exit_code, done.stdout) == ((2, "") if form == "prometheus" else (1, ""))  # below /tmp none is written
    if form != "prometheus":
        text = (tmp_path / "report").read_text()
        assert "code-differs" in text
        assert cached(N).rpartition("/")[2] in text


def test_classes_of_bytecode_are_counted(tmp_path: Path) -> None:
    unchecked = hashed(M, checked=False)
    top = make(
        tmp_path,
        {M: SOURCE, cached(M): unchecked, "/usr/share/acme/s.pyc": pyc(N), N: SOURCE, cached(N): pyc(N) + b"x"},
    )
    report = json.loads(run(top, "--json").stdout)
    assert report["classes"] == {"unchecked-hash-pyc": 1, "sourceless-module": 1, "trailing-bytes": 1}
    text = run(top).stdout
    assert text.count("       1 taken without a look") == text.count("       1 modules without a source") == 1


def test_summary_names_no_pyc(tmp_path: Path) -> None:
    top = make(tmp_path, {N: SOURCE, cached(N): pyc(N, OTHER)})
    assert "n.cpython" not in run(top, "--summary").stdout
    assert json.loads(run(top, "--summary", "--json").stdout)["pycs"] == []
