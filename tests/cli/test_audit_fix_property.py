# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`audit --fix` of a tree with any faults: the plan is what is carried out, one run is enough, and sources stay."""

from __future__ import annotations

import json
import os
import py_compile
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any  # documents of JSON, looked into at many places

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pkgtools.cli.audit import audit
from tests.lab.cli import cli_runner
from tests.lab.needs import need_tools
from tests.lab.tree import Tree, differences, read_tree
from tests.lab.work import examples
from tests.rules.bytecode import PUBLIC, TAG
from tests.runtime.acl import ACCESS, set_acl

PACKAGES = ("json", "wsgiref", "urllib")
"""Real modules, as this machine's library has them."""
PROGRAM = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
NOBODY = 65534
DONE = {"compiled", "repaired", "removed"}


def _pristine(top: Path) -> None:
    """Make a system of real modules with bytecode that is right, and an interpreter that can't run."""
    program = Path(f"{top}{PROGRAM}")
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    library = Path(sysconfig.get_path("stdlib"))
    for name in PACKAGES:
        target = Path(f"{top}{PUBLIC}/{name}")
        shutil.copytree(library / name, target, ignore=shutil.ignore_patterns("__pycache__", "test*"))
        for source in target.rglob("*.py"):
            os.chmod(source, 0o644)
            pyc = source.parent / "__pycache__" / f"{source.stem}.{TAG}.pyc"
            py_compile.compile(str(source), str(pyc), dfile=str(source).removeprefix(str(top)), doraise=True)
            os.chmod(pyc, 0o644)
    for path in top.rglob("*"):
        if path.is_dir():
            os.chmod(path, 0o755)


def _pyc_of(source: Path) -> Path:
    return source.parent / "__pycache__" / f"{source.stem}.{TAG}.pyc"


def _on_pyc(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def fault(source: Path) -> None:
        if _pyc_of(source).is_file() and not _pyc_of(source).is_symlink():
            change(_pyc_of(source))

    return fault


def _plant(pyc: Path) -> None:
    """Put code there that is another module's, under a header that fits."""
    other = next(one for one in sorted(pyc.parent.iterdir()) if one != pyc)
    if other.is_file() and len(other.read_bytes()) > 16:
        pyc.write_bytes(pyc.read_bytes()[:16] + other.read_bytes()[16:])


def _link(pyc: Path) -> None:
    pyc.unlink()
    pyc.symlink_to("/etc/passwd")


def _fifo(pyc: Path) -> None:
    pyc.unlink()
    os.mkfifo(pyc)


def _directory(pyc: Path) -> None:
    pyc.unlink()
    (pyc / "below").mkdir(parents=True)


def _linked_away(cache: Path) -> None:
    """Put a link in the place of a cache directory; what it leads to is as it was."""
    if not (cache.is_symlink() or (cache.parent / "moved").exists()):
        cache.rename(cache.parent / "moved")
        cache.symlink_to("moved")


def _alpha(pyc: Path) -> None:
    pyc.write_bytes((3480).to_bytes(2, "little") + pyc.read_bytes()[2:])


def _unchecked(pyc: Path) -> None:
    pyc.write_bytes(pyc.read_bytes()[:4] + b"\x01\0\0\0" + b"\0" * 8 + pyc.read_bytes()[16:])


def _checked(pyc: Path) -> None:
    pyc.write_bytes(pyc.read_bytes()[:4] + b"\x03\0\0\0" + b"\0" * 8 + pyc.read_bytes()[16:])


def _touch(source: Path) -> None:
    os.utime(source, (1_000_000_000, 1_000_000_000))


def _grow(source: Path) -> None:
    source.write_bytes(source.read_bytes() + b"\n# edited\n")


def _in_cache(name: str, content: bytes = b"x") -> Callable[[Path], None]:
    def fault(source: Path) -> None:
        if (source.parent / "__pycache__").is_dir():
            (source.parent / "__pycache__" / name.format(stem=source.stem)).write_bytes(content)

    return fault


def _on_cache(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def fault(source: Path) -> None:
        if (source.parent / "__pycache__").is_dir():
            change(source.parent / "__pycache__")

    return fault


def _link_to(source: Path) -> None:
    link = source.with_name("linked.py")
    if not link.is_symlink():  # by the same fault before
        link.symlink_to(source.name)


def _orphans(source: Path) -> None:
    """Take all sources away; their bytecode stays."""
    for one in source.parent.glob("*.py"):
        one.unlink()


FAULTS: dict[str, Callable[[Path], object]] = {
    "stale by time": _touch,
    "stale by size": _grow,
    "other code": _on_pyc(_plant),
    "cut": _on_pyc(lambda pyc: os.truncate(pyc, 40)),
    "cut in the header": _on_pyc(lambda pyc: os.truncate(pyc, 7)),
    "empty": _on_pyc(lambda pyc: os.truncate(pyc, 0)),
    "bytes behind": _on_pyc(lambda pyc: pyc.write_bytes(pyc.read_bytes() + b"more")),
    "missing": _on_pyc(Path.unlink),
    "mode 0666": _on_pyc(lambda pyc: os.chmod(pyc, 0o666)),
    "mode 0600": _on_pyc(lambda pyc: os.chmod(pyc, 0o600)),
    "mode 0755": _on_pyc(lambda pyc: os.chmod(pyc, 0o755)),
    "nobody's": _on_pyc(lambda pyc: os.chown(pyc, NOBODY, NOBODY)),
    "link": _on_pyc(_link),
    "fifo": _on_pyc(_fifo),
    "directory": _on_pyc(_directory),
    "second name": _on_pyc(lambda pyc: os.link(pyc, pyc.parent / f"kept{len(os.listdir(pyc.parent))}")),
    "acl": _on_pyc(lambda pyc: set_acl(str(pyc), ACCESS, owner=6, user=(NOBODY, 6), group=4, mask=6, other=4)),
    "setuid": _on_pyc(lambda pyc: os.chmod(pyc, 0o4755)),
    "of an alpha": _on_pyc(_alpha),
    "unchecked hash": _on_pyc(_unchecked),
    "wrong hash": _on_pyc(_checked),
    "link to a source": _link_to,
    "link for a cache": _on_cache(_linked_away),
    "setgid cache": _on_cache(lambda cache: os.chmod(cache, 0o2775)),
    "orphan": Path.unlink,
    "orphans": _orphans,
    "foreign tag": _in_cache("{stem}.cpython-27.pyc"),
    "older tag": _in_cache("{stem}.cpython-36.pyc"),
    "orphan of no module": _in_cache(f"gone.{TAG}.pyc"),
    "temporary": _in_cache(f"{{stem}}.{TAG}.pyc.139873482917392"),
    "no cache": _in_cache("notes.txt"),
    "legacy": lambda source: source.with_suffix(".pyc").write_bytes(b"x" * 20),
    "open cache": _on_cache(lambda cache: os.chmod(cache, 0o777)),
    "closed cache": _on_cache(lambda cache: os.chmod(cache, 0o700)),
    "nobody's cache": _on_cache(lambda cache: os.chown(cache, NOBODY, NOBODY)),
    "open directory": lambda source: os.chmod(source.parent, 0o777),
    "no cache directory": _on_cache(shutil.rmtree),
}
faults = st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(0, 1 << 16)), min_size=1, max_size=8)


def _run(top: Path, *arguments: str) -> tuple[Any, int]:
    done = cli_runner().invoke(
        audit, [str(top), "--json", "-j", "1", "--fail-on", "warning", *arguments], catch_exceptions=False
    )
    document = json.loads(done.stdout)
    assert document["exit"] == done.exit_code
    return document, done.exit_code


def _found(document: Any) -> set[tuple[str, str]]:
    return {(one["rule"], one["path"]) for one in document["verdicts"][0]["findings"]}


def _repairs(document: Any, results: set[str]) -> set[str]:
    return {one["path"] for one in document["verdicts"][0]["repairs"] if one["result"] in results}


def _sources(top: Path) -> dict[str, tuple[object, ...]]:
    return {
        str(path): (path.read_bytes(), path.lstat().st_mode, path.lstat().st_uid, path.lstat().st_mtime_ns)
        for path in top.rglob("*.py")
    }


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("pristine") / "root"
    _pristine(top)
    return top


def _with_faults(pristine: Path, chosen: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory(dir=pristine.parent) as directory:
        top = Path(directory, "root")
        shutil.copytree(pristine, top, symlinks=True)
        os.chmod(top, 0o755)
        for name, number in chosen:
            sources = sorted(Path(f"{top}{PUBLIC}").rglob("*.py"))
            if sources:
                FAULTS[name](sources[number % len(sources)])
        _check_repair(top)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_repaired_as_planned(fault: str, pristine: Path) -> None:
    need_tools([], root=True)
    _with_faults(pristine, [(fault, 5)])


def test_a_pyc_of_a_source_that_does_not_compile_goes_and_that_is_said(tmp_path: Path) -> None:
    """The plan does not compile; the run does, and leaves no pyc of another text."""
    top = tmp_path / "root"
    _pristine(top)
    source = Path(f"{top}{PUBLIC}/json/tool.py")
    source.write_bytes(b"x = (\n")
    done, status = _run(top, "--fix")
    path = str(_pyc_of(source)).removeprefix(str(top))
    assert (_repairs(done, {"removed"}), _repairs(done, {"left"}), status) == ({path}, set(), 0)
    assert done["changed"]
    assert not _pyc_of(source).exists()
    assert path not in {place for _, place in _found(done)}
    again, last = _run(top, "--fix")
    assert (again["changed"], last, _found(again)) == (False, 0, _found(done))


@pytest.mark.slow
def test_the_plan_of_many_faults_is_what_is_carried_out(pristine: Path) -> None:
    need_tools([], root=True)

    # a failing case is shown as it is: making it smaller takes as many runs again
    @settings(max_examples=examples(40), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(chosen=faults)
    def check(chosen: list[tuple[str, int]]) -> None:
        _with_faults(pristine, chosen)

    check()


def _observed(top: Path) -> Tree:
    return read_tree(top, ["/"])


def _check_repair(top: Path) -> None:
    before, sources = _observed(top), _sources(top)
    plan, foretold = _run(top, "--fix", "--dry-run")
    assert differences(before, _observed(top)) == []
    assert not plan["changed"]
    done, status = _run(top, "--fix")
    assert _sources(top) == sources
    assert done["changed"] == bool(_repairs(done, DONE)) == bool(differences(before, _observed(top)))
    assert _repairs(done, DONE) == _repairs(plan, {"planned"})
    assert _repairs(done, {"left"}) == _repairs(plan, {"left"})
    assert (_found(done), status) == (_found(plan), foretold)
    after = _observed(top)
    again, last = _run(top, "--fix")
    assert (_repairs(again, DONE), again["changed"], last) == (set(), False, status)
    assert _found(again) == _found(done)
    assert differences(after, _observed(top)) == []
