# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Settings for all tests: the profiles of property tests."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

_BUILD = Path(__file__).resolve().parent.parent / "build"

# The machines that run this are shared: how long one example takes says nothing.
settings.register_profile(
    "pkgtools",
    deadline=None,
    database=DirectoryBasedExampleDatabase(_BUILD / "hypothesis"),
    suppress_health_check=[HealthCheck.too_slow],
)
# `make test-fast` takes a quarter of the examples.
settings.register_profile("quick", settings.get_profile("pkgtools"), max_examples=25)
settings.load_profile("pkgtools")
