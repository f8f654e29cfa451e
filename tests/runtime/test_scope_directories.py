# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Directories that packages register for others, and that are no longer registered."""

from __future__ import annotations

import os

import pytest

from tests.runtime.batches import HOST, NEW, OLD, WHEN, batch, install, remove, spoil
from tests.runtime.records import know
from tests.runtime.sandbox import Sandbox, pyc_of


def _register(sandbox: Sandbox, package: str, *sources: str, directory: str = HOST) -> str:
    drop_in = sandbox.write(f"/usr/share/pkgtools/private.d/{package}.conf", f"compile||{directory}\n")
    know(sandbox, [drop_in, *sources], package)
    return drop_in


def test_a_directory_that_is_registered_is_served_wholly(sandbox: Sandbox) -> None:
    host = sandbox.write(f"{HOST}/host.py")
    know(sandbox, [host], "host")
    (other,) = install(sandbox, "other", "m")
    batch(sandbox)
    spoilt = spoil(sandbox, other)
    plug = sandbox.write(f"{HOST}/plug.py")
    _register(sandbox, "plugin", plug)
    assert batch(sandbox).status == 0
    assert sandbox.pycs(HOST) == {pyc_of(host), pyc_of(plug)}
    assert sandbox.read(pyc_of(other)) == spoilt


@pytest.mark.parametrize("line", ["py3clean -p host", "pkgtools-clean -q -p host || true"])
def test_a_plugin_that_goes_takes_no_bytecode_of_its_host_along(line: str, sandbox: Sandbox) -> None:
    """The plugin had registered the host's directory; what the host's own scripts compiled there is the host's."""
    host, plug = sandbox.write(f"{HOST}/host.py"), sandbox.write(f"{HOST}/plug.py")
    know(sandbox, [host], "host")
    sandbox.write("/var/lib/dpkg/info/host.prerm", f"#!/bin/sh\n{line}\n")
    drop_in = _register(sandbox, "plugin", plug)
    sandbox.compile(HOST)
    batch(sandbox)
    assert sandbox.pycs(HOST) == {pyc_of(host), pyc_of(plug)}
    os.unlink(sandbox.path(drop_in))
    remove(sandbox, "plugin", [plug])
    assert batch(sandbox).status == 0
    assert sandbox.pycs(HOST) == {pyc_of(host)}


def test_a_plugin_that_goes_takes_along_what_its_host_would_never_clean(sandbox: Sandbox) -> None:
    """No batch would renew it when the host is upgraded, or remove it when the host goes."""
    host, plug = sandbox.write(f"{HOST}/host.py"), sandbox.write(f"{HOST}/plug.py")
    know(sandbox, [host], "host")
    drop_in = _register(sandbox, "plugin", plug)
    batch(sandbox)
    assert sandbox.pycs(HOST) == {pyc_of(host), pyc_of(plug)}
    os.unlink(sandbox.path(drop_in))
    remove(sandbox, "plugin", [plug])
    assert batch(sandbox).status == 0
    assert sandbox.pycs(HOST) == set()


def test_a_module_that_moves_while_its_directory_is_given_up_loses_what_was_made_of_another_text(
    sandbox: Sandbox,
) -> None:
    """The new owner cleans by itself, but did not when it replaced the module: old and new have one size and time."""
    moved, stays = (sandbox.write(f"{HOST}/{name}.py", OLD, mtime=WHEN) for name in ("moved", "stays"))
    drop_in = _register(sandbox, "old", moved, stays)
    batch(sandbox)
    os.unlink(sandbox.path(drop_in))
    sandbox.write(moved, NEW, mtime=WHEN)
    know(sandbox, [], "old", version="2")
    know(sandbox, [moved, stays], "new")
    sandbox.write("/var/lib/dpkg/info/new.prerm", "#!/bin/sh\npkgtools-clean -q -p new || true\n")
    assert batch(sandbox).status == 0
    assert sandbox.pycs(HOST) == {pyc_of(stays)}


def test_a_package_that_no_longer_registers_its_directory_loses_what_was_made_for_it(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{HOST}/host.py")
    drop_in = _register(sandbox, "host", source)
    batch(sandbox)
    assert sandbox.pycs(HOST) == {pyc_of(source)}
    os.unlink(sandbox.path(drop_in))
    know(sandbox, [source], "host", version="2")
    assert batch(sandbox).status == 0
    assert sandbox.pycs(HOST) == set()


def test_directory_that_is_given_up_is_left_alone_while_owners_are_unknown(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{HOST}/host.py")
    drop_in = _register(sandbox, "host", source)
    batch(sandbox)
    os.unlink(sandbox.path(drop_in))
    know(sandbox, [source], "host", version="2")
    other = sandbox.path("/var/lib/dpkg/info/other.list")
    os.mkdir(other)
    ran = batch(sandbox)
    assert (ran.status, sandbox.pycs(HOST)) == (2, {pyc_of(source)})
    os.rmdir(other)
    assert (batch(sandbox).status, sandbox.pycs(HOST)) == (0, set())
