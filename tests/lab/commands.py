# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Run programs on this machine, in a clean environment, by argument lists."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where Debian's programs are; another Python may come first in the caller's PATH."""

PASSED_THROUGH = ("http_proxy", "https_proxy", "no_proxy", "TERM")
"""What the caller's environment may tell the programs of the lab."""


class LabUnavailableError(Exception):
    """This machine cannot run the lab: not root, or a program is missing."""


class CommandError(AssertionError):
    """A program of the lab ended with an unexpected exit status."""


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a Debian build daemon, and `extra`."""
    kept = {name: os.environ[name] for name in PASSED_THROUGH if name in os.environ}
    base = {
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        "PATH": SYSTEM_PATH,
    }
    return {**kept, **base, **(extra or {})}


def require_tools(names: Iterable[str], *, root: bool = True) -> None:
    """Raise LabUnavailableError that names what of `names`, or of root's rights if needed, is missing."""
    missing = [name for name in names if shutil.which(name, path=SYSTEM_PATH) is None]
    if missing:
        what = ", ".join(missing)
        raise LabUnavailableError(f"missing: {what}; see tools/apt-packages*.txt")
    if root and os.geteuid() != 0:
        raise LabUnavailableError("throw-away systems need root (mount and pid namespaces)")


def run_on_host(
    argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, umask: int = -1
) -> str:
    """Run `argv` in the clean environment (with this process's umask, or `umask`) and return its standard output.

    Raises CommandError with all that it said when it does not end with 0.
    """
    done = subprocess.run(
        list(argv),
        cwd=cwd,
        env=clean_environment(env),
        umask=umask,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-6000:]
        raise CommandError(f"{' '.join(argv)}: exit {done.returncode}\n{said}")
    return done.stdout
