# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Both helpers make the same of packages of the archive, but for what docs/parity.md names. `make parity` runs all."""

from __future__ import annotations

import re

import pytest

from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT
from tests.parity.compare import ROOTS, compare_root, unexplained
from tests.parity.reasons import REASONS

SOME = (
    *("python3-yaml", "python3-numpy", "python3-requests", "python3-ruamel.yaml", "python3-cryptography"),
    *("python3-redis", "python3-cffi-backend", "python3-click", "python3-zmq", "python3-httpx", "mercurial-common"),
    *("gdebi-core", "apt-listchanges", "sphinx-common", "virt-manager", "flake8", "tox", "httpie"),
)


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.parametrize("root", ROOTS)
def test_packages_of_the_archive_come_out_the_same(root: str) -> None:
    need_tools(("mmdebstrap", "zstd", "nsenter"), root=True)
    comparisons = list(compare_root(root, SOME))
    assert len(comparisons) == 2 * len(SOME)
    assert "\n".join(unexplained(comparisons)) == ""


def test_every_reason_is_documented() -> None:
    text = (CHECKOUT / "docs/parity.md").read_text()
    sections = set(re.findall(r"^## (.*)$", text, re.MULTILINE)) - {"How it is compared", "What came out"}
    assert sections == {reason.title for reason in REASONS}
