# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Build this project's own packages from a clean copy of the checkout, once per content."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import clean_environment, require_tools, run_on_host
from tests.lab.library import build_library
from tests.lab.places import cache_directory, exclusive, hold, sweep, workspace

CHECKOUT = Path(__file__).resolve().parents[2]
"""The top directory of the project."""

LIBRARY = "library"
"""Beside our packages: where the one is that they need and that Debian doesn't have."""
WITH_DOCUMENTATION = {"DEB_BUILD_PROFILES": ""}
"""What a build with pkgtools-doc has in its environment."""
_DOCUMENTED = "-doc"
_NOT_SOURCE = {".git", ".hypothesis", ".ruff_cache", ".venv", "__pycache__", "build", "dist"}
_KEPT_BUILDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """The result of one dpkg-buildpackage."""

    directory: Path
    """What was written beside the source tree."""

    def deb(self, name: str) -> Path:
        """Return the binary package `name`."""
        return next(self.directory.glob(f"{name}_*.deb"))

    def debs(self) -> tuple[Path, ...]:
        """Return all binary packages."""
        return tuple(sorted(self.directory.glob("*.deb")))

    def library(self) -> Path:
        """Return python3-rpmfile, which ours depend on and which Debian doesn't have."""
        return next((self.directory / LIBRARY).glob("*.deb"))

    def needs(self) -> tuple[str, ...]:
        """Return the packages of Debian that ours depend on and that come with no base system."""
        fields = (run_on_host(["dpkg-deb", "--field", str(deb), "Depends"]) for deb in self.debs())
        names = {name for field in fields for name in re.findall(r"(?:^|, )([a-z0-9+.-]+)", field)}
        ours = {deb.name.partition("_")[0] for deb in self.debs()}
        return tuple(sorted(names - ours - {"python3", "python3-minimal", "python3-rpmfile"}))

    def changes(self) -> Path:
        """Return the .changes file."""
        return next(self.directory.glob("*.changes"))

    def library_changes(self) -> Path:
        """Return the .changes file of python3-rpmfile."""
        return next((self.directory / LIBRARY).glob("*.changes"))


def source_files(checkout: Path = CHECKOUT) -> list[str]:
    """Return the project's own files: git's idea of them where there is one, else a walk."""
    if (checkout / ".git").exists() and shutil.which("git"):
        argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(argv, cwd=checkout, capture_output=True, check=True).stdout
        names = {os.fsdecode(name) for name in listing.split(b"\0") if name}
    else:
        names = set()
        for directory, below, files in os.walk(checkout):
            below[:] = [name for name in below if name not in _NOT_SOURCE]
            names |= {os.path.relpath(os.path.join(directory, name), checkout) for name in files}
    return sorted(name for name in names if os.path.lexists(checkout / name))


def copy_source(target: Path, checkout: Path = CHECKOUT) -> None:
    """Make `target` a copy of the project's files, whose modes and times owe nothing to those of the checkout."""
    for name in source_files(checkout):
        source, copy = checkout / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy, follow_symlinks=False)
        if not copy.is_symlink():
            copy.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)


def build_ours(*, documentation: bool = False) -> Build:
    """Return our packages, built unless the cache has them for exactly these files.

    `documentation`: with pkgtools-doc, which takes longer.
    """
    require_tools(("dpkg-buildpackage", "dh"), root=False)
    cache = cache_directory() / "ours"
    cache.mkdir(exist_ok=True)
    with exclusive(cache / ".lock"):
        directory = cache / f"{_fingerprint()}{_DOCUMENTED if documentation else ''}"
        if not directory.is_dir():
            for old in sorted(cache.glob("*-*"), key=os.path.getmtime)[:-_KEPT_BUILDS]:
                sweep(old)
            _build_into(directory, WITH_DOCUMENTATION if documentation else None)
        os.utime(directory)  # the least recently used go first
        hold(directory)
    return Build(directory=directory)


def build_package(top: Path, env: Mapping[str, str] | None = None, umask: int = 0o022) -> Build:
    """Run dpkg-buildpackage in the source tree `top`; raise AssertionError with its log.

    Documentation is not built unless `env` says so (WITH_DOCUMENTATION).
    """
    done = subprocess.run(
        ["dpkg-buildpackage", "--unsigned-source", "--unsigned-changes"],
        cwd=top,
        env=clean_environment({"DEB_BUILD_PROFILES": "pkg.pkgtools.nohtml", **(env or {})}),
        umask=umask,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"dpkg-buildpackage: exit {done.returncode}\n{done.stdout[-8000:]}"
    return Build(directory=top.parent)


def _build_into(directory: Path, env: Mapping[str, str] | None) -> None:
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        top = Path(work, "pkgtools")
        copy_source(top)
        build_package(top, env)
        shutil.rmtree(top)
        _bring_library(Path(work, LIBRARY), directory)
        partial = directory.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(work, partial)
        partial.rename(directory)


def _bring_library(target: Path, directory: Path) -> None:
    """Take the library from the build of the same files with, or without, documentation; else build it."""
    plain = directory.name.removesuffix(_DOCUMENTED)
    for name in {plain, f"{plain}{_DOCUMENTED}"} - {directory.name}:
        if (directory.with_name(name) / LIBRARY).is_dir():
            shutil.copytree(directory.with_name(name) / LIBRARY, target)
            return
    target.mkdir()
    build_library(target)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in source_files():
        path = CHECKOUT / name
        content = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()
        executable = b"x" if os.access(path, os.X_OK) else b"-"
        for part in (os.fsencode(name), executable, content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return f"build-{digest.hexdigest()[:16]}"
