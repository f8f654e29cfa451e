# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy by fpm's options and scripts, which have to do for dpkg and rpm alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.conftest import Start, StartRpm
from tests.generate.life import DebLife, RpmLife
from tests.lab.fpm_builds import DOCUMENTED, build_as_fpm, read_options
from tests.lab.project import STRATEGIES, Sample, generate, samples

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)


def test_options_are_fpms_own(made: Path) -> None:
    out = generate(samples(), "fpm", made)
    for path in out.glob("*/fpm.options"):
        options = read_options(path)
        assert {name for name, _ in options.pairs} <= DOCUMENTED
        named = [value for name, value in options.pairs if name.startswith(("--before", "--after", "--rpm-p"))]
        assert all((out.parent / value).is_file() for value in named)


def test_triggers_of_fpm_are_dpkgs_interests(made: Path) -> None:
    out = generate([Sample(strategy="standalone", plugins=True)], "fpm", made)
    interests = read_options(out / "acme-standalone" / "fpm.options").of("--deb-interest-noawait")
    assert interests == ["/usr/share/binfmts", "/usr/share/python3/debian_defaults", "/usr/share/acme-standalone"]


@pytest.mark.system
@each_strategy
def test_deb(start: Start, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy)
    with start(sample) as machine:
        life = DebLife(machine=machine, sample=sample, build=lambda version: build_as_fpm(sample, version, "deb", made))
        for version in ("1", "2", "1"):
            life.put(version)
            life.assert_has(version)
        life.take("--remove")
        life.put("2")
        life.take("--purge")


@pytest.mark.system
@each_strategy
def test_rpm(start_rpm: StartRpm, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="other")
    with start_rpm(sample) as machine:
        life = RpmLife(
            machine=machine.machine,
            rpm=machine,
            sample=sample,
            build=lambda version: build_as_fpm(sample, version, "rpm", made),
        )
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
        life.take()
