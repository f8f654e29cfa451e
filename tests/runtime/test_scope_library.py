# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What packages bring into an interpreter's own library is left to them: batches compile nothing there."""

from __future__ import annotations

import pytest

from tests.runtime.batches import batch, install, remove, spoil
from tests.runtime.records import know
from tests.runtime.sandbox import HOST_PYTHON, Sandbox, pyc_of

CONFIG = f"/usr/lib/{HOST_PYTHON.name}/config-{HOST_PYTHON.name}-x86_64-linux-gnu"
SCRIPT = f"{CONFIG}/python-config.py"


@pytest.mark.parametrize("option", ["", "--all"])
def test_a_package_that_comes_gets_no_bytecode_there(option: str, sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "lib", "m")
    batch(sandbox)
    sandbox.write(SCRIPT, "value = 1\n")
    know(sandbox, [CONFIG, SCRIPT], "libpython-dev")
    ran = batch(sandbox, *filter(None, [option]))
    assert ran.status == 0
    assert {one.path for one in ran.told} <= {pyc_of(source)}
    assert sandbox.pycs(CONFIG) == set()


def test_a_package_that_goes_takes_along_what_was_compiled_by_its_name(sandbox: Sandbox) -> None:
    sandbox.write(SCRIPT, "value = 1\n")
    know(sandbox, [CONFIG, SCRIPT], "libpython-dev")
    batch(sandbox)
    sandbox.compile(SCRIPT)
    assert sandbox.pycs(CONFIG) == {pyc_of(SCRIPT)}
    remove(sandbox, "libpython-dev", [SCRIPT])
    batch(sandbox)
    assert sandbox.pycs(CONFIG) == set()


def test_damage_there_is_not_looked_at(sandbox: Sandbox) -> None:
    sandbox.write(SCRIPT, "value = 1\n")
    sandbox.compile(SCRIPT)
    damaged = spoil(sandbox, SCRIPT)
    know(sandbox, [CONFIG, SCRIPT], "libpython-dev")
    batch(sandbox)
    assert sandbox.read(pyc_of(SCRIPT)) == damaged
