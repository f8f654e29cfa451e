# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Call commands in the tests' own process, with standard output and standard error apart."""

from __future__ import annotations

import inspect

from click.testing import CliRunner


def cli_runner() -> CliRunner:
    """Return a runner that keeps the two streams apart, which those before click 8.2 do when they are told to."""
    old = "mix_stderr" in inspect.signature(CliRunner).parameters
    return CliRunner(mix_stderr=False) if old else CliRunner()  # type: ignore[call-arg] # of the older ones
