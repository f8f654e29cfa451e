# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Mounts that end with the test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_MOUNT, _UNMOUNT = "/usr/bin/mount", "/usr/bin/umount"


@contextmanager
def mounted(where: str, *arguments: str) -> Iterator[None]:
    """Mount something on a directory for a while; skip (in a CI: fail) where mounting isn't allowed."""
    done = subprocess.run([_MOUNT, *arguments, where], capture_output=True, text=True, check=False)
    if done.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"can't mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run([_UNMOUNT, "--lazy", where], check=True)


@contextmanager
def small_file_system(where: str, options: str) -> Iterator[None]:
    """Mount a tmpfs with a limit, such as `size=64k` or `nr_inodes=9`."""
    with mounted(where, "-t", "tmpfs", "-o", f"mode=0755,{options}", "tmpfs"):
        yield


@contextmanager
def read_only(where: str) -> Iterator[None]:
    """Make a directory read-only, for root too."""
    with mounted(where, "--bind", where):
        subprocess.run([_MOUNT, "-o", "remount,bind,ro", where], check=True)
        yield
