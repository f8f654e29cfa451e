# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools stage`: what it puts into a staged tree, and that the same tree comes of it everywhere."""

from __future__ import annotations

import marshal
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from tests.lab.commands import CommandError
from tests.lab.debs import SampleFile, write_file
from tests.lab.machine import caches
from tests.lab.needs import need_tools
from tests.lab.project import BUILD_PYTHON, STRATEGIES, Sample, generate, pkgtools

pytestmark = pytest.mark.slow

MASKS = {"an open umask": 0o002, "a closed umask": 0o077}


@pytest.fixture(autouse=True)
def root_only() -> None:
    """Skip for others than root, to whom the sample's files could not belong."""
    need_tools(())


def staged(sample: Sample, made: Path, tree: Path, *, target: str = "deb", umask: int = 0o022) -> Path:
    """Write the project's files to `tree` and stage there."""
    out = generate([sample], target, made)
    for path, content in sample.files("1").items():
        write_file(f"{tree}{path}", SampleFile(content))
    before = os.umask(umask)
    try:
        manifest = str(out.parent / "pkgtools.toml")
        pkgtools("stage", str(tree), "--target", target, "--manifest", manifest, cwd=out.parent)
    finally:
        os.umask(before)
    return tree


def listing(tree: Path) -> dict[str, tuple[int, bytes]]:
    """Return path -> mode and content (empty for a directory) of all below a tree."""
    found = {}
    for item in sorted(tree.rglob("*")):
        content = item.read_bytes() if item.is_file() else b""
        found[str(item).removeprefix(str(tree))] = (stat.S_IMODE(item.lstat().st_mode), content)
    return found


def file_names(code: CodeType) -> Iterator[str]:
    """Yield the source's name in a code object and all below it."""
    yield code.co_filename
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from file_names(constant)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_two_builds_give_the_same_tree(made: Path, tmp_path: Path, strategy: str) -> None:
    """Neither the build's directory nor the umask reaches the package."""
    sample = Sample(strategy=strategy)
    first, second = (staged(sample, made, tmp_path / name / "tree", umask=mask) for name, mask in MASKS.items())
    assert listing(first) == listing(second)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_tree_holds_the_generated_payload_and_the_sources(made: Path, tmp_path: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy)
    tree = listing(staged(sample, made, tmp_path / "tree"))
    root = generate([sample], "deb", made) / sample.name / "root"
    payload = listing(root) if root.is_dir() else {}
    assert {path: tree[path] for path in payload} == payload
    wanted = set(sample.files("1"))
    if strategy == "sourceless":
        wanted = {f"{path}c" if path.endswith(".py") else path for path in wanted}
    compiled = {path for path in caches(sample.sources("1"), BUILD_PYTHON) if path.endswith(".pyc")}
    files = {path for path in tree if (tmp_path / "tree" / path[1:]).is_file()} - payload.keys()
    assert files == (wanted | compiled if strategy == "shipped" else wanted)
    assert {mode for path, (mode, _) in tree.items() if path.endswith(".pyc")} <= {0o644}


@pytest.mark.parametrize("strategy", ["shipped", "sourceless"])
def test_bytecode_names_the_installed_source(made: Path, tmp_path: Path, strategy: str) -> None:
    """Tracebacks, and everybody who compares packages, see where the module will be."""
    sample = Sample(strategy=strategy)
    tree = staged(sample, made, tmp_path / "tree")
    for item in tree.rglob("*.pyc"):
        code = marshal.loads(item.read_bytes()[16:])
        assert set(file_names(code)) <= sample.sources("1").keys()


@pytest.mark.parametrize("strategy", ["shipped", "sourceless"])
def test_staging_again_changes_nothing(made: Path, tmp_path: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy)
    first = listing(staged(sample, made, tmp_path / "tree"))
    if strategy == "sourceless":
        manifest = str(generate([sample], "deb", made).parent / "pkgtools.toml")
        pkgtools("stage", str(tmp_path / "tree"), "--target", "deb", "--manifest", manifest, cwd=made)
        assert listing(tmp_path / "tree") == first
    else:
        assert listing(staged(sample, made, tmp_path / "tree")) == first


@pytest.mark.parametrize("strategy", ["shipped", "sourceless"])
def test_bad_module_fails_the_build_where_that_is_asked_for(made: Path, tmp_path: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, broken=True, options={"bad-source": "fail"})
    with pytest.raises(CommandError, match=r"exit 2\n[^$]*broken\.py"):
        staged(sample, made, tmp_path / "tree")


def test_bad_module_of_a_sourceless_package_keeps_its_source(made: Path, tmp_path: Path) -> None:
    """Nothing is lost without a word."""
    sample = Sample(strategy="sourceless", broken=True)
    tree = staged(sample, made, tmp_path / "tree")
    assert (tree / sample.public[1:] / sample.module / "broken.py").is_file()
