# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""docs/performance.md is written from what benchmarks kept: each figure with its aim, and whether that is met."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import document, figures
from benchmarks.figures import Figure, Series, keep, of_costs
from benchmarks.timing import Cost

SOURCES = ("compiling", "growth", "cleaning", "dpkg", "rpm", "build_root")
COSTS = [Cost(2.0, 3.0), Cost(4.0, 3.0), Cost(3.0, 3.0)]
OURS = [Cost(1.0, 1.0)] * 3


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_KEPT", tmp_path / "figures")
    (tmp_path / "docs").mkdir()


def _keep_all() -> None:
    for source in SOURCES:
        lines = [Series(plot="growth", name="cold", points=((100, 2.0), (1000, 1.0)))] if source == "growth" else []
        bars = [Series(plot="share", name="dpkg", points=(("plain", 2.0), ("ours", 1.0)))] if source == "dpkg" else []
        size = Figure(scenario=source, quantity="peak", value=52.25, unit="MiB", at_most=60)
        keep(source, [*of_costs(f"{source}: cold", "py3compile", COSTS, OURS, aim=3.5), size], [*lines, *bars])


def test_page_says_what_is_met_and_what_is_missed(tmp_path: Path) -> None:
    _keep_all()
    assert document.main(tmp_path / "docs") == 0
    text = (tmp_path / "docs/performance.md").read_text()
    for source in SOURCES:
        row = f"| {source}: cold | py3compile / ours, wall | 3.00 (2.00 to 4.00) | ≥ 3.5 | **missed** |\n"
        assert row in text
        assert f"| {source}: cold | py3compile / ours, CPU | 3.00 (3.00 to 3.00) |  |  |\n" in text
        assert f"| {source} | peak | 52.2 MiB | ≤ 60 | met |\n" in text


def test_same_figures_make_the_same_files(tmp_path: Path) -> None:
    _keep_all()
    document.main(tmp_path / "docs")
    plots = {path.name: path.read_bytes() for path in (tmp_path / "docs/performance").iterdir()}
    assert plots.keys() == {"growth.svg", "share.svg"}
    document.main(tmp_path / "docs")
    assert {path.name: path.read_bytes() for path in (tmp_path / "docs/performance").iterdir()} == plots


def test_benchmark_that_never_ran_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert document.main(tmp_path / "docs") == 2
    assert "'compiling' was never measured" in capsys.readouterr().err
