# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Generated .debs with bad modules, plugins, other interpreters, foreign files, snippets, and in other roots."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.conftest import Live
from tests.generate.life import DebLife, assert_same, assert_silent
from tests.lab.debs import SamplePackage
from tests.lab.machine import caches, pyc_of
from tests.lab.ours import Build
from tests.lab.project import STRATEGIES
from tests.lab.roots import root_directory
from tests.lab.system import Bind

pytestmark = pytest.mark.system

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)
TARGET = "/srv/target"

LOGGING = "\n".join(
    f"""[[packages.acme-{{strategy}}.snippets]]
hook = "{hook}"
when = "{when}"
text = 'echo "{hook} {when} $*" >> /run/scripts.log; [ ! -e /run/break.{hook} ]'
"""
    for hook, when in (
        ("pre-install", "before"),
        ("post-install", "after"),
        ("pre-remove", "after"),
        ("post-remove", "before"),
    )
)
"""The packager's own lines in all scripts: they log, and fail on demand."""

EVERY_PYTHON = "interpreters = python3.13, python3.15\n"
"""What the administrator says where Debian supports one of the versions that are installed."""


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
        assert set(life.cached().values()) <= {"directory 0755 0:0"}
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


@pytest.mark.parametrize("root", ["bookworm", "forky"])
@pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone", "cache-prefix"])
def test_plugin_of_another_package_is_compiled_and_cleaned(live: Live, strategy: str, root: str) -> None:
    """dpkg tells nobody which files came; the package that owns the directory is woken and looks."""
    with live(strategy, root=root, plugins=True) as life:
        life.machine.system.write("/etc/pkgtools/bytecode.conf", EVERY_PYTHON)
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
        life.machine.system.write("/etc/pkgtools/bytecode.conf", EVERY_PYTHON)
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
        flags = life.machine.system.run(
            "sh", "-c", "find /usr/share/acme-* -name '*.pyc' -exec head -c8 {} \\; | tail -c4"
        )
        assert flags.stdout.encode() == b"\x03\x00\x00\x00"
        life.take()


@each_strategy
def test_removal_without_python_succeeds_and_cleans_beside_the_sources(live: Live, strategy: str) -> None:
    """A prerm may run while python3 is unpacked but not configured, or broken."""
    with live(strategy) as life:
        life.put("1")
        life.machine.system.run("mv", "/usr/bin/python3", "/usr/bin/python3.away")
        life.machine.system.run("dpkg", "--purge", life.name)
        life.machine.system.run("mv", "/usr/bin/python3.away", "/usr/bin/python3")
        assert life.machine.system.run("dpkg-query", "-Wf${db:Status-Status}", life.name, check=False).stdout == ""
        if strategy not in {"standalone", "native", "cache-prefix"}:
            life.assert_nothing_left()


@each_strategy
def test_snippets_run_with_the_scripts_arguments_and_their_failure_counts(live: Live, strategy: str) -> None:
    with live(strategy, snippets=LOGGING.format(strategy=strategy)) as life:
        life.put("1")
        life.put("2")
        assert life.log() == [
            "pre-install before install",
            "post-install after configure",
            "pre-remove after upgrade 2",
            "pre-install before upgrade 1 2",
            "post-remove before upgrade 2",
            "post-install after configure 1",
        ]
        life.machine.system.write("/run/break.post-install", "")
        life.put("1", fails=True)
        assert life.state() == "1 half-configured"
        life.machine.system.run("rm", "/run/break.post-install")
        life.machine.dpkg("--configure", "--pending")
        life.assert_has("1")
        life.take()


@pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone", "shipped", "none"])
def test_other_root_is_served_from_outside_and_the_host_untouched(
    live: Live, made: Path, ours: Build, strategy: str
) -> None:
    """dpkg --force-script-chrootless runs the host's programs on DPKG_ROOT (native and cache-prefix leave it alone)."""
    minimal = Bind(source=root_directory("bookworm"), target="/srv/minimal")
    with live(strategy, binds=(minimal,)) as life:
        machine, places = life.machine, [f"{TARGET}{place}" for place in life.sample.places]
        machine.system.run("cp", "-a", "/srv/minimal", TARGET)
        machine.remember()
        chrootless = (f"--root={TARGET}", "--force-script-chrootless")
        if life.batch:
            machine.dpkg(*chrootless, "--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")
        for version in ("1", "2"):
            assert_silent(machine.dpkg(*chrootless, "--install", life.path(version)))
            expected = life.sample.bytecode(version, machine.python, batch=life.batch)
            assert_same(machine.cached(*places), {f"{TARGET}{path}": what for path, what in expected.items()})
        assert_silent(machine.dpkg(*chrootless, "--purge", life.name))
        assert_same(machine.cached(*places), {})
        assert not machine.system.exists(f"{TARGET}{life.sample.private[0]}")
        machine.assert_nothing_left()
