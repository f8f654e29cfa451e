# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python3 -m benchmarks.growth`: what one module costs among a hundred and among 100,000, and the memory it takes.

The modules of real packages are repeated until there are enough. All lie in the memory of the machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contenders import OURS, install_runtime
from benchmarks.corpus import Corpus, cache_directory, prepare_corpus, python_files
from benchmarks.figures import Figure, Series, keep
from benchmarks.timing import clean_environment

_SIZES = (100, 1_000, 10_000, 50_000, 100_000)
_FLAT_FROM = 1_000
"""Python's start and that of the workers is shared by so many modules that it doesn't count."""
_IN_A_DIRECTORY = 25
_MEMORY = Path("/dev/shm")


def main() -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.growth", description=__doc__)
    parser.add_argument("--most", type=int, default=_SIZES[-1], metavar="N", help="modules at most (default: 100000)")
    most = parser.parse_args().most
    install_runtime()
    sources = list(python_files(prepare_corpus(Corpus.HUGE, cache_directory()).directory))
    found: list[tuple[int, float, float, float]] = []
    print("modules   CPU ms each   microseconds a KiB   with nothing to do: us each   peak MiB")
    for size in (one for one in _SIZES if one <= most):
        with tempfile.TemporaryDirectory(dir=_MEMORY) as work:
            Path(work).chmod(0o755)
            total = _deal(sources, size, Path(work, "tree"))
            cold, peak = _run(Path(work))
            idle, _ = _run(Path(work))
        found.append((size, 1e9 * cold / total, 1e6 * idle / size, peak))
        print(f"{size:7} {1e3 * cold / size:13.3f} {1e9 * cold / total:20.0f} {1e6 * idle / size:27.1f} {peak:10.0f}")
    _keep(found)
    return 0


def _keep(found: list[tuple[int, float, float, float]]) -> None:
    size, each, _, peak = found[-1]
    scenario = f"growth: {size:,} modules, cold, memory"
    first = next(one for one in found if one[0] >= _FLAT_FROM)
    keep(
        "growth",
        [
            Figure(scenario=scenario, quantity="peak of the main process", value=peak, unit="MiB", at_most=60),
            Figure(
                scenario=scenario,
                quantity=f"CPU of a KiB of source / the same among {first[0]:,} modules",
                value=each / first[1],
                at_most=1.1,
            ),
        ],
        [
            Series(plot="growth", name="cold: CPU of a KiB of source", points=tuple((one[0], one[1]) for one in found)),
            Series(
                plot="growth", name="nothing to do: CPU of a module", points=tuple((one[0], one[2]) for one in found)
            ),
        ],
    )


def _deal(sources: list[Path], size: int, tree: Path) -> int:
    """Copy modules into directories of a few each, and return their bytes."""
    total = 0
    step = max(len(sources) // size, 1)
    for number in range(size):
        directory = tree / f"d{number // _IN_A_DIRECTORY}"
        directory.mkdir(parents=True, exist_ok=True)
        source = sources[number * step % len(sources)]
        shutil.copyfile(source, directory / f"m{number}.py")
        total += source.stat().st_size
    return total // 1024 * 1024


def _run(work: Path) -> tuple[float, float]:
    """Compile a tree; return seconds of CPU, and the peak memory of the process that holds all results in MiB."""
    argv = [str(OURS), "-q", str(work / "tree")]
    process = subprocess.Popen(argv, env=clean_environment(work), stdin=subprocess.DEVNULL)
    peak = 0.0
    while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
        peak = max(peak, _peak_of_child(process.pid))
        time.sleep(0.01)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, argv)
    return usage.ru_utime + usage.ru_stime, peak


def _peak_of_child(launcher: int) -> float:
    """Return what the launcher's one child, Python, has needed at most so far, in MiB; 0 if it has none now."""
    try:
        child = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()[0]
        status = Path(f"/proc/{child}/status").read_text()
    except (OSError, IndexError):
        return 0
    kibibytes = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(kibibytes[0]) / 1024 if kibibytes else 0


if __name__ == "__main__":
    sys.exit(main())
