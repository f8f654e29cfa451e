# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""dh-python's own tests of whole packages, as they are, with either helper in the place of its dh_python3."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.ours import CHECKOUT
from tests.lab.places import cache_directory, exclusive, workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

RELEASES = {"build-bookworm": "bookworm", "build-trixie": "trixie", "build-forky": "forky"}
_SOURCES = "deb-src http://deb.debian.org/debian {} main\n"
_RECORD = "RECORD"
"""What dh-python 5 keeps in dist-info: newer ones remove it, and so do we."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTest:
    """One of dh-python's tests."""

    name: str
    """That of its directory."""
    theirs: str
    """What failed with dh_python3: the last lines; empty if it passed."""
    ours: str
    """The same with dh_pkgtools --compat=dh_python3."""

    @property
    def is_explained(self) -> bool:
        """Whether we pass it, or dh_python3 doesn't, or RECORD alone is missing."""
        return not self.ours or bool(self.theirs) or _RECORD in self.ours


def fetch_source(root: str) -> Path | None:
    """Return dh-python's source of a release, fetched once; None where the archive does not have it."""
    base = root_directory(root)
    directory = cache_directory() / "archive" / base.name / "dh-python"
    with exclusive(cache_directory() / ".archive.lock"):
        if not directory.is_dir():
            with tempfile.TemporaryDirectory(dir=workspace()) as work:
                bind = Bind(source=Path(work), target="/srv/out", writable=True)
                with System(base, binds=(bind,), network=True) as system:
                    system.write("/etc/apt/sources.list.d/source.list", _SOURCES.format(RELEASES[root]))
                    system.run("apt-get", "-q", "update")
                    fetch = "cd /srv/out && apt-get -q source --only-source --download-only dh-python"
                    system.run("sh", "-c", fetch, timeout=300, check=False)
                found = list(Path(work).glob("*.tar.*"))
                if not found:
                    return None
                directory.parent.mkdir(parents=True, exist_ok=True)
                partial = directory.with_suffix(".part")
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                shutil.copy(found[0], partial)
                partial.rename(directory)
    return next(directory.glob("*.tar.*"))


def run_own_tests(root: str) -> list[OwnTest] | None:
    """Run all with both helpers in a build system; None where there is no source."""
    source = fetch_source(root)
    if source is None:
        return None
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        binds = (
            Bind(source=source.parent, target="/srv/source"),
            Bind(source=CHECKOUT, target="/srv/checkout"),
            Bind(source=Path(work), target="/srv/out", writable=True),
        )
        with System(root_directory(root), binds=binds) as system:
            inside = "/srv/checkout/tests/parity/inside_own_tests.py"
            system.run(
                "python3", inside, f"/srv/source/{source.name}", "/srv/out/results", "/srv/checkout", timeout=1800
            )
        rows: dict[str, dict[str, str]] = json.loads(Path(work, "results").read_text())
    return [OwnTest(name=name, theirs=row["theirs"], ours=row["ours"]) for name, row in sorted(rows.items())]


def report(tests: list[OwnTest] | None) -> tuple[list[str], str]:
    """Return the unexplained failures, a line each, and a line about all."""
    if tests is None:
        return [], "the archive does not have the source here"
    lines = [f"{one.name}: {one.ours}" for one in tests if not one.is_explained]
    both = sum(not one.theirs and not one.ours for one in tests)
    theirs = sum(not one.theirs for one in tests)
    return lines, f"{len(tests)} tests: dh_python3 passes {theirs} here, dh_pkgtools {both} of these"
