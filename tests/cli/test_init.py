# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools init`: whatever it looks at, its manifest is accepted and says what was found."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.cli.init import init, manifest_text
from pkgtools.config import parse_manifest, read_manifest
from pkgtools.config.schema import manifest_schema
from pkgtools.model import package as model
from pkgtools.model.manifest import DeclaredPackage, Family, Manifest, Strategy
from pkgtools.model.package import File, Kind
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.version_range import VersionRange
from pkgtools.survey.module_survey import Survey, survey
from tests.lab.cli import cli_runner
from tests.lab.debs import SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm

CACHED = "/opt/acme/__pycache__/m.cpython-311"
TREES: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "public": ("/usr/lib/python3/dist-packages/m.py",),
    "private": ("/usr/share/acme/m.py", "/opt/acme/m.py"),
    "shipped": ("/opt/acme/m.py", f"{CACHED}.pyc", f"{CACHED}.opt-2.pyc"),
    "sourceless": ("/usr/lib/python3.11/site-packages/m.pyc", "/opt/acme/n.pyc"),
    "sourceless of no known version": ("/opt/acme/n.pyc",),
    "hostile names": (
        '/opt/a"b\\c#]/m.py',
        "/opt/caf\udce9/m.py",
        "/opt/{{ x }}/m.py",
        "/opt/é\u2028/m.py",
        "/opt/a|b/m.py",
    ),
}

NAMES = ["acme", "PyYAML", "x", "lib_a", "a b", "..", "0ad", "é", "python3.11", "-", "\udce9", "a\nb"]


def run(*arguments: str | Path) -> Result:
    return cli_runner().invoke(init, [str(one) for one in arguments])


def read(text: str) -> Manifest:
    return parse_manifest(tomllib.loads(text), where="m", origin="m", directory=Path("/nowhere"))


def stage(top: Path, paths: tuple[str, ...]) -> Path:
    (top / "acme/usr").mkdir(parents=True)
    for path in paths:
        place = top / "acme" / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    return top / "acme"


def only(text: str) -> DeclaredPackage:
    (package,) = read(text).packages
    return package


@pytest.mark.parametrize("paths", TREES.values(), ids=TREES)
def test_manifest_of_a_tree_is_accepted(tmp_path: Path, paths: tuple[str, ...]) -> None:
    done = run(stage(tmp_path, paths))
    assert (done.exit_code, done.stderr) == (0, "")
    assert only(done.stdout).key == "acme"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strategy", [Strategy.TRIGGER, Strategy.SHIPPED, Strategy.SOURCELESS])
@pytest.mark.parametrize("in_project", [True, False])
def test_manifest_of_any_name_is_accepted(name: str, strategy: Strategy, in_project: bool) -> None:
    python = VersionRange.only((3, 11))
    found = Survey(name=name, strategy=strategy, python=python, private=(InstalledPath("/opt/acme"),), public=False)
    other = Survey(name="other-package", left_out=("/opt/\n[x]",))
    document = tomllib.loads(manifest_text((found, other), Path("a\nb"), in_project=in_project))
    table = document["tool"]["pkgtools"] if in_project else document
    first, second = parse_manifest(table, where="m", origin="m", directory=Path("/")).packages
    assert first.variants[Family.DEB].strategy is strategy
    assert first.private[0].versions == "3.11"
    assert second.key == "other-package"


paths = st.lists(
    st.sampled_from(["/opt/", "/usr/share/", "/usr/lib/python3/dist-packages/", "/usr/lib/python3.11/", "/"]).flatmap(
        lambda start: st.builds(
            lambda middle, end: start + "".join(f"{one.replace('/', '') or 'x'}/" for one in middle) + end,
            st.lists(st.text(max_size=4) | st.sampled_from(["a", "b", "__pycache__", "doc", '"', "|"]), max_size=3),
            st.sampled_from(["m.py", "m.pyc", "n.pyc", "m.cpython-311.pyc", "m.cpython-311.opt-1.pyc", ".py"]),
        )
    )
)


@given(
    paths,
    st.text(min_size=1, max_size=8),
    st.sampled_from(["", "python3 (>= 3.9)", "python3.11", "python(abi) = 3.12"]),
)
def test_manifest_of_any_listing_is_accepted(names: list[str], name: str, dependency: str) -> None:
    files = tuple(File(path=InstalledPath(path), mode=0o100644) for path in names if "\0" not in path)
    found = survey(
        model.Package(
            origin="x",
            kind=Kind.DEB,
            family=model.PackageManager.DPKG,
            name=name,
            dependencies=(dependency,),
            files=files,
        )
    )
    package = only(manifest_text((found,), Path("x.deb"), in_project=False))
    assert [one.directory for one in package.private] == list(found.private)


def test_what_a_deb_and_a_rpm_ship_is_filled_in(tmp_path: Path) -> None:
    need_tools(["dpkg-deb", "rpmbuild"])
    files = {"/usr/share/acme/m.py": "", "/usr/share/acme/sub/n.py": ""}
    deb = SamplePackage(name="acme", files=files, fields={"Depends": "python3 (>= 3.9)"})
    rpm = SamplePackage(name="Acme", files=files, fields={"Requires": "python3 >= 3.9"})
    for path, key, name in (
        (build_deb(deb, tmp_path), "acme", "acme"),
        (build_rpm(rpm, tmp_path), "Acme", "acme"),
    ):
        package = only(run(path).stdout)
        assert (package.key, package.variants[Family.DEB].name, package.public) == (key, name, False)
        assert [(one.directory, one.versions) for one in package.private] == [("/usr/share/acme", "3.9-")]


def test_each_key_of_a_package_stands_there_once(tmp_path: Path) -> None:
    text = run(stage(tmp_path / "acme", ("/opt/acme/m.py",))).stdout
    assert re.findall("^#? ?public = .*", text, re.MULTILINE) == ["public = false"]
    assert "# Found: 1 source, 0 pycs" in text


def test_section_for_pyproject_can_be_appended(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "Acme"\nrequires-python = ">=3.10"\n')
    done = run(path)
    path.write_text(path.read_text() + done.stdout)
    assert read_manifest(path).packages[0].key == "acme"


def test_every_key_is_shown_and_every_commented_value_is_right() -> None:
    text = manifest_text((Survey(name="acme", private=(InstalledPath("/opt/acme"),)),), Path("x"), in_project=False)
    package = manifest_schema()["$defs"]["package"]["properties"]
    shown = set(re.findall(r"^(?:# )?([a-z-]+) = ", text, re.MULTILINE))
    assert set(package) - shown == {"private", "snippets", "ignores", "deb", "rpm", "alpm", "apk"}
    revealed = re.sub(r"^# ((?:[a-z-]+ = |\[).*)$", r"\1", text, flags=re.MULTILINE)
    found = only(revealed)
    assert (found.snippets[0].text, found.variants[Family.DEB].name) == ("acme --refresh || true\n", "acme")


def test_json_says_what_was_found(tmp_path: Path) -> None:
    done = run("--json", stage(tmp_path, TREES["shipped"]))
    (found,) = json.loads(done.stdout)["packages"]
    assert found == {
        "name": "acme",
        "strategy": "shipped",
        "python": "",
        "levels": [0, 2],
        "public": False,
        "private": ["/opt/acme"],
        "ranges": {},
        "left_out": [],
        "sources": 1,
        "cached": 2,
        "sourceless": 0,
    }


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    tree, output = stage(tmp_path, TREES["private"]), tmp_path / "pkgtools.toml"
    dry = run(tree, "-o", output, "--dry-run")
    assert (dry.exit_code, dry.stdout.startswith(f"would write {output}"), output.exists()) == (0, True, False)
    done = run(tree, "-o", output)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"wrote {output}\n")
    assert read_manifest(output).packages[0].key == "acme"
    output.write_text("mine")
    done = run(tree, "-o", output)
    assert (done.exit_code, output.read_text()) == (2, "mine")
    assert "--force" in done.stderr
    assert (run(tree, "-o", output, "--force").exit_code, output.read_text() == "mine") == (0, False)


def test_a_project_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "acme"\n')
    done = run(path, "--force", "-o", path)
    assert (done.exit_code, path.read_text()) == (2, '[project]\nname = "acme"\n')


@pytest.mark.parametrize("arguments", [["none"], ["x.deb"], ["x.txt"], [".", "-o", "none/x.toml"], ["--nonsense"]])
def test_what_cannot_be_done_exits_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.deb").write_text("no package")
    (tmp_path / "x.txt").write_text("no package")
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr
