# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""After one run of `check --fix` there is nothing left to repair: in random trees, real ones, and what pip installs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.test_check_fix import CASES, PROGRAM, Files, fixed, staged
from tests.lab.archive import fetch
from tests.lab.needs import need_tools
from tests.lab.tree import differences, read_tree
from tests.lab.work import examples
from tests.rules.bytecode import PRIVATE, SOURCE

_BLOCKS: list[Files] = [
    *(files for files, _, _ in CASES.values()),
    {PROGRAM: "#!/usr/bin/python\nprint(1)\n"},
    {f"{PRIVATE}/a\nb.py": SOURCE, f"{PRIVATE}/__pycache__/a\nb.cpython-311.pyc": b""},
    {f"{PRIVATE}/\udcff.pyc": b"x", f"{PRIVATE}/\udcff.py": SOURCE},
    {f"{PRIVATE}/__pycache__/README": "x"},
]


@pytest.mark.slow
@settings(max_examples=examples(24), deadline=None)
@given(
    blocks=st.lists(st.sampled_from(_BLOCKS), min_size=1, max_size=5),
    modes=st.lists(st.sampled_from([0o644, 0o755, 0o666, 0o777, 0o600, 0o640, 0o4755]), min_size=1),
)
def test_random_trees_need_one_run(
    blocks: list[Files], modes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    top = staged(tmp_path_factory.mktemp("tree"), {path: text for block in blocks for path, text in block.items()})
    for number, (directory, _, names) in enumerate(sorted(os.walk(top))):
        os.chmod(directory, modes[number % len(modes)] | 0o500 if number else 0o755)
        for name in names:
            os.chmod(f"{directory}/{name}", modes[(number + len(name)) % len(modes)])
    planned = fixed(top, "-n")
    assert fixed(top).keys() == planned.keys()
    after = read_tree(top, ["/"])
    assert fixed(top) == {}
    assert differences(after, read_tree(top, ["/"])) == []


@pytest.mark.system
def test_real_packages_trees_need_one_run(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    for deb in fetch("bookworm", "python3-requests", "python3-django"):
        subprocess.run(["dpkg-deb", "-x", deb, tmp_path], check=True)
    done = fixed(tmp_path)
    after = read_tree(tmp_path, ["/"])
    assert set(done.values()) <= {"removed", "repaired"}
    assert fixed(tmp_path) == {}
    assert differences(after, read_tree(tmp_path, ["/"])) == []


def test_what_pip_installs_needs_one_run(tmp_path: Path) -> None:
    wheel, info = tmp_path / "acme-1.0-py3-none-any.whl", "acme-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("acme/__init__.py", "main = print\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\nacme = acme:main\n")
        archive.writestr(f"{info}/RECORD", "")
    top = tmp_path / "root"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, f"--root={top}", "--prefix=/usr", "--root-user-action=ignore", str(wheel)], check=True)
    done = {path.rpartition("/")[2]: result for path, result in fixed(top).items()}
    assert done["direct_url.json"] == done["REQUESTED"] == done["RECORD"] == "removed"
    assert done["acme"] == "repaired"
    assert (top / "usr/bin/acme").read_bytes().startswith(b"#!/usr/bin/python3")
    assert fixed(top) == {}
