# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools inspect`: the strategy that is found is the one that the package was generated for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from pkgtools.cli.group import main
from tests.cli.test_audit_missing import image_of
from tests.lab.cli import cli_runner
from tests.lab.debs import SampleFile, SamplePackage, build_deb, downstream
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm
from tests.readers.test_root import make
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
    return cli_runner().invoke(main, ["inspect", *map(str, arguments)])


@pytest.mark.parametrize("strategy", SAMPLES)
def test_strategy_is_found(strategy: str, tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    read = json.loads(run("--json", build_deb(SAMPLES[strategy], tmp_path)).stdout)
    assert (read["version"], read["kind"], read["name"], read["strategy"]) == (2, "deb", "acme", strategy)


def test_all_is_told_of_a_package(tmp_path: Path) -> None:
    need_tools(["rpmbuild"])
    files = {**pair(M), f"{PUBLIC}/acme.py": SampleFile(SOURCE, 0o600)}
    package = SamplePackage(
        name="acme",
        files=files,
        scripts={"post": "python3 -m compileall -q /usr/share/acme\n", "%transfiletriggerin -- /opt/acme/": "true\n"},
        fields={"Requires": "python3 >= 3.9"},
    )
    read = json.loads(run("--json", build_rpm(package, tmp_path)).stdout)
    every, one = ({"program": "python3", "every": given, "versions": ""} for given in (True, False))
    assert read["places"] == [
        {"path": PUBLIC, "is_public": True, "served": every, "modules": 1, "registration": ""},
        {"path": PRIVATE, "is_public": False, "served": {**one, "versions": "3.9-"}, "modules": 1, "registration": ""},
    ]
    assert [(one["tag"], one["level"], one["mode"], one["pycs"]) for one in read["bytecode"]] == [
        (TAG, "", "timestamp", 1)
    ]
    assert read["python"] == "3.9-"
    command = "python3 -m compileall -q /usr/share/acme"
    by_others = {"script": "", "line": None, "command": ""}
    assert read["compiles"] == [
        {"by": "script", "script": "%post", "line": 1, "command": command},
        {"by": "build", **by_others},
    ]
    assert read["cleans"] == [{"by": "package manager", **by_others}]
    assert read["scripts"] == [{"name": "%post", "interpreter": ["/bin/sh"]}]
    assert read["triggers"] == [{"directive": "%transfiletriggerin", "names": ["/opt/acme/"]}]
    assert [(mode["what"], mode["number"], mode["owner"], mode["group"], mode["mode"]) for mode in read["modes"]] == [
        ("sources", 1, "root", "root", "0600"),
        ("sources", 1, "root", "root", "0644"),
        ("pycs", 1, "root", "root", "0644"),
        ("cache directories", 1, "root", "root", "0755"),
    ]


REGISTRATION = "/usr/share/pkgtools/private.d/acme.conf"


@pytest.mark.parametrize("kind", ["deb", "rpm", "root", "image"])
def test_registered_directory_is_compiled_by_the_triggers(kind: str, tmp_path: Path) -> None:
    inner = f"{PRIVATE}/deep/er/m.py"
    files: dict[str, str | bytes] = {M: SOURCE, inner: SOURCE, REGISTRATION: f"compile|3.9-|{PRIVATE}\n"}
    if kind in {"root", "image"}:
        top = make(tmp_path / "root", {**files, "/usr/share/pkgtools/triggers/run.py": SOURCE})
        done = run("--root", "--json", top) if kind == "root" else run("--json", image_of(top))
    else:
        need_tools(["dpkg-deb"] if kind == "deb" else ["rpmbuild"])
        fields = {"Depends" if kind == "deb" else "Requires": "pkgtools-runtime"}
        scripts = {"prerm": "pkgtools-clean -p acme\n"} if kind == "deb" else {}
        package = SamplePackage(name="acme", files=files, fields=fields, scripts=scripts)
        done = run("--json", (build_deb if kind == "deb" else build_rpm)(package, tmp_path))
    read = json.loads(done.stdout)
    served = {"program": "python3", "every": False, "versions": "3.9-"}
    place = {"path": PRIVATE, "is_public": False, "served": served, "modules": 2, "registration": REGISTRATION}
    assert place in read["places"]
    assert [one["by"] for one in read["compiles"]] == ["triggers"]
    assert [one["by"] for one in read["cleans"]] == ["script" if kind == "deb" else "triggers"]


def test_a_system_is_summed_up(tmp_path: Path) -> None:
    top = make(tmp_path, {f"/opt/a{number:02}/m.py": SOURCE for number in range(30)})
    done = run("--root", top)
    assert done.stdout.count("1 module, private") == 10
    assert "and 20 more (--all lists them)" in done.stdout
    assert run("--root", "--all", top).stdout.count("1 module, private") == 30


def test_table_has_no_path_that_writes_to_the_terminal(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    package = SamplePackage(name="acme", files={"/opt/\x1b[2J\x07[red]/m.py": SOURCE})
    done = run(build_deb(package, tmp_path))
    assert done.exit_code == 0
    assert [one for one in "\x1b\x07" if one in done.stdout] == []
    assert "[red]" in done.stdout


def test_system_is_told_apart_from_a_staged_tree(tmp_path: Path) -> None:
    (tmp_path / "usr/share/acme").mkdir(parents=True)
    (tmp_path / "usr/share/acme/m.py").write_text(SOURCE)
    assert json.loads(run("--json", tmp_path).stdout)["kind"] == "tree"
    assert json.loads(run("--json", "--root", tmp_path).stdout)["kind"] == "root"


def test_unreadable_package_is_said(tmp_path: Path) -> None:
    done = run(tmp_path / "none.deb")
    assert (done.exit_code, done.stdout) == (2, "")
    assert cached(M) not in done.stderr
    assert "none.deb" in done.stderr


def test_a_table_is_not_cut_in_a_pipe(tmp_path: Path) -> None:
    """A table goes to a pipe as to a terminal."""
    path = f"/usr/share/{'n' * 100}/{'m' * 100}"
    top = make(tmp_path, {f"{path}/m.py": SOURCE})
    done = run(top)
    assert f" {path}: 1 module, private" in done.stdout
