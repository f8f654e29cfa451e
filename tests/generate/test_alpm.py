# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy as a package of Arch Linux, built by makepkg, through the hooks of the real pacman."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.generate.conftest import StartPacman
from tests.generate.life import PacmanLife
from tests.lab.pacman_builds import build_with_makepkg
from tests.lab.project import SITE, STRATEGIES, Sample

pytestmark = pytest.mark.system

_LOGGED = ("pre-install", "post-install", "pre-remove", "post-remove")


def _snippets(name: str) -> str:
    return "\n".join(
        f"""[[packages.{name}.snippets]]\nhook = "{hook}"\ntext = 'echo "{hook} $*" >> /run/scripts.log'\n"""
        for hook in _LOGGED
    )


SAMPLES = {
    strategy: Sample(strategy=strategy, family="other", public=SITE, snippets=_snippets(f"acme-{strategy}"))
    for strategy in STRATEGIES
}


@pytest.fixture(scope="session")
def packages(made: Path, laboratory: None) -> dict[str, dict[str, Path]]:
    """Return version -> name -> package of one run of makepkg each."""
    versions = ("1", "2")
    with ThreadPoolExecutor(2) as pool:
        built = pool.map(lambda version: build_with_makepkg(SAMPLES.values(), version, made), versions)
        return dict(zip(versions, built, strict=True))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_life_cycle(start_pacman: StartPacman, packages: dict[str, dict[str, Path]], strategy: str) -> None:
    """Install, reinstall, upgrade, downgrade, remove; the packager's own lines run once each."""
    sample = SAMPLES[strategy]
    with start_pacman(sample) as machine:
        life = PacmanLife(machine=machine, sample=sample, build=lambda version: packages[version][sample.name])
        for version in ("1", "1", "2", "1"):
            life.put(version)
            life.assert_has(version)
        life.take()
        hooks = [line.split()[0] for line in life.log()]
        assert hooks[:2] == ["pre-install", "post-install"]
        assert hooks[-2:] == ["pre-remove", "post-remove"]
