# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What could not be looked at is counted, named and in the exit status; nothing is no clean system or package."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path

import pytest
from click.testing import Result

from pkgtools.check.one_package import MOST_COMPARED
from pkgtools.cli.audit import audit
from pkgtools.cli.check import check
from pkgtools.cli.verify import verify
from tests.cli.packages import write_deb
from tests.lab.cli import cli_runner
from tests.lab.debs import Files, SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.readers.images import layer as made_layer
from tests.readers.images import simple_oci_image
from tests.readers.test_root import make
from tests.rules.bytecode import PUBLIC, SOURCE, cached, of_version, pair, pyc

HERE = "{}.{}".format(*sys.version_info)
NEWER = (3, 15)
NEWER_TAG = "cpython-315"
M = f"{PUBLIC}/m.py"
PLANTED = pyc(M, SOURCE.replace("42", "43"))
NEW_SYNTAX = "type Pair = f'{'a'}'\ntry:\n    pass\nexcept ValueError, TypeError:\n    pass\n"
"""PEP 695, PEP 701 and PEP 758: nothing before 3.14 reads it, and a line of it looks like Python 2."""
METADATA = "Metadata-Version: 2.1\nName: acme\nRequires-Python: {}\n\nRequires-Python: <3\n"


def run(command: object, *arguments: str | Path) -> Result:
    return cli_runner().invoke(command, [*map(str, arguments)], catch_exceptions=False)  # type: ignore[arg-type] # click's


def verdict(command: object, *arguments: str | Path) -> dict[str, object]:
    report = json.loads(run(command, *arguments, "--json").stdout)
    found = report["verdicts"][0]
    assert isinstance(found, dict)
    return found


def deb(tmp_path: Path, files: Files, *depends: str) -> Path:
    need_tools(["dpkg-deb"], root=False)
    fields = {"Depends": ", ".join(depends)} if depends else {}
    return build_deb(SamplePackage(name="acme", files=files, fields=fields), tmp_path)


@pytest.mark.parametrize("command", [audit, verify], ids=lambda command: command.name)
def test_a_planted_pyc_of_an_interpreter_that_is_not_here(tmp_path: Path, command: object) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M, tag=NEWER_TAG): of_version(PLANTED, NEWER)})
    done = run(command, top)
    assert done.exit_code == 2
    assert "compared 0 of 1 pyc" in done.stdout
    assert "note: cpython-315: 1 pyc not compared: " in done.stdout
    assert run(command, top, "--allow-unchecked").exit_code == 0


def test_what_was_not_asked_for_is_not_missed(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M, tag=NEWER_TAG): of_version(pyc(M), NEWER)})
    done = run(audit, "--no-compile", top)
    assert done.exit_code == 0
    assert "note: no code was compared, as --no-compile says" in done.stdout


@pytest.mark.parametrize("size", [40, 100])
def test_a_pyc_that_was_cut_is_found_without_compiling(tmp_path: Path, size: int) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M): pyc(M)[:size]})
    done = run(audit, "--no-compile", top)
    assert done.exit_code == 1
    assert f"its code is damaged: it ends at byte {size}, within its code" in done.stdout


@pytest.mark.parametrize(
    ("depends", "files"),
    [
        pytest.param(("python3 (>= 3.15~)",), {}, id="dependency"),
        pytest.param(("python3.15",), {}, id="dependency on one"),
        pytest.param((), {f"{PUBLIC}/acme-1.dist-info/METADATA": METADATA.format(">=3.14")}, id="metadata"),
        pytest.param((), {f"{PUBLIC}/acme-1.egg-info/PKG-INFO": METADATA.format(">3.13, !=3.13.*")}, id="egg-info"),
        pytest.param((), {f"{PUBLIC}/acme-1.egg-info": METADATA.format("~=3.14")}, id="egg-info of a file"),
        pytest.param((), {cached(M, tag=NEWER_TAG): of_version(pyc(M), NEWER)}, id="magic number"),
    ],
)
def test_a_source_for_newer_interpreters_is_not_refused_by_older_ones(
    tmp_path: Path, depends: tuple[str, ...], files: Files
) -> None:
    package = deb(tmp_path, {M: NEW_SYNTAX, **files}, *depends)
    found = verdict(check, package, "--compile")
    rules = {one["rule"] for one in found["findings"]}  # type: ignore[attr-defined] # JSON
    assert not rules & {"syntax-error", "python2-leftover"}
    coverage = found["coverage"]
    assert isinstance(coverage, dict)
    assert coverage["sources"] == {"total": 1, "compiled": 0}
    assert [one["number"] for one in coverage["gaps"] if one["what"] == "sources"] == [1]
    assert run(check, package, "--compile").exit_code == 2
    assert run(check, package).exit_code != 2


def test_a_directory_of_one_version_is_for_that_one(tmp_path: Path) -> None:
    package = deb(tmp_path, {"/usr/lib/python3.15/m.py": NEW_SYNTAX, f"/usr/lib/python{HERE}/n.py": "(\n"})
    found = verdict(check, package, "--compile")
    places = [one["path"] for one in found["findings"] if one["rule"] == "syntax-error"]  # type: ignore[attr-defined] # JSON
    assert places == [f"/usr/lib/python{HERE}/n.py"]


@pytest.mark.parametrize("requires", [f">={HERE}", ">=2.7, !=3.0.*", "", "nonsense"])
def test_a_source_that_is_for_an_interpreter_here_is_compiled(tmp_path: Path, requires: str) -> None:
    package = deb(tmp_path, {M: "(\n", f"{PUBLIC}/acme-1.dist-info/METADATA": METADATA.format(requires)})
    assert run(check, package, "--compile").exit_code == 1


def test_plain_check_compares_some_pycs_and_says_of_how_many(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for number in range(MOST_COMPARED + 25):
        files.update(pair(f"/usr/share/acme/m{number:02}.py"))
    package = deb(tmp_path, files)
    coverage = verdict(check, package)["coverage"]
    assert isinstance(coverage, dict)
    assert (coverage["required"], coverage["pycs"]) == (False, {"total": 45, "compared": MOST_COMPARED})
    assert [(one["obstacle"], one["number"]) for one in coverage["gaps"]] == [("not-asked", 25)]
    assert run(check, package, "--fail-on", "danger").exit_code == 0
    assert verdict(check, package, "--compile")["coverage"] == {
        "required": True,
        "pycs": {"total": 45, "compared": 45},
        "sources": {"total": 45, "compiled": 45},
        "gaps": [],
    }


def test_plain_check_finds_a_planted_pyc(tmp_path: Path) -> None:
    package = deb(tmp_path, {M: SOURCE, cached(M): PLANTED})
    assert "code-differs" in run(check, package).stdout


@pytest.mark.parametrize("command", [audit, verify], ids=lambda command: command.name)
@pytest.mark.parametrize("files", [{}, {"/certs/ca.pem": "", "/openssl.cnf": ""}], ids=["nothing", "like /etc/ssl"])
def test_what_is_no_system_is_not_clean(tmp_path: Path, command: object, files: dict[str, str]) -> None:
    done = run(command, make(tmp_path, files))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no system: there is no os-release" in done.stderr


@pytest.mark.parametrize(
    "path", ["/etc/os-release", "/usr/lib/os-release", "/var/lib/dpkg/status", f"/usr/bin/python{HERE}", M]
)
def test_a_system_has_something_of_one(tmp_path: Path, path: str) -> None:
    assert run(audit, make(tmp_path, {path: ""})).exit_code == 0


@pytest.mark.parametrize("files", [{}, {"/certs/ca.pem": ""}, {"/README": ""}], ids=["nothing", "others", "a file"])
def test_what_is_no_package_is_not_clean(tmp_path: Path, files: dict[str, str]) -> None:
    done = run(check, make(tmp_path, files))
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "no package found" in done.stderr


def test_a_tree_of_a_metapackage_is_one(tmp_path: Path) -> None:
    top = make(tmp_path, {"/DEBIAN/control": "Package: acme\nVersion: 1\nArchitecture: all\n"})
    assert run(check, top).exit_code == 0


def test_a_tree_that_ships_a_package_is_no_pool(tmp_path: Path) -> None:
    write_deb(tmp_path / "srv/mirror/x_1_all.deb", "x", bad=True)
    make(tmp_path, {"/var/lib/acme/m.py": SOURCE})
    found = verdict(check, tmp_path)
    assert (found["kind"], found["findings"]) == ("tree", [])


def test_what_a_pool_holds_beside_packages_is_named(tmp_path: Path) -> None:
    write_deb(tmp_path / "a/x_1_all.deb", "x")
    make(tmp_path, {"/a/x_1.dsc": "", "/b\n.txt": ""})
    Path(tmp_path, "link").symlink_to("a")
    done = run(check, tmp_path)
    assert done.stderr.splitlines()[-1] == (
        f"note: not looked at, no packages by their names: {tmp_path}/a/x_1.dsc, {tmp_path}/b\\n.txt, {tmp_path}/link"
    )
    assert len(json.loads(run(check, tmp_path, "--json").stdout)["notes"]) == 1


@pytest.mark.parametrize("command", [audit, verify], ids=lambda command: command.name)
def test_a_directory_in_the_layout_of_an_image_is_read_as_its_archive(tmp_path: Path, command: object) -> None:
    layers = made_layer((M[1:], SOURCE.encode()), (cached(M)[1:], PLANTED))
    with tarfile.open(fileobj=io.BytesIO(simple_oci_image(layers))) as archive:
        archive.extractall(tmp_path)
    Path(tmp_path, "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    done = run(command, tmp_path)
    assert done.exit_code == 1
    assert cached(M) in done.stdout
    assert run(audit, "--fix", tmp_path).exit_code == 2
    blob = max(tmp_path.glob("blobs/sha256/*"), key=lambda path: path.stat().st_size)
    blob.write_bytes(blob.read_bytes() + bytes(512))
    assert "doesn't have the SHA-256 digest" in run(command, tmp_path).stderr
