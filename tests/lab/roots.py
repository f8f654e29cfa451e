# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Build base systems with mmdebstrap, keep them as tarballs, unpack them once per boot."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.lab.commands import CommandError, require_tools, run_on_host
from tests.lab.recipes import APT_CONFIGURATION, DPKG_OPTIONS, RECIPES, Recipe

MAXIMUM_AGE = 30 * 24 * 3600
"""Seconds after which a cached root is built anew."""

_TMPFS = Path("/dev/shm")
_ROOM = 3 << 30
_held: dict[Path, int] = {}
"""Descriptors with a shared lock on each base system that this process uses."""


def cache_directory() -> Path:
    """Return (and make) the directory that survives reboots."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = Path(base) / "pkgtools-lab"
    path.mkdir(parents=True, exist_ok=True)
    return path


def scratch_directory() -> Path:
    """Return (and make) the directory for unpacked roots and running systems, a tmpfs if there is room."""
    roomy = _TMPFS.is_dir() and shutil.disk_usage(_TMPFS).free >= _ROOM
    path = (_TMPFS if roomy else Path(tempfile.gettempdir())) / "pkgtools-lab-roots"
    path.mkdir(mode=0o700, exist_ok=True)
    facts = path.lstat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise CommandError(f"{path} belongs to somebody else: remove it")
    return path


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, so that two processes never build the same thing."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def root_directory(name: str) -> Path:
    """Return the unpacked base system `name`, building and unpacking it if need be.

    It is the read-only lower layer of throw-away systems: nothing may be changed in it.
    """
    recipe = RECIPES[name]
    with exclusive(cache_directory() / f".{name}.lock"):
        tarball = _fresh_tarball(recipe)
        unpacked = scratch_directory() / f"{recipe.key}-{int(tarball.stat().st_mtime)}"
        if not unpacked.is_dir():
            _unpack(tarball, unpacked, recipe)
        _hold(unpacked)
        return unpacked


def _hold(unpacked: Path) -> None:
    """Keep `unpacked` from being swept by others as long as this process lives."""
    if unpacked not in _held:
        _held[unpacked] = os.open(unpacked, os.O_RDONLY)
        fcntl.flock(_held[unpacked], fcntl.LOCK_SH)


def _sweep(unpacked: Path) -> None:
    """Delete `unpacked` unless a process holds it."""
    descriptor = os.open(unpacked, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(unpacked)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)


def _fresh_tarball(recipe: Recipe) -> Path:
    tarball = cache_directory() / f"{recipe.key}.tar.zst"
    if tarball.exists() and time.time() - tarball.stat().st_mtime < MAXIMUM_AGE:
        return tarball
    try:
        _build(recipe, tarball)
    except CommandError:
        if not tarball.exists():  # an old one is better than none when there is no network
            raise
    for old in cache_directory().glob(f"{recipe.name}-????????????.tar.zst"):
        if old != tarball:
            old.unlink()
    return tarball


def _build(recipe: Recipe, tarball: Path) -> None:
    require_tools(("mmdebstrap", "zstd", "tar"))
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as work:
        options = Path(work, "apt.conf")  # mmdebstrap word-splits the inline form
        options.write_text(APT_CONFIGURATION)
        result = Path(work, "root.tar.zst")
        argv = ["mmdebstrap", "--quiet", "--mode=root", f"--variant={recipe.variant}"]
        argv += [f"--include={','.join(recipe.include)}", f"--aptopt={options}"]
        argv += [f"--dpkgopt={option}" for option in DPKG_OPTIONS]
        run_on_host([*argv, recipe.suite, str(result)], env={"TMPDIR": work})
        partial = tarball.with_suffix(".part")
        shutil.copyfile(result, partial)
        partial.replace(tarball)


def _unpack(tarball: Path, unpacked: Path, recipe: Recipe) -> None:
    for old in unpacked.parent.glob(f"{recipe.name}-????????????-*"):
        _sweep(old)
    partial = unpacked.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o755)
    partial.chmod(0o755)
    argv = ["tar", "--extract", "--zstd", "--file", str(tarball), "--directory", str(partial)]
    run_on_host([*argv, "--numeric-owner", "--xattrs", "--xattrs-include=*"])
    partial.rename(unpacked)
