# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is wrong with bytecode that a package ships is told with the command that brings it back."""

from __future__ import annotations

import os

import pytest

from tests.lab.needs import need_tools
from tests.runtime.records import PACKAGE, know, know_by_rpm
from tests.runtime.sandbox import APP, Sandbox, pyc_of

SHIPPED = f"{APP}/shipped.py"


@pytest.mark.parametrize("manager", ["dpkg", "rpm"])
@pytest.mark.parametrize("damage", ["cut", "planted"])
def test_verify_names_the_command_that_brings_packaged_bytecode_back(
    manager: str, damage: str, sandbox: Sandbox
) -> None:
    need_tools((manager,))
    pyc = pyc_of(sandbox.write(SHIPPED))
    sandbox.compile(APP)
    whole = sandbox.read(pyc)
    sandbox.write(pyc, whole[:-5] if damage == "cut" else whole.replace(b"value", b"eulav"))
    if manager == "dpkg":
        know(sandbox, [SHIPPED, pyc])
    else:
        know_by_rpm(sandbox, APP, [SHIPPED, pyc])
    before = sandbox.read(pyc)
    ran = sandbox.compile("--verify", APP)
    [told] = [one for one in ran.told if one.path == pyc]
    assert (ran.status, told.status, told.reason) == (2, "refused", "differs")
    command = "apt-get install --reinstall" if manager == "dpkg" else "dnf reinstall"
    assert told.detail.endswith(f": {command} {PACKAGE}")
    assert sandbox.read(pyc) == before


def test_what_others_can_write_under_rpm_is_told_with_the_command(sandbox: Sandbox) -> None:
    need_tools(("rpm",))
    pyc = pyc_of(sandbox.write(SHIPPED))
    sandbox.compile(APP)
    know_by_rpm(sandbox, APP, [SHIPPED, pyc])
    os.chmod(sandbox.path(pyc), 0o666)
    told = [one for one in sandbox.compile(APP).told if one.path == pyc]
    assert {(one.status, one.reason) for one in told} == {("refused", "untrusted-cache")}
    assert all(one.detail.endswith(f": dnf reinstall {PACKAGE}") for one in told)
