# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What the throw-away system says of an import: its interpreter may be the package's, and say anything."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import pytest

from pkgtools.trial.fence import Fence, Limits, Ran
from pkgtools.trial.importing import ModuleList, import_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying(Fence):
    """A fence in which every command says the same."""

    words: str
    """What they say."""

    def run(self, *argv: str, until: bytes = b"", stdin: int = subprocess.DEVNULL) -> Ran:
        del argv, until, stdin
        return Ran(exit=0, output=self.words, seconds=0)


def answered(seconds: str) -> tuple[str, float]:
    """Return error and time of a module that took so many seconds, as the system says it."""
    said = f"{{'module': 'm', 'error': '', 'has_cache': True, 'from_cache': True, 'seconds': {seconds}, "
    fence = Saying(limits=Limits(), words=f"{said}'seconds_without': 0.25}}\n")
    (one,) = import_each(fence, ModuleList(names=("m",), left_out=0))
    return one.error, one.seconds


def test_time_is_taken_over() -> None:
    assert answered("0.5") == ("", 0.5)


@pytest.mark.parametrize("seconds", ["1e999", "-1", "1e308", "1e999 - 1e999", "'1'", "None", "10 ** 9"])
def test_what_cannot_be_a_time_is_no_answer(seconds: str) -> None:
    error, found = answered(seconds)
    assert (error[:10], found) == ("no answer:", 0)
