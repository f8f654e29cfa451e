# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Transactions that died, or ran without triggers: what they left stale is healed by the next one, whatever it brings.

Old and new sources have one size and one time here, so that a pyc's header fits both.
"""

from __future__ import annotations

from tests.lab.debs import SampleFile, SamplePackage
from tests.lab.machine import DIST, caches
from tests.lab.rpm_machine import RpmMachine

MODULE = f"{DIST}/shop.py"
STATE = "/var/lib/pkgtools"
OTHER = SamplePackage(name="other", files={f"{DIST}/other.py": ""})


def shop(version: str, *, post: str = "") -> SamplePackage:
    scripts = {"post": post} if post else {}
    return SamplePackage(name="shop", version=version, files={MODULE: f"print({version})\n"}, scripts=scripts)


def test_what_came_without_triggers_is_healed_by_the_next_transaction(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(shop("1"))
    machine.install(shop("2"), options=("-U", "--notriggers"))
    machine.install(OTHER)
    assert machine.imports("shop") == "2\n"
    machine.erase("shop", "other")
    machine.assert_nothing_left()


def test_a_transaction_that_dies_after_its_files_is_healed_by_the_next(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(shop("1"))
    dies = machine.stage(shop("2", post="kill -9 $PPID"))
    machine.system.run("rpm", *machine.options, "-U", "--nodeps", dies, check=False)
    assert machine.system.read(MODULE) == "print(2)\n"
    assert MODULE in machine.system.read(f"{STATE}/open-transaction").splitlines()
    # Berkeley DB, which rpm 4.16 has, talks of the locks that the dead one had
    machine.system.run("rpm", *machine.options, "-U", "--nodeps", machine.stage(OTHER))
    assert machine.imports("shop") == "2\n"
    assert not machine.system.exists(f"{STATE}/open-transaction")


def test_a_transaction_that_dies_is_healed_by_the_next_that_only_erases(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(shop("1"))
    machine.install(SamplePackage(name="other", files={"/usr/share/other/text": ""}))
    dies = machine.stage(shop("2", post="kill -9 $PPID"))
    machine.system.run("rpm", *machine.options, "-U", "--nodeps", dies, check=False)
    machine.system.run("rpm", *machine.options, "-e", "--nodeps", "other")
    assert machine.imports("shop") == "2\n"
    assert not machine.system.exists(f"{STATE}/open-transaction")


def test_a_module_that_went_in_a_transaction_that_died_leaves_no_bytecode(machine: RpmMachine) -> None:
    machine.install(shop("1"), OTHER)
    machine.system.write(f"{STATE}/open-transaction", f"{MODULE}\n")
    machine.system.run("rm", MODULE)
    machine.erase("other")
    assert machine.cached() == {}


def test_what_was_about_to_be_replaced_is_looked_at_after_a_crash(machine: RpmMachine) -> None:
    """The crash came before rpm's database had the new version: there is nothing but the list."""
    machine.install(shop("1"))
    machine.system.run("touch", "-r", MODULE, "/srv/stamp")
    machine.system.write(MODULE, "print(2)\n")
    machine.system.run("touch", "-r", "/srv/stamp", MODULE)
    machine.system.write(f"{STATE}/open-transaction", f"{MODULE}\n")
    machine.install(OTHER)
    assert machine.imports("shop") == "2\n"


def test_an_erasure_leaves_no_list_behind(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(shop("1"), OTHER)
    machine.erase("shop")
    assert not machine.system.exists(f"{STATE}/open-transaction")
    assert machine.cached() == caches(OTHER.files, *machine.python)


def test_a_tool_that_is_called_like_an_interpreter_wakes_no_batch(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(OTHER)
    report = machine.system.run("stat", "-c", "%i %z", f"{STATE}/trigger.json").output
    for name in ("python3-tool", "python3.1-config", "pypy3-helper"):
        files = {f"/usr/bin/{name}": SampleFile("#!/bin/sh\n", mode=0o755)}
        machine.install(SamplePackage(name=name, files=files))
        machine.erase(name)
    assert machine.system.run("stat", "-c", "%i %z", f"{STATE}/trigger.json").output == report


def test_modules_go_with_their_bytecode_where_the_interpreter_went_first(machine: RpmMachine) -> None:
    machine.install(SamplePackage(name="lib", files={f"{DIST}/lib/m.py": "m = 1\n"}))
    assert machine.cached() == caches([f"{DIST}/lib/m.py"], *machine.python)
    machine.system.run("sh", "-c", "mkdir /srv/away; mv /usr/bin/python3* /srv/away")
    machine.rpm("-e", "lib")
    machine.system.run("sh", "-c", "mv /srv/away/* /usr/bin")
    assert machine.cached() == {}
    assert not machine.system.exists(f"{DIST}/lib")
