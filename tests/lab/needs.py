# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a test needs of the machine: a CI must have it, elsewhere the test is skipped."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest

from tests.lab.commands import LabUnavailableError, require_tools


def need_tools(names: Iterable[str]) -> None:
    """Skip where the machine cannot run the lab; fail there when a CI says that it should."""
    try:
        require_tools(tuple(names))
    except LabUnavailableError as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))
