# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The formats of a report. A new one is a module with a function `write`, and a line in `Format`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckReport


class Format(Enum):
    """How a report is written; the value is the name of the module that does it."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    HTML = "html"
    PROMETHEUS = "prometheus"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """What people asked for; programs get all there is, whatever it says."""

    every: bool = False
    """List every path, not the first few of each rule."""
    summary: bool = False
    """Numbers alone, in the formats that have them apart: text and JSON."""
    terminal: bool = False
    """The text goes to a terminal: colour is allowed, unless NO_COLOR or TERM forbid it."""
    colour: bool = False
    """Colour is asked for, whatever TERM says."""


class _Writer(Protocol):
    def __call__(self, report: CheckReport, look: ReportOptions, /) -> Iterator[str]: ...


def write(report: CheckReport, form: Format, look: ReportOptions | None = None) -> Iterator[str]:
    """Yield a report piece by piece, line ends included. All of it can be encoded as UTF-8, whatever files are called.

    A format is imported when it is used: text needs no jinja2, JSON no rich.
    """
    writer: _Writer = import_module(f"{__package__}.{form.value}").write
    yield from writer(report, look or ReportOptions())
