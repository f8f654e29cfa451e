# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What in a cache directory belongs to which source: by Python and by the plain shell, the same."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple

import pytest

from pkgtools.runtime.clean.job import CleanRun, clean_departed
from pkgtools.runtime.facts import InstalledPath, Status
from pkgtools.runtime.policy.sources import Directory
from pkgtools.runtime.report import Report
from tests.lab.needs import need_tools
from tests.runtime.records import PACKAGE, know
from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, PUBLIC, TAG, TRIGGERS, Sandbox, pyc_of

CLEANS = ["python", "shell"]
PYTEST = f"m.{TAG}-pytest-7.4.0.pyc"
NUMBA = "m.f-12.py311.nbi"
PYC = f"m.{TAG}.pyc"
DOTTED = f"m.foo.{TAG}.pyc"


def clean_package(clean: str, sandbox: Sandbox, package: str = PACKAGE) -> None:
    """Clean a package in a way that says nothing and succeeds."""
    need_tools(("dpkg-query",))
    if clean == "python":
        ran = sandbox.clean("-p", package)
        assert (ran.status, ran.talk) == (0, "")
        return
    argv = ["/bin/sh", str(TRIGGERS / "clean-without-python"), "-p", package]
    env = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    done = subprocess.run(argv, capture_output=True, text=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _in_cache(sandbox: Sandbox) -> set[str]:
    return {path.rpartition("/")[2] for path in sandbox.below(f"{PUBLIC}/__pycache__")}


class Case(NamedTuple):
    listed: tuple[str, ...]
    """Files of the package beside each other."""
    beside: tuple[str, ...]
    """Files of others there."""
    caches: tuple[str, ...]
    left: tuple[str, ...]
    """Of the caches, after the package's were taken away."""


CASES = {
    "other tools' caches go": Case(("m.py",), (), (PYTEST, NUMBA, PYC), ()),
    "another language's source keeps them": Case(("m.py",), ("m.hy",), (PYTEST, PYC), (PYTEST,)),
    "so does an extension module": Case(("m.py",), (f"m.{TAG}-x86_64-linux-gnu.so",), (NUMBA,), (NUMBA,)),
    "or one without a tag": Case(("m.py",), ("m.so",), (NUMBA,), (NUMBA,)),
    "the package's own does not": Case(("m.py", "m.pyx", f"m.{TAG}-linux.so"), (), (NUMBA, PYC), ()),
    "nor do old bytecode and types": Case(("m.py",), ("m.pyc", "m.pyi"), (PYTEST,), ()),
    "nor a module kept aside": Case(("m.py",), ("m.py.distrib", "m.py.dpkg-old"), (PYTEST, PYC), ()),
    "nor what only begins alike": Case(("m.py",), ("m2.so", "mm.py"), (PYTEST,), ()),
    "stem with a dot": Case(("m.f-12.py",), ("m.py",), (NUMBA, f"m.f-12.{TAG}.pyc", PYTEST), (PYTEST,)),
    "shorter stem than another's": Case(("m.py",), ("m.f-12.py",), (NUMBA, PYC), (NUMBA,)),
    "shorter than another language's": Case(("m.py",), ("m.foo.hy",), (DOTTED, NUMBA, PYC), (DOTTED, NUMBA)),
    "both of the package": Case(("m.py", "m.foo.py"), (), (DOTTED, "m.foo.x", PYTEST), ()),
    "stem with a tag in it": Case((f"m.{TAG}.py",), ("m.py",), (f"m.{TAG}.{TAG}.pyc", PYC), (PYC,)),
}


@pytest.mark.parametrize("clean", CLEANS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_t18_caches_go_with_the_source_they_belong_to(case: Case, clean: str, sandbox: Sandbox) -> None:
    know(sandbox, [sandbox.write(f"{PUBLIC}/{name}") for name in case.listed])
    for name in case.beside:
        sandbox.write(f"{PUBLIC}/{name}")
    for name in case.caches:
        sandbox.write(f"{PUBLIC}/__pycache__/{name}", b"bytes")
    clean_package(clean, sandbox)
    assert _in_cache(sandbox) == set(case.left)
    assert sandbox.exists(f"{PUBLIC}/__pycache__") is bool(case.left)


def _compiled_from(sandbox: Sandbox, source: str, pyc: str) -> None:
    """Write what another language's importer makes of a source: a pyc with the time and size of it."""
    found = os.stat(sandbox.path(source))
    numbers = (0, int(found.st_mtime), found.st_size)
    sandbox.write(pyc, b"\xa7\r\r\n" + b"".join(number.to_bytes(4, "little") for number in numbers) + b"body")


@pytest.mark.parametrize("clean", CLEANS)
@pytest.mark.parametrize(("source", "stays"), [("m.hy", True), ("m.py", False)])
def test_t18_pyc_that_was_made_of_another_languages_source_stays(
    source: str, stays: bool, clean: str, sandbox: Sandbox
) -> None:
    know(sandbox, [sandbox.write(f"{PUBLIC}/m.py", "value = 1\n", mtime=1700000000)])
    sandbox.write(f"{PUBLIC}/m.hy", "(setv value 1)\n", mtime=1700000001)
    _compiled_from(sandbox, f"{PUBLIC}/{source}", pyc_of(f"{PUBLIC}/m.py"))
    clean_package(clean, sandbox)
    assert sandbox.exists(pyc_of(f"{PUBLIC}/m.py")) is stays


@pytest.mark.parametrize("command", ["clean", "trigger"])
def test_t18_pyc_of_another_languages_source_is_no_orphan(command: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.hy", "(setv value 1)\n", mtime=1700000001)
    kept, gone = pyc_of(f"{PUBLIC}/m.py"), pyc_of(f"{PUBLIC}/m.py", 1)
    _compiled_from(sandbox, source, kept)
    sandbox.write(gone, b"bytes")
    if command == "clean":
        assert sandbox.clean("--orphans", PUBLIC).status == 0
    else:
        assert sandbox.run("pkgtools-trigger").status == 0
    assert (sandbox.exists(kept), sandbox.exists(gone)) == (True, False)


@pytest.mark.parametrize("clean", CLEANS)
def test_t18_packaged_caches_of_other_tools_stay(clean: str, sandbox: Sandbox) -> None:
    know(sandbox, [sandbox.write(f"{PUBLIC}/m.py")])
    know(sandbox, [sandbox.write(f"{PUBLIC}/__pycache__/{PYTEST}")], "python3-other")
    sandbox.write(f"{PUBLIC}/__pycache__/{NUMBA}")
    clean_package(clean, sandbox)
    assert _in_cache(sandbox) == {PYTEST}


@pytest.mark.parametrize("clean", CLEANS)
def test_directory_with_the_name_of_another_tools_cache_stays_without_a_word(clean: str, sandbox: Sandbox) -> None:
    know(sandbox, [sandbox.write(f"{PUBLIC}/m.py")])
    sandbox.write(f"{PUBLIC}/__pycache__/m.cache/file")
    clean_package(clean, sandbox)
    assert sandbox.exists(f"{PUBLIC}/__pycache__/m.cache/file")


VERSIONED = {
    "3.11": {f"m.{TAG}-pytest-7.4.0.pyc", "m.f-12.py311.nbi", "m.f-12.py311.1.nbc", "m.cpython-311d.pyc"},
    "3.13": {"m.f-12.py313t.nbi", "m.graalpy253-313.pyc", "m.graalpython-313.pyc"},
    "3.9": {"m.pypy39-pytest-7.4.0.pyc", "m.pypy39.pyc.123"},
    "2.7": {"m.cpython-27.pyc", "m.jython-27.pyc"},
}
UNVERSIONED = {"m.cache", "m.py.json", "m.cpython-3.pyc", "m.x"}


@pytest.mark.parametrize("version", VERSIONED)
def test_t19_of_one_version_only_its_caches_go(version: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    everything = UNVERSIONED.union(*VERSIONED.values())
    for name in everything:
        sandbox.write(f"{APP}/__pycache__/{name}")
    assert sandbox.clean("-V", version, APP).status == 0
    left = {path.rpartition("/")[2] for path in sandbox.below(f"{APP}/__pycache__")}
    assert left == everything - VERSIONED[version]


@pytest.mark.parametrize(
    ("text", "goes"), [("3.11", False), ("3.0-", False), ("2.7", True), ("-3.9", True), ("-", True)]
)
def test_t19_old_pyc_beside_its_source_goes_with_the_versions_of_python_2(
    text: str, goes: bool, sandbox: Sandbox
) -> None:
    sandbox.write(f"{APP}/m.py")
    old = sandbox.write(f"{APP}/m.pyc")
    assert sandbox.clean("-V", text, APP).status == 0
    assert sandbox.exists(old) is not goes


def test_t18_recorded_sources_of_packages_that_went_lose_all_caches_unless_another_package_brought_them_again(
    sandbox: Sandbox,
) -> None:
    for name in ("a", "b", "deep/er/c"):
        sandbox.write(pyc_of(f"{APP}/{name}.py"))
    sandbox.write(f"{APP}/__pycache__/a.{TAG}-pytest-7.4.0.pyc")
    sandbox.write(f"{APP}/__pycache__/b.{TAG}-pytest-7.4.0.pyc")
    sandbox.write(f"{APP}/b.py")
    orphan = sandbox.write(pyc_of(f"{APP}/another.py"))
    app = InstalledPath(APP)
    recorded = [
        Directory(app, app, ("a.py", "b.py")),
        Directory(app, InstalledPath(f"{APP}/deep/er"), ("c.py",)),
        Directory(app, InstalledPath(f"{APP}/nowhere"), ("d.py",)),
    ]
    tree, report = sandbox.tree(), Report("trigger")
    clean_departed(tree, recorded, CleanRun(), report, floor=app)
    tree.close()
    files = {path for path, entry in sandbox.below(APP).items() if entry.kind == "file"}
    assert files == {f"{APP}/b.py", pyc_of(f"{APP}/b.py"), f"{APP}/__pycache__/b.{TAG}-pytest-7.4.0.pyc", orphan}
    assert not sandbox.exists(f"{APP}/deep")
    assert {one.path for one in report.outcomes if one.status is not Status.REMOVED} == {orphan}
