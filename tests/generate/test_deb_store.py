# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The store of upgrades and packages whose own postinst compiles: what it took back and what it didn't is dropped."""

from __future__ import annotations

import pytest

from tests.generate.conftest import Live
from tests.generate.life import DebLife

pytestmark = pytest.mark.system

STORE = "/var/lib/pkgtools/store"


def stored(life: DebLife) -> list[str]:
    """Return what is in the store."""
    return life.machine.system.run("ls", STORE).stdout.split() if life.machine.system.exists(STORE) else []


def test_own_postinst_drops_the_store_without_a_batch(live: Live) -> None:
    with live("direct", traced=True) as life:
        life.put("1")
        life.put("2", "--no-triggers")
        life.assert_has("2")
        assert stored(life) == []
        life.put("1", "--no-triggers")
        life.assert_has("1")
        assert stored(life) == []


@pytest.mark.parametrize("script", ["preinst", pytest.param("prerm", marks=pytest.mark.slow)])
def test_upgrade_that_is_given_up_drops_the_store(script: str, live: Live) -> None:
    """The old postinst is called with abort-upgrade, in the end."""
    with live("direct", traced=True) as life:
        life.put("1")
        life.break_script(script, "2")
        if script == "prerm":
            life.break_script(script, "1")
        life.put("2", "--no-triggers", fails=True)
        life.assert_bytecode("1")
        assert stored(life) == []


@pytest.mark.slow
def test_removal_that_is_given_up_drops_the_store(live: Live) -> None:
    with live("direct", traced=True) as life:
        life.put("1")
        life.break_script("prerm", "1")
        life.machine.dpkg("--no-triggers", "--remove", life.name, fails=True)
        life.assert_bytecode("1")
        assert stored(life) == []


def test_embedded_runtime_keeps_no_state(live: Live) -> None:
    """Nothing of ours is on the system that would remove it, were the package removed."""
    with live("standalone") as life:
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
            assert not life.machine.system.exists("/var/lib/pkgtools")
        life.take()
