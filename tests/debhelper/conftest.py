# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Real builds of the source packages of the tests, once for each release, shared by all workers of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.debhelper.pybuild_sources import pybuild_sources
from tests.debhelper.source_tree import OLD, OVERRIDES, SourceTree
from tests.debhelper.sources import all_sources
from tests.lab.needs import need_tools
from tests.lab.ours import Build, build_ours
from tests.lab.recipes import RECIPES
from tests.lab.source_builds import Built, Deb, build_sources

BUILD_ROOTS = ("build-bookworm", "build-trixie", "build-forky")


@dataclass(frozen=True, slots=True, kw_only=True)
class Builds:
    """What came of all source packages in one release."""

    python: str
    """The default version there."""
    by_name: Mapping[str, Built]

    def __getitem__(self, name: str) -> Built:
        return self.by_name[name]

    def deb(self, source: str, package: str) -> Deb:
        """Return a binary package; fail with the log if the build did."""
        return self.by_name[source].debs[package]

    @property
    def tag(self) -> str:
        """Return what names of extension modules say of the version: 311."""
        return self.python.replace(".", "")


BuildIn = Callable[[str], Builds]
"""build_in(root) -> what came of all source packages there."""


@pytest.fixture(scope="session")
def ours() -> Build:
    """Return this project's own packages."""
    need_tools(("mmdebstrap", "zstd", "dpkg-deb", "nsenter", "dpkg-buildpackage", "dh"))
    return build_ours()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory where packages are built; the workers of one run share it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    base = tmp_path_factory.getbasetemp()
    path = (base.parent / f"run-{run}" if run else base) / "builds"
    path.mkdir(parents=True, exist_ok=True)
    for directory in (path.parent, path):
        directory.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def build_in(ours: Build, made: Path) -> BuildIn:
    """Return the function that builds all source packages in a root."""

    @cache
    def build_in(root: str) -> Builds:
        python = RECIPES[root].python[0]
        sources = (*all_sources(python), *pybuild_sources())
        return Builds(python=python, by_name=build_sources(root, sources, ours, made))

    return build_in


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    """Return a source tree with one package of modules."""
    made = SourceTree(top=tmp_path)
    made.control()
    made.write({f"debian/foo/{OLD}/foo.py": "NAME = 1\n", "debian/py3dist-overrides": OVERRIDES})
    return made
