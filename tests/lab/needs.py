# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a test needs of the machine: a CI must have it, elsewhere the test is skipped."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest

from tests.lab.commands import LabUnavailableError, require_tools


def need_tools(names: Iterable[str], *, root: bool = True) -> None:
    """Skip where a tool or root's rights are missing; fail there when a CI says that they should be there."""
    try:
        require_tools(tuple(names), root=root)
    except LabUnavailableError as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))
