# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy as a binary package of a debhelper build: what is on disk after each step."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.generate.conftest import Start
from tests.generate.life import DebLife
from tests.lab.commands import run_on_host
from tests.lab.debhelper_builds import build_with_debhelper
from tests.lab.needs import need_tools
from tests.lab.project import ASK_RUNTIME, STRATEGIES, Sample

pytestmark = pytest.mark.system

SAMPLES = {strategy: Sample(strategy=strategy) for strategy in STRATEGIES}


@pytest.fixture(scope="session")
def debs(made: Path, laboratory: None) -> dict[str, dict[str, Path]]:
    """Return version -> name -> .deb of one build each."""
    need_tools(("dpkg-buildpackage", "dh"))
    versions = ("1", "2")
    with ThreadPoolExecutor(2) as pool:
        built = pool.map(lambda version: build_with_debhelper(SAMPLES.values(), version, made), versions)
        return dict(zip(versions, built, strict=True))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_life_cycle(start: Start, debs: dict[str, dict[str, Path]], strategy: str) -> None:
    sample = SAMPLES[strategy]
    with start(sample) as machine:
        life = DebLife(machine=machine, sample=sample, build=lambda version: debs[version][sample.name])
        for version in ("1", "2", "1"):
            life.put(version)
            life.assert_has(version)
        life.take("--remove")
        life.put("2")
        life.take("--purge")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_dependencies_come_by_a_substitution_variable(debs: dict[str, dict[str, Path]], strategy: str) -> None:
    depends = run_on_host(["dpkg-deb", "--field", str(debs["1"][f"acme-{strategy}"]), "Depends"])
    assert ("pkgtools-runtime" in depends) == (strategy in ASK_RUNTIME)
    assert "python3" in depends


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nothing_of_debhelper_is_left_in_a_script(
    debs: dict[str, dict[str, Path]], strategy: str, tmp_path: Path
) -> None:
    run_on_host(["dpkg-deb", "--control", str(debs["1"][f"acme-{strategy}"]), str(tmp_path)])
    texts = [path.read_text() for path in tmp_path.iterdir()]
    assert not [text for text in texts if "#DEBHELPER#" in text or "dh_python" in text]


def test_lintian_has_nothing_to_say_of_scripts_triggers_and_bytecode(debs: dict[str, dict[str, Path]]) -> None:
    need_tools(("lintian",))
    paths = [str(path) for name, path in debs["1"].items() if name not in {"acme-shipped", "acme-sourceless"}]
    said = run_on_host(["lintian", "--allow-root", "--display-info", "--fail-on=none", *paths])
    about_name = re.compile(r"maintainer-script|trigger|compile|shell-script|database")
    about_file = re.compile(r"\[(?:pre|post)(?:inst|rm)\b|\.py[co]\b|/pkgtools")
    tags = [line.partition(": acme-")[2].partition(": ")[2] for line in said.splitlines()]
    found = [tag for tag in tags if about_name.search(tag.partition(" ")[0]) or about_file.search(tag)]
    # what it takes the Python in a .pyz for, is not what the file is
    found = [tag for tag in found if not tag.startswith("bash-term-in-posix-shell")]
    assert found == ["uses-dpkg-database-directly [usr/lib/acme-standalone/pkgtools.pyz]"]
