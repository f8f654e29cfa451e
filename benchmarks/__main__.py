# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python3 -m benchmarks`: see the options with --help."""

import argparse
import fcntl
import fnmatch
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.arena import Arena, Results
from benchmarks.contenders import install_runtime
from benchmarks.corpus import cache_directory, prepare_corpus
from benchmarks.figures import keep
from benchmarks.report import aims, figures, table
from benchmarks.scenarios import SCENARIOS, Place, Scenario

_INSIDE = "PKGTOOLS_BENCH_NAMESPACE"


def main() -> int:
    """Measure what was asked for, print tables and targets; return the exit status."""
    arguments = _parse()
    chosen = [scenario for scenario in SCENARIOS if _is_chosen(scenario, arguments.scenario)]
    if not chosen:
        names = ", ".join(scenario.name for scenario in SCENARIOS)
        print(
            f"benchmarks: no scenario is called {' or '.join(arguments.scenario)}; there are: {names}", file=sys.stderr
        )
        return 2
    if os.geteuid() != 0:
        print("benchmarks: run me as root: a tmpfs has to be mounted, and our caches belong to root", file=sys.stderr)
        return 2
    if _INSIDE not in os.environ:
        # The tmpfs is mounted in a namespace of its own: it goes with the last process, however that ends.
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-m", "benchmarks", *sys.argv[1:]])
    cache = cache_directory()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("benchmarks: another run is measuring: two at once would measure each other", file=sys.stderr)
            return 2
        _measure(chosen, arguments.rounds)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of each scenario (default: 5)")
    parser.add_argument(
        "--scenario", action="append", default=[], metavar="GLOB", help="only scenarios of this name; repeatable"
    )
    return parser.parse_args()


def _is_chosen(scenario: Scenario, patterns: list[str]) -> bool:
    return not patterns or any(fnmatch.fnmatch(scenario.name, pattern) for pattern in patterns)


def _measure(scenarios: list[Scenario], rounds: int) -> None:
    started = time.monotonic()
    cache = cache_directory()
    places = {Place.TMPFS: _mount(cache / "tmpfs"), Place.DISK: _empty(cache / "disk")}
    install_runtime()
    python = _default_python()
    processors, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    print(f"{python}, {processors} processors, Linux {platform.release()}, load {load:.1f}; x: the other / ours")
    if load > processors / 2:
        print("This machine is busy with other things: wall times, and with them the targets, say little now.")
    print()
    arena = Arena(places=places, rounds=rounds)
    all_results: list[Results] = []
    for scenario in scenarios:
        results = arena.run(scenario, prepare_corpus(scenario.corpus, cache))
        all_results.append(results)
        print("\n".join(table(results)), flush=True)
    found = [figure for results in all_results for figure in figures(results)]
    if len(scenarios) == len(SCENARIOS):
        keep("compiling", found)
    print("aims", *aims(found), sep="\n")
    _empty(cache / "disk")
    print(f"\n{time.monotonic() - started:.0f} s")


def _default_python() -> str:
    return subprocess.run(["/usr/bin/python3", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def _mount(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(directory)], check=True)
    return directory


def _empty(directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


if __name__ == "__main__":
    sys.exit(main())
