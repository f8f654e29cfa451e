# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Small packages of Alpine and Arch Linux in milliseconds with nfpm."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.lab.commands import run_on_host
from tests.lab.debs import stage
from tests.lab.nfpm_builds import NFPM, SUFFIXES, Yaml

if TYPE_CHECKING:
    from tests.lab.debs import SamplePackage

_SCRIPTS = {
    "pre-install": "preinstall",
    "post-install": "postinstall",
    "pre-deinstall": "preremove",
    "post-deinstall": "postremove",
    "pre_install": "preinstall",
    "post_install": "postinstall",
    "pre_remove": "preremove",
    "post_remove": "postremove",
}
_UPGRADES = {
    "pre-upgrade": "preupgrade",
    "post-upgrade": "postupgrade",
    "pre_upgrade": "preupgrade",
    "post_upgrade": "postupgrade",
}


def build_nfpm_sample(package: SamplePackage, packager: str, directory: Path) -> Path:
    """Write a package for `apk` or `archlinux` below `directory` and return its path; Depends has commas."""
    with tempfile.TemporaryDirectory(dir=directory) as work:
        top = f"{work}/tree"
        Path(top).mkdir()
        stage(package, top)
        depends = [one.strip() for one in package.fields.get("Depends", "").split(",") if one.strip()]
        contents: list[Yaml] = [
            # nfpm has a umask of its own
            {"src": top + path, "dst": path, "file_info": {"mode": os.stat(top + path).st_mode & 0o7777}}
            for path in package.files
        ]
        contents += [{"src": to, "dst": path, "type": "symlink"} for path, to in package.symlinks.items()]
        contents += [
            {"dst": path, "type": "dir", "file_info": {"mode": mode}} for path, mode in package.directory_modes.items()
        ]
        document: Yaml = {
            "name": package.name,
            "version": package.version,
            "version_schema": "none",
            "arch": "all",
            "maintainer": "Nobody <nobody@example.org>",
            "description": "sample package of the pkgtools laboratory",
            "license": "MIT",
            "disable_globbing": True,
            "depends": [*depends],
            "contents": contents,
            "scripts": _named(package, top, _SCRIPTS),
            packager: {"scripts": _named(package, top, _UPGRADES)},
        }
        Path(work, "nfpm.yaml").write_text(yaml.safe_dump(document))
        argv = (str(NFPM), "package", f"--config={work}/nfpm.yaml", f"--packager={packager}", f"--target={directory}")
        run_on_host(argv, cwd=Path(work))
    return next(directory.glob(f"*.{SUFFIXES[packager]}"))


def _named(package: SamplePackage, top: str, keys: dict[str, str]) -> Yaml:
    return {keys[name]: f"{top}/DEBIAN/{name}" for name in package.scripts if name in keys}
