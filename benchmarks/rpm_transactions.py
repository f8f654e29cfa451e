# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python3 -m benchmarks.rpm_transactions`: what our file triggers cost a transaction of many modules.

One package of 5,000 modules is installed and erased by rpm 4.18, with and without pkgtools-runtime, in turn. Beside
that stands how long compiling the same modules takes by itself: what the trigger adds is that and little more.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.figures import keep, of_ratio
from benchmarks.timing import compare
from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST
from tests.lab.places import workspace
from tests.lab.rpm_machine import RpmMachine, prepare, start_rpm_machine
from tests.lab.rpm_ours import build_our_rpms

ROOT = "rpm-bookworm"
NAME = "many"
_COMPILE = ("/usr/bin/pkgtools-compile", "-q", "--force", f"{DIST}/{NAME}")
_BODY = (
    "import os\n\n\ndef answer(question):\n    return {'question': question, 'number': NUMBER, 'where': os.curdir}\n"
)


def main() -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.rpm_transactions", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--modules", type=int, default=5000, metavar="N", help="modules in the package (default: 5000)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        ours, workshop = Path(work, "ours"), Path(work, "workshop")
        ours.mkdir()
        workshop.mkdir()
        runtime = next(p for p in build_our_rpms(ours, command=False) if p.name.startswith("pkgtools-runtime-"))
        base = prepare(ROOT)
        with (
            start_rpm_machine(ROOT, base, workshop, ours) as plain,
            start_rpm_machine(ROOT, base, workshop, ours) as hooked,
        ):
            hooked.install(runtime)
            _report(given.modules, _measure(plain, hooked, given.modules, given.rounds))
    return 0


def _measure(plain: RpmMachine, hooked: RpmMachine, modules: int, rounds: int) -> dict[str, list[float]]:
    package = SamplePackage(name=NAME, files={f"{DIST}/{NAME}/d{n // 100}/m{n}.py": _module(n) for n in range(modules)})
    path = plain.stage(package)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, machine in (("without", plain), ("with", hooked)):
            times.setdefault(f"install {name}", []).append(_timed(lambda m=machine: m.rpm("-U", path)))  # type: ignore[misc] # the default binds the loop's value
            if machine is hooked:
                times.setdefault("compile alone", []).append(_timed(lambda: hooked.system.run(*_COMPILE)))
            times.setdefault(f"erase {name}", []).append(_timed(lambda m=machine: m.rpm("-e", NAME)))  # type: ignore[misc] # as above
    return times


def _module(number: int) -> str:
    return _BODY.replace("NUMBER", str(number))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _report(modules: int, times: dict[str, list[float]]) -> None:
    print(f"rpm 4.18, one transaction of {modules} modules, {len(times['compile alone'])} rounds")
    for name, seconds in times.items():
        print(f"  {name:20} {median(seconds):8.3f} s")
    figures = []
    scenario = f"rpm 4.18: a transaction of {modules:,} modules"
    for kind in ("install", "erase"):
        ratio = compare(times[f"{kind} with"], times[f"{kind} without"])
        figures.append(of_ratio(scenario, f"{kind} with our triggers / without, wall", ratio))
        print(f"  {kind}: with the triggers x {ratio.median:5.2f} ({ratio.low:.2f}-{ratio.high:.2f}) of without")
    added = [w - wo for w, wo in zip(times["install with"], times["install without"], strict=True)]
    ratio = compare(added, times["compile alone"])
    print(f"  added by the trigger: x {ratio.median:5.2f} of compiling alone")
    keep("rpm", [*figures, of_ratio(scenario, "added to the installation / compiling alone, wall", ratio)])


if __name__ == "__main__":
    sys.exit(main())
