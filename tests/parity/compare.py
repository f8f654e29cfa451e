# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Compare what both helpers made: which differences there are, and for which of them there is a documented reason."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.ours import CHECKOUT
from tests.lab.places import cache_directory, exclusive, workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System
from tests.parity.inside import Result
from tests.parity.packages import APPLICATIONS, LIBRARIES

ROOTS = ("build-bookworm", "build-trixie")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that the helpers disagree about."""

    what: str
    """`tree`, `substvars`, `scripts` or `exit`."""
    name: str
    """The path, variable or script."""
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a difference is meant; docs/parity.md has a section for each."""

    title: str
    explains: Callable[[Difference], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One package in one variant."""

    deb: str
    variant: str
    seconds: tuple[float, float]
    """Theirs, ours."""
    differences: tuple[Difference, ...]

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Return the differences that nothing is documented for."""
        return tuple(one for one in self.differences if reason_of(one) is None)


REASONS = (
    Reason(
        title="metadata that only the build can use",
        explains=lambda one: one.what == "tree" and bool(re.search(r"\.dist-info/(?:RECORD|REQUESTED|direct_url\.json|INSTALLER|LICEN[CS]E[^/]*|COPYING[^/]*|NOTICE[^/]*|AUTHORS[^/]*|licenses/.*|license_files/.*)$", one.name)),
    ),
)


def reason_of(difference: Difference) -> Reason | None:
    """Return the reason of a difference, None if it has none."""
    return next((reason for reason in REASONS if reason.explains(difference)), None)


def fetch_debs(root: str) -> Path:
    """Return a directory with the packages, fetched once for each base system."""
    base = root_directory(root)
    directory = cache_directory() / "archive" / base.name / "parity"
    with exclusive(cache_directory() / ".archive.lock"):
        if not directory.is_dir():
            with tempfile.TemporaryDirectory(dir=workspace()) as work:
                bind = Bind(source=Path(work), target="/srv/out", writable=True)
                with System(base, binds=(bind,), network=True) as system:
                    system.run("apt-get", "-q", "update")
                    names = " ".join((*LIBRARIES, *APPLICATIONS))
                    command = f'cd /srv/out; for name in {names}; do apt-get -q download "$name" || echo "no $name"; done'
                    system.run("sh", "-c", command, timeout=600)
                directory.parent.mkdir(parents=True, exist_ok=True)
                partial = directory.with_suffix(".part")
                partial.mkdir(exist_ok=True)
                for deb in Path(work).glob("*.deb"):
                    (partial / deb.name).write_bytes(deb.read_bytes())
                partial.rename(directory)
    return directory


def compare_root(root: str) -> Iterator[Comparison]:
    """Run both helpers in a build system on all packages."""
    debs = fetch_debs(root)
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        binds = (
            Bind(source=debs, target="/srv/debs"),
            Bind(source=Path(work), target="/srv/out", writable=True),
            Bind(source=CHECKOUT, target="/srv/checkout"),
        )
        with System(root_directory(root), binds=binds) as system:
            argv = ("python3", "-ISB", "/srv/checkout/tests/parity/inside.py")
            system.run(*argv, "/srv/debs", "/srv/out/results", "/srv/checkout", timeout=3600)
        with Path(work, "results").open() as stream:
            for line in stream:
                record = json.loads(line)
                yield compare(record["deb"], record["variant"], record["theirs"], record["ours"])


def compare(deb: str, variant: str, theirs: Result, ours: Result) -> Comparison:
    """List what two results differ in."""
    found: list[Difference] = []
    if theirs["exit"] != ours["exit"]:
        said = ours["said"][-300:]
        found.append(Difference(what="exit", name=str(ours["exit"]), theirs=str(theirs["exit"]), ours=said))
    found += _differences("tree", theirs["tree"], ours["tree"])
    found += _differences("scripts", theirs["scripts"], ours["scripts"])
    variables = ({name: ", ".join(values) for name, values in one["substvars"].items()} for one in (theirs, ours))
    found += _differences("substvars", *variables)
    return Comparison(
        deb=deb, variant=variant, seconds=(theirs["seconds"], ours["seconds"]), differences=tuple(found)
    )


def _differences(what: str, theirs: dict[str, str], ours: dict[str, str]) -> Iterator[Difference]:
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield Difference(what=what, name=name, theirs=theirs.get(name, "-"), ours=ours.get(name, "-"))


def summary(comparisons: list[Comparison]) -> str:
    """Say how many are equal, how many differ, and why."""
    equal = sum(not one.differences for one in comparisons)
    reasons = Counter(
        title for one in comparisons for title in {_title(difference) for difference in one.differences}
    )
    theirs, ours = (sum(one.seconds[side] for one in comparisons) for side in (0, 1))
    lines = [f"{len(comparisons)} comparisons: {equal} equal, {len(comparisons) - equal} different"]
    lines += [f"  {count:4} {title}" for title, count in reasons.most_common()]
    lines.append(f"  time: {ours / theirs:.2f} x dh_python3")
    return "\n".join(lines)


def _title(difference: Difference) -> str:
    reason = reason_of(difference)
    return reason.title if reason else f"UNEXPLAINED {difference.what}"
