# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python3 -m benchmarks.build_root`: byte compilation at the end of %install, against what distributions call there.

A build root of 5,000 modules is compiled for two optimization levels, its bytecode thrown away, and compiled by the
next contender: our step as %{pkgtools_use shipped} calls it; Debian's two scripts, the first with its pattern mended,
which knows no Python after 3.9; compileall as the documentation of Fedora's and openSUSE's macros has it, in one
process and in as many as there are processors.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.contenders import INSTALLED, PYTHON, install_runtime
from benchmarks.corpus import Corpus, cache_directory, prepare_corpus, python_files
from benchmarks.figures import Figure, keep, of_costs
from benchmarks.timing import Command, Cost, clean_environment, compare, measure
from tests.lab.places import workspace

_SCRIPTS = Path("/usr/lib/rpm")
_PATTERN = r"python[0-9]\.[0-9]$"
_OURS = "pkgtools"


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who compiles a build root."""

    name: str
    commands: tuple[Command, ...]
    aim: float | None = None
    """How many times what we take it shall take, in wall time."""


def main() -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.build_root", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--modules", type=int, default=5000, metavar="N", help="modules (default: 5000)")
    given = parser.parse_args()
    install_runtime("build", "model", "rpmbuild")
    sources = list(python_files(prepare_corpus(Corpus.HUGE, cache_directory()).directory))[: given.modules]
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        root = Path(work, "root")
        _fill(root, sources)
        contenders = _contenders(root, Path(work))
        environment = {**clean_environment(Path(work)), "RPM_BUILD_ROOT": str(root)}
        _report(len(sources), contenders, _measure(root, contenders, given.rounds, environment))
    return 0


def _fill(root: Path, sources: list[Path]) -> None:
    """Copy modules into the library of this machine's Python."""
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], check=True, capture_output=True, text=True
    ).stdout.strip()
    site = root / f"usr/lib/python{version}/site-packages"
    above = os.path.commonpath(sources)
    for source in sources:
        target = site / source.relative_to(above)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        os.utime(target, (1_700_000_000, 1_700_000_000))


def _contenders(root: Path, work: Path) -> tuple[Contender, ...]:
    processors = str(len(os.sched_getaffinity(0)))
    program = str(INSTALLED / "triggers/rpm/pkgtools-rpmbuild")
    options = ["--levels", "0,1", "--invalidation-mode", "timestamp", "--policy", "", "--jobs", processors]
    step = str(INSTALLED / "triggers/rpm/brp-pkgtools-bytecompile")
    ours = [step, program, "bytecompile", *options, "--default-interpreter", PYTHON, "--errors", "warn"]
    script = work / "brp-python-bytecompile"
    text = (_SCRIPTS / script.name).read_text()
    script.write_text(text.replace(_PATTERN, _PATTERN.replace("]$", "]+$")))
    script.chmod(0o755)
    compileall = [PYTHON, "-B", "-m", "compileall", "-q", "-f", "-o", "0", "-o", "1"]
    compileall += ["-s", str(root), "-p", "/", "--hardlink-dupes", "-e", str(root)]
    library = str(root / "usr/lib")
    return (
        Contender(_OURS, (ours,)),
        Contender("Debian's brp scripts", ([str(script), PYTHON, "1"], [str(_SCRIPTS / "brp-python-hardlink")]), 1),
        Contender("compileall", ([*compileall, library],), 1),
        Contender(f"compileall -j{processors}", ([*compileall, "-j", processors, library],), 1),
    )


def _measure(
    root: Path, contenders: tuple[Contender, ...], rounds: int, environment: Mapping[str, str]
) -> dict[str, list[Cost]]:
    """Let the contenders take turns, another one first each round. Raises RuntimeError for pycs that are missing."""
    costs: dict[str, list[Cost]] = {one.name: [] for one in contenders}
    order = list(contenders)
    expected = 2 * sum(1 for _ in python_files(root))
    for _ in range(rounds):
        for one in order:
            for cache in list(root.rglob("__pycache__")):
                shutil.rmtree(cache)
            costs[one.name].append(measure(one.commands, dict(environment)))
            found = sum(1 for _ in root.rglob("*.pyc"))
            if found != expected:
                raise RuntimeError(f"{one.name} left {found} pycs where {expected} were expected: {root}")
        order.append(order.pop(0))
    return costs


def _report(modules: int, contenders: tuple[Contender, ...], costs: dict[str, list[Cost]]) -> None:
    ours = costs[_OURS]
    scenario = f"a build root of {modules:,} modules, levels 0 and 1"
    figures: list[Figure] = []
    print(f"{scenario}, {len(ours)} rounds; x: the other / ours")
    for one in contenders:
        wall, cpu = (compare([cost[n] for cost in costs[one.name]], [cost[n] for cost in ours]) for n in (0, 1))
        seconds = median(cost.wall for cost in costs[one.name])
        print(f"  {one.name:22} {seconds:8.3f} s  x {wall.median:5.2f} wall ({wall.low:.2f}-{wall.high:.2f})", end="")
        print(f"  x {cpu.median:5.2f} CPU")
        if one.name != _OURS:
            figures += of_costs(scenario, one.name, costs[one.name], ours, aim=one.aim)
    keep("build_root", figures)


if __name__ == "__main__":
    sys.exit(main())
