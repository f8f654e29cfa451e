# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The runtime's own tests, under the Pythons of other releases: those that compare no bytes made by two processes.

From CPython 3.13 on the bytes of a pyc may depend on what its process compiled before, so such tests stay with the
machine's own Python; real packages are compiled and compared under every release in tests/system and tests/generate.
"""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.lab.commands import run_on_host
from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT
from tests.lab.places import cache_directory, exclusive
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

TESTS = """
    accounts cache_directories clean clean_orphans clean_plan dpkg_lists dry_run file_operations forks freshness
    header_versions known_packages layout lean levels merged_usr modes moved_directories nested_registrations
    options owners_groups package_files packaged parts progress pythons report resolve scope_directories scope_modes
    side_paths temporaries trust unserved
""".split()
WANTED = ("hypothesis", "pytest", "pytest-xdist")
OLDER = {"3.9": ("hypothesis>=6,<7", "pytest>=8,<9", "pytest-xdist>=3,<4")}
"""For versions that what the project is developed with has left behind."""
PARTS = ("docs", "pkgtools", "pyproject.toml", "templates", "tests", "tools", "triggers")


def wheels(python: str) -> Path:
    """Return a directory with pytest and what it needs for another version of Python, fetched once."""
    requirements = OLDER.get(python) or tuple(f"{name}=={version(name)}" for name in WANTED)
    names = "+".join((f"python{python}", *requirements)).replace("<", "-").replace(">", "-")
    directory = cache_directory() / "archive" / names
    with exclusive(cache_directory() / ".sdists.lock"):
        if not directory.is_dir():
            partial = directory.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            uv = str(CHECKOUT / ".venv/bin/uv")
            argv = [
                uv,
                "pip",
                "install",
                "--quiet",
                "--system-certs",
                "--only-binary=:all:",
                f"--python-version={python}",
            ]
            run_on_host([*argv, f"--target={partial}", *requirements])
            partial.rename(directory)
    return directory


@pytest.mark.slow
@pytest.mark.parametrize("root", ["rpm-bullseye", "trixie", "forky"])
def test_runtime_passes_its_tests(root: str) -> None:
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    binds = [Bind(source=CHECKOUT / name, target=f"/srv/pkgtools/{name}") for name in PARTS]
    binds.append(Bind(source=wheels(RECIPES[root].python[0]), target="/srv/wheels"))
    files = [f"tests/runtime/test_{name}.py" for name in TESTS]
    argv = [
        "python3",
        "-m",
        "pytest",
        "-p",
        "tests.lab.older",
        "-q",
        "-n2",
        "-m",
        "not slow and not system",
        "--hypothesis-profile=quick",
    ]
    argv += ["-o", "cache_dir=/tmp/pytest-cache", "--rootdir=/srv/pkgtools", "-c", "/srv/pkgtools/pyproject.toml"]
    environment = {"PYTHONPATH": "/srv/pkgtools:/srv/wheels", "PYTHONDONTWRITEBYTECODE": "1"}
    with System(root_directory(root), binds=tuple(binds)) as system:
        command = f"cd /srv/pkgtools && exec {' '.join(map(repr, [*argv, *files]))}"
        done = system.run("sh", "-c", command, env=environment, check=False, timeout=1800)
    assert done.exit == 0, done.output[-6000:]
