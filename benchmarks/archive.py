# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `pkgtools archive check` takes: by cores, by workers, by the number of packages, and for a large index.

Needs a directory with real .debs. Prints packages a second; ratios of runs of one call of this program; the peak of
memory. What a whole suite takes is calculated from that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.cli.packages import PKGTOOLS, environment
from tests.lab.clusters import cluster
from tests.mirrors.made_mirrors import ARCHITECTURE, BINARY, SUITE, write_index, write_release

SIZES = (500, 1000, 1600)
ENTRIES = 60_000
WORKERS = 3


def main() -> None:
    """Measure, and print each number as it comes."""
    options = _parser().parse_args()
    debs = sorted(Path(options.debs).rglob("*.deb"), key=lambda path: hashlib.sha256(path.name.encode()).digest())
    by_name = list({path.name: path for path in debs}.values())
    sizes = [size for size in options.sizes if size <= len(by_name)]
    print(f"{len(by_name)} packages in {options.debs}", flush=True)
    with tempfile.TemporaryDirectory(prefix="pkgtools-bench-", dir=options.work) as where:
        top = Path(where)
        _by_size(top, by_name, sizes)
        _by_processes(top, by_name[: sizes[0]])
        _large_index(top)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="archive.py", description="Measure `pkgtools archive check`.")
    parser.add_argument("--debs", default="/var/cache/apt/archives", help="a directory with packages")
    parser.add_argument("--work", default=None, help="where mirrors are made (default: the temporary directory)")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="how many packages (500 1000 1600)")
    return parser


def _mirror(top: Path, debs: Iterable[Path]) -> Path:
    """Return a mirror of packages, without Contents: all are looked at."""
    mirror = Path(tempfile.mkdtemp(dir=top))
    (mirror / "pool").mkdir()
    for deb in debs:
        try:
            os.link(deb, mirror / "pool" / deb.name)
        except OSError:
            shutil.copy(deb, mirror / "pool" / deb.name)
    write_index(mirror, None, contents=False)
    return mirror


def _by_size(top: Path, debs: list[Path], sizes: list[int]) -> None:
    first = 0.0
    for size in sizes:
        seconds, report, _ = _run(top, _mirror(top, debs[:size]))
        rate = report["packages"]["new"] / seconds
        first = first or rate
        print(f"{size} packages: {seconds:.0f} s, {rate:.1f} a second, {rate / first:.2f} of the first", flush=True)


def _by_processes(top: Path, debs: list[Path]) -> None:
    mirror = _mirror(top, debs)
    alone, report, memory = _run(top, mirror)
    print(f"-j1: 1.00, {len(debs) / alone:.1f} a second, {memory} MiB at most in a process", flush=True)
    two, same, _ = _run(top, mirror, "-j", "2")
    print(f"-j2: {alone / two:.2f} times as fast; the same report: {same == report}", flush=True)
    with cluster(top / "cluster", WORKERS) as started:
        three, same, _ = _run(top, mirror, "--scheduler", started.address)
    print(
        f"{WORKERS} workers of Dask: {alone / three:.2f} times as fast; the same report: {same == report}", flush=True
    )


def _large_index(top: Path) -> None:
    """Plan a suite of so many packages, which have nothing to do with Python or are all known: nothing is fetched."""
    mirror = top / "large"
    (mirror / BINARY).mkdir(parents=True)
    text = "\n".join(map(_entry, range(ENTRIES)))
    (mirror / BINARY / "Packages.xz").write_bytes(lzma.compress(text.encode(), preset=0))
    contents = "".join(f"usr/share/doc/p{number}/copyright  doc/p{number}\n" for number in range(ENTRIES))
    (mirror / BINARY).parent.joinpath(f"Contents-{ARCHITECTURE}").write_text(contents)
    write_release(mirror, None)
    seconds, report, memory = _run(top, mirror)
    listed = report["packages"]["listed"]
    print(f"{listed} entries planned and recorded: {seconds:.0f} s, {memory} MiB at most", flush=True)


def _entry(number: int) -> str:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return (
        f"Package: p{number}\nVersion: 1.{number}-1\nArchitecture: all\nMaintainer: A <a@example.org>\n"
        f"Description: synthetic\nFilename: pool/p/p{number}.deb\nSize: 1000\nSHA256: {digest}\n"
    )


def _run(top: Path, mirror: Path, *options: str) -> tuple[float, dict[str, dict[str, int]], int]:
    """Return the seconds of a run into a new store, its report, and the memory of its largest process in MiB."""
    out, store = top / "report.json", top / f"{time.monotonic_ns()}.sqlite"
    argv = [*PKGTOOLS, "archive", "check", str(mirror), "--suite", SUITE, "--arch", ARCHITECTURE]
    argv += ["--store", str(store), "--allow-unsigned", "--json", "-o", str(out), *options]
    began = time.monotonic()
    process = os.spawnvpe(os.P_NOWAIT, argv[0], argv, environment())
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in {0, 1, 2}:
        raise RuntimeError(f"{argv} ended with {status}")
    seconds = time.monotonic() - began
    report: dict[str, dict[str, int]] = json.loads(out.read_text())
    return seconds, {name: report[name] for name in ("packages", "findings", "pycs")}, used.ru_maxrss >> 10


if __name__ == "__main__":
    main()
