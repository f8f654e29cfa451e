# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Byte-compilation in a build root: what is shipped, that it's the same everywhere, and what bad modules do."""

from __future__ import annotations

import hashlib
import os
import py_compile
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pkgtools.build.build_root import BuildVerdict, Order, byte_compile
from pkgtools.rpmbuild.bytecompile import installed_path, read_levels, read_rules
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.interpreters import describe
from tests.rpmbuild.builds import READABLE, let_others_in

PYTHON = InstalledPath("/usr/bin/python3")
FOUND = describe(PYTHON)
pytestmark = pytest.mark.skipif(FOUND is None, reason="no /usr/bin/python3")
TAG = FOUND.cache_tag if FOUND else ""
VERSION = "{}.{}".format(*FOUND.version) if FOUND else ""
SITE = f"/usr/lib/python{VERSION}/site-packages"
EPOCH = 1_700_000_000
MODULES = {
    f"{SITE}/p/__init__.py": "",
    f"{SITE}/p/plain.py": "def f(x={1, 2, 'three'}):\n    return __file__, x, frozenset('abc')\n",
    f"{SITE}/p/asserts.py": "def f(x):\n    '''Doc.'''\n    assert x\n",
    f"{SITE}/p/q/deep.py": "TABLE = {'a': (1, 2, (3, 'x y')), 'b': b'bytes'}\n",
}
TEMPLATE = f"{SITE}/p/templates/setup.py"


def fill(root: Path, modules: Mapping[str, str] = MODULES, *, mtime: float = EPOCH + 5000.75) -> Path:
    """Write modules below a build root, in the order given."""
    for path, text in modules.items():
        file = Path(f"{root}{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        os.utime(file, (mtime, mtime))
    return root


def order(root: Path, **changes: Any) -> Order:  # the fields of an Order
    return Order(root=str(root), paths=(), not_after=EPOCH)._replace(**changes)


def pycs(root: Path) -> dict[str, str]:
    """Return path -> digest, mode and time of all that a package would ship in cache directories."""
    return {
        f"/{path.relative_to(root)}": f"{hashlib.sha256(path.read_bytes()).hexdigest()} "
        f"{path.stat().st_mode:o} {path.stat().st_mtime_ns}"
        for path in sorted(root.rglob("__pycache__/*"))
    }


def pyc(root: Path, source: str, level: int = 0) -> Path:
    directory, _, name = source.rpartition("/")
    return Path(f"{root}{directory}/__pycache__/{name[:-3]}.{TAG}{f'.opt-{level}' if level else ''}.pyc")


def test_libraries_are_compiled_at_both_levels(tmp_path: Path) -> None:
    assert byte_compile(order(fill(tmp_path))) == BuildVerdict(0, ())
    assert set(pycs(tmp_path)) == {
        f"/{pyc(tmp_path, path, level).relative_to(tmp_path)}" for path in MODULES for level in (0, 1)
    }


@pytest.mark.parametrize("prefix", ["/app", "/opt/acme", "/opt/acme/venv", "/srv/web/env"])
def test_libraries_of_other_prefixes_are_compiled_for_their_version(prefix: str, tmp_path: Path) -> None:
    library = f"{prefix}/lib/python{VERSION}/site-packages"
    sources = [f"{library}/a.py", f"{library}/b/lib/python{VERSION}/c.py"]
    root = fill(tmp_path / "root", dict.fromkeys(sources, "x = 1\n"))
    (root / "srv2").symlink_to(root / prefix[1:])
    assert byte_compile(order(root, levels=(0,))).messages == ()
    assert set(root.rglob("*.pyc")) == {pyc(root, source) for source in sources}


def test_links_lead_to_no_second_library_and_not_to_the_host(tmp_path: Path) -> None:
    source = f"/opt/acme/venv/lib/python{VERSION}/site-packages/a.py"
    root = fill(tmp_path / "root", {source: "x = 1\n"})
    (root / "opt/acme/venv/lib64").symlink_to("lib")
    (root / "opt/host").mkdir()
    (root / "opt/host/lib").symlink_to("/usr/lib")
    (root / "srv").symlink_to("/usr")
    assert byte_compile(order(root, levels=(0,))) == BuildVerdict(0, ())
    assert set(root.rglob("*.pyc")) == {pyc(root, source)}


def test_other_prefix_of_a_version_that_is_not_there_is_told(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", {"/opt/acme/lib/python3.99/site-packages/a.py": "x = 1\n"})
    (message,) = byte_compile(order(root)).messages
    assert "python3.99" in message
    assert not list(root.rglob("*.pyc"))


def test_that_nothing_was_compiled_is_told(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", {"/usr/share/acme/a.py": "x = 1\n"})
    assert [message.partition(":")[0] for message in byte_compile(order(root)).messages] == ["nothing is compiled"]
    assert byte_compile(order(fill(tmp_path / "empty", {"/usr/share/acme/README": ""}))).messages == ()


@pytest.mark.parametrize("level", [0, 1, 2])
def test_bytes_are_those_of_py_compile_with_the_installed_path(level: int, tmp_path: Path) -> None:
    byte_compile(order(fill(tmp_path), levels=(0, 1, 2)))
    for path in MODULES:
        program = f"import py_compile; py_compile.compile({str(tmp_path) + path!r}, {str(tmp_path / 'x.pyc')!r}, "
        program += f"{path!r}, optimize={level}, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)"
        subprocess.run([PYTHON, "-I", "-c", program], check=True)
        assert pyc(tmp_path, path, level).read_bytes() == (tmp_path / "x.pyc").read_bytes(), path


@pytest.mark.parametrize(("mtime", "expected"), [(EPOCH + 50.5, EPOCH), (EPOCH - 50.9999999, EPOCH - 51)])
def test_source_and_pyc_have_one_whole_second_not_later_than_the_epoch(
    mtime: float, expected: int, tmp_path: Path
) -> None:
    byte_compile(order(fill(tmp_path, mtime=mtime)))
    source = f"{SITE}/p/plain.py"
    times = {path.stat().st_mtime_ns for path in (Path(f"{tmp_path}{source}"), pyc(tmp_path, source))}
    assert times == {expected * 10**9}
    assert int.from_bytes(pyc(tmp_path, source).read_bytes()[8:12], "little") == expected


@pytest.mark.skipif(
    FOUND is not None and FOUND.version < (3, 11), reason="older interpreters' marshal is not deterministic"
)
def test_second_build_elsewhere_is_byte_identical(tmp_path: Path) -> None:
    regimes = [
        ("a", "022", "UTC", "1"),
        ("a/longer/place", "077", "Asia/Tokyo", "7"),
        ("c", "000", "America/Lima", "0"),
    ]
    built = []
    for number, (place, umask, zone, seed) in enumerate(regimes):
        modules = dict(sorted(MODULES.items(), reverse=bool(number % 2)))
        root = fill(tmp_path / str(number) / place, modules, mtime=EPOCH + number)
        command = f"umask {umask}; exec {sys.executable} -m pkgtools.rpmbuild.bytecompile --root {root}"
        env = {"PATH": os.defpath, "TZ": zone, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": str(EPOCH), "HOME": place}
        subprocess.run(["/bin/sh", "-c", command], env={**env, "PYTHONPATH": os.getcwd()}, check=True)
        built.append(pycs(root))
    assert built[0] == built[1] == built[2]


def test_equal_levels_are_one_file_unless_told_otherwise(tmp_path: Path) -> None:
    linked, apart = fill(tmp_path / "1"), fill(tmp_path / "2")
    byte_compile(order(linked))
    byte_compile(order(apart, hardlinks=False))
    assert pyc(linked, f"{SITE}/p/plain.py").samefile(pyc(linked, f"{SITE}/p/plain.py", 1))
    assert not pyc(linked, f"{SITE}/p/asserts.py").samefile(pyc(linked, f"{SITE}/p/asserts.py", 1))
    assert {path.stat().st_nlink for path in apart.rglob("*.pyc")} == {1}
    assert pycs(linked) == pycs(apart)


def test_bytecode_that_the_build_left_is_made_anew(tmp_path: Path) -> None:
    fresh, used = fill(tmp_path / "1"), fill(tmp_path / "2")
    byte_compile(order(fresh))
    for path in MODULES:
        for level in (0, 2):
            py_compile.compile(f"{used}{path}", str(pyc(used, path, level)), optimize=level)
    byte_compile(order(used))
    assert pycs(used) == pycs(fresh)


@pytest.mark.parametrize(
    ("errors", "policy", "status", "told"),
    [
        ("error", "", 1, True),
        ("warn", "", 0, True),
        ("skip", f"error:{SITE}/p/*", 1, True),
        ("error", "warn:*/templates/*", 0, True),
        ("error", "skip:*/templates/* error:*", 0, False),
        ("warn", "error:*/setup.py skip:*", 1, True),
    ],
)
def test_policy_says_what_a_template_of_python_2_does(
    errors: str, policy: str, status: int, told: bool, tmp_path: Path
) -> None:
    root = fill(tmp_path, {**MODULES, TEMPLATE: "print 'hello'\n"})
    verdict = byte_compile(order(root, errors=errors, rules=read_rules(policy.split())))
    assert verdict.exit == status
    assert [TEMPLATE in message for message in verdict.messages] == [True] * told
    if "skip:* " not in f"{policy} " and errors != "skip":
        assert pyc(root, f"{SITE}/p/plain.py").exists(), "its siblings are compiled"
    assert not pyc(root, TEMPLATE).exists()


def test_skipped_modules_are_not_compiled_even_if_they_could_be(tmp_path: Path) -> None:
    byte_compile(order(fill(tmp_path), rules=read_rules(["skip:*/q/*"])))
    assert not pyc(tmp_path, f"{SITE}/p/q/deep.py").exists()
    assert pyc(tmp_path, f"{SITE}/p/plain.py").exists()


def test_library_without_its_interpreter_is_told(tmp_path: Path) -> None:
    root = fill(tmp_path, {"/usr/lib/python3.1/site-packages/x.py": "x = 1\n"})
    verdict = byte_compile(order(root, errors="warn"))
    assert (verdict.exit, verdict.messages[0]) == (
        0,
        "/usr/lib/python3.1: /usr/bin/python3.1 doesn't run: add it to the BuildRequires",
    )
    assert byte_compile(order(root)).exit == 1


def test_private_directory_is_compiled_for_the_interpreter_named(tmp_path: Path) -> None:
    root = fill(tmp_path, {**MODULES, "/usr/share/app/a.py": "a = 1\n", "/usr/share/app-data/b.py": "b = 1\n"})
    private = installed_path(str(root), f"{root}/usr/share/app")
    assert byte_compile(order(root, paths=(private,), interpreter=PYTHON)) == BuildVerdict(0, ())
    assert set(pycs(root)) == {f"/usr/share/app/__pycache__/a.{TAG}{suffix}.pyc" for suffix in ("", ".opt-1")}


def test_who_may_write_to_the_build_root_does_not_matter(tmp_path: Path) -> None:
    root = fill(tmp_path)
    for directory in (root, *(path for path in root.rglob("*") if path.is_dir())):
        directory.chmod(0o2775)
    if os.geteuid() == 0:
        os.chown(f"{root}{SITE}/p", 65534, 65534)
    assert byte_compile(order(root)) == BuildVerdict(0, ())
    assert Path(f"{root}{SITE}/p/__pycache__").stat().st_mode & 0o7777 == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_anybody_can_build(tmp_path: Path) -> None:
    root = fill(tmp_path / "root")
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, 65534, 65534)
    let_others_in(tmp_path)
    program = f"import sys; sys.path[0] = {str(READABLE)!r}; from pkgtools.rpmbuild.bytecompile import main; main()"
    argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", PYTHON, "-B", "-c", program]
    done = subprocess.run([*argv, "--root", str(root)], capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.stat().st_uid for path in root.rglob("__pycache__/*")} == {65534}


def test_links_are_left_alone_and_told(tmp_path: Path) -> None:
    root = fill(tmp_path)
    os.symlink("plain.py", f"{root}{SITE}/p/link.py")
    verdict = byte_compile(order(root))
    assert verdict.exit == 0
    assert [message.partition(",")[0] for message in verdict.messages] == [f"{SITE}/p/link.py: a link"]
    assert not pyc(root, f"{SITE}/p/link.py").exists()
    silent = order(root, rules=read_rules(["skip:*/link.py"]))
    assert byte_compile(silent) == BuildVerdict(0, ())


@pytest.mark.parametrize("link", ["usr", "usr/share", "usr/share/app", "usr/share/app/m.py"])
def test_nothing_behind_a_link_to_a_named_path_is_touched(link: str, tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    named = "usr/share/app/m.py" if link.endswith(".py") else "usr/share/app"
    fill(outside, {"/usr/share/app/m.py": "a = 1\n"})
    foreign = outside / "usr/share/app/__pycache__/gone.cpython-30.pyc"
    foreign.parent.mkdir()
    foreign.write_bytes(b"theirs")
    place = root / link
    place.parent.mkdir(parents=True)
    place.symlink_to(outside / link)
    given = order(root, paths=(InstalledPath(f"/{named}"),), interpreter=PYTHON)
    verdict = byte_compile(given)
    assert (verdict.exit, [message.partition(",")[0] for message in verdict.messages]) == (1, [f"/{named}: a link"])
    assert [path.name for path in outside.rglob("*.pyc")] == [foreign.name]
    assert "a link" not in str(byte_compile(given._replace(errors="skip")))


@pytest.mark.parametrize("path", ["/usr/share/app", "/"])
def test_build_root_itself_may_be_a_link(path: str, tmp_path: Path) -> None:
    fill(tmp_path / "root", {"/usr/share/app/m.py": "a = 1\n"})
    (tmp_path / "link").symlink_to("root")
    verdict = byte_compile(order(tmp_path / "link", paths=(InstalledPath(path),), interpreter=PYTHON))
    assert verdict == BuildVerdict(0, ())
    assert len(pycs(tmp_path / "root")) == 2


def test_usr_that_is_a_link_is_not_the_host_s(tmp_path: Path) -> None:
    host = fill(tmp_path / "host")
    foreign = host / SITE[1:] / "p/__pycache__/gone.cpython-30.pyc"
    foreign.parent.mkdir()
    foreign.touch()
    (tmp_path / "root").mkdir()
    (tmp_path / "root/usr").symlink_to(host / "usr")
    verdict = byte_compile(order(tmp_path / "root", errors="warn"))
    assert (verdict.exit, len(verdict.messages)) == (0, 1)
    assert list(host.rglob("*.pyc")) == [foreign]


def test_caches_are_emptied_of_what_no_import_would_take(tmp_path: Path) -> None:
    clean, root, outside = fill(tmp_path / "1"), fill(tmp_path / "2"), tmp_path / "3"
    byte_compile(order(clean))
    outside.mkdir()
    (outside / "x.txt").touch()
    cache = root / SITE[1:] / "p/__pycache__"
    cache.mkdir()
    for name in (
        "plain.cpython-37.pyc",
        f"gone.{TAG}.pyc",
        f"plain.{TAG}-pytest-8.4.2.pyc",
        "x.nbi",
        f"plain.{TAG}.pyc.123",
    ):
        (cache / name).touch()
    (root / SITE[1:] / "linked").mkdir()
    (root / SITE[1:] / "linked/__pycache__").symlink_to(outside)
    byte_compile(order(root))
    (root / SITE[1:] / "linked/__pycache__").unlink()
    assert pycs(root) == pycs(clean)
    assert list(outside.iterdir()) == [outside / "x.txt"]


def test_what_was_compiled_by_name_for_another_interpreter_stays(tmp_path: Path) -> None:
    """A library for all versions may be compiled for each of them."""
    shared = "/usr/lib/python3/dist-packages"
    kept = tmp_path / shared[1:] / "__pycache__/m.cpython-39.pyc"
    kept.parent.mkdir(parents=True)
    kept.touch()
    byte_compile(order(fill(tmp_path, {f"{shared}/m.py": ""})))
    assert sorted(path.name for path in kept.parent.iterdir()) == sorted(
        (kept.name, f"m.{TAG}.pyc", f"m.{TAG}.opt-1.pyc")
    )


@pytest.mark.parametrize("words", ["fail:*", "warn", "warn:", ":x"])
def test_policy_that_makes_no_sense_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match="write error:GLOB"):
        read_rules([words])


@pytest.mark.parametrize(("text", "levels"), [("0,1", (0, 1)), ("0 1 2", (0, 1, 2)), ("1", (1,))])
def test_levels_are_read(text: str, levels: tuple[int, ...]) -> None:
    assert read_levels(text) == levels


@pytest.mark.parametrize("text", ["", "3", "0-1", "a"])
def test_levels_that_there_are_not_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write some of 0, 1 and 2"):
        read_levels(text)


def test_root_directory_is_no_build_root() -> None:
    argv = [sys.executable, "-m", "pkgtools.rpmbuild.bytecompile", "--root", "/"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "must be a directory other than /" in done.stderr
