# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy as a real .deb through dpkg's states: what is on disk after each step, and nothing at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.generate.conftest import Start
from tests.generate.life import DebLife, assert_same, assert_silent
from tests.lab.deb_builds import build_generated_deb
from tests.lab.debs import SamplePackage
from tests.lab.machine import caches, pyc_of
from tests.lab.project import STRATEGIES, Sample
from tests.lab.system import Bind

pytestmark = pytest.mark.system

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)

Live = Callable[..., AbstractContextManager[DebLife]]
"""live(strategy, root="bookworm", traced=False, binds=(), **keywords of Sample) -> a machine with a package to be."""


@pytest.fixture
def live(start: Start, workshop: Path) -> Live:
    @contextmanager
    def live(
        strategy: str, *, root: str = "bookworm", traced: bool = False, binds: tuple[Bind, ...] = (), **how: object
    ) -> Iterator[DebLife]:
        sample = Sample(strategy=strategy, **how)  # type: ignore[arg-type] # the keywords of Sample
        with start(sample, root, binds=binds) as machine:
            yield DebLife(
                machine=machine,
                sample=sample,
                build=lambda version: build_generated_deb(sample, version, workshop, traced=traced),
            )

    return live


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
        files = {p: life.machine.system.read(p) for p in tree if (e := life.machine.system.entry(p)) and e.kind == "file"}
        if strategy in {"shipped", "sourceless", "standalone"}:
            files = {path: f"{path}\n" for path in files}  # what isn't text needn't be carried over
        life.machine.install(SamplePackage(name="heir", files=files, fields={"Replaces": life.name}))
        assert "1 postrm disappear heir 1" in life.log()
        assert life.cached().keys() <= before.keys()


@each_strategy
def test_foreign_file_in_a_cache_directory_stays(live: Live, strategy: str) -> None:
    """A service that ran as another user left something there."""
    with live(strategy) as life:
        life.put("1")
        main = f"{life.sample.private[0]}/main.py"
        other, notes = pyc_of(main, "3.12"), f"{life.sample.private[0]}/__pycache__/notes.txt"
        for path in (other, notes):
            life.machine.system.write(path, "by a service")
            life.machine.system.run("chown", "65534:65534", path)
        life.machine.system.run("dpkg", "--purge", life.name)  # dpkg may warn that the directory isn't empty
        left = [line.split("'")[1] for line in life.machine.changes() if "/var/cache/python" not in line]
        directory = life.sample.private[0]
        stays = {directory, f"{directory}/__pycache__", notes}
        assert set(left) - {other} == stays


@each_strategy
def test_bad_module_is_reported_and_the_package_configured(live: Live, strategy: str) -> None:
    with live(strategy, broken=True) as life:
        result = life.machine.dpkg("--install", life.path("1"))
        assert life.state() == "1 installed"
        if strategy != "native":  # py3compile leaves out what comes after it
            batch = strategy in {"trigger", "direct", "cache-prefix"}
            expected = life.sample.bytecode("1", life.machine.python, batch=batch)
            cached = life.cached()
            if strategy == "sourceless":
                cached.pop(f"{life.sample.public}/{life.sample.module}/broken.py", None)
            assert_same(cached, expected)
        if strategy in {"trigger", "direct", "standalone", "native", "cache-prefix"}:
            assert "broken.py" in result.output
        purge(life)


@pytest.mark.parametrize("strategy", ["direct", "standalone", "native", "cache-prefix"])
def test_bad_module_fails_the_installation_where_that_is_asked_for(live: Live, strategy: str) -> None:
    with live(strategy, broken=True, options={"bad-source": "fail"}) as life:
        result = life.put("1", fails=True)
        assert "broken.py" in result.output
        assert life.state() == "1 half-configured"
        purge(life)


def purge(life: DebLife) -> None:
    """Purge a package with a bad module, after which nothing is left; py3compile leaves empty directories."""
    if life.sample.strategy == "native":
        life.machine.system.run("dpkg", "--purge", life.name)
        assert {entry for entry in life.cached().values()} <= {"directory 0755 0:0"}
    else:
        life.take()


@pytest.mark.parametrize("strategy", ["direct", "standalone", "cache-prefix"])
def test_bad_module_is_ignored_where_that_is_asked_for(live: Live, strategy: str) -> None:
    with live(strategy, broken=True, options={"bad-source": "ignore"}) as life:
        result = life.machine.dpkg("--no-triggers", "--install", life.path("1"))
        assert_silent(result)
        assert life.state() == "1 installed"
        life.machine.dpkg("--purge", life.name)
        life.assert_nothing_left()


@pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone", "cache-prefix"])
def test_plugin_of_another_package_is_compiled_and_cleaned(live: Live, strategy: str) -> None:
    """dpkg tells nobody which files came; the package that owns the directory is woken and looks."""
    with live(strategy, plugins=True) as life:
        life.put("1")
        plugin = f"{life.sample.private[0]}/plugins/extra.py"
        life.machine.install(SamplePackage(name="extra", files={plugin: "print('extra')\n"}))
        own = life.sample.bytecode("1", life.machine.python, batch=strategy in {"trigger", "direct", "cache-prefix"})
        more = caches([plugin], life.machine.python[0])
        if strategy == "cache-prefix":
            name = pyc_of(plugin, life.machine.python[0]).replace("/__pycache__", "")
            more = {f"/var/cache/python{name}": "file 0644 0:0"}
        assert_same(life.cached(), {**own, **more})
        life.machine.system.run("dpkg", "--purge", "extra")  # which has no prerm that could clean in time
        assert_same(life.cached(), own)
        assert not life.machine.system.exists(f"{life.sample.private[0]}/plugins")
        life.take()


def test_interpreter_that_comes_gets_bytecode_without_any_runtime(live: Live) -> None:
    """Strategy standalone hears of interpreters by dpkg triggers of its own."""
    with live("standalone", root="forky") as life:
        life.machine.system.run("mv", "/usr/bin/python3.15", "/usr/bin/.python3.15")
        life.put("1")
        assert_same(life.cached(), life.sample.bytecode("1", ("3.14", "3.13")))
        life.machine.system.run("mv", "/usr/bin/.python3.15", "/usr/bin/python3.15")
        arrived = SamplePackage(name="python3.15-lab", files={"/usr/share/binfmts/python3.15-lab": ""})
        assert_silent(life.machine.install(arrived))
        assert_same(life.cached(), life.sample.bytecode("1", life.machine.python))
        life.machine.dpkg("--purge", "python3.15-lab")
        life.take()


def test_levels_and_invalidation_mode_reach_the_bytecode(live: Live) -> None:
    options = {"levels": [0, 2], "invalidation-mode": "checked-hash"}
    with live("standalone", options=options) as life:
        life.put("1")
        level0 = life.sample.bytecode("1", life.machine.python)
        level2 = {path.replace(".pyc", ".opt-2.pyc"): entry for path, entry in level0.items()}
        assert_same(life.cached(), {**level0, **level2})
        flags = life.machine.system.run("sh", "-c", "find /usr/share/acme-* -name '*.pyc' -exec head -c8 {} \\; | tail -c4")
        assert flags.stdout.encode() == b"\x03\x00\x00\x00"
        life.take()
