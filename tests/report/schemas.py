# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The schemas of others, which are in sources on PyPI; fetched once, by pip, and no copy is ours to keep."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

from tests.lab.commands import clean_environment
from tests.lab.places import cache_directory, once

SARIF = ("sarif-om==1.0.4", "sarif-2.1.0-rtm.4.json")
"""OASIS's schema of SARIF 2.1.0 (a last draft), of which a library's classes are made."""
JUNIT = ("pytest==9.2.0", "testing/example_scripts/junit-10.xsd")
"""Jenkins's schema of what its xUnit plugin reads, which pytest holds its own output against."""


def fetch_schema(wanted: tuple[str, str]) -> Path:
    """Return a file of an sdist."""
    requirement, member = wanted
    directory = cache_directory() / "archive"
    directory.mkdir(exist_ok=True)

    def fill(empty: Path) -> None:
        project = requirement.partition("=")[0]
        options = ("--quiet", "--no-deps", f"--no-binary={project}", f"--dest={empty}")
        argv = (sys.executable, "-m", "pip", "download", *options, requirement)
        environment = {**clean_environment(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        subprocess.run(argv, check=True, env=environment, stdout=subprocess.DEVNULL)
        (archive,) = empty.glob("*.tar.gz")
        with tarfile.open(archive) as files:
            (name,) = (name for name in files.getnames() if name.partition("/")[2] == member)
            stream = files.extractfile(name)
            assert stream is not None
            (empty / Path(member).name).write_bytes(stream.read())
        archive.unlink()

    return once(directory / f"schema-{requirement.replace('==', '-')}", fill) / Path(member).name
