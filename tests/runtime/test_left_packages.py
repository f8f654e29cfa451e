# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages whose modules batches leave alone, as their registrations say, and lines that a later version knows."""

from __future__ import annotations

import pytest

from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.configuration import PRIVATE, drop_ins_of
from tests.runtime.batches import NEW, WHEN, batch, install
from tests.runtime.records import know
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of


def _install_left(sandbox: Sandbox, *lines: str, text: str = NEW, version: str = "1") -> str:
    source = sandbox.write(f"{PUBLIC}/quiet/m.py", text, mtime=WHEN)
    drop_in = sandbox.write(f"{PRIVATE}/quiet.conf", "".join(f"{line}\n" for line in lines))
    know(sandbox, [f"{PUBLIC}/quiet", source, drop_in], "quiet", version=version, mtime=WHEN)
    return source


@pytest.mark.parametrize("strategy", ["none", "cache-prefix"])
@pytest.mark.parametrize("options", [(), ("--all",)], ids=["changed", "all"])
def test_modules_of_a_package_that_asks_for_it_are_left_alone(
    strategy: str, options: tuple[str, ...], sandbox: Sandbox
) -> None:
    batch(sandbox)
    (other,) = install(sandbox, "other", "m")
    source = _install_left(sandbox, f"leave|{strategy}|quiet")
    ran = batch(sandbox, *options)
    assert ran.status == 0
    assert sandbox.exists(pyc_of(other))
    assert not sandbox.exists(pyc_of(source))


def test_a_package_that_chooses_another_strategy_is_compiled(sandbox: Sandbox) -> None:
    source = _install_left(sandbox, "leave|none|quiet")
    batch(sandbox)
    assert not sandbox.exists(pyc_of(source))
    assert _install_left(sandbox, version="2") == source
    batch(sandbox)
    assert sandbox.exists(pyc_of(source))


def test_a_package_that_is_not_installed_is_none_to_leave_alone(sandbox: Sandbox) -> None:
    (other,) = install(sandbox, "other", "m")
    sandbox.write(f"{PRIVATE}/gone.conf", "leave|none|gone\n")
    ran = batch(sandbox)
    assert (ran.status, sandbox.exists(pyc_of(other))) == (0, True)


def test_bytecode_that_batches_made_for_an_earlier_version_goes(sandbox: Sandbox) -> None:
    source = _install_left(sandbox)
    batch(sandbox)
    assert sandbox.exists(pyc_of(source))
    _install_left(sandbox, "leave|none|quiet", version="2")
    batch(sandbox)
    assert not sandbox.exists(pyc_of(source))


def test_the_package_itself_may_compile_what_batches_leave_alone(sandbox: Sandbox) -> None:
    source = _install_left(sandbox, "leave|cache-prefix|quiet")
    ran = sandbox.run("pkgtools-compile", "-p", "quiet")
    assert (ran.status, sandbox.exists(pyc_of(source))) == (0, True)


def test_a_line_of_a_kind_to_come_is_passed_over_and_its_neighbours_are_read(sandbox: Sandbox) -> None:
    source = sandbox.write("/opt/acme/m.py")
    sandbox.write(f"{PRIVATE}/acme.conf", "to-come|3.9-|something|else\ncompile||/opt/acme\nto-come\n")
    ran = batch(sandbox)
    assert sandbox.exists(pyc_of(source))
    assert [one.detail for one in ran.told if one.path.startswith(PRIVATE)] == [
        "line 3: 'to-come': write KIND|RANGE|PATH"
    ]


@pytest.mark.parametrize("line", ["leave|none|", "leave|none|/usr/share/acme", "leave|sometimes|acme", "leave|none"])
def test_a_line_that_names_no_package_to_leave_is_reported(line: str) -> None:
    found = drop_ins_of([(InstalledPath(f"{PRIVATE}/acme.conf"), f"{line}\n")], lambda path: [path])
    assert (found.left, len(found.problems)) == ((), 1)
