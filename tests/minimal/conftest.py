# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Systems that have no more of Python than the package python3-minimal brings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything beside this file."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.minimal)
            item.add_marker(pytest.mark.system)


@pytest.fixture(params=["bullseye", "bookworm", "trixie"])
def minimal(request: pytest.FixtureRequest) -> Iterator[System]:
    """Return such a system, with the checkout's runtime and triggers at /srv/pkgtools."""
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    binds = tuple(Bind(source=CHECKOUT / name, target=f"/srv/pkgtools/{name}") for name in ("pkgtools", "triggers"))
    with System(root_directory(f"{request.param}-minimal"), binds=binds) as system:
        yield system
