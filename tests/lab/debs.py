# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Make small binary packages in milliseconds with dpkg-deb."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.commands import run_on_host

SOME_DAY = 1_700_000_000
"""The modification time of sample files, in seconds, unless a test says otherwise."""


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One regular file of a sample package."""

    content: str | bytes = ""
    """Its content; text is written as UTF-8 with surrogate escapes."""
    mode: int = 0o644
    """Permission bits."""
    mtime: int = SOME_DAY
    """Seconds since the epoch."""
    uid: int = 0
    """Owner."""
    gid: int = 0
    """Group."""

    def as_bytes(self) -> bytes:
        """Return the content as it is stored."""
        text = self.content
        return text.encode(errors="surrogateescape") if isinstance(text, str) else text


Files = Mapping[str, "str | bytes | SampleFile"]
"""Absolute path in the package -> file, or its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePackage:
    """A binary package to be."""

    name: str
    """Package name."""
    version: str = "1"
    """Version."""
    files: Files = field(default_factory=dict)
    """What it ships; directories come of themselves, 0755 root:root."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """Maintainer script name -> body in POSIX sh, without the first line and `set -e`; with #! it is all of it."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Further control fields, or other values for those that are always there."""
    directory_modes: Mapping[str, int] = field(default_factory=dict)
    """Directories with permission bits other than 0755."""
    symlinks: Mapping[str, str] = field(default_factory=dict)
    """Absolute path in the package -> target."""
    triggers: str = ""
    """The file DEBIAN/triggers; of no use in a .rpm."""
    md5sums: str = ""
    """The file DEBIAN/md5sums; of no use in a .rpm."""


def clean_snippet(package: str) -> str:
    """Return the prerm of a package that leaves compiling to the triggers of pkgtools-runtime."""
    return (
        'case "$1" in remove|upgrade|deconfigure)\n'
        "    if command -v pkgtools-clean >/dev/null 2>&1; then\n"
        f"        pkgtools-clean -q -p {package} || true\n"
        "    fi;;\n"
        "esac\n"
    )


def downstream(
    name: str,
    files: Files,
    *,
    version: str = "1",
    scripts: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> SamplePackage:
    """Return a package of strategy `trigger`: all it carries is the clean in its prerm."""
    wanted = {"prerm": clean_snippet(name), **(scripts or {})}
    return SamplePackage(name=name, version=version, files=files, scripts=wanted, fields=fields or {})


def build_deb(package: SamplePackage, directory: Path) -> Path:
    """Write `package` below `directory` and return the path of the .deb."""
    with tempfile.TemporaryDirectory(dir=directory) as work:
        top = os.path.join(work, "tree")
        os.mkdir(top)
        stage(package, top)
        return pack_deb(top, directory)


def stage(package: SamplePackage, top: str) -> None:
    """Write what `package` consists of below the directory `top`, its control files in DEBIAN/."""
    for path, given in package.files.items():
        write_file(top + path, given if isinstance(given, SampleFile) else SampleFile(given))
    for path, target in package.symlinks.items():
        os.makedirs(os.path.dirname(top + path), exist_ok=True)
        os.symlink(target, top + path)
    _write_control(package, f"{top}/DEBIAN")
    for path, mode in package.directory_modes.items():
        os.makedirs(top + path, exist_ok=True)
        os.chmod(top + path, mode)


def rebuild_deb(
    deb: Path,
    directory: Path,
    version: str,
    *,
    edits: Mapping[str, str] | None = None,
    symlinks: Mapping[str, str] | None = None,
) -> Path:
    """Write `deb` anew below `directory` as `version`, with other files and links where asked for.

    The keys of `edits` and `symlinks` are paths in the package; /DEBIAN/postinst and the like are its scripts.
    """
    with tempfile.TemporaryDirectory(dir=directory) as work:
        top = os.path.join(work, "tree")
        run_on_host(["dpkg-deb", "--raw-extract", str(deb), top])
        control = Path(top, "DEBIAN", "control").read_text().splitlines(keepends=True)
        lines = [f"Version: {version}\n" if line.startswith("Version:") else line for line in control]
        for path, text in {"/DEBIAN/control": "".join(lines), **(edits or {})}.items():
            mode = os.lstat(top + path).st_mode if os.path.lexists(top + path) else 0o755
            Path(top + path).unlink(missing_ok=True)
            write_file(top + path, SampleFile(text, mode & 0o7777))
        for path, target in (symlinks or {}).items():
            Path(top + path).unlink(missing_ok=True)
            os.symlink(target, top + path)
        return pack_deb(top, directory)


def pack_deb(top: str, directory: Path) -> Path:
    """Write the package whose tree and control files are below `top` into `directory`, and return its path."""
    said = run_on_host(["dpkg-deb", "-Zgzip", "-z1", "--build", top, str(directory)])
    return Path(said.rpartition(" in '")[2].rstrip().rstrip("'."))


def write_file(path: str, file: SampleFile) -> None:
    """Write `file` to `path` on this machine, its directories made."""
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(file.as_bytes())
    os.chown(path, file.uid, file.gid)
    os.chmod(path, file.mode)
    os.utime(path, (file.mtime, file.mtime))


def _write_control(package: SamplePackage, directory: str) -> None:
    control = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": "all",
        "Maintainer": "Nobody <nobody@example.org>",
        "Description": "sample package of the pkgtools laboratory",
        **package.fields,
    }
    text = "".join(f"{name}: {value}\n" for name, value in control.items())
    write_file(f"{directory}/control", SampleFile(text))
    conffiles = "".join(f"{path}\n" for path in package.files if path.startswith("/etc/"))
    if conffiles:
        write_file(f"{directory}/conffiles", SampleFile(conffiles))
    if package.md5sums:
        write_file(f"{directory}/md5sums", SampleFile(package.md5sums))
    if package.triggers:
        write_file(f"{directory}/triggers", SampleFile(package.triggers))
    for script, body in package.scripts.items():
        text = body if body.startswith("#!") else f"#!/bin/sh\nset -e\n{body}"
        write_file(f"{directory}/{script}", SampleFile(text, 0o755))
