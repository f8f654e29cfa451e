# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Check a mirror of real packages on one process, then on a cluster of three workers, one of which is killed.

Prints what was done, and ends with 0 only if both reports are equal byte for byte. Needs the packages in
tools/apt-packages.txt and the network, or what an earlier run has fetched into build/demo-cluster.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.cli.packages import PKGTOOLS, environment
from tests.lab.clusters import Cluster, cluster
from tests.lab.commands import run_on_host
from tests.mirrors.made_mirrors import ARCHITECTURE, SUITE, make_key, write_index

CHECKOUT = Path(__file__).resolve().parent.parent
FETCHED = CHECKOUT / "build/demo-cluster"
PACKAGES = """
python3-attr python3-babel python3-bs4 python3-certifi python3-chardet python3-click python3-dateutil python3-decorator
python3-docutils python3-html5lib python3-idna python3-jinja2 python3-jsonschema python3-markdown python3-mako
python3-packaging python3-pip python3-ply python3-pygments python3-pyparsing python3-requests python3-setuptools
python3-six python3-tz python3-urllib3 python3-wheel python3-yaml python3-zipp
""".split()
WORKERS = 3
FIRST = 3
"""Results that have to be there before a worker is killed."""


def main() -> int:
    """Run the demonstration; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="pkgtools-demo-") as where:
        top = Path(where)
        key = make_key(top, "demo")
        mirror = top / "mirror"
        (mirror / "pool").mkdir(parents=True)
        for deb in _fetched():
            shutil.copy(deb, mirror / "pool")
        write_index(mirror, key)
        print(f"a mirror of {len(PACKAGES)} packages of Debian, its index signed by a key made for this", flush=True)
        options = ("--keyring", str(key.keyring))
        alone, seconds = _timed(_check(mirror, top / "alone.sqlite", *options))
        print(f"on one process: {seconds:.1f} s", flush=True)
        with cluster(top / "workers", WORKERS) as started:
            print(f"a scheduler at {started.address} and {WORKERS} workers, each a process", flush=True)
            process = _check(mirror, top / "cluster.sqlite", *options, "--scheduler", started.address)
            at = _kill_one(started, top / "cluster.sqlite", process)
            print(f"one worker killed when {at} packages were done", flush=True)
            spread, seconds = _timed(process)
            print(f"on the others: {seconds:.1f} s more", flush=True)
    print(alone, end="")
    print("both reports are equal" if alone == spread else f"the reports DIFFER; on the cluster:\n{spread}")
    return int(alone != spread or not alone)


def _fetched() -> list[Path]:
    """Return the packages, of which those that are missing are fetched from the machine's own archive."""
    FETCHED.mkdir(parents=True, exist_ok=True)
    missing = [name for name in PACKAGES if not any(FETCHED.glob(f"{name}_*.deb"))]
    if missing:
        run_on_host(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *missing], cwd=FETCHED)
    return sorted(FETCHED.glob("*.deb"))


def _check(mirror: Path, store: Path, *options: str) -> subprocess.Popen[str]:
    where = ["--suite", SUITE, "--arch", ARCHITECTURE, "--store", str(store)]
    argv = [*PKGTOOLS, "archive", "check", str(mirror), *where, "--persona", "auditor", *options]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment(), cwd=mirror)


def _timed(process: subprocess.Popen[str]) -> tuple[str, float]:
    began = time.monotonic()
    output, _ = process.communicate()
    return output, time.monotonic() - began


def _kill_one(started: Cluster, store: Path, process: subprocess.Popen[str]) -> int:
    """Kill a worker once some packages are done; return how many were."""
    while (number := _done(store)) < FIRST and process.poll() is None:
        time.sleep(0.02)
    started.workers[0].kill()
    return number


def _done(store: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM results").fetchone()[0])
    except sqlite3.OperationalError:  # it isn't there yet
        return 0


if __name__ == "__main__":
    sys.exit(main())
