# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy as a real .deb through dpkg's states: what is on disk after each step, and nothing at the end."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.generate.conftest import Live, Start
from tests.generate.life import DebLife, assert_same, assert_silent
from tests.lab.deb_builds import build_generated_deb
from tests.lab.debs import SamplePackage
from tests.lab.project import CACHE_PREFIX, STRATEGIES, Sample

pytestmark = pytest.mark.system

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)


@each_strategy
def test_life_cycle(live: Live, strategy: str) -> None:
    """Install, same version, upgrade, downgrade, remove, install, purge: exact files, modes and owners."""
    with live(strategy) as life:
        for version in ("1", "1", "2", "1"):
            life.put(version)
            life.assert_has(version)
        life.take("--remove")
        life.put("2")
        life.assert_has("2")
        life.take("--purge")


@each_strategy
def test_life_cycle_on_debian_13(live: Live, strategy: str) -> None:
    if strategy in {"shipped", "sourceless"}:
        pytest.skip("built for the interpreter of this machine")
    with live(strategy, root="trixie") as life:
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
        life.take("--purge")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("before", ["trigger", "standalone", "shipped"])
def test_strategy_changes_with_an_upgrade_and_back(start: Start, made: Path, before: str, strategy: str) -> None:
    """What one strategy left behind is what the next one finds; pkgtools-runtime is there all the time."""
    old, new = (Sample(strategy=one, called="acme") for one in (before, strategy))
    with start(Sample(strategy="trigger")) as machine:
        for sample, version in ((old, "1"), (new, "2"), (old, "1")):
            life = DebLife(
                machine=machine, sample=sample, build=partial(build_generated_deb, sample, made=made), runtime=True
            )
            if version == "1" and strategy == "none":
                machine.system.run("dpkg", "--install", life.path(version))  # nobody's prerm cleans for what goes then
            else:
                life.put(version)
            life.assert_has(version)
        assert_silent(machine.dpkg("--purge", "acme"))
        machine.system.run("rm", "-rf", CACHE_PREFIX)
        machine.assert_nothing_left()


@pytest.mark.parametrize("strategy", ["direct", "native", "cache-prefix"])
def test_bytecode_is_there_before_any_trigger_has_run(live: Live, strategy: str) -> None:
    """What the package compiles itself is ready when its own postinst has ended."""
    with live(strategy) as life:
        life.put("1", "--no-triggers")
        assert_same(life.cached(), life.sample.bytecode("1", life.machine.python))


@each_strategy
def test_failed_preinst_of_a_new_installation_leaves_nothing(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.break_script("preinst", "1")
        life.put("1", fails=True)
        assert life.log() == ["1 preinst install", "1 postrm abort-install"]
        life.assert_nothing_left()


@each_strategy
def test_failed_preinst_of_an_upgrade_brings_the_old_bytecode_back(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.put("1")
        life.break_script("preinst", "2")
        life.put("2", fails=True)
        assert "1 postinst abort-upgrade 2" in life.log()
        life.settle()
        life.assert_has("1")
        life.take()


@each_strategy
def test_failed_unpacking_brings_the_old_bytecode_back(live: Live, strategy: str) -> None:
    """The new version ships a file of another package."""
    with live(strategy, traced=True) as life:
        file = f"{life.sample.private[0]}/notes-2.txt"
        squatter = SamplePackage(name="squatter", files={file: "mine\n"})
        life.machine.install(squatter)
        life.put("1")
        life.put("2", fails=True)
        assert "1 postinst abort-upgrade 2" in life.log()
        life.settle()
        life.assert_has("1")
        life.machine.dpkg("--purge", "squatter")
        life.take()


@each_strategy
def test_failed_prerm_of_the_old_version_is_helped_out_by_the_new_one(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.put("1")
        life.break_script("prerm", "1")
        life.machine.dpkg("--install", life.path("2"))
        assert "2 prerm failed-upgrade 1 2" in life.log()
        life.assert_has("2")
        life.take()


@each_strategy
def test_failed_prerm_of_both_versions_brings_the_old_bytecode_back(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.put("1")
        life.break_script("prerm", "1")
        life.break_script("prerm", "2")
        life.put("2", fails=True)
        assert "1 postinst abort-upgrade 2" in life.log()
        life.settle()
        life.assert_has("1")
        life.mend()
        life.take()


@each_strategy
def test_failed_postinst_has_compiled_and_a_second_try_configures(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.put("1")
        life.break_script("postinst", "2")
        life.put("2", fails=True)
        assert life.state() == "2 half-configured"
        life.mend()
        life.machine.dpkg("--configure", "--pending")
        life.assert_has("2")
        life.take()


@each_strategy
def test_failed_prerm_of_a_removal_brings_the_bytecode_back(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.put("1")
        life.break_script("prerm", "1")
        life.machine.dpkg("--remove", life.name, fails=True)
        assert "1 postinst abort-remove" in life.log()
        life.settle()
        life.assert_has("1")
        life.mend()
        life.take()


@each_strategy
def test_deconfigured_for_a_package_that_then_fails(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.put("1")
        for field, aborted in (("Breaks", "abort-deconfigure"), ("Conflicts", "abort-remove")):
            fields = {field: life.name, "Replaces": life.name}
            rival = life.machine.stage(SamplePackage(name="rival", fields=fields, scripts={"preinst": "exit 1\n"}))
            life.machine.dpkg("--auto-deconfigure", "--install", rival, fails=True)
            assert f"1 postinst {aborted} in-favour rival 1" in life.log()
            life.settle()
            life.assert_has("1")
        life.take()


@each_strategy
def test_deconfigured_then_removed_in_favour_of_another(live: Live, strategy: str) -> None:
    with live(strategy, traced=True) as life:
        life.put("1")
        breaker = life.machine.stage(SamplePackage(name="breaker", fields={"Breaks": life.name}))
        life.machine.dpkg("--auto-deconfigure", "--install", breaker, fails=True)  # it is left unconfigured
        assert "1 prerm deconfigure in-favour breaker 1" in life.log()
        life.machine.dpkg("--purge", "breaker")
        life.machine.dpkg("--configure", "--pending")
        life.assert_has("1")
        rival = life.machine.stage(SamplePackage(name="rival", fields={"Conflicts": life.name, "Replaces": life.name}))
        life.machine.dpkg("--install", rival)
        assert "1 prerm remove in-favour rival 1" in life.log()
        life.machine.dpkg("--purge", "rival", life.name)
        life.assert_nothing_left()


@each_strategy
def test_package_that_disappears_leaves_what_its_heir_has_sources_for(live: Live, strategy: str) -> None:
    """Another package takes over all its files; dpkg calls nothing but its postrm."""
    with live(strategy, traced=True) as life:
        life.put("1")
        before = life.cached()
        tree = life.machine.system.run("dpkg-query", "--listfiles", life.name).stdout.splitlines()
        files = {
            p: life.machine.system.read(p) for p in tree if (e := life.machine.system.entry(p)) and e.kind == "file"
        }
        if strategy in {"shipped", "sourceless", "standalone"}:
            files = {path: f"{path}\n" for path in files}  # what isn't text needn't be carried over
        life.machine.install(SamplePackage(name="heir", files=files, fields={"Replaces": life.name}))
        assert "1 postrm disappear heir 1" in life.log()
        heirs = life.sample.beside("1", life.machine.python) if strategy in {"none", "cache-prefix"} else {}
        assert life.cached().keys() <= before.keys() | heirs.keys()  # the heir doesn't ask to be left alone
