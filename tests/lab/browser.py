# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Pages in headless Chromium: what becomes of the document, and what the console says."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pkgtools.model.finding import CheckReport
from pkgtools.report.formats import Format, write
from tests.lab.commands import clean_environment

QUIET = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --enable-logging=stderr
    """.split()


class Browser:
    """Loads pages, each in a profile of its own."""

    def __init__(self, directory: Path, width: int = 1280) -> None:
        """Keep pages and profiles in a directory; the window has a width."""
        self._directory = directory
        self._width = width
        self._number = 0

    def load(self, some: CheckReport, state: str = "") -> str:
        """Return the document as it is once its script has run. Fails if the console has anything to say."""
        document, console = self.visit("".join(write(some, Format.HTML)), state)
        assert console == []
        return document

    def visit(self, text: str, state: str = "") -> tuple[str, list[str]]:
        """Return likewise the document of a page, and the lines of the console."""
        page = self._directory / f"page{self._number}.html"
        page.write_text(text, "utf-8")
        return self.see(f"{page.as_uri()}{state}")

    def see(self, address: str) -> tuple[str, list[str]]:
        """Return likewise the document at an address, and the lines of the console."""
        self._number += 1
        profile = f"--user-data-dir={self._directory / f'profile{self._number}'}"
        size = f"--window-size={self._width},1000"
        argv = ["chromium", *QUIET, size, profile, "--dump-dom", address]
        done = subprocess.run(argv, check=True, capture_output=True, timeout=120, env=clean_environment())
        said = done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8"), [line for line in said.splitlines() if ":CONSOLE" in line]
