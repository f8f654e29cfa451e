# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Each pyc is compared with the source that import would take for it, once, and within bounds."""

from __future__ import annotations

import marshal
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pkgtools.bytecode.compiling import Compilers, find_compilers
from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check import verification
from pkgtools.check.verification import fetch_from_package, verify_package
from pkgtools.model.package import CodeMatch, Package, PycFacts
from pkgtools.readers.package import read_package
from pkgtools.readers.system.installed import fetch_from_root, read_root
from pkgtools.runtime.facts import InstalledPath
from tests.lab.debs import SOME_DAY, SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm
from tests.readers.test_root import make
from tests.rules.bytecode import MAGIC, SOURCE, cached, hashed, of_version, pair, pyc

M = "/usr/share/acme/m.py"
OTHER = SOURCE.replace("42", "43")
PLANTED = pyc(M, OTHER)
GOOD = {CodeMatch.IDENTICAL, CodeMatch.EQUAL}


@pytest.fixture(scope="module")
def compilers() -> Compilers:
    return find_compilers(workers=1)


def matches(package: Package) -> dict[str, CodeMatch | None]:
    return {one.path: one.facts.match for one in package.files if isinstance(one.facts, PycFacts)}


def verified(top: Path, compilers: Compilers) -> dict[str, CodeMatch | None]:
    return matches(verify_package(read_root(top, ReadingOptions()), compilers, fetch_from_root(top)))


def unmarshalled_bomb() -> bytes:
    return b"(" + b"\xff\xff\xff\x7f" + b"N" * 100


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(pyc(M), GOOD, id="good"),
        pytest.param(hashed(M), GOOD, id="good hash"),
        pytest.param(hashed(M, checked=False), GOOD, id="good unchecked hash"),
        pytest.param(PLANTED, {CodeMatch.DIFFERENT}, id="planted"),
        pytest.param(hashed(M, OTHER, of=SOURCE), {CodeMatch.DIFFERENT}, id="planted with hash"),
        pytest.param(hashed(M, OTHER, checked=False), {CodeMatch.DIFFERENT}, id="planted, any hash"),
        pytest.param(pyc(M, mtime=SOME_DAY + 1), {CodeMatch.STALE}, id="another time"),
        pytest.param(pyc(M, size=1), {CodeMatch.STALE}, id="another size"),
        pytest.param(hashed(M, of=OTHER), {CodeMatch.STALE}, id="another hash"),
        pytest.param(of_version(pyc(M), (3, 15)), {CodeMatch.UNCHECKED}, id="another version"),
        pytest.param(pyc(M)[:-1], {CodeMatch.DIFFERENT}, id="too short"),
        pytest.param(pyc(M)[:16] + unmarshalled_bomb(), {CodeMatch.DIFFERENT}, id="bomb"),
        pytest.param(pyc(M)[:16], {CodeMatch.DIFFERENT}, id="header alone"),
        pytest.param(b"", {CodeMatch.UNCHECKED}, id="empty"),
    ],
)
def test_pycs(tmp_path: Path, compilers: Compilers, content: bytes, expected: set[CodeMatch]) -> None:
    assert verified(make(tmp_path, {M: SOURCE, cached(M): content}), compilers)[cached(M)] in expected


@pytest.mark.parametrize("level", ["", ".opt-1", ".opt-2"])
def test_each_level_is_compared_as_such(tmp_path: Path, compilers: Compilers, level: str) -> None:
    source = "def f():\n    'Text.'\n    assert f\n"
    number = int(level[-1:] or 0)
    codes = [marshal.dumps(compile(source, M, "exec", dont_inherit=True, optimize=one)) for one in (0, 1, 2)]
    header = pyc(M, source)[:16]
    for one, code in enumerate(codes):
        top = make(tmp_path / str(one), {M: source, cached(M, level): header + code})
        assert (verified(top, compilers)[cached(M, level)] in GOOD) is (one == number)


@pytest.mark.parametrize(
    ("files", "links", "path", "expected"),
    [
        pytest.param({cached(M): pyc(M)}, {}, cached(M), CodeMatch.NO_SOURCE, id="no source"),
        pytest.param(
            {"/etc/m.py": SOURCE, cached(M): PLANTED}, {M: "/etc/m.py"}, cached(M), CodeMatch.DIFFERENT, id="link"
        ),
        pytest.param(
            {"/usr/share/m.py": SOURCE, cached(M): PLANTED},
            {M: "../m.py"},
            cached(M),
            CodeMatch.DIFFERENT,
            id="near",
        ),
        pytest.param(
            {"/etc/m.py": SOURCE, cached(M): PLANTED},
            {M: "/etc/n.py", "/etc/n.py": "m.py"},
            cached(M),
            CodeMatch.DIFFERENT,
            id="link to a link",
        ),
        pytest.param({cached(M): pyc(M)}, {M: "/nowhere.py"}, cached(M), CodeMatch.UNCHECKED, id="link to nowhere"),
        pytest.param({cached(M): pyc(M)}, {M: M}, cached(M), CodeMatch.UNCHECKED, id="link to itself"),
        pytest.param(
            {M: SOURCE, "/var/cache/python/usr/share/acme/m.cpython-311.pyc": PLANTED},
            {},
            "/var/cache/python/usr/share/acme/m.cpython-311.pyc",
            CodeMatch.DIFFERENT,
            id="our central cache",
        ),
        pytest.param(
            {
                M: SOURCE,
                "/srv/pyc/usr/share/acme/m.cpython-311.pyc": PLANTED,
                "/etc/environment": "PYTHONPYCACHEPREFIX=/srv/pyc/\n",
            },
            {},
            "/srv/pyc/usr/share/acme/m.cpython-311.pyc",
            CodeMatch.DIFFERENT,
            id="a central cache of the configuration",
        ),
        pytest.param({M: SOURCE, f"{M}c": PLANTED}, {}, f"{M}c", None, id="beside the source"),
        pytest.param({"/x/m.pyc": PLANTED}, {}, "/x/m.pyc", None, id="in the source's place"),
    ],
)
def test_the_source_is_the_one_that_import_takes(
    tmp_path: Path,
    compilers: Compilers,
    files: Mapping[str, str | bytes],
    links: Mapping[str, str],
    path: str,
    expected: CodeMatch | None,
) -> None:
    top = make(tmp_path, files)
    for link, target in links.items():
        Path(f"{top}{link}").parent.mkdir(parents=True, exist_ok=True)
        Path(f"{top}{link}").symlink_to(target)
    assert verified(top, compilers)[path] is expected


@pytest.mark.parametrize("filename", [M, "/build/acme-1/m.py", "m.py", "./acme/m.py", "<frozen m>"])
def test_a_source_that_was_compiled_elsewhere_is_the_same(tmp_path: Path, compilers: Compilers, filename: str) -> None:
    source = "PATH = '/etc/setup.py'\n" + SOURCE
    body = marshal.dumps(compile(source, filename, "exec", dont_inherit=True, optimize=0))
    top = make(tmp_path, {M: source, cached(M): pyc(M, source)[:16] + body})
    assert verified(top, compilers)[cached(M)] in GOOD


def test_portions_are_bounded(tmp_path: Path, compilers: Compilers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_HELD", 2000)
    top = make(tmp_path, {k: v for number in range(40) for k, v in pair(f"/opt/m{number}.py").items()})
    asked: list[int] = []

    def fetch(wanted: set[InstalledPath]) -> dict[InstalledPath, bytes]:
        asked.append(len(wanted))
        return fetch_from_root(top)(wanted)

    package = verify_package(read_root(top, ReadingOptions()), compilers, fetch)  # type: ignore[arg-type] # a set is a Set
    assert set(matches(package).values()) <= GOOD
    assert sum(asked) == 80
    assert max(asked) < 30


def test_what_was_changed_meanwhile_is_unchecked(tmp_path: Path, compilers: Compilers) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M): pyc(M)})
    package = read_root(top, ReadingOptions())
    make(tmp_path, {M: OTHER, cached(M): pyc(M, OTHER)})
    assert set(matches(verify_package(package, compilers, fetch_from_root(top))).values()) <= GOOD
    make(tmp_path, {M: OTHER, cached(M): pyc(M)})
    assert matches(verify_package(package, compilers, fetch_from_root(top))) == {cached(M): CodeMatch.UNCHECKED}
    os.unlink(f"{top}{M}")
    assert matches(verify_package(package, compilers, fetch_from_root(top))) == {cached(M): CodeMatch.UNCHECKED}


def test_every_result_is_told_as_it_comes(tmp_path: Path, compilers: Compilers) -> None:
    top = make(tmp_path, {**pair("/opt/m.py"), **pair("/opt/n.py")})
    told: list[str] = []

    def watch(results: verification.Results) -> verification.Results:
        for path, match in results:
            told.append(path)
            yield path, match

    verify_package(read_root(top, ReadingOptions()), compilers, fetch_from_root(top), watch)
    assert sorted(told) == [cached("/opt/m.py"), cached("/opt/n.py")]


def test_without_an_interpreter_all_is_unchecked(tmp_path: Path, compilers: Compilers) -> None:
    top = make(tmp_path, pair(M))
    assert verified(top, replace(compilers, interpreters=())) == {cached(M): CodeMatch.UNCHECKED}


@pytest.mark.parametrize("family", ["deb", "rpm"])
def test_what_packages_ship_is_compared(tmp_path: Path, compilers: Compilers, family: str) -> None:
    need_tools(["dpkg-deb" if family == "deb" else "rpmbuild"], root=False)
    n = "/usr/share/acme/n.py"
    files: dict[str, str | bytes] = {**pair(M), n: SOURCE, cached(n): pyc(n, OTHER)}
    build = build_deb if family == "deb" else build_rpm
    path = build(SamplePackage(name="acme", files=files), tmp_path)
    package = verify_package(read_package(path, ReadingOptions()), compilers, fetch_from_package(path))
    found = matches(package)
    assert found[cached(M)] in GOOD
    assert found[cached(n)] is CodeMatch.DIFFERENT


def test_the_magic_number_of_this_python_is_known(compilers: Compilers) -> None:
    assert compilers.of_magic(MAGIC) is not None
