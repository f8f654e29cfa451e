# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools migrate`: from dh_python3 to dh_pkgtools and back, word by word."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from debian.deb822 import PkgRelation

from pkgtools.cli.migrate import migrate
from pkgtools.config import parse_manifest
from pkgtools.debhelper.source_control import read_control
from pkgtools.model.manifest import Family
from tests.lab.cli import cli_runner
from tests.lab.needs import need_tools

BINARY = "\nPackage: acme\nArchitecture: all\nDepends: ${misc:Depends}, ${python3:Depends}\nDescription: sample\n"
HEAD = "# a comment above\nSource: acme\nMaintainer: A <a@example.org>\n"
DH = "#!/usr/bin/make -f\n# dh's own\n%:\n\tdh $@"


@dataclass(frozen=True)
class Case:
    """A source package of each kind, and what becomes of it."""

    depends: str
    depends_then: str
    rules: str = f"{DH}\n"
    rules_then: str = f"{DH}\n"


CASES = {
    "sequence": Case(
        "Build-Depends: debhelper-compat (= 13), dh-sequence-python3, python3-all",
        "Build-Depends: debhelper-compat (= 13), dh-sequence-pkgtools, python3-all",
    ),
    "lines": Case(
        "Build-Depends:\n debhelper-compat (= 13),\n# why\n dh-sequence-python3 <!nopython>,\n python3-all,",
        "Build-Depends:\n debhelper-compat (= 13),\n# why\n dh-sequence-pkgtools <!nopython>,\n python3-all,",
    ),
    "with": Case(
        "Build-Depends: debhelper-compat (= 13), dh-python, python3",
        "Build-Depends: debhelper-compat (= 13), dh-python, dh-pkgtools, python3",
        f"{DH} --with python3 --buildsystem=pybuild\n",
        f"{DH} --with pkgtools --buildsystem=pybuild\n",
    ),
    "with-lines": Case(
        "Build-Depends: debhelper-compat (= 13),\n               dh-python (>= 5) <!nodoc>,\n               python3,",
        "Build-Depends: debhelper-compat (= 13),\n               dh-python (>= 5) <!nodoc>,\n"
        "               dh-pkgtools <!nodoc>,\n               python3,",
        f"{DH} --with=sphinxdoc,python3\n",
        f"{DH} --with=sphinxdoc,pkgtools\n",
    ),
    "with-last-line": Case(
        "Build-Depends: debhelper-compat (= 13),\n python3,\n dh-python",
        "Build-Depends: debhelper-compat (= 13),\n python3,\n dh-python,\n dh-pkgtools",
        f"{DH} --with 'python3,sphinxdoc'\n",
        f"{DH} --with 'pkgtools,sphinxdoc'\n",
    ),
    "commas-in-front": Case(
        "Build-Depends: debhelper-compat (= 13)\n , dh-python\n , python3",
        "Build-Depends: debhelper-compat (= 13)\n , dh-python\n , dh-pkgtools\n , python3",
        f"{DH} --with python3\n",
        f"{DH} --with pkgtools\n",
    ),
    "another-package-brings-dh-python": Case(
        "Build-Depends: debhelper-compat (= 13),\n               pybuild-plugin-pyproject,",
        "Build-Depends: debhelper-compat (= 13), dh-pkgtools,\n               pybuild-plugin-pyproject,",
        f"{DH} --with python3\n",
        f"{DH} --with pkgtools\n",
    ),
    "without-dh": Case(
        "Build-Depends: debhelper (>= 10),\n  dh-python,\n  python3-all-dev,",
        "Build-Depends: debhelper (>= 10),\n  dh-python,\n  dh-pkgtools,\n  python3-all-dev,",
        "binary-indep:\n\tdh_installdocs -i\n\tdh_python3 -i\n",
        "binary-indep:\n\tdh_installdocs -i\n\tdh_pkgtools -i\n",
    ),
    "indep": Case(
        "Build-Depends: debhelper-compat (= 13)\nBuild-Depends-Indep: dh-python, python3",
        "Build-Depends: debhelper-compat (= 13)\nBuild-Depends-Indep: dh-python, dh-pkgtools, python3",
        f"{DH} --with python3\n",
        f"{DH} --with pkgtools\n",
    ),
    "overrides": Case(
        "Build-Depends: debhelper-compat (= 13), dh-sequence-python3",
        "Build-Depends: debhelper-compat (= 13), dh-sequence-pkgtools",
        f"{DH}\n\noverride_dh_python3:\n\tdh_python3 -p acme /usr/lib/acme -X 'a.*'\n\n"
        "execute_after_dh_python3-indep:\n\ttrue\n"
        "\nmy_dh_python3_test:\n\ttrue\n",
        f"{DH}\n\noverride_dh_pkgtools:\n\tdh_pkgtools -p acme /usr/lib/acme -X 'a.*'\n\n"
        "execute_after_dh_pkgtools-indep:\n\ttrue\n\nmy_dh_python3_test:\n\ttrue\n",
    ),
}


def source(top: Path, depends: str, rules: str = f"{DH}\n", **others: str) -> Path:
    debian = top / "debian"
    debian.mkdir(parents=True)
    (debian / "control").write_text(f"{HEAD}{depends}\nStandards-Version: 4.6.2\n{BINARY}")
    (debian / "rules").write_text(rules)
    (debian / "rules").chmod(0o755)
    for name, text in others.items():
        (debian / name).write_text(text)
    return top


def run(*arguments: str | Path) -> Result:
    return cli_runner().invoke(migrate, [str(one) for one in arguments])


def texts(top: Path) -> Mapping[str, str]:
    return {path.name: path.read_text() for path in (top / "debian").iterdir()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_only_words_change_and_change_back(case: Case, tmp_path: Path) -> None:
    top = source(tmp_path, case.depends, case.rules)
    before = texts(top)
    done = run(top, "--write")
    changed = [f"debian/{name}" for name, text in texts(top).items() if text != before[name]]
    assert (done.exit_code, done.stderr) == (0, f"changed {', '.join(sorted(changed))}\n")
    expected = before["control"].replace(case.depends, case.depends_then)
    assert texts(top) == {"control": expected, "rules": case.rules_then}
    assert (top / "debian/rules").stat().st_mode & 0o777 == 0o755
    assert run(top, "--back", "--write").exit_code == 0
    assert texts(top) == before


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_diff_is_a_patch_and_changes_nothing_by_itself(case: Case, tmp_path: Path) -> None:
    need_tools(["patch"])
    top = source(tmp_path / "a", case.depends, case.rules)
    other = source(tmp_path / "b", case.depends, case.rules)
    before = texts(top)
    done = run(top)
    assert (done.exit_code, texts(top)) == (0, before)
    run(other, "--write")
    subprocess.run(["patch", "-p1", "-s"], cwd=top, input=done.stdout, text=True, check=True)
    assert texts(top) == texts(other)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_result_is_read_and_both_helpers_are_never_used(case: Case, tmp_path: Path) -> None:
    top = source(tmp_path, case.depends, case.rules)
    run(top, "--write")
    built_with = read_control(top / "debian/control").build_depends
    assert {"dh-sequence-pkgtools", "dh-pkgtools"} & set(built_with)
    assert "dh-sequence-python3" not in built_with


def test_without_dh_python_the_relation_goes_to_the_end(tmp_path: Path) -> None:
    top = source(tmp_path, "Build-Depends: cdbs (>= 13), python3:any | python3-all", f"{DH} --with python3\n")
    assert run(top, "--write").exit_code == 0
    (line,) = [line for line in texts(top)["control"].splitlines() if line.startswith("Build-Depends")]
    groups = PkgRelation.parse_relations(line.partition(":")[2])
    assert [[one["name"] for one in group] for group in groups] == [
        ["cdbs"],
        ["python3", "python3-all"],
        ["dh-pkgtools"],
    ]


def test_alternatives_stay_together(tmp_path: Path) -> None:
    depends = "Build-Depends: debhelper (>= 13), dh-python | python3-helper, x"
    top = source(tmp_path, depends, f"{DH} --with python3\n")
    run(top, "--write")
    assert "dh-python | python3-helper, dh-pkgtools, x" in texts(top)["control"]


def test_strategy_goes_to_a_manifest_which_back_removes(tmp_path: Path) -> None:
    top = source(tmp_path, "Build-Depends: dh-sequence-python3")
    control = top / "debian/control"
    control.write_text(control.read_text() + "\nPackage: acme-data\nArchitecture: all\nDescription: x\n")
    before = texts(top)
    assert run(top, "--strategy", "native", "--write").exit_code == 0
    document = tomllib.loads(texts(top)["pkgtools.toml"])
    (package,) = parse_manifest(document, where="m", origin="m", directory=top).packages
    assert (package.key, package.variants[Family.DEB].strategy.value) == ("acme", "native")
    assert run(top, "--back", "--write").exit_code == 0
    assert texts(top) == before


@pytest.mark.parametrize(
    ("rules", "others", "left"),
    [
        (f"{DH} --with $(ADDONS)\n\noverride_dh_python3:\n", {}, "debian/rules:4"),
        ("include /usr/share/cdbs/1/class/python-distutils.mk\n", {}, "debian/rules:1"),
        (f"{DH} --with python3\n", {"more.mk": "# dh_python3\nx:\n\tdh_python3\n"}, "debian/more.mk:3"),
    ],
    ids=["variable", "cdbs", "other-file"],
)
def test_what_is_left_to_do_is_said_with_its_line(
    rules: str, others: Mapping[str, str], left: str, tmp_path: Path
) -> None:
    done = run(source(tmp_path, "Build-Depends: dh-sequence-python3, dh-python", rules, **others), "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, [f"{one['path']}:{one['line']}" for one in found["remarks"]]) == (1, [left])
    assert not found["written"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    top = source(tmp_path / "top", "Build-Depends: dh-sequence-python3")
    os.rename(top / "debian/control", tmp_path / "control")
    os.symlink(tmp_path / "control", top / "debian/control")
    done = run(top, "--write")
    assert (done.exit_code, "debian/control: a link" in done.stderr) == (2, True)


def test_a_package_without_either_helper_is_refused(tmp_path: Path) -> None:
    done = run(source(tmp_path, "Build-Depends: debhelper-compat (= 13)"))
    assert (done.exit_code, "nothing to do" in done.stderr) == (2, True)


def test_twice_is_once(tmp_path: Path) -> None:
    top = source(tmp_path, "Build-Depends: dh-sequence-python3")
    run(top, "--write")
    once = texts(top)
    again = run(top, "--write")
    assert (again.exit_code, again.stdout, texts(top)) == (0, "", once)
