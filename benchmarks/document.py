# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python3 -m benchmarks.document`: write docs/performance.md and its plots from what the benchmarks found last."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib.figure import Figure as Drawing

from benchmarks.figures import Figure, Series, kept

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_SOURCES = ("compiling", "growth", "cleaning", "dpkg", "rpm", "build_root")


_METADATA = {"Date": None, "Creator": None}


def main(docs: Path = _DOCS) -> int:
    """Write the files; return 0, or 2 if a benchmark was never run."""
    figures: dict[str, list[Figure]] = {}
    series: list[Series] = []
    for source in _SOURCES:
        try:
            figures[source], of_source = kept(source)
        except FileNotFoundError:
            print(f"benchmarks.document: '{source}' was never measured: run `make bench` first", file=sys.stderr)
            return 2
        series += of_source
    mpl.rcParams["svg.hashsalt"] = "pkgtools"  # the same figures make the same file
    plots = docs / "performance"
    plots.mkdir(exist_ok=True)
    _growth([one for one in series if one.plot == "growth"]).savefig(plots / "growth.svg", metadata=_METADATA)
    _shares([one for one in series if one.plot == "share"]).savefig(plots / "share.svg", metadata=_METADATA)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["value"] = _value
    text = environment.get_template("performance.md.j2").render(
        figures=figures, processors=len(os.sched_getaffinity(0)), kernel=platform.release().partition("-")[0]
    )
    (docs / "performance.md").write_text(text, encoding="utf-8")
    return 0


def _value(figure: Figure) -> str:
    digits = 1 if figure.unit else 2
    text = f"{figure.value:.{digits}f}{f' {figure.unit}' if figure.unit else ''}"
    if figure.low is not None and figure.high is not None:
        text += f" ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
    return text


def _growth(series: Sequence[Series]) -> Drawing:
    drawing = Drawing(figsize=(7, 3.5), layout="constrained")
    axes = drawing.subplots()
    for one in series:
        axes.plot([x for x, _ in one.points], [y for _, y in one.points], marker="o", label=one.name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("modules in one run")
    axes.set_ylabel("microseconds of CPU")
    axes.legend()
    return drawing


def _shares(series: Sequence[Series]) -> Drawing:
    drawing = Drawing(figsize=(7, 2), layout="constrained")
    axes = drawing.subplots()
    names = [str(name) for name, _ in series[0].points]
    left = [0.0] * len(names)
    for one in series:
        widths = [seconds for _, seconds in one.points]
        axes.barh(names, widths, left=left, label=one.name)
        left = [before + width for before, width in zip(left, widths, strict=True)]
    axes.set_xlabel("seconds")
    axes.legend()
    return drawing


if __name__ == "__main__":
    sys.exit(main())
