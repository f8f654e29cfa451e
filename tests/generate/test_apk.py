# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy with the calls that apk makes, under BusyBox's shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.conftest import StartApk
from tests.generate.life import ApkLife, as_seen
from tests.lab.apk_machine import ApkPackage, apk_of_fragments
from tests.lab.machine import caches
from tests.lab.project import SITE, STRATEGIES, Sample

pytestmark = pytest.mark.system


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_life_cycle(start_apk: StartApk, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="other", public=SITE)
    with start_apk(sample) as machine:
        life = ApkLife(machine=machine, sample=sample, build=lambda version: apk_of_fragments(sample, version, made))
        for version in ("1", "1", "2", "1"):
            life.put(version)
            life.assert_has(version)
        life.take()


@pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone"])
def test_plugin_of_another_package_is_compiled(start_apk: StartApk, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="other", public=SITE, plugins=True)
    with start_apk(sample) as machine:
        life = ApkLife(machine=machine, sample=sample, build=lambda version: apk_of_fragments(sample, version, made))
        life.put("1")
        plugin = f"{sample.private[0]}/extra.py"
        tree = made / f"extra-{strategy}"
        (tree / plugin[1:]).parent.mkdir(parents=True)
        (tree / plugin[1:]).write_text("print('extra')\n")
        result = life.apk.add(ApkPackage(name="extra", version="1", tree=tree, scripts={}), as_seen(tree))
        assert not result.output, result.output
        own = sample.bytecode("1", machine.python, batch=life.batch)
        assert life.cached() == {**own, **caches([plugin], machine.python[0])}
        life.apk.delete("extra")
        assert life.cached() == own
        life.take()
