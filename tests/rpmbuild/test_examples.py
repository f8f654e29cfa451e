# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The spec files of docs/how-to/package-for-rpm.md, built whole with sources made up for them.

What Fedora's macros do is done here in our words, after their documentation: pip installs, and compiles; the list of
files has the pycs. openSUSE's and Fedora's own are not in Debian.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.lab.commands import clean_environment
from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.system import System
from tests.rpmbuild.builds import HOST_BINDS, MACROS, SITE, VERSION, install_macros

pytestmark = [pytest.mark.system, pytest.mark.skipif(shutil.which("rpmbuild") is None, reason="no rpmbuild")]
TEXT = (CHECKOUT / "docs/how-to/package-for-rpm.md").read_text(encoding="utf-8")
EXAMPLES = {
    section.partition("\n")[0]: section.partition("```spec\n")[2].partition("```")[0]
    for section in TEXT.split("\n## ")[1:]
    if "```spec\n" in section
}
TAG = f"cpython-{VERSION.replace('.', '')}"
METADATA = """Metadata-Version: 2.1
Name: {}
Version: 1.0
Provides-Extra: fast
Requires-Dist: a
Requires-Dist: b; extra == 'fast'
"""
EXTENSION = """#include <Python.h>
static struct PyModuleDef core = {PyModuleDef_HEAD_INIT, "_core", "C", -1};
PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&core); }
"""


def wheel() -> bytes:
    """Return the wheel of the sample library."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        archive.writestr("sample/__init__.py", "ANSWER = 42\n")
        archive.writestr("sample-1.0.dist-info/METADATA", METADATA.format("sample"))
        archive.writestr("sample-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("sample-1.0.dist-info/RECORD", "")
    return found.getvalue()


SOURCES: dict[str, dict[str, str | bytes]] = {
    "sample-1.0": {"dist/sample-1.0-py3-none-any.whl": wheel()},
    "quick-1.0": {
        "quick/__init__.py": "from ._core import __doc__\n",
        "quick/_core.c": EXTENSION,
    },
    "watcher-1.0": {
        "core/__init__.py": "",
        "core/loop.py": "def run():\n    return 0\n",
        "watcher": "#!/usr/bin/env python3\nimport sys\n",
        "watcher.service": "[Service]\nExecStart=/usr/bin/watcher\n",
    },
    "multi-1.0": {"multi.py": "ANSWER = 42\n", "METADATA": METADATA.format("multi")},
}
PIP = f"{sys.executable} -m pip install -q --root-user-action=ignore --no-deps --no-index"
FEDORA = f"""%python3_sitelib {SITE}
%python3_sitearch {SITE}
%_datadir /usr/share
%optflags -O1
%pyproject_files %{{_topdir}}/pyproject-files
%pyproject_buildrequires true
%pyproject_wheel ls dist/*.whl
%pyproject_install {PIP} --target %{{buildroot}}%{{python3_sitelib}} dist/*.whl
%pyproject_save_files() cat > %{{pyproject_files}} <<END \\
%%dir {SITE}/%{{1}} \\
%%dir {SITE}/%{{1}}/__pycache__ \\
{SITE}/%{{1}}/__init__.py \\
{SITE}/%{{1}}/__pycache__/__init__.{TAG}{{,.opt-?}}.pyc \\
{SITE}/%{{1}}-%{{version}}.dist-info \\
END
"""
"""As a file of macros."""


def lay_out(top: Path, spec: str) -> Path:
    """Write a spec and the sources of all of them below a %_topdir; return the spec's path."""
    (top / "SOURCES").mkdir(parents=True)
    for name, files in SOURCES.items():
        with tarfile.open(top / f"SOURCES/{name}.tar.gz", "w:gz") as archive:
            for path, content in files.items():
                data = content.encode() if isinstance(content, str) else content
                member = tarfile.TarInfo(f"{name}/{path}")
                member.size, member.mode, member.mtime = len(data), 0o644, 1_700_000_000
                archive.addfile(member, io.BytesIO(data))
    place = top / "example.spec"
    place.write_text(spec)
    return place


def build(title: str, work: Path) -> dict[str, Path]:
    """Build an example on this machine; return the packages by name."""
    attributes = work / "fileattrs"
    attributes.mkdir()
    for each in (*Path("/usr/lib/rpm/fileattrs").glob("*.attr"), *MACROS.glob("*.attr")):
        shutil.copy(each, attributes)
    fedora = work / "macros.fedora"
    fedora.write_text(FEDORA)
    loads = [f"--load={path}" for path in (fedora, MACROS / "macros.pkgtools", *MACROS.glob("*.attr"))]
    settings = {
        "_topdir": str(work / "top"),
        "_fileattrsdir": str(attributes),
        "__pkgtools_rpmbuild": str(MACROS / "pkgtools-rpmbuild"),
        "__pkgtools_brp": str(MACROS / "brp-pkgtools-bytecompile"),
        "_build_id_links": "none",
        "debug_package": "%{nil}",
    }
    argv = ["rpmbuild", "--nodeps", *loads, *(f"--define={name} {value}" for name, value in settings.items())]
    spec = lay_out(work / "top", EXAMPLES[title])
    done = subprocess.run(
        [*argv, "-bb", str(spec)],
        env=clean_environment({"HOME": str(work)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return {query(path, "%{NAME}")[0]: path for path in (work / "top/RPMS").rglob("*.rpm")}


def query(path: Path, form: str) -> list[str]:
    argv = ["rpm", "-qp", "--qf", form, str(path)]
    return subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=True).stdout.splitlines()


def files(path: Path) -> list[str]:
    return [line for line in query(path, "[%{FILENAMES}\\n]") if "dist-info/" not in line]


def requires(path: Path) -> set[str]:
    return {line for line in query(path, "[%{REQUIRES}\\n]") if not line.startswith(("rpmlib(", "/", "lib"))}


def test_there_are_five() -> None:
    assert len(EXAMPLES) == TEXT.count("```spec") == 5


def test_library(tmp_path: Path) -> None:
    (package,) = build("A library, with Fedora's %pyproject macros", tmp_path).values()
    info = f"{SITE}/sample-1.0.dist-info"
    assert set(files(package)) == {f"{SITE}/sample", info, f"{SITE}/sample/__init__.py"}
    assert requires(package) == {"pkgtools-runtime", "python(abi)", f"python{VERSION}dist(a)"}
    assert f"python{VERSION}dist(sample)" in query(package, "[%{PROVIDES}\\n]")


def test_extras_subpackage(tmp_path: Path) -> None:
    built = build("An extras subpackage", tmp_path)
    extra = built["python3-sample+fast"]
    assert requires(extra) == {"python3-sample", "python(abi)", f"python{VERSION}dist(b)"}
    assert "python3dist(sample[fast])" in query(extra, "[%{PROVIDES}\\n]")
    assert "pkgtools-runtime" in requires(built["python3-sample"])


def test_c_extension(tmp_path: Path) -> None:
    need_tools(("gcc", "python3-config"))
    (package,) = build("A C extension", tmp_path).values()
    package_directory = f"{SITE}/quick"
    assert sorted(files(package)) == sorted(
        [
            package_directory,
            f"{package_directory}/__init__.py",
            f"{package_directory}/__pycache__",
            f"{package_directory}/__pycache__/__init__.{TAG}.opt-1.pyc",
            f"{package_directory}/__pycache__/__init__.{TAG}.pyc",
            f"{package_directory}/_core.so",
        ]
    )
    assert "pkgtools-runtime" not in requires(package)


def test_application(tmp_path: Path) -> None:
    (package,) = build("An application with modules of its own and a unit", tmp_path).values()
    assert [path for path in files(package) if path.endswith(".pyc")] == []
    post, preun = ("\n".join(query(package, f"%{{{tag}}}")) for tag in ("POSTIN", "PREUN"))
    assert post.index("pkgtools-compile -p 'watcher' '/usr/share/watcher'") < post.index("systemctl")
    assert "pkgtools-clean --quiet -p 'watcher' '/usr/share/watcher'" in preun
    assert "pkgtools-runtime" in requires(package)


def test_three_interpreters(tmp_path: Path) -> None:
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    root = "rpm-forky"
    versions = RECIPES[root].python
    spec = EXAMPLES["One source, three interpreters"]
    lay_out(tmp_path / "top", spec)
    with System(root_directory(root), binds=HOST_BINDS) as system:
        install_macros(system)
        system.write("/srv/build/example.spec", spec)
        system.write("/srv/build/SOURCES/multi-1.0.tar.gz", (tmp_path / "top/SOURCES/multi-1.0.tar.gz").read_bytes())
        system.run("rpmbuild", "--nodeps", "--define=_topdir /srv/build", "-bb", "/srv/build/example.spec")
        said = {
            version: system.run(
                "sh", "-c", f"rpm -qpl --provides /srv/build/RPMS/noarch/python{version}-multi-*.rpm"
            ).stdout
            for version in versions
        }
    assert set(versions) == {"3.13", "3.14", "3.15"}
    for version, text in said.items():
        tag = f"cpython-{version.replace('.', '')}"
        assert {line.rpartition("/")[2] for line in text.split() if line.endswith(".pyc")} == {
            f"multi.{tag}.pyc",
            f"multi.{tag}.opt-1.pyc",
        }
        assert f"python{version}dist(multi) = 1" in text
        assert ("python3dist(multi) = 1" in text) == (version == versions[0])
