# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Time `pkgtools check` against `dpkg-deb --contents` and `--info` on packages of the archive, and on pools of them.

Whole processes, interleaved, medians. A pool is checked with 100, 200 and 300 packages: the time grows with their
number, the memory doesn't.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.lab.commands import clean_environment
from tests.parity.compare import fetch_debs

ROUNDS = 7
ROOT = "build-bookworm"
NAMES = """
python3-sniffio python3-six python3-toml python3-requests python3-jinja2 python3-docutils mercurial python3-setuptools
python3-pygments python3-pandas python3-django python3-sympy python3-numpy hplip-data sqlmap python3-scipy
""".split()
"""From 6 KB to 15 MB."""
POOLS = (100, 200, 300)
PKGTOOLS = (sys.executable, "-m", "pkgtools.cli", "check")

_PEAK = """
import os, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def main() -> None:
    """Print milliseconds and ratios for packages, seconds and memory for pools."""
    there = {deb.name.partition("_")[0]: deb for deb in sorted(fetch_debs(ROOT).glob("*.deb"))}
    single(there)
    pools(there)


def single(there: dict[str, Path]) -> None:
    """Print one line for each package."""
    print(f"{'package':22} {'MB':>6} {'dpkg-deb':>9} {'pkgtools':>9} {'ratio':>6}   milliseconds")
    ratios = []
    for deb in sorted((there[name] for name in NAMES), key=lambda path: path.stat().st_size):
        peer, own = [], []
        for _ in range(ROUNDS):
            peer.append(seconds("dpkg-deb", "--contents", str(deb)) + seconds("dpkg-deb", "--info", str(deb)))
            own.append(seconds(*PKGTOOLS, str(deb)))
        one, other = statistics.median(peer), statistics.median(own)
        ratios.append(other / one)
        name, size = deb.name.partition("_")[0], deb.stat().st_size / 1e6
        print(f"{name:22} {size:6.2f} {one * 1000:9.1f} {other * 1000:9.1f} {other / one:6.2f}")
    print(f"{'median':22} {statistics.median(ratios):33.2f}")


def pools(there: dict[str, Path]) -> None:
    """Print one line for each size of a pool; the same packages count as often as it takes."""
    print(f"\n{'packages':>8} {'jobs':>4} {'seconds':>8} {'ms each':>8} {'peak MB':>8}")
    debs = sorted(there.values(), key=lambda path: path.name)
    for jobs in (1, 2):
        for size in POOLS:
            with tempfile.TemporaryDirectory() as directory:
                for number in range(size):  # the same spread of sizes in each pool
                    deb = debs[number * 7 % len(debs)]
                    Path(directory, f"{number:03}-{deb.name}").symlink_to(deb)
                argv = (*PKGTOOLS, f"-j{jobs}", directory)
                took = seconds(*argv)
                peak = int(subprocess.check_output([sys.executable, "-c", _PEAK, *argv], text=True, cwd="/"))
            print(f"{size:8} {jobs:4} {took:8.2f} {took / size * 1000:8.1f} {peak / 1024:8.0f}", flush=True)


def seconds(*argv: str) -> float:
    """Return how long a program takes; what it prints goes nowhere, how it ends is its own affair."""
    environment = {**clean_environment(), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    began = time.perf_counter()
    subprocess.run(argv, check=False, cwd="/", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
