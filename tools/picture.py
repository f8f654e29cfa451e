# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python -m tools.picture`: draw docs/images/install.svg, what happens at `apt install`, before and after.

A schema, not a measurement: widths say in which order things happen and what happens at once.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PICTURE = Path(__file__).resolve().parent.parent / "docs/images/install.svg"
_WIDTH, _HEIGHT = 920, 414
_LEFT, _RIGHT = 24, 896
_FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"
_DPKG, _START, _COMPILE, _CHECK, _SYNC = "#8796a5", "#e0b252", "#4f7cac", "#5b9279", "#9a6fb0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One thing that takes time, from left to right."""

    text: str
    width: int
    """Pixels."""
    colour: str
    lane: int = 0
    """Which processor does it, from 0."""
    at: int | None = None
    """Pixels from the left; by default behind the bar before."""


_PACKAGES = ("a", "b", "c")
BEFORE = (
    Bar(text="unpack a b c", width=112, colour=_DPKG),
    *(
        bar
        for name in _PACKAGES
        for bar in (
            Bar(text="start Python", width=92, colour=_START),
            Bar(text=f"compile {name}", width=132 if name == "b" else 150, colour=_COMPILE),
        )
    ),
)
AFTER = (
    Bar(text="unpack a b c", width=112, colour=_DPKG),
    Bar(text="start", width=52, colour=_START),
    Bar(text="look", width=44, colour=_CHECK),
    Bar(text="compile a, half of b", width=168, colour=_COMPILE, lane=0),
    Bar(text="compile half of b, c", width=168, colour=_COMPILE, lane=1, at=208),
    Bar(text="sync", width=44, colour=_SYNC, lane=0),
    Bar(text="name, record", width=96, colour=_CHECK, lane=0),
)
BEFORE_NOTES = (
    "each package's postinst starts py3compile, one after the other, on one processor",
    "owner and mode follow umask and environment; one bad module ends it, and the package stays half-configured",
    "a full disk or a loss of power leaves truncated pycs, which every later run takes for right",
)
AFTER_NOTES = (
    "one trigger at the end of the dpkg run: one batch for all packages, on all processors",
    "owner and mode are set explicitly; a bad module is reported, all others are compiled, all packages are configured",
    "a pyc gets its name when it is complete and on the disk; source and pyc are recorded by digest",
)


def drawing() -> str:
    """Return the picture as SVG."""
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img' {_FONT}>",
        "<!-- Written by tools/picture.py -->",
        "<title>What happens at apt install of three packages, without and with pkgtools</title>",
        f"<rect x='1' y='1' width='{_WIDTH - 2}' height='{_HEIGHT - 2}' rx='8' fill='#fff' stroke='#c9d1d9'/>",
        *_half(24, "apt install a b c, as it is in Debian today", BEFORE, BEFORE_NOTES),
        *_half(204, "apt install a b c, with pkgtools-runtime", AFTER, AFTER_NOTES),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _half(top: int, title: str, bars: Sequence[Bar], notes: Sequence[str]) -> Iterator[str]:
    yield _text(_LEFT, top + 12, title, size=16, style="font-weight='bold' fill='#1f2328'")
    right = _LEFT
    for bar in bars:
        left = right if bar.at is None else _LEFT + bar.at
        yield from _bar(left, top + 28 + bar.lane * 34, bar)
        right = left + bar.width
    bottom = top + 28 + 34 * (1 + max(bar.lane for bar in bars))
    yield f"<path d='M{_LEFT} {bottom + 4}H{_RIGHT}' stroke='#57606a'/>"
    yield _text(_RIGHT, bottom + 18, "time", size=11, style="text-anchor='end' fill='#1f2328'")
    for number, note in enumerate(notes):
        yield _text(_LEFT, bottom + 36 + number * 19, f"• {note}", size=12)


def _bar(left: int, top: int, bar: Bar) -> Iterator[str]:
    yield f"<rect x='{left + 1}' y='{top}' width='{bar.width - 2}' height='28' rx='3' fill='{bar.colour}'/>"
    yield _text(left + bar.width // 2, top + 18, bar.text, size=11, style="text-anchor='middle' fill='#fff'")


def _text(x: int, y: int, text: str, *, size: int, style: str = "fill='#1f2328'") -> str:
    return f"<text x='{x}' y='{y}' font-size='{size}' {style}>{escape(text)}</text>"


def main() -> int:
    """Write the picture; return 0."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawing(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
