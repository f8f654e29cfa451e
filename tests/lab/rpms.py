# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Make small binary packages in tenths of a second with rpmbuild; the same `SamplePackage` as for dpkg."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.lab.commands import run_on_host
from tests.lab.debs import SampleFile, SamplePackage

_OTHERS = re.compile(
    r"/|/(?:bin|etc|opt|srv|usr|var)|/usr/(?:bin|lib|lib64|share)"
    r"|/usr/lib/python3(?:/dist-packages|\.\d+(?:/site-packages)?)?"
)
"""Directories that a package puts something in and another one owns."""

_SCRIPTS = ("pretrans", "pre", "post", "preun", "postun", "posttrans")


def build_rpm(
    package: SamplePackage, directory: Path, *, ghosts: tuple[str, ...] = (), unlisted: tuple[str, ...] = ()
) -> Path:
    """Write `package` below `directory`, once per content, and return the path of the .rpm.

    It owns each of its files and directories, but for the system's directories and those `unlisted`. `fields` are
    further tags of the preamble, `scripts` are scriptlets (or whole lines such as `posttrans`), `ghosts` files it
    claims without shipping them. Owners other than root cannot be had.
    """
    key = hashlib.sha256(repr((package, ghosts, unlisted)).encode(errors="surrogateescape")).hexdigest()[:16]
    target = directory / key
    if not target.is_dir():
        with tempfile.TemporaryDirectory(dir=directory) as work:
            _build(package, ghosts, unlisted, Path(work))
            os.rename(f"{work}/out", target)
            target.chmod(0o755)
    return next(target.glob("*.rpm"))


def _build(package: SamplePackage, ghosts: tuple[str, ...], unlisted: tuple[str, ...], work: Path) -> None:
    (work / "out").mkdir()
    tree = f"{work}/tree"
    os.mkdir(tree)
    for path, given in package.files.items():
        _write(tree + path, given if isinstance(given, SampleFile) else SampleFile(given))
    for path in ghosts:
        _write(tree + path, SampleFile())
    for path, target in package.symlinks.items():
        os.makedirs(os.path.dirname(tree + path), exist_ok=True)
        os.symlink(target, tree + path)
    spec = work / "package.spec"
    spec.write_text("\n".join(_spec_lines(package, ghosts, unlisted, tree)) + "\n")
    defines = {
        "_topdir": str(work / "top"),
        "_rpmdir": str(work / "out"),
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "_binary_payload": "w1.gzdio",
        "__os_install_post": "%{nil}",
        "__check_files": "%{nil}",
        "_binaries_in_noarch_packages_terminate_build": "0",
    }
    options = [f"--define={name} {value}" for name, value in defines.items()]
    run_on_host(["rpmbuild", "--quiet", "--nodeps", *options, "-bb", str(spec)])


def _spec_lines(package: SamplePackage, ghosts: tuple[str, ...], unlisted: tuple[str, ...], tree: str) -> Iterator[str]:
    tags = {
        "Name": package.name,
        "Version": package.version,
        "Release": "1",
        "Summary": "sample package of the pkgtools laboratory",
        "License": "MIT",
        "BuildArch": "noarch",
        "AutoReqProv": "no",
        **package.fields,
    }
    yield from (f"{tag}: {value}" for tag, value in tags.items())
    yield from ("%description", "A sample.", "%install", f"cp -a {tree}/. %{{buildroot}}")
    for script, body in package.scripts.items():
        yield from (f"%{script}" if script in _SCRIPTS else script, body)
    yield "%files"
    paths = (*package.files, *package.symlinks, *ghosts)
    for directory in sorted(set(_own_directories(paths)) - set(unlisted)):
        yield f"%dir %attr({package.directory_modes.get(directory, 0o755):04o},root,root) {directory}"
    yield from (f"%attr(-,root,root) {path}" for path in (*package.files, *package.symlinks))
    yield from (f"%ghost %attr(-,root,root) {path}" for path in ghosts)


def _own_directories(paths: tuple[str, ...]) -> list[str]:
    found = set()
    for path in paths:
        directory = os.path.dirname(path)
        while not _OTHERS.fullmatch(directory):
            found.add(directory)
            directory = os.path.dirname(directory)
    return sorted(found)


def _write(path: str, file: SampleFile) -> None:
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(file.as_bytes())
    os.chmod(path, file.mode)
    os.utime(path, (file.mtime, file.mtime))
