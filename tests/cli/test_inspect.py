# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools inspect`: the strategy that is found is the one that the package was generated for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pkgtools.cli.group import main
from tests.lab.debs import SampleFile, SamplePackage, build_deb, downstream
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, TAG, cached, pair, pyc

M = f"{PRIVATE}/m.py"
POSTINST = {"postinst": "pkgtools-compile -p acme /usr/share/acme\n", "prerm": "pkgtools-clean -p acme\n"}
EMBEDDED = {"postinst": "/usr/lib/acme/pkgtools.pyz compile /usr/share/acme\n"}
SAMPLES = {
    "trigger": downstream("acme", {M: SOURCE}),
    "direct": SamplePackage(name="acme", files={M: SOURCE}, scripts=POSTINST),
    "standalone": SamplePackage(name="acme", files={M: SOURCE, "/usr/lib/acme/pkgtools.pyz": "x"}, scripts=EMBEDDED),
    "native": SamplePackage(name="acme", files={M: SOURCE}, scripts={"postinst": "py3compile -p acme\n"}),
    "shipped": SamplePackage(name="acme", files=pair(M)),
    "sourceless": SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": pyc(M)}),
    "cache-prefix": SamplePackage(
        name="acme", files={M: SOURCE}, scripts={"postinst": "pkgtools-compile --cache-prefix /var/cache/p /opt\n"}
    ),
    "none": SamplePackage(name="acme", files={M: SOURCE}),
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)])


@pytest.mark.parametrize("strategy", SAMPLES)
def test_strategy_is_found(strategy: str, tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    read = json.loads(run(build_deb(SAMPLES[strategy], tmp_path)).stdout)
    assert (read["version"], read["kind"], read["name"], read["strategy"]) == (1, "deb", "acme", strategy)


def test_all_is_told_of_a_package(tmp_path: Path) -> None:
    need_tools(["rpmbuild"])
    files = {**pair(M), f"{PUBLIC}/acme.py": SampleFile(SOURCE, 0o600)}
    package = SamplePackage(
        name="acme",
        files=files,
        scripts={"post": "python3 -m compileall -q /usr/share/acme\n", "%transfiletriggerin -- /opt/acme/": "true\n"},
        fields={"Requires": "python3 >= 3.9"},
    )
    read = json.loads(run(build_rpm(package, tmp_path)).stdout)
    assert read["places"] == [
        {"path": PUBLIC, "is_public": True, "served": "every python3", "modules": 1},
        {"path": PRIVATE, "is_public": False, "served": "one python3, 3.9-", "modules": 1},
    ]
    assert [(one["tag"], one["level"], one["mode"], one["pycs"]) for one in read["bytecode"]] == [
        (TAG, "", "timestamp", 1)
    ]
    assert read["python"] == "3.9-"
    assert read["compiles"][0].startswith("%post:1: python3 -m compileall")
    assert read["cleans"] == ["rpm, which owns the shipped pycs"]
    assert read["scripts"] == ["%post (/bin/sh)"]
    assert read["triggers"] == ["%transfiletriggerin /opt/acme/"]
    assert read["modes"] == [
        "sources: 1 of root:root 0600",
        "sources: 1 of root:root 0644",
        "pycs: 1 of root:root 0644",
        "cache directories: 1 of root:root 0755",
    ]


def test_table_has_no_path_that_writes_to_the_terminal(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    package = SamplePackage(name="acme", files={"/opt/\x1b[2J\x07[red]/m.py": SOURCE})
    done = run("--no-json", build_deb(package, tmp_path))
    assert done.exit_code == 0
    assert [one for one in "\x1b\x07" if one in done.stdout] == []
    assert "[red]" in done.stdout


def test_system_is_told_apart_from_a_staged_tree(tmp_path: Path) -> None:
    (tmp_path / "usr/share/acme").mkdir(parents=True)
    (tmp_path / "usr/share/acme/m.py").write_text(SOURCE)
    assert json.loads(run(tmp_path).stdout)["kind"] == "tree"
    assert json.loads(run("--root", tmp_path).stdout)["kind"] == "root"


def test_unreadable_package_is_said(tmp_path: Path) -> None:
    done = run(tmp_path / "none.deb")
    assert (done.exit_code, done.stdout) == (2, "")
    assert cached(M) not in done.stderr
    assert "none.deb" in done.stderr
