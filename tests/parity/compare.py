# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Compare what both helpers made: which differences there are, and for which of them there is a documented reason."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.ours import CHECKOUT
from tests.lab.places import cache_directory, exclusive, workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System
from tests.parity.inside import Result
from tests.parity.packages import APPLICATIONS, LIBRARIES
from tests.parity.reasons import Difference, reason_of

ROOTS = ("build-bookworm", "build-trixie", "build-forky")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One package in one variant."""

    deb: str
    variant: str
    seconds: tuple[float, float]
    """Theirs, ours."""
    differences: tuple[Difference, ...]


def fetch_debs(root: str, packages: tuple[str, ...] = ()) -> Path:
    """Return a directory with some packages, or with all, fetched once for each base system."""
    base = root_directory(root)
    wanted = packages or (*LIBRARIES, *APPLICATIONS)
    key = hashlib.sha256("\0".join(wanted).encode()).hexdigest()[:12]
    directory = cache_directory() / "archive" / base.name / f"parity-{key}"
    with exclusive(cache_directory() / ".archive.lock"):
        if not directory.is_dir():
            with tempfile.TemporaryDirectory(dir=workspace()) as work:
                bind = Bind(source=Path(work), target="/srv/out", writable=True)
                with System(base, binds=(bind,), network=True) as system:
                    system.run("apt-get", "-q", "update")
                    names = " ".join(wanted)
                    command = (
                        f'cd /srv/out; for name in {names}; do apt-get -q download "$name" || echo "no $name"; done'
                    )
                    system.run("sh", "-c", command, timeout=600)
                directory.parent.mkdir(parents=True, exist_ok=True)
                partial = directory.with_suffix(".part")
                partial.mkdir(exist_ok=True)
                for deb in Path(work).glob("*.deb"):
                    (partial / deb.name).write_bytes(deb.read_bytes())
                partial.rename(directory)
    return directory


def compare_root(root: str, packages: tuple[str, ...] = ()) -> Iterator[Comparison]:
    """Run both helpers in a build system on some packages, or on all."""
    debs = fetch_debs(root, packages)
    names = ",".join(packages)
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        binds = (
            Bind(source=debs, target="/srv/debs"),
            Bind(source=Path(work), target="/srv/out", writable=True),
            Bind(source=CHECKOUT, target="/srv/checkout"),
        )
        with System(root_directory(root), binds=binds) as system:
            argv = ("python3", "-ISB", "/srv/checkout/tests/parity/inside.py")
            system.run(*argv, "/srv/debs", "/srv/out/results", "/srv/checkout", names, timeout=3600)
        with Path(work, "results").open() as stream:
            for line in stream:
                record = json.loads(line)
                yield compare(record["deb"], record["variant"], record["theirs"], record["ours"])


def compare(deb: str, variant: str, theirs: Result, ours: Result) -> Comparison:
    """List what two results differ in."""
    package = deb.partition("_")[0]
    sides = [
        {
            "exit": {"status": str(one["exit"])},
            "tree": one["tree"],
            "scripts": one["scripts"],
            "substvars": {name: ", ".join(values) for name, values in one["substvars"].items()},
        }
        for one in (theirs, ours)
    ]
    found = [
        Difference(package=package, what=what, name=name, theirs=one.get(name, ""), ours=other.get(name, ""))
        for what, (one, other) in ((what, (sides[0][what], sides[1][what])) for what in sides[0])
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]
    return Comparison(deb=deb, variant=variant, seconds=(theirs["seconds"], ours["seconds"]), differences=tuple(found))


def unexplained(comparisons: Iterable[Comparison]) -> Iterator[str]:
    """Describe the differences that nothing is documented for."""
    for one in comparisons:
        for difference in one.differences:
            if reason_of(difference) is None:
                yield f"{one.deb} ({one.variant}): {difference.what} {difference.name}"
                yield f"  dh_python3:  {difference.theirs[:300]}"
                yield f"  dh_pkgtools: {difference.ours[:300]}"


def summary(comparisons: list[Comparison]) -> str:
    """Say how many are equal, how many differ, and why."""
    equal = sum(not one.differences for one in comparisons)
    titles = Counter(title for one in comparisons for title in {_title(each) for each in one.differences})
    theirs, ours = (sum(one.seconds[side] for one in comparisons) for side in (0, 1))
    lines = [f"{len(comparisons)} comparisons: {equal} equal, {len(comparisons) - equal} different"]
    lines += [f"  {count:4} {title}" for title, count in titles.most_common()]
    lines.append(f"  time, start included, ours not compiled: {ours / theirs:.2f} x dh_python3")
    return "\n".join(lines)


def _title(difference: Difference) -> str:
    reason = reason_of(difference)
    return reason.title if reason else f"UNEXPLAINED {difference.what}"
