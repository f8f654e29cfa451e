# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Private directories, registered by a drop-in, are served by the same batch."""

from __future__ import annotations

from tests.lab.debs import Files, SamplePackage, downstream
from tests.lab.machine import Machine, caches

APP = "/usr/share/app"
DROP_IN = "/usr/share/pkgtools/private.d/app.conf"
MODULES = {f"{APP}/main.py": "import app.core\n", f"{APP}/app/__init__.py": "", f"{APP}/app/core.py": "print('core')\n"}


def app(files: Files, drop_in: str, *, version: str = "1", scripts: bool = True) -> SamplePackage:
    shipped = {**files, DROP_IN: drop_in} if drop_in else dict(files)
    if scripts:
        return downstream("app", shipped, version=version)
    return SamplePackage(name="app", version=version, files=shipped)


def test_private_directory_is_cached_for_the_default_interpreter(each_machine: Machine) -> None:
    each_machine.install(app(MODULES, f"# the application\ncompile|3.9-|{APP}\n"))
    assert each_machine.cached(APP) == caches(MODULES, each_machine.python[0])
    assert each_machine.imports("app.core", path=APP) == "core\n"
    each_machine.dpkg("--purge", "app")
    each_machine.assert_nothing_left()


def test_unregistered_private_directory_is_left_alone(machine: Machine) -> None:
    machine.install(app(MODULES, ""))
    assert machine.cached(APP) == {}


def test_directory_with_a_registered_name_as_prefix_is_left_alone(machine: Machine) -> None:
    extra = {f"{APP}-extra/extra.py": ""}
    machine.install(app({**MODULES, **extra}, f"compile|3.9-|{APP}\n"))
    assert machine.cached(APP, f"{APP}-extra") == caches(MODULES, "3.11")


def test_exclusions_are_honoured(machine: Machine) -> None:
    template = {f"{APP}/templates/page.py": "{% not python %}\n"}
    lines = f"compile|3.9-|{APP}\nexclude|3.0-|{APP}|templates/.*\n"
    machine.install(app({**MODULES, **template}, lines))
    assert machine.cached(APP) == caches(MODULES, "3.11")
    assert machine.outcomes("failed") == set()


def test_exclusions_of_the_distribution_are_honoured(machine: Machine) -> None:
    drop_in = {"/usr/share/python3/bcep/app": f"dir|-4.0|{APP}/templates\nfile|-4.0|{APP}/skip.py\n"}
    excluded = {f"{APP}/templates/page.py": "{% not python %}\n", f"{APP}/skip.py": ""}
    machine.install(app({**MODULES, **excluded, **drop_in}, f"compile|3.9-|{APP}\n"))
    assert machine.cached(APP) == caches(MODULES, "3.11")


def test_range_without_interpreter_is_a_reported_skip(machine: Machine) -> None:
    machine.install(app(MODULES, f"compile|-3.8|{APP}\n"))
    assert machine.cached(APP) == {}
    assert machine.outcomes("skipped") == {("skipped", "not-served", source) for source in MODULES}


def test_upgrade_follows_modules(machine: Machine) -> None:
    drop_in = f"compile|3.9-|{APP}\n"
    machine.install(app(MODULES, drop_in))
    changed = {f"{APP}/main.py": "", f"{APP}/app/__init__.py": "", f"{APP}/app/core.py": "print('CORE')\n"}
    machine.install(app({**changed, f"{APP}/new/__init__.py": ""}, drop_in, version="2"))
    assert machine.cached(APP) == caches([*changed, f"{APP}/new/__init__.py"], "3.11")
    assert machine.imports("app.core", path=APP) == "CORE\n"
    machine.dpkg("--purge", "app")
    machine.assert_nothing_left()


def test_upgrade_to_another_directory_leaves_nothing_in_the_old_one(machine: Machine) -> None:
    machine.install(app(MODULES, f"compile|3.9-|{APP}\n"))
    moved = {path.replace(APP, "/usr/lib/app"): content for path, content in MODULES.items()}
    machine.install(app(moved, "compile|3.9-|/usr/lib/app\n", version="2"))
    assert not machine.system.exists(APP)
    assert machine.cached("/usr/lib/app") == caches(moved, "3.11")
    machine.dpkg("--purge", "app")
    machine.assert_nothing_left()


def test_upgrade_that_withdraws_the_registration_leaves_no_bytecode(machine: Machine) -> None:
    machine.install(app(MODULES, f"compile|3.9-|{APP}\n", scripts=False))
    machine.install(app(MODULES, "", version="2", scripts=False))
    assert machine.cached(APP) == {}


def test_package_without_any_maintainer_script_is_served_and_leaves_nothing(machine: Machine) -> None:
    """Only a prerm can spare dpkg its warning; the batch still takes away what dpkg had to leave."""
    machine.install(app(MODULES, f"compile|3.9-|{APP}\n", scripts=False))
    assert machine.cached(APP) == caches(MODULES, "3.11")
    machine.system.run("dpkg", "--purge", "app")
    machine.assert_nothing_left()


def test_public_package_without_any_maintainer_script_leaves_nothing(machine: Machine) -> None:
    files = {"/usr/lib/python3/dist-packages/bare/__init__.py": "", "/usr/lib/python3/dist-packages/bare/a/b.py": ""}
    machine.install(SamplePackage(name="bare", files=files))
    assert machine.cached() == caches(files, "3.11")
    machine.system.run("dpkg", "--purge", "bare")
    machine.assert_nothing_left()


def test_malformed_line_harms_no_other(machine: Machine) -> None:
    lines = f"compile|3.9-\n|||\ncompile|3.9-|relative/dir\nnonsense\ncompile|3.9-|{APP}\n"
    machine.install(app(MODULES, lines))
    assert machine.cached(APP) == caches(MODULES, "3.11")
    assert DROP_IN in {path for _, _, path in machine.outcomes("skipped", "failed", "refused", "error")}


def test_registered_directory_that_others_can_write_is_refused(machine: Machine) -> None:
    """T22: and said, in the report."""
    package = app(MODULES, f"compile|3.9-|{APP}\n")
    machine.install(SamplePackage(name="app", files=package.files, directory_modes={APP: 0o777}))
    assert machine.cached(APP) == {}
    assert "writable-by-others" in {reason for _, reason, _ in machine.outcomes("refused")}


def test_registered_directory_of_another_user_is_refused(machine: Machine) -> None:
    """T22, T6: root writes nothing below what somebody else owns."""
    machine.install(app(MODULES, ""))
    machine.system.run("chown", "65534:65534", f"{APP}/app")
    machine.install(SamplePackage(name="registers-app", files={DROP_IN: f"compile|3.9-|{APP}\n"}))
    assert machine.cached(APP) == caches([f"{APP}/main.py"], "3.11")
    assert "not-root-owned" in {reason for _, reason, _ in machine.outcomes("refused")}
