# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A bar for long work at a terminal."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_PATIENCE = 0.5
"""Seconds before the bar appears: what is done by then needs none."""
_INTERVAL = 0.1
_WIDTH = 30


class Bar:
    """Draws how much of the work is done, and wipes itself out at the end."""

    def __init__(self, stream: TextIO, label: str) -> None:
        """Draw on a terminal; nothing is drawn for half a second."""
        self._stream = stream
        self._label = label
        self._next = time.monotonic() + _PATIENCE
        self._drawn = False

    def update(self, done: int, total: int) -> None:
        """Draw the state, ten times a second at most."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _INTERVAL
        filled = _WIDTH * done // max(total, 1)
        bar = "#" * filled + "." * (_WIDTH - filled)
        self._stream.write(f"\r{self._label} [{bar}] {done}/{total}")
        self._stream.flush()
        self._drawn = True

    def __enter__(self) -> Bar:  # noqa: PYI034 - Self is not in 3.9
        return self

    def __exit__(self, *_error: object) -> None:
        """Wipe the bar out."""
        if self._drawn:
            self._stream.write("\r\033[K")
            self._stream.flush()
