# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools inspect` of whole systems and images: a summary, with no line for each directory of a library."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any  # documents of JSON, looked into at many places

import pytest
from click.testing import Result

from pkgtools.cli.group import main
from tests.lab.cli import cli_runner
from tests.lab.needs import need_tools
from tests.lab.roots import root_directory
from tests.readers.images import docker_image, simple_oci_image
from tests.readers.test_root import make
from tests.rules.bytecode import SOURCE, pair

LIBRARY = "/usr/lib/python3.11"
INFO = "/var/lib/dpkg/info"
SYSTEM = {
    **pair(f"{LIBRARY}/os.py"),
    **pair(f"{LIBRARY}/email/mime/text.py"),
    f"{LIBRARY}/xml/dom/__init__.py": SOURCE,
    f"{LIBRARY}/dist-packages/local/m.py": SOURCE,
    "/usr/lib/python3/dist-packages/acme/deep/er/m.py": SOURCE,
    "/usr/share/acme/m.py": SOURCE,
    "/usr/bin/python3.11": "",
    f"{INFO}/libpython3.11.list": f"{LIBRARY}/os.py\n{LIBRARY}/email/mime/text.py\n{LIBRARY}/xml/dom/__init__.py\n",
    f"{INFO}/acme.list": "/usr/lib/python3/dist-packages/acme/deep/er/m.py\n/usr/share/acme/m.py\n",
}


def run(*arguments: str | Path) -> Result:
    done = cli_runner().invoke(main, ["inspect", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0
    return done


def as_json(*arguments: str | Path) -> Any:  # as json.loads has it
    return json.loads(run("--json", *arguments).stdout)


def places(document: Any) -> dict[str, int]:  # likewise
    return {one["path"]: one["modules"] for one in document["places"]}


def test_libraries_are_a_line_each_and_no_module_counts_twice(tmp_path: Path) -> None:
    assert places(as_json("--root", make(tmp_path, SYSTEM))) == {
        LIBRARY: 3,
        f"{LIBRARY}/dist-packages": 1,
        "/usr/lib/python3/dist-packages": 1,
        "/usr/share/acme": 1,
    }


def test_interpreters_and_packages_are_counted(tmp_path: Path) -> None:
    top = make(tmp_path, SYSTEM)
    (python,) = as_json("--root", top)["interpreters"]
    assert python["path"] == "/usr/bin/python3.11"
    text = run("--root", top).stdout
    assert "/usr/bin/python3.11: release unknown" in text
    assert "2 packages with modules" in text
    assert "1 module of no package" in text
    assert "versions of Python" not in text


COMPILERS = {
    "native": ({"/usr/bin/py3compile": ""}, "native", ["scripts of packages"]),
    "trigger": ({"/usr/share/pkgtools/triggers/run.py": SOURCE, "/usr/bin/py3compile": ""}, "trigger", ["triggers"]),
    "nothing": ({}, "none", []),
}


@pytest.mark.parametrize(("more", "strategy", "by"), COMPILERS.values(), ids=COMPILERS)
def test_who_compiles_in_a_system(more: dict[str, str], strategy: str, by: list[str], tmp_path: Path) -> None:
    document = as_json("--root", make(tmp_path, {**SYSTEM, **more}))
    assert (document["strategy"], [one["by"] for one in document["compiles"]]) == (strategy, by)


@pytest.mark.system
@pytest.mark.slow
def test_a_debian_image_is_a_few_lines(tmp_path: Path) -> None:
    """As a directory, as `docker save` writes it, and as an OCI image: the same."""
    need_tools(["mmdebstrap"])
    root = root_directory("bookworm")
    wanted = [root / name for name in ("etc", "usr", "var/lib/dpkg")]
    layer = tmp_path / "layer.tar"
    with tarfile.open(layer, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in wanted:
            archive.add(path, arcname=str(path.relative_to(root)))
    expected = as_json("--root", root)
    assert len(expected["places"]) <= 12
    assert places(expected)[LIBRARY] > 400
    assert (expected["strategy"], expected["interpreters"][0]["release"]) == ("native", "3.11.2")
    for name, wrap in (("docker.tar", docker_image), ("oci.tar", simple_oci_image)):
        image = tmp_path / name
        image.write_bytes(wrap(layer.read_bytes()))
        found = as_json(image)
        assert found["kind"] == "root"
        for key in ("places", "interpreters", "strategy", "compiles", "bytecode"):
            assert found[key] == expected[key], (name, key)
    assert len(run("--root", root).stdout.splitlines()) < 30
