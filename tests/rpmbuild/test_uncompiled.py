# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages without bytecode: none is left in them, and they require who compiles."""

from __future__ import annotations

import shutil

import pytest

from tests.rpmbuild.builds import GOOD, SITE, VERSION, Build, Spec

pytestmark = [pytest.mark.system, pytest.mark.skipif(shutil.which("rpmbuild") is None, reason="no rpmbuild")]


@pytest.mark.parametrize("strategy", ["trigger", "direct", "none", "cache-prefix"])
def test_bytecode_of_pip_is_neither_shipped_nor_listed(strategy: str, rpmbuild: Build) -> None:
    """As %pyproject_install and %pyproject_save_files leave it: pip compiles, and the list has the pycs."""
    package = f"{SITE}/sample"
    install = f"""/usr/bin/python3 -m compileall -q %{{buildroot}}{package}
        cat > %{{pyproject_files}} <<END
%dir {package}
%dir {package}/__pycache__
{package}/__init__.py
{package}/__pycache__/__init__.cpython-{VERSION.replace(".", "")}{{,.opt-?}}.pyc
{package}/__pycache__/b.cpython-{VERSION.replace(".", "")}{{,.opt-?}}.pyc
{package}/b.py
END"""
    top = f"%{{pkgtools_use {strategy}}}\n%global pyproject_files %{{_topdir}}/pyproject-files"
    built = rpmbuild(Spec(top=top, files=GOOD, install=install, listed="", files_options="-f %{pyproject_files}"))
    assert built.exit == 0, built.log
    assert built.query("-l") == [package, f"{package}/__init__.py", f"{package}/b.py"]


REQUIRED = {"trigger": True, "direct": True, "cache-prefix": True, "none": False, "native": False, "shipped": False}


@pytest.mark.parametrize("strategy", [*REQUIRED, ""])
def test_who_compiles_is_required_by_packages_with_modules(strategy: str, rpmbuild: Build) -> None:
    """A subpackage that forgets %pkgtools_requires would never be compiled."""
    top = f"%{{pkgtools_use {strategy}}}" if strategy else "%{?pkgtools_requires}"
    built = rpmbuild(Spec(top=top, files=GOOD))
    assert built.exit == 0, built.log
    assert ("pkgtools-runtime" in built.query("--requires")) == REQUIRED.get(strategy, False)
    left = {f"pkgtools-strategy({strategy})"} if strategy in {"none", "cache-prefix"} else set()
    assert {line for line in built.query("--provides") if line.startswith("pkgtools-")} == left


def test_who_compiles_is_not_required_by_a_package_without_modules(rpmbuild: Build) -> None:
    files = {"/usr/share/sample/data.py": "x = 1\n", "/usr/lib/python3/notes.py": "none\n"}
    built = rpmbuild(Spec(top="%{pkgtools_use trigger}", files=files))
    assert "pkgtools-runtime" not in built.query("--requires")
    line, listed = "%pkgtools_register /usr/share/sample", "/usr\n%{pkgtools_registration}"
    built = rpmbuild(
        Spec(top="%{pkgtools_use trigger}", files={"/usr/share/sample/data.py": ""}, install=line, listed=listed)
    )
    assert "pkgtools-runtime" in built.query("--requires")


def test_spec_that_does_not_use_ours_is_built_as_without_them(rpmbuild: Build) -> None:
    """File attributes and macros are there for every spec of the machine."""
    info = {
        f"{SITE}/sample-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: sample\nVersion: 1\nRequires-Dist: a\n"
    }
    spec = Spec(files={**GOOD, **info, f"{SITE}/sample/template.py": "print 'hello'\n"})
    ours, theirs = rpmbuild(spec), rpmbuild(spec, macros=False)
    wanted = ("--qf", "[%{FILENAMES} %{FILEDIGESTS} %{FILEMODES}\n][%{REQUIRES}\n][%{PROVIDES}\n]%{POSTIN}%{PREUN}")
    assert ours.query(*wanted) == theirs.query(*wanted)


@pytest.mark.parametrize("prefix", ["/opt/acme/venv", "/usr/share/acme/venv", "/usr/lib/acme"])
def test_libraries_inside_an_application_say_nothing_of_the_system_s(prefix: str, rpmbuild: Build) -> None:
    """Virtual environments and bundled modules: who imports from there is the application, and no trigger serves it."""
    library = f"{prefix}/lib/python{VERSION}/site-packages"
    files = {
        f"{library}/m.py": "x = 1\n",
        f"{library}/m-1.dist-info/METADATA": "Name: m\nVersion: 1\nRequires-Dist: n\n",
    }
    built = rpmbuild(Spec(top="%{pkgtools_use -d trigger}", files=files, listed=prefix))
    assert built.exit == 0, built.log
    said = {line.partition(" ")[0] for line in built.query("--provides", "--requires")}
    assert {word for word in said if "dist(" in word or "pkgtools" in word} == set()
