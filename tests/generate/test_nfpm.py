# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy through nfpm, into packages for four package managers, each of which lives and goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.conftest import Start, StartApk, StartPacman, StartRpm
from tests.generate.life import ApkLife, DebLife, PacmanLife, RpmLife
from tests.lab.apk_machine import ApkPackage, apk_of_file
from tests.lab.commands import run_on_host
from tests.lab.nfpm_builds import build_with_nfpm
from tests.lab.project import SITE, STRATEGIES, Sample

pytestmark = pytest.mark.system

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)


@each_strategy
def test_deb(start: Start, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy)
    with start(sample) as machine:
        life = DebLife(
            machine=machine, sample=sample, build=lambda version: build_with_nfpm(sample, version, "deb", made)
        )
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
        life.take("--remove")
        life.put("1")
        life.take("--purge")


def test_triggers_reach_the_deb(made: Path, tmp_path: Path, laboratory: None) -> None:
    deb = build_with_nfpm(Sample(strategy="standalone", plugins=True), "1", "deb", made)
    run_on_host(["dpkg-deb", "--control", str(deb), str(tmp_path)])
    assert (tmp_path / "triggers").read_text().splitlines() == [
        "interest-noawait /usr/share/binfmts",
        "interest-noawait /usr/share/python3/debian_defaults",
        "interest-noawait /usr/share/acme-standalone",
    ]


@each_strategy
def test_rpm(start_rpm: StartRpm, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="other")
    with start_rpm(sample) as machine:
        life = RpmLife(
            machine=machine.machine,
            rpm=machine,
            sample=sample,
            build=lambda version: build_with_nfpm(sample, version, "rpm", made),
        )
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
        life.take()


@each_strategy
def test_archlinux(start_pacman: StartPacman, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="other", public=SITE)
    with start_pacman(sample) as machine:
        life = PacmanLife(
            machine=machine, sample=sample, build=lambda version: build_with_nfpm(sample, version, "archlinux", made)
        )
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
        life.take()


@each_strategy
def test_apk(start_apk: StartApk, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="other", public=SITE)

    def build(version: str) -> ApkPackage:
        return apk_of_file(build_with_nfpm(sample, version, "apk", made), sample.name, version)

    with start_apk(sample) as machine:
        life = ApkLife(machine=machine, sample=sample, build=build)
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
        life.take()
