# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""python3-rpmfile, which Debian doesn't have: built of its sdist with dh_pkgtools, as docs/tutorials tells."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.lab.commands import clean_environment, run_on_host
from tests.lab.places import cache_directory, once, workspace

CHECKOUT = Path(__file__).resolve().parents[2]
TUTORIAL = CHECKOUT / "docs/tutorials/package-a-library"
_HELPER = """\
#!/bin/sh
program='import sys; sys.path.insert(0, sys.argv.pop(1)); from pkgtools.debhelper.main import main; main()'
exec {python} -IXutf8 -c "$program" {checkout} "$@"
"""


def upstream_version() -> str:
    """Return the version that the tutorial packages."""
    changelog = (TUTORIAL / "debian/changelog").read_text(encoding="utf-8")
    found = re.match(r"rpmfile \(([^-]+)-", changelog)
    assert found is not None
    return found[1]


def fetch_sdist(requirement: str) -> Path:
    """Return a source distribution, fetched once by pip; `requirement` is NAME==VERSION."""
    directory = cache_directory() / "archive/sdists" / requirement.replace("==", "-")
    directory.parent.mkdir(parents=True, exist_ok=True)
    once(directory, lambda target: _download(requirement, target))
    (sdist,) = directory.glob("*.tar.gz")
    return sdist


def _download(requirement: str, target: Path) -> None:
    # of this project alone: pip would build what builds it, too
    only = f"--no-binary={requirement.partition('==')[0]}"
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", only]
    environment = {**clean_environment(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([*argv, f"--dest={target}", requirement], check=True, env=environment)


def build_library(target: Path) -> None:
    """Build python3-rpmfile into a directory, by the dh_pkgtools of the checkout. Raises CommandError with the log."""
    version = upstream_version()
    sdist = fetch_sdist(f"rpmfile=={version}")
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        shutil.copyfile(sdist, Path(work, f"rpmfile_{version}.orig.tar.gz"))
        run_on_host(["tar", "--extract", "--gzip", f"--file={sdist}", "--no-same-owner"], cwd=Path(work))
        top = Path(work, f"rpmfile-{version}")
        shutil.copytree(TUTORIAL / "debian", top / "debian")
        environment = {"PATH": f"{_helper(Path(work, 'bin'))}:/usr/sbin:/usr/bin:/sbin:/bin"}
        environment["PERL5LIB"] = str(_sequence(Path(work, "perl")))
        argv = ["dpkg-buildpackage", "--unsigned-source", "--unsigned-changes", "--no-check-builddeps"]
        run_on_host(argv, cwd=top, env=environment)
        shutil.rmtree(top)
        for path in Path(work).iterdir():
            if path.is_file():
                shutil.copyfile(path, target / path.name)


def _helper(directory: Path) -> Path:
    """Write dh_pkgtools as the package dh-pkgtools has it, of the checkout."""
    directory.mkdir()
    program = directory / "dh_pkgtools"
    program.write_text(_HELPER.format(python=sys.executable, checkout=CHECKOUT), encoding="utf-8")
    program.chmod(0o755)
    return directory


def _sequence(directory: Path) -> Path:
    place = directory / "Debian/Debhelper/Sequence"
    place.mkdir(parents=True)
    os.symlink(CHECKOUT / "triggers/debhelper/pkgtools.pm", place / "pkgtools.pm")
    return directory
