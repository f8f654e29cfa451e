# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every strategy as a real .rpm through transactions: what is on disk after each, and nothing at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.generate.conftest import StartRpm
from tests.generate.life import RpmLife, assert_same
from tests.lab.debs import SampleFile, SamplePackage
from tests.lab.machine import caches, pyc_of
from tests.lab.project import ASK_RUNTIME, CACHE_PREFIX, STRATEGIES, Sample
from tests.lab.roots import root_directory
from tests.lab.rpm_builds import build_generated_rpm

pytestmark = pytest.mark.system

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)
VERSIONS = [
    *((root, strategy) for root in ("rpm-bookworm", "rpm-forky") for strategy in STRATEGIES),
    *((root, strategy) for root in ("rpm-bullseye", "rpm-trixie") for strategy in ("direct", "standalone")),
]
SCRIPTS = "\n".join(
    f"""[[packages.acme-{{strategy}}.snippets]]
hook = "{hook}"
when = "before"
text = 'echo "{hook} $1" >> /run/scripts.log; [ ! -e /run/break.{hook} ]'
"""
    for hook in ("pre-install", "post-install", "pre-remove", "post-remove")
)
"""The packager's own lines in all scriptlets: they log, and fail on demand."""

Live = Callable[..., AbstractContextManager[RpmLife]]
"""live(strategy, root="rpm-bookworm", target="rpm", **keywords of Sample) -> a machine with a package to be."""


@pytest.fixture
def live(start_rpm: StartRpm, made: Path) -> Live:
    @contextmanager
    def live(strategy: str, *, root: str = "rpm-bookworm", target: str = "rpm", **how: object) -> Iterator[RpmLife]:
        sample = Sample(strategy=strategy, family="rpm", **how)  # type: ignore[arg-type] # the keywords of Sample
        with start_rpm(sample, root) as machine:
            yield RpmLife(
                machine=machine.machine,
                rpm=machine,
                sample=sample,
                build=lambda version: build_generated_rpm(sample, version, made, target=target),
            )

    return live


@pytest.mark.parametrize(("root", "strategy"), VERSIONS)
def test_life_cycle(live: Live, root: str, strategy: str) -> None:
    """Install, reinstall, upgrade, downgrade, erase: exact files, modes and owners, and all in silence."""
    with live(strategy, root=root) as life:
        for version, options in (("1", ()), ("1", ("--replacepkgs",)), ("2", ()), ("1", ("--oldpackage",))):
            life.put(version, *options)
            life.assert_has(version)
        life.take()


@each_strategy
def test_scriptlets_get_rpms_counts_and_failing_ones_do_no_harm(live: Live, strategy: str) -> None:
    with live(strategy, snippets=SCRIPTS.format(strategy=strategy)) as life:
        life.put("1")
        assert life.log() == ["pre-install 1", "post-install 1"]
        life.machine.system.write("/run/break.pre-install", "")
        life.rpm.rpm("-U", life.path("2"), fails=True)
        assert life.log() == ["pre-install 2"]
        life.assert_has("1")
        life.machine.system.run("rm", "/run/break.pre-install")
        life.put("2")
        assert life.log() == ["pre-install 2", "post-install 2", "pre-remove 1", "post-remove 1"]
        life.assert_has("2")
        life.machine.system.write("/run/break.pre-remove", "")
        life.rpm.rpm("-e", life.name, fails=True)
        assert life.log() == ["pre-remove 0"]
        life.assert_has("2")
        life.machine.system.run("rm", "/run/break.pre-remove")
        life.take()
        assert life.log() == ["pre-remove 0", "post-remove 0"]


@each_strategy
def test_failed_installation_leaves_nothing(live: Live, strategy: str) -> None:
    with live(strategy, snippets=SCRIPTS.format(strategy=strategy)) as life:
        life.machine.system.write("/run/break.pre-install", "")
        life.rpm.rpm("-U", life.path("1"), fails=True)
        life.assert_nothing_left()


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
        life.machine.system.run("rpm", *life.rpm.options, "-e", "--nodeps", life.name)
        assert life.machine.system.exists(notes)
        life.machine.system.run("rm", "-r", life.sample.private[0])
        life.assert_nothing_left()


@each_strategy
def test_bad_module_is_reported_and_the_package_installed(live: Live, strategy: str) -> None:
    if strategy == "native":
        pytest.skip("a distribution's macros decide that at build")
    with live(strategy, broken=True) as life:
        result = life.rpm.rpm("-U", life.path("1"))
        batch = strategy in ASK_RUNTIME
        assert_same(life.cached(), life.sample.bytecode("1", life.machine.python, batch=batch))
        if strategy in {"trigger", "direct", "standalone", "cache-prefix"}:
            assert "broken.py" in result.output
        life.rpm.rpm("-e", life.name)
        life.assert_nothing_left()


@pytest.mark.parametrize("strategy", ["direct", "standalone", "cache-prefix"])
def test_bad_module_is_a_failed_scriptlet_where_that_is_asked_for(live: Live, strategy: str) -> None:
    """rpm warns of a %post that fails, and up to version 4.20 that is all."""
    with live(strategy, broken=True, options={"bad-source": "fail"}) as life:
        output = life.machine.system.run("rpm", *life.rpm.options, "-U", "--nodeps", life.path("1"), check=False).output
        assert "broken.py" in output
        assert f"%post({life.name}-1-1.noarch) scriptlet failed, exit status 1" in output
        life.rpm.rpm("-e", life.name)
        life.assert_nothing_left()


@pytest.mark.parametrize("root", ["rpm-bookworm", "rpm-forky"])
@pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone", "cache-prefix"])
def test_plugin_of_another_package_is_compiled_and_cleaned(live: Live, strategy: str, root: str) -> None:
    with live(strategy, root=root, plugins=True) as life:
        life.put("1")
        plugin = f"{life.sample.private[0]}/plugins/extra.py"
        life.rpm.install(SamplePackage(name="extra", files={plugin: "print('extra')\n"}))
        own = life.sample.bytecode("1", life.machine.python, batch=life.batch)
        more = caches([plugin], life.machine.python[0])
        if strategy == "cache-prefix":
            name = pyc_of(plugin, life.machine.python[0]).replace("/__pycache__", "")
            more = {f"/var/cache/python{name}": "file 0644 0:0"}
        assert_same(life.cached(), {**own, **more})
        life.rpm.erase("extra")
        assert_same(life.cached(), own)
        assert not life.machine.system.exists(f"{life.sample.private[0]}/plugins")
        life.take()


def test_interpreter_that_comes_gets_bytecode_without_any_runtime(live: Live) -> None:
    """Strategy standalone hears of interpreters by a file trigger of its own."""
    with live("standalone", root="rpm-forky") as life:
        life.machine.system.run("mv", "/usr/bin/python3.15", "/usr/bin/.python3.15")
        life.put("1")
        assert_same(life.cached(), life.sample.bytecode("1", ("3.14", "3.13")))
        program = (root_directory("rpm-forky") / "usr/bin/python3.15").read_bytes()
        life.rpm.install(SamplePackage(name="python3.15", files={"/usr/bin/python3.15": SampleFile(program, 0o755)}))
        assert_same(life.cached(), life.sample.bytecode("1", life.machine.python))
        life.rpm.erase("python3.15")
        life.machine.system.run("mv", "/usr/bin/.python3.15", "/usr/bin/python3.15")
        life.take()


@pytest.mark.parametrize(
    ("before", "strategy"),
    [
        *(("trigger", strategy) for strategy in STRATEGIES),
        # the other strategies have nothing that could clean up behind a package with its own runtime
        *(("standalone", strategy) for strategy in ("trigger", "direct", "standalone", "cache-prefix")),
    ],
)
def test_strategy_changes_with_an_upgrade(start_rpm: StartRpm, made: Path, before: str, strategy: str) -> None:
    """What one strategy left behind is what the next one finds; pkgtools-runtime is there all the time."""
    old, new = (Sample(strategy=one, called="acme", family="rpm") for one in (before, strategy))
    with start_rpm(Sample(strategy="trigger")) as machine:
        for sample, version in ((old, "1"), (new, "2")):
            life = RpmLife(
                machine=machine.machine,
                rpm=machine,
                sample=sample,
                build=partial(build_generated_rpm, sample, made=made),
                runtime=True,
            )
            life.put(version)
            life.assert_has(version)
        machine.erase("acme")
        machine.system.run("rm", "-rf", CACHE_PREFIX)
        machine.assert_nothing_left()
