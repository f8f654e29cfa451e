# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Throw-away systems in memory, and the interpreters that this machine happens to have."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.interpreters import NAMES, VARIABLE, Found, other_interpreters
from tests.runtime.sandbox import Sandbox

_MEMORY = Path("/dev/shm")
_ROOT_ONLY = "owners and modes are the subject: needs root"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip everything beside this file where we aren't root; a CI must be."""
    here = Path(__file__).parent
    if os.geteuid() == 0 or os.environ.get("CI"):
        return
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=_ROOT_ONLY))


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """Return a directory in memory where it can be: a sync costs nothing there."""
    where = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="pkgtools-tests-", dir=where))
    path.chmod(0o755)
    yield path
    _remove(path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module that has BOTH_WAYS with workers behind pipes, and with forks that do the whole way.

    With STORES each of these runs once more with both stores of bytecode.
    """
    if getattr(metafunc.module, "BOTH_WAYS", False) and "sandbox" in metafunc.fixturenames:
        ways = ["pipes", "forks"]
        if getattr(metafunc.module, "STORES", False):
            ways += [f"{way} with stores" for way in ways]
        metafunc.parametrize("sandbox", ways, indirect=True)


@pytest.fixture
def sandbox(scratch: Path, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Return a new system with one interpreter and nothing to compile yet."""
    directory = Path(tempfile.mkdtemp(dir=scratch))
    directory.chmod(0o755)
    way = getattr(request, "param", "pipes")
    yield Sandbox(directory / "system", forks=way.startswith("forks"), stores=way.endswith("stores"))
    _remove(directory)


def _remove(directory: Path) -> None:
    # deeper trees than shutil.rmtree can recurse into
    subprocess.run(["/bin/rm", "-rf", "--one-file-system", directory], check=False)


@pytest.fixture(params=NAMES)
def other_interpreter(request: pytest.FixtureRequest) -> Found:
    """Return each interpreter that this machine has; the others are skips."""
    found = other_interpreters().get(request.param)
    if found is None:
        pytest.skip(f"this machine has no {request.param}: name it in {VARIABLE}")
    return found
