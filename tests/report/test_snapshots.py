# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Each format of the sample as it was reviewed; PKGTOOLS_REWRITE_SNAPSHOTS=1 writes it anew for review."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pkgtools import __version__
from pkgtools.report.formats import Format, ReportOptions, write
from pkgtools.report.text import one_line
from tests.report.sample import AUDIT, SAMPLE

SNAPSHOTS = Path(__file__).parent / "snapshots"
REWRITE = os.environ.get("PKGTOOLS_REWRITE_SNAPSHOTS") == "1"
SUFFIXES = {Format.TEXT: "txt", Format.GITHUB: "txt", Format.JUNIT: "xml", Format.HTML: "txt", Format.PROMETHEUS: "txt"}


def compare(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if REWRITE:
        path.write_text(text, "utf-8")
    assert text == (path.read_text("utf-8") if path.exists() else ""), f"see the head of {Path(__file__).name}"


def stable(text: str) -> str:
    """Leave out what other reviews look at: the version, the style and the script of the page."""
    text = re.sub(r"<(style|script)>.*?</\1>", r"<\1>...</\1>", text, flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/=]+", "sha256-...", text).replace(__version__, "VERSION")


def name_of(form: Format) -> str:
    return f"{form.value}.{SUFFIXES.get(form, 'json')}"


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize("form", Format)
def test_sample(form: Format) -> None:
    compare(name_of(form), stable("".join(write(SAMPLE, form))))


def test_audit_at_a_terminal() -> None:
    text = "".join(write(AUDIT, Format.TEXT, ReportOptions(terminal=True)))
    compare("text-terminal.txt", text.replace("\x1b", "ESC"))


def test_one_line_for_each_package() -> None:
    compare("lines.txt", "".join(f"{one_line(verdict)}\n" for verdict in (*SAMPLE.verdicts, *AUDIT.verdicts)))


def test_every_snapshot_has_its_test() -> None:
    expected = {name_of(form) for form in Format} | {"text-terminal.txt", "lines.txt"}
    assert {path.name for path in SNAPSHOTS.iterdir()} == expected
