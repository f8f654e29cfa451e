# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Debian packages of the sample project, from the generated files and nothing else, with dpkg-deb."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.lab.debs import SampleFile, pack_deb, write_file
from tests.lab.places import once
from tests.lab.project import Sample, control_fields, generate, key_of, stage

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
LOG = "/run/scripts.log"
"""Where the traced scripts write who was called with which arguments."""

_TRACE = """\
echo "{version} {script} $*" >> {log}
trap 'status=$?; [ ! -e /run/break.{script}.{version} ] || exit 1; exit "$status"' EXIT
"""


def build_generated_deb(sample: Sample, version: str, made: Path, *, traced: bool = False) -> Path:
    """Build one version with generated scripts below `made`, once per content, and return the .deb.

    `traced` scripts write to LOG and fail at their very end while there is a file /run/break.SCRIPT.VERSION;
    scripts that the package has no need of then exist, too.
    """

    def make(directory: Path) -> None:
        out = generate([sample], "deb", made)
        with tempfile.TemporaryDirectory(dir=made) as work:
            stage(sample, version, "deb", out, Path(work))
            Path(work).chmod(0o755)
            control = _control_directory(sample, version, out / sample.name, Path(work))
            if traced:
                _trace(control, version)
            pack_deb(work, directory)

    return next(once(made / key_of("deb", sample, version, traced), make).glob("*.deb"))


def _control_directory(sample: Sample, version: str, out: Path, tree: Path) -> Path:
    """Write DEBIAN/ from what is generated in `out`, with digests of all files, and return it."""
    control = tree / "DEBIAN"
    sums = md5sums(tree)
    if (out / "DEBIAN").is_dir():
        shutil.copytree(out / "DEBIAN", control)
    write_file(f"{control}/md5sums", SampleFile(sums))
    generated = (out / "control").read_text() if (out / "control").exists() else ""
    all_fields = {
        "Package": sample.name,
        "Version": version,
        "Architecture": "all",
        "Maintainer": "Nobody <nobody@example.org>",
        "Description": "sample package of the pkgtools laboratory",
        **control_fields(generated),
    }
    write_file(f"{control}/control", SampleFile("".join(f"{key}: {value}\n" for key, value in all_fields.items())))
    return control


def md5sums(tree: Path) -> str:
    """Return the lines of a package's md5sums, for `dpkg --verify`."""
    lines = []
    for directory, _, names in os.walk(tree):
        for name in names:
            path = Path(directory, name)
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            lines.append(f"{digest}  {path.relative_to(tree)}\n")
    return "".join(sorted(lines))


def _trace(control: Path, version: str, scripts: Iterable[str] = SCRIPTS) -> None:
    for script in scripts:
        path = control / script
        first, _, rest = path.read_text().partition("\n") if path.exists() else ("#!/bin/sh", "", "exit 0\n")
        text = f"{first}\n{_TRACE.format(script=script, version=version, log=LOG)}{rest}"
        write_file(str(path), SampleFile(text, 0o755))
