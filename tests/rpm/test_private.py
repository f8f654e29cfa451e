# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Private directories, registered by the same drop-in files as under dpkg."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.bytecode.examine import NAMES_ONLY
from pkgtools.check.expected_bytecode import expected_bytecode
from pkgtools.check.subject import arrange
from pkgtools.readers.system.installed import read_root
from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, caches
from tests.lab.rpm_machine import RpmMachine

APP = "/opt/app/lib"


def app(version: str, *modules: str, entry: str = f"compile||{APP}") -> SamplePackage:
    """Return a package with modules in its private directory, and the drop-in that registers it."""
    files = {f"{APP}/{name}.py": f"print({version!r})\n" for name in modules}
    drop_in = {"/usr/share/pkgtools/private.d/app.conf": f"# who runs it: {version}\n{entry}\n"}
    return SamplePackage(name="app", version=version, files={**files, **drop_in})


def test_private_directory_lives_and_goes_with_its_package(each_machine: RpmMachine) -> None:
    """Its sources are compiled for one interpreter, follow upgrades, and leave no directory."""
    machine = each_machine
    for version, names in (("1", ("a", "b", "sub/c")), ("2", ("a", "d")), ("3", ("a", "d", "sub/e"))):
        machine.install(app(version, *names))
        assert machine.cached("/opt") == caches([f"{APP}/{name}.py" for name in names], machine.python[0])
        assert machine.imports("a", path=APP) == f"{version}\n"
        assert machine.system.exists(f"{APP}/sub") == any("/" in name for name in names)
    machine.erase("app")
    machine.assert_nothing_left()


def test_registration_that_comes_before_the_runtime(each_bare_machine: RpmMachine, ours_runtime: Path) -> None:
    machine = each_bare_machine
    machine.install(app("1", "a"))
    machine.install(ours_runtime)
    assert machine.cached("/opt") == caches([f"{APP}/a.py"], machine.python[0])
    machine.erase("pkgtools-runtime")
    assert machine.cached("/opt") == {}
    machine.erase("app")
    machine.assert_nothing_left()


def test_registration_and_runtime_in_one_transaction(each_bare_machine: RpmMachine, ours_runtime: Path) -> None:
    machine = each_bare_machine
    machine.install(app("1", "a"), ours_runtime)
    assert machine.cached("/opt") == caches([f"{APP}/a.py"], machine.python[0])
    machine.erase("app", "pkgtools-runtime")
    machine.assert_nothing_left()


def test_upgrade_of_the_runtime_keeps_private_bytecode(machine: RpmMachine, ours_runtime: Path) -> None:
    machine.install(app("1", "a"))
    machine.install(ours_runtime, options=("-U", "--replacepkgs"))
    assert machine.cached("/opt") == caches([f"{APP}/a.py"], machine.python[0])
    machine.erase("app")
    machine.assert_nothing_left()


def test_directory_that_is_given_up_loses_its_bytecode(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(app("1", "a", "b"))
    machine.install(app("2", "a", "b", entry="# nothing any more"))
    assert machine.cached("/opt") == {}
    machine.erase("app")
    machine.assert_nothing_left()


def test_directory_that_two_packages_register_stays_compiled_for_the_other(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(app("1", "a"))
    plugin = {f"{APP}/plugin.py": "", "/usr/share/pkgtools/private.d/plugin.conf": f"compile||{APP}\n"}
    machine.install(SamplePackage(name="plugin", files=plugin))
    assert machine.cached("/opt") == caches([f"{APP}/a.py", f"{APP}/plugin.py"], machine.python[0])
    machine.erase("plugin")
    assert machine.cached("/opt") == caches([f"{APP}/a.py"], machine.python[0])
    machine.erase("app")
    machine.assert_nothing_left()


def test_plugin_that_registers_its_hosts_directory_leaves_the_host_its_bytecode(each_machine: RpmMachine) -> None:
    """The host compiles by itself; the plugin's registration alone made the batch look there."""
    machine = each_machine
    host = SamplePackage(name="host", files={f"{APP}/own.py": "", f"{APP}/sub/more.py": ""})
    machine.install(host)
    machine.system.run("pkgtools-compile", APP)
    plugin = {f"{APP}/plugin.py": "", "/usr/share/pkgtools/private.d/plugin.conf": f"compile||{APP}\n"}
    machine.install(SamplePackage(name="plugin", files=plugin))
    machine.erase("plugin")
    assert machine.cached("/opt") == caches(host.files, machine.python[0])


def test_modules_that_another_package_puts_there_are_served_with_it(each_machine: RpmMachine) -> None:
    """The old and the new text have one size and one time, so that a header fits both."""
    machine = each_machine
    machine.install(app("1", "a"))
    for version in ("1", "2"):
        files = {f"{APP}/plugin.py": f"print({version})\n", f"{APP}/plugins/more.py": ""}
        machine.install(SamplePackage(name="plugin", version=version, files=files))
        expected = caches([f"{APP}/a.py", *files], machine.python[0])
        assert machine.cached("/opt") == expected
        assert machine.imports("plugin", path=APP) == f"{version}\n"
    machine.erase("plugin")
    assert machine.cached("/opt") == caches([f"{APP}/a.py"], machine.python[0])
    assert not machine.system.exists(f"{APP}/plugins")
    machine.erase("app")
    machine.assert_nothing_left()


REGISTRATIONS = {
    "plain": (APP, APP),
    "no plain path": ("/opt//app/./lib", APP),
    "backslash": ("/opt/a\\cpp", "/opt/a\\cpp"),
    "not UTF-8 beside": (f"{APP}\n# caf\udce9", APP),
}


@pytest.mark.parametrize(("says", "directory"), REGISTRATIONS.values(), ids=REGISTRATIONS)
def test_plugin_is_compiled_however_its_hosts_directory_is_written(
    says: str, directory: str, machine: RpmMachine
) -> None:
    machine.install(app("1", "a", entry=f"compile||{says}"))
    plugins = [f"{directory}/b\\cpp.py", f"{directory}/z.py"]
    machine.install(SamplePackage(name="plugin", files=dict.fromkeys(plugins, "value = 1\n")))
    assert machine.cached(directory).keys() >= caches(plugins, machine.python[0]).keys()


def test_other_files_wake_no_batch(each_machine: RpmMachine) -> None:
    """Each transaction starts the trigger's shell; the batch is for modules that are to be served."""
    machine = each_machine
    machine.install(app("1", "a"))
    report = machine.system.run("stat", "-c", "%i %z", "/var/lib/pkgtools/trigger.json").output
    for version in ("1", "2"):
        files = {"/usr/share/other/text": version, "/usr/share/other/a.py": "", f"{APP}/text": version}
        machine.install(SamplePackage(name="other", version=version, files=files))
    machine.erase("other")
    assert machine.system.run("stat", "-c", "%i %z", "/var/lib/pkgtools/trigger.json").output == report
    assert not machine.system.exists("/var/lib/pkgtools/open-transaction")


@pytest.mark.parametrize("strategy", ["none", "cache-prefix"])
def test_packages_that_provide_it_are_left_alone(machine: RpmMachine, strategy: str) -> None:
    """So `%pkgtools_requires` says which strategy was chosen."""
    says = {"Provides": f"pkgtools-strategy({strategy})"}
    files = {f"{DIST}/quiet/m.py": "m = 1\n"}
    machine.install(SamplePackage(name="quiet", files=files, fields=says))
    assert machine.cached() == {}
    machine.install(SamplePackage(name="other", files={f"{DIST}/other/m.py": "m = 1\n"}))
    assert machine.cached() == caches([f"{DIST}/other/m.py"], *machine.python)
    machine.system.run("/usr/share/pkgtools/triggers/pkgtools-trigger", "--all")
    assert machine.cached() == caches([f"{DIST}/other/m.py"], *machine.python)
    assert missed(machine, "quiet") == 0
    machine.install(SamplePackage(name="quiet", version="2", files=files))
    assert machine.cached() == caches([f"{DIST}/other/m.py", *files], *machine.python)
    machine.system.run("rm", "-r", f"{DIST}/quiet/__pycache__")
    assert missed(machine, "quiet") == 1


def missed(machine: RpmMachine, directory: str) -> int:
    """Return how many modules in a public directory an audit of the system misses bytecode of."""
    subject = arrange(read_root(machine.system.outside, NAMES_ONLY))
    found = [one.source.path for expected in expected_bytecode(subject) for one in expected.missing]
    return len({path for path in found if path.startswith(f"{DIST}/{directory}/")})
