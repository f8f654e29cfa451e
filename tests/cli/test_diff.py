# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools diff`: what is different is told, and nothing else, across formats too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from pkgtools.cli.group import main
from tests.lab.cli import cli_runner
from tests.lab.debs import SampleFile, SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, pair, pyc

M = f"{PRIVATE}/m.py"
PLAIN = SamplePackage(name="acme", files={M: SOURCE}, scripts={"postinst": "py3compile -p acme /usr/share/acme\n"})


def run(*arguments: str | Path) -> Result:
    return cli_runner().invoke(main, ["diff", *map(str, arguments)])


def deb(package: SamplePackage, directory: Path) -> Path:
    need_tools(["dpkg-deb"])
    directory.mkdir()
    return build_deb(package, directory)


def changes(old: Path, new: Path) -> list[tuple[str, str, str, str]]:
    done = run("--json", old, new)
    read = json.loads(done.stdout)
    assert done.exit_code == int(bool(read["changes"]))
    return [(one["aspect"], one["where"], one["old"], one["new"]) for one in read["changes"]]


def test_package_does_not_differ_from_itself(tmp_path: Path) -> None:
    one = deb(PLAIN, tmp_path / "a")
    done = run(one, one)
    assert (done.exit_code, done.stdout) == (0, "")


CHANGED: Mapping[str, tuple[SamplePackage, list[tuple[str, str]]]] = {
    "version": (replace(PLAIN, version="2"), [("package", "version")]),
    "source": (replace(PLAIN, files={M: SOURCE + "\n"}), [("modules", M)]),
    "mode": (replace(PLAIN, files={M: SampleFile(SOURCE, 0o600)}), [("modes", M)]),
    "module": (replace(PLAIN, files={M: SOURCE, f"{PRIVATE}/n.py": ""}), [("modules", f"{PRIVATE}/n.py")]),
    "script": (
        replace(PLAIN, scripts={"postinst": "py3compile -p acme /usr/share/acme -X x\n"}),
        [("compilation", "compiles"), ("compilation", "compiles"), ("scripts", "postinst")],
    ),
    "no script": (
        replace(PLAIN, scripts={}),
        [("compilation", "strategy"), ("compilation", "compiles"), ("scripts", "postinst")],
    ),
    "bytecode": (
        replace(PLAIN, files=pair(M)),
        [
            ("compilation", "strategy"),
            ("compilation", "compiles"),
            ("compilation", "cleans"),
            ("bytecode", f"{PRIVATE}/__pycache__"),
            ("bytecode", cached(M)),
        ],
    ),
    "trigger": (replace(PLAIN, triggers="interest-noawait /usr/share/acme\n"), [("triggers", "triggers")]),
    "dependency": (replace(PLAIN, fields={"Depends": "python3.11"}), [("compilation", "versions of Python")]),
}


@pytest.mark.parametrize(("package", "expected"), CHANGED.values(), ids=CHANGED)
def test_change_is_told_once(package: SamplePackage, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    found = changes(deb(PLAIN, tmp_path / "a"), deb(package, tmp_path / "b"))
    assert [(aspect, where) for aspect, where, _, _ in found] == expected


def test_changes_come_aspect_by_aspect(tmp_path: Path) -> None:
    names = [f"{PRIVATE}/{name}.py" for name in "abc"]
    first = replace(PLAIN, files=dict.fromkeys(names, SOURCE))
    second = replace(PLAIN, files={name: SampleFile(f"{SOURCE}\n", 0o600) for name in names})
    found = changes(deb(first, tmp_path / "a"), deb(second, tmp_path / "b"))
    assert [(aspect, where) for aspect, where, _, _ in found] == [
        (aspect, name) for aspect in ("modules", "modes") for name in names
    ]


def test_other_code_with_the_same_header_is_a_change(tmp_path: Path) -> None:
    first = SamplePackage(name="acme", files=pair(M))
    second = replace(first, files={M: SOURCE, cached(M): pyc(M, SOURCE.replace("42", "41"))})
    found = changes(deb(first, tmp_path / "a"), deb(second, tmp_path / "b"))
    assert [(aspect, where) for aspect, where, _, _ in found] == [("bytecode", cached(M))]


def test_same_program_as_deb_and_rpm_differs_in_what_is_their_own(tmp_path: Path) -> None:
    need_tools(["rpmbuild"])
    public = SamplePackage(name="acme", files={f"{PUBLIC}/acme.py": SOURCE, M: SOURCE})
    other = replace(public, files={"/usr/lib/python3.11/site-packages/acme.py": SOURCE, M: SOURCE + "\n"})
    found = changes(deb(public, tmp_path / "a"), build_rpm(other, tmp_path))
    assert [(aspect, where) for aspect, where, _, _ in found] == [
        ("package", "kind"),
        ("package", "version"),
        ("modules", M),
    ]


def test_text_names_the_first_ten_of_each_aspect(tmp_path: Path) -> None:
    many = replace(PLAIN, files={f"{PRIVATE}/m{number:02}.py": "" for number in range(20)} | {M: SOURCE})
    old, new = deb(PLAIN, tmp_path / "a"), deb(many, tmp_path / "b")
    lines = run(old, new).stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["modules:"]
    assert lines[-1] == "  and 10 more (--all lists them)"
    assert sum(line.startswith("  /") for line in run("--all", old, new).stdout.splitlines()) == 20


def test_unreadable_package_is_said(tmp_path: Path) -> None:
    done = run(tmp_path / "none.deb", tmp_path / "none.rpm")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "none.deb" in done.stderr
