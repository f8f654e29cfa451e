# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Change the runtime in small ways, a sample of them, and see whether the tests notice: the score, and what survives.

For each mutant the tests run that go through its line, the likeliest first, up to a number of seconds; where it
survives them, up to a larger number. Each runs in a copy of the checkout where all else is read-only
(tools/mutants_alone.sh). Needs root, as the runtime's tests do.

Exits with 1 if the score is below --minimum.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.mutants_covering import Covering
from tools.mutants_made import RUNTIME, Mutant, sample

CHECKOUT = Path(__file__).resolve().parent.parent
WORK = CHECKOUT / "build/mutants"
EQUIVALENT = CHECKOUT / "tools/mutants-equivalent.toml"
_NOT_COPIED = {".git", ".venv", "build", "dist"}
_MEASURED = ("pkgtools/runtime", "tests/runtime", "tests/lab", "triggers")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)
_TESTS_FAILED = (1, 2, 4)
"""Exit statuses of pytest: a test failed, or none could be collected, for the mutant can't be imported."""


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    UNCOVERED = "no test goes through it"
    EQUIVALENT = "equivalent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mutant and its fate."""

    mutant: Mutant
    diff: tuple[str, ...]
    fate: Fate
    why: str
    """The reason of an equivalent one; for a survivor how many tests ran."""


def main() -> int:
    """Judge a sample; return the exit status."""
    options = _parser().parse_args()
    if os.geteuid() != 0:
        print("mutants: needs root, as the tests of the runtime do", file=sys.stderr)
        return 2
    copies = [_copy(WORK / f"copy-{os.getpid()}-{number}") for number in range(options.jobs + 1)]
    try:
        covering = Covering.read(_contexts(copies[0], options.jobs))
        judged = list(_judge_all(copies, covering, options))
    finally:
        for copy in copies:
            shutil.rmtree(copy)
    return _tell(judged, options.minimum)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mutants", description="Judge the runtime's tests by mutants of it.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="modules of the runtime (default: all)")
    parser.add_argument("-n", "--number", type=int, default=300, help="how many mutants (default: 300)")
    parser.add_argument("-s", "--seed", type=int, default=1, help="which sample (default: 1)")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--seconds", type=float, default=120.0, help="of tests for each, as measured (default: 120)")
    parser.add_argument(
        "--longest", type=float, default=900.0, help="of tests for one that survives these (default: 900)"
    )
    parser.add_argument("--minimum", type=float, default=90.0, help="the score in per cent (default: 90)")
    return parser


def _contexts(copy: Path, jobs: int) -> Path:
    """Return which test goes through which line, measured once for the same content."""
    content = hashlib.sha256()
    for name in _MEASURED:
        for path in sorted(p for p in (copy / name).rglob("*") if p.is_file()):
            content.update(f"{path.relative_to(copy)}\0".encode() + path.read_bytes())
    known = WORK / f"contexts-{content.hexdigest()[:16]}.json"
    if not known.exists():
        print("mutants: measuring which test goes through which line", file=sys.stderr)
        argv = [sys.executable, "-m", "pytest", "-p", "tests.lab.measured", f"--numprocesses={jobs}"]
        argv += ["--dist=loadgroup", "-q", "-m", "not slow and not bench", "tests/runtime"]
        done = subprocess.run([copy / "tools/isolated.sh", *argv], cwd=copy, stdout=sys.stderr, check=False)
        if done.returncode not in {0, 1}:  # what fails once is looked at when it judges
            raise RuntimeError("the tests of the runtime can't be run")
        shutil.copy(copy / "build/coverage-contexts.json", known)
    return known


def _equivalents() -> Mapping[tuple[str, tuple[str, ...]], str]:
    """Return the reviewed mutants that no test can notice, by module and change, each with its reason."""
    with EQUIVALENT.open("rb") as stream:
        entries = tomllib.load(stream).get("equivalent", [])
    return {(one["module"], tuple(" ".join(line.split()) for line in one["diff"])): one["reason"] for one in entries}


def _judge_all(copies: list[Path], covering: Covering, options: argparse.Namespace) -> Iterator[Judged]:
    """Draw from the first copy, which stays as it is, and judge in the others."""
    original, *others = copies
    modules = [path.relative_to(original) for path in (original / RUNTIME).rglob("*.py")]
    chosen = [path for path in modules if not options.modules or path.stem in options.modules]
    mutants = sample(original, chosen, options.number, options.seed)
    reasons, trial = _equivalents(), Trial(original)
    free: queue.Queue[Path] = queue.Queue()
    for copy in others:
        free.put(copy)

    def judge(pair: tuple[Mutant, str]) -> Judged:
        mutant, text = pair
        diff = mutant.diff(original, text)
        reason = reasons.get((Path(mutant.module).stem, tuple(" ".join(line.split()) for line in diff)))
        if reason is not None:
            return Judged(mutant=mutant, diff=diff, fate=Fate.EQUIVALENT, why=reason)
        tests = covering.tests_of(original, mutant, options.seconds)
        copy = free.get()
        try:
            fate = trial.judge(copy, mutant, text, tests) if tests else Fate.UNCOVERED
            if fate is Fate.SURVIVED:
                first, tests = tests, covering.tests_of(original, mutant, options.longest)
                rest = {name: seconds for name, seconds in tests.items() if name not in first}
                fate = trial.judge(copy, mutant, text, rest) if rest else fate
        finally:
            shutil.copy(original / mutant.module, copy / mutant.module)
            free.put(copy)
        return Judged(mutant=mutant, diff=diff, fate=fate, why=f"{len(tests)} of {covering.count(original, mutant)}")

    with ThreadPoolExecutor(options.jobs) as pool:
        for number, judged in enumerate(pool.map(judge, mutants), 1):
            print(f"{number}/{len(mutants)} {_line(judged)}", file=sys.stderr, flush=True)
            yield judged


def _copy(where: Path) -> Path:
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    for source in (path for path in CHECKOUT.iterdir() if path.name not in _NOT_COPIED):
        if source.is_dir():
            shutil.copytree(source, where / source.name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, where)
    return where


class Trial:
    """Runs tests in copies; a test that fails without a mutant, too, is asked no more."""

    def __init__(self, original: Path) -> None:
        """Ask about doubtful tests in the copy that has no mutant."""
        self._original = original
        self._fit: dict[str, bool] = {}
        self._lock = threading.Lock()

    def judge(self, copy: Path, mutant: Mutant, text: str, tests: Mapping[str, float]) -> Fate:
        """Put a mutant in, and run tests up to the first that fails because of it."""
        (copy / mutant.module).write_text(text, encoding="utf-8")
        left = dict(tests)
        while left:
            # with other work on the machine a test may take many times what it took
            fate, failed = _run(copy, list(left), 60 + 10 * sum(left.values()))
            if fate is not Fate.KILLED or failed not in left or self._is_fit(failed):
                return fate
            del left[failed]
        return Fate.SURVIVED

    def _is_fit(self, test: str) -> bool:
        with self._lock:
            if test not in self._fit:
                self._fit[test] = _run(self._original, [test], 600)[0] is Fate.SURVIVED
                if not self._fit[test]:
                    print(f"mutants: fails without a mutant: {test}", file=sys.stderr)
            return self._fit[test]


def _run(copy: Path, tests: list[str], limit: float) -> tuple[Fate, str]:
    """Run tests in a copy, and return how that ended and which test failed, if it was one."""
    # a mutant may have the size and the second of its predecessor
    for cache in sorted((copy / RUNTIME).rglob("__pycache__")):
        shutil.rmtree(cache)
    names = copy / "names"
    names.write_text("".join(f"{name}\n" for name in tests), encoding="utf-8")
    argv = [str(CHECKOUT / "tools/mutants_alone.sh"), str(copy), sys.executable, "-m", "pytest", "-x", "-q"]
    argv += ["--no-header", "--tb=no", "-p", "no:xdist", f"@{names}"]
    process = subprocess.Popen(
        argv, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Fate.TIMEOUT, ""
    if process.returncode == 0:
        return Fate.SURVIVED, ""
    ended_by_signal = process.returncode < 0 or process.returncode > 128  # such a mutant may kill pytest itself
    if not (ended_by_signal or process.returncode in _TESTS_FAILED) or "not found: " in output:
        raise RuntimeError(f"tests can't be run in {copy}: status {process.returncode}\n{output}")
    failed = _FAILED.search(output)
    return Fate.KILLED, failed[1] if failed else ""


def _tell(judged: list[Judged], minimum: float) -> int:
    """Print the score, and each mutant that tests should have noticed; return the exit status."""
    counts = {fate: [one for one in judged if one.fate is fate] for fate in Fate}
    left = counts[Fate.SURVIVED] + counts[Fate.UNCOVERED]
    noticed = len(counts[Fate.KILLED]) + len(counts[Fate.TIMEOUT])
    for one in left:
        print(_line(one), *one.diff, sep="\n")
    print(", ".join(f"{len(found)} {fate.value}" for fate, found in counts.items()))
    score = 100 * noticed / max(1, noticed + len(left))
    print(f"score: {score:.1f} % (at least {minimum:g} % wanted)")
    return int(score < minimum)


def _line(one: Judged) -> str:
    where = f"{one.mutant.module}:{one.mutant.line}"
    return f"{where}: {one.fate.value} ({one.why}): {one.mutant.operator.rpartition('/')[2]}"


if __name__ == "__main__":
    sys.exit(main())
