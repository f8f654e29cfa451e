# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python -m tools.recording [FILE]`: draw docs/images/demo.svg, the output of `make demo` as it appears.

Runs the demonstration, which needs root, or takes what it printed from FILE. In the picture each line appears when it
did, faster: a step takes at most half a second. Where pictures don't move, or people asked for no motion, all lines
are there.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TOP = Path(__file__).resolve().parent.parent
PICTURE = TOP / "docs/images/demo.svg"
_STEP = re.compile(r"\s?\d+\. .*?(\d+\.\d) s$")
_FASTER, _LONGEST = 10, 0.5
_LINE, _MARGIN, _WIDTH = 17, 16, 1010
_STYLE = """\
rect { fill: #0d1117 }
text { fill: #c9d1d9; font: 13px 'DejaVu Sans Mono', Menlo, Consolas, monospace; white-space: pre }
.heading { fill: #fff; font-weight: bold }
.row { fill: #8b949e }
@media (prefers-reduced-motion: no-preference) { text { animation: appear 1ms both } }
@keyframes appear { from { opacity: 0 } to { opacity: 1 } }"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the demonstration."""

    text: str
    at: float
    """Seconds from the beginning of the picture."""


def timed(lines: Iterable[str]) -> Iterator[Line]:
    """Give each line its time: a step ends when its seconds are over, its table appears with it."""
    now = 0.0
    for line in lines:
        step = _STEP.match(line)
        now += min(float(step[1]) / _FASTER, _LONGEST) if step is not None else 0
        yield Line(text=line.rstrip(), at=now)


def drawing(lines: Sequence[Line]) -> str:
    """Return the lines as SVG."""
    height = 2 * _MARGIN + _LINE * len(lines)
    texts = (_text(number, line) for number, line in enumerate(lines) if line.text)
    return "\n".join(
        (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {height}' role='img'>",
            "<!-- Written by tools/recording.py -->",
            "<title>make demo: packages are built, installed, used, damaged, repaired and removed</title>",
            f"<style>{_STYLE}</style>",
            f"<rect width='{_WIDTH}' height='{height}' rx='8'/>",
            *texts,
            "</svg>\n",
        )
    )


def _text(number: int, line: Line) -> str:
    kind = "" if _STEP.match(line.text) else " class='row'" if line.text.startswith("   ") else " class='heading'"
    delay = f" style='animation-delay: {line.at:.2f}s'" if line.at else ""
    y = _MARGIN + _LINE * (number + 1) - 4
    return f"<text x='{_MARGIN}' y='{y}'{kind}{delay} xml:space='preserve'>{escape(line.text)}</text>"


def demonstrated() -> str:
    """Run the demonstration and return what it prints. Raises CalledProcessError."""
    print("recording: running tools/demo.py, a minute or two", file=sys.stderr)
    argv = [sys.executable, str(TOP / "tools/demo.py")]
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, cwd=TOP).stdout


def main(arguments: Sequence[str]) -> int:
    """Write the picture; return 0."""
    said = Path(arguments[0]).read_text("utf-8") if arguments else demonstrated()
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawing(list(timed(said.splitlines()))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
