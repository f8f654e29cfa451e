# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A directory that is registered below another registered one, or twice."""

from __future__ import annotations

import os
from itertools import permutations

import pytest

from pkgtools.runtime.facts import InstalledPath, Interpreter
from pkgtools.runtime.policy.configuration import PRIVATE, drop_ins_of
from pkgtools.runtime.policy.selection import Wish, servers_of
from pkgtools.runtime.system.all_interpreters import Installed
from tests.runtime.sandbox import HOST_PYTHON, Sandbox, pyc_of

OLD, NEW = (
    Interpreter(InstalledPath(f"/usr/bin/python3.{minor}"), "cpython", (3, minor), f"cpython-3{minor}", b"1234")
    for minor in (11, 13)
)
INSTALLED = Installed((OLD, NEW), NEW, ())
HOST = "/usr/share/host"
LINES = (f"compile|3.11|{HOST}", f"compile|3.13|{HOST}/plugins", f"compile|3.11|{HOST}/plugins/a")


@pytest.mark.parametrize("lines", list(permutations(LINES)))
def test_the_nearest_registration_decides(lines: tuple[str, ...]) -> None:
    texts = [(InstalledPath(f"{PRIVATE}/{number}.conf"), line) for number, line in enumerate(lines)]
    drop_ins = drop_ins_of(texts, lambda path: [path])
    places = (HOST, f"{HOST}/lib", f"{HOST}/plugins/b", f"{HOST}/plugins/a/x")
    served = [servers_of(InstalledPath(place), Wish(), drop_ins, INSTALLED) for place in places]
    assert served == [(OLD,), (OLD,), (NEW,), (OLD,)]


def test_of_two_for_one_directory_the_first_by_name_decides() -> None:
    ranges = {"a": "3.11", "b": "3.13"}
    texts = [(InstalledPath(f"{PRIVATE}/{name}.conf"), f"compile|{only}|/opt/a") for name, only in ranges.items()]
    drop_ins = drop_ins_of(texts, lambda path: [path])
    assert servers_of(InstalledPath("/opt/a"), Wish(), drop_ins, INSTALLED) == (OLD,)


@pytest.mark.parametrize("gone", ["host", "plugin"])
def test_each_keeps_its_own_sources_when_the_other_goes(gone: str, sandbox: Sandbox) -> None:
    directories = {"host": "/usr/share/host", "plugin": "/usr/share/host/plugins"}
    sources = {name: sandbox.write(f"{directory}/{name}.py") for name, directory in directories.items()}
    files = {
        name: sandbox.write(f"{PRIVATE}/{name}.conf", f"compile|{HOST_PYTHON.name[6:]}|{directory}\n")
        for name, directory in directories.items()
    }
    assert sandbox.run("pkgtools-trigger").status == 0
    assert sandbox.pycs("/usr/share") == {pyc_of(one) for one in sources.values()}
    os.unlink(sandbox.path(files[gone]))
    assert sandbox.run("pkgtools-trigger").status == 0
    left = {pyc_of(one) for name, one in sources.items() if name != gone or gone == "plugin"}
    assert sandbox.pycs("/usr/share") == left
