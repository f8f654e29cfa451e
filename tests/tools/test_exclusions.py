# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The house rule that code is left out of the measured coverage for a reason only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.house.checkout import Checkout
from tools.house.modules import exclusions


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("x = 1", 0),
        ("x = 1  # pragma: no cover - only root's kernel gets here", 0),
        ("x = 1  # pragma: no branch - it never ends", 0),
        ("x = 1  # pragma: no cover", 1),
        ("x = 1  # pragma: no cover - ", 1),
        ("x = 1  # pragma: no branch", 1),
    ],
)
def test_exclusion_has_a_reason(line: str, number: int, tmp_path: Path) -> None:
    path = Path("pkgtools/m.py")
    (tmp_path / "pkgtools").mkdir()
    (tmp_path / path).write_text(f"{line}\n")
    assert len(list(exclusions(Checkout(top=tmp_path, paths=(path,))))) == number
