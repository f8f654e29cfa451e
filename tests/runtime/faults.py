# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Faults put into a command at chosen system calls, with strace."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pkgtools.runtime.compile.reuse import STORE
from tests.runtime.sandbox import APP, SHELF, Ran, Sandbox, permissions, pyc_of, reference_pyc, temporaries

CALLS = ("openat", "mkdirat", "write", "fchown", "fchmod", "flock", "renameat", "linkat", "unlinkat")
"""Every kind of call by which a compile run reads or changes the tree, as x86-64 and arm64 have them.

Some C libraries use the older name of a call where no directory descriptor is given, hence ALTERNATIVES.
"""
ALTERNATIVES = {"renameat": ("renameat", "renameat2", "rename"), "mkdirat": ("mkdirat", "mkdir")}
STRACE = Path("/usr/bin/strace")
_LINE = re.compile(r"^(\d+ +)?(\w+)\(")
IN_FORKS = ("write", "fchown", "fchmod", "linkat")
"""What forks do before a pyc gets its name; the main process makes none of these calls before it has forks."""

SOURCES = {
    f"{APP}/asserts.py": 'def two():\n    "doc"\n    assert True\n',
    f"{APP}/deep/three.py": "def three():\n    return 3\n",
    f"{APP}/new/four.py": "def four():\n    return 4\n",
}
LEVELS = (0, 1)
DEAD = ".pkgtools-0123456789abcdef-00000000-1.tmp"
"""The temporary file of a run that has no lock file: it is dead."""


def require_strace() -> None:
    """Skip, in a CI fail, where nothing can be traced."""
    done = subprocess.run([STRACE, "-o", "/dev/null", "/bin/true"], check=False) if STRACE.exists() else None
    if done is not None and done.returncode == 0:
        return
    if os.environ.get("CI"):
        pytest.fail("strace is missing or may not trace")
    pytest.skip("needs strace")


class Fault(NamedTuple):
    """One thing that goes wrong."""

    call: str
    what: str
    """An errno's name or KILL."""
    when: int
    """The number of the call, counted from 1 in the main process."""
    in_forks: bool = False
    """It happens to each process whose call has this number, not to the main one alone."""

    def inject(self) -> str:
        """Return it as strace wants it."""
        effect = "signal=KILL" if self.what == "KILL" else f"error={self.what}"
        return f"--inject={self.call}:{effect}:when={self.when}"


def lay_out(sandbox: Sandbox) -> None:
    """Write the sources: one in a setgid directory, so that owners are set, and what a dead run has left."""
    sandbox.directory(f"{APP}/deep", 0o2755, (0, 65533))
    sandbox.directory(f"{APP}/__pycache__")
    sandbox.write(f"{APP}/__pycache__/{DEAD}", b"half a pyc")
    for path, text in SOURCES.items():
        sandbox.write(path, text)


def lay_out_stored(sandbox: Sandbox) -> None:
    """Do the same, with all bytecode of the sources in the store, as after the prerm of an upgrade.

    One cache directory can come back as a whole; of one that another tool has used, and of one in whose place there is
    a directory again, the pycs can.
    """
    lay_out(sandbox)
    sandbox.compile("-O", "0,1", APP)
    sandbox.write(f"{APP}/deep/__pycache__/three.cpython-311-pytest-7.4.0.pyc", b"traced")
    sandbox.clean(APP, environment={"DPKG_MAINTSCRIPT_NAME": "prerm"})
    stored = [name for _, _, names in os.walk(sandbox.path(STORE)) for name in names]
    assert len(stored) == len(SOURCES) * len(LEVELS)
    sandbox.directory(f"{APP}/__pycache__")
    sandbox.write(f"{APP}/__pycache__/{DEAD}", b"half a pyc")


def lay_out_named(sandbox: Sandbox) -> None:
    """Do the same, with the bytecode of one of the sources in a store that each run is given by its name."""
    lay_out(sandbox)
    sandbox.stores = True
    sandbox.compile("-O", "0,1", next(iter(SOURCES)))
    assert len(os.listdir(sandbox.path(SHELF))) == 1 + len(LEVELS)
    for made in (f"{APP}/__pycache__", "/var/lib/pkgtools/record"):
        subprocess.run(["rm", "-r", sandbox.path(made)], check=True)
    sandbox.directory(f"{APP}/__pycache__")
    sandbox.write(f"{APP}/__pycache__/{DEAD}", b"half a pyc")


def references(sandbox: Sandbox) -> dict[str, bytes]:
    """Return the right bytes of each pyc."""
    return {pyc_of(path, level): reference_pyc(sandbox, path, level) for path in SOURCES for level in LEVELS}


def run_with(sandbox: Sandbox, fault: Fault) -> Ran:
    """Compile, with a fault in the main process, or in its forks, too."""
    follow = ("-f",) if fault.in_forks else ()
    wrapper = ("/usr/bin/strace", *follow, "-o", "/dev/null", f"--trace={fault.call}", fault.inject())
    return sandbox.compile("-O", "0,1", APP, wrapper=wrapper)


def points(sandbox: Sandbox, log: Path) -> dict[str, range]:
    """Return, for each call that a run makes, the numbers from the first one after the tree is reached."""
    names = [name for call in CALLS for name in ALTERNATIVES.get(call, (call,))]
    wrapper = ("/usr/bin/strace", "-o", str(log), f"--trace=?{',?'.join(names)}")
    sandbox.compile("-O", "0,1", APP, wrapper=wrapper)
    counts: dict[str, int] = {}
    before: dict[str, int] | None = None
    for line in log.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        if before is None and f'"{sandbox.root}"' in line:
            before = dict(counts)
        counts[found[2]] = counts.get(found[2], 0) + 1
    assert before is not None
    return {call: range(before.get(call, 0) + 1, number + 1) for call, number in counts.items()}


def points_in_forks(sandbox: Sandbox, log: Path) -> dict[str, range]:
    """Return, for each call of IN_FORKS, the numbers that it has in a run's forks."""
    wrapper = ("/usr/bin/strace", "-f", "-o", str(log), f"--trace={','.join(IN_FORKS)}")
    sandbox.compile("-O", "0,1", APP, wrapper=wrapper)
    counts: dict[tuple[str, str], int] = {}
    for line in log.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if found:
            counts[found[1], found[2]] = counts.get((found[1], found[2]), 0) + 1
    most = {call: max((n for (_, of), n in counts.items() if of == call), default=0) for call in IN_FORKS}
    return {call: range(1, number + 1) for call, number in most.items()}


def damage(sandbox: Sandbox, right: dict[str, bytes]) -> Iterator[str]:
    """Name everything that isn't as it must be, whatever happened: content and mode of what has a final name."""
    for path, entry in sandbox.below(APP).items():
        if path.endswith(".pyc") and sandbox.read(path) != right.get(path):
            yield f"{path} isn't whole"
        if path.endswith(".pyc") and (entry.mode, entry.uid, entry.gid) != (0o644, 0, 0):
            yield f"{path} is {entry}"
        if path.endswith("/__pycache__") and permissions(sandbox.path(path)) not in {0o755, 0o700, 0o2700}:
            yield f"{path} is {entry}"


def silence(sandbox: Sandbox, ran: Ran, right: dict[str, bytes]) -> Iterator[str]:
    """Name every pyc that is missing though the command says that all is well."""
    complained = {one.path for one in ran.told if one.status in {"error", "refused", "failed", "skipped"}}
    for path in right:
        if not sandbox.exists(path) and ran.status == 0:
            yield f"{path} is missing, exit status 0, and {'said' if path in complained else 'not a word'}"


def scars(sandbox: Sandbox, right: dict[str, bytes]) -> Iterator[str]:
    """Run again without a fault, and name what isn't healed."""
    again = sandbox.compile("-O", "0,1", APP)
    if (again.status, again.talk) != (0, ""):
        yield f"the second run ended with {again.status}: {again.talk}"
    yield from damage(sandbox, right)
    yield from (f"{path} is missing" for path in right if not sandbox.exists(path))
    yield from (f"{path} is left" for path in temporaries(sandbox) if path.startswith(APP))
    yield from (
        f"{path} is {entry}"
        for path, entry in sandbox.below(APP).items()
        if path.endswith("/__pycache__") and entry.mode != 0o755
    )
