# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The Python libraries that our RPMs need: built of their sdists with our macros, in a Debian system with rpm."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

from tests.lab.library import fetch_sdist
from tests.lab.ours import CHECKOUT
from tests.lab.places import cache_directory, hold, once, sweep
from tests.lab.recipes import RECIPES
from tests.lab.roots import MAXIMUM_AGE, root_directory
from tests.lab.rpm_ours import build_our_rpms
from tests.lab.system import Bind, System

ROOT = "build-forky"
"""Where they are built, and for whose Python."""
MACROS = ("pkgtools-runtime", "pkgtools-srpm-macros", "pkgtools-rpm-macros")
"""Our packages that a build needs."""
_SPEC = CHECKOUT / "rpm/library.spec"
_LIST = CHECKOUT / "rpm/libraries.toml"
_MAKERS = ("triggers/rpm", "pkgtools/rpmbuild", "pkgtools/model/pep508.py", "rpm/library.spec")
"""What decides of their content; the rest of our packages is the same for all of them."""
_PARALLEL = 2


class Library(TypedDict, total=False):
    """A row of rpm/libraries.toml."""

    version: str
    license: str
    native: bool


def read_libraries() -> dict[str, Library]:
    """Return name -> what rpm/libraries.toml says of it."""
    found: dict[str, Library] = tomllib.loads(_LIST.read_text(encoding="utf-8"))["libraries"]
    return found


def build_all_rpms(target: Path) -> None:
    """Write our RPMs into an existing directory, and for root, who can build them, the libraries into `library`."""
    ours = build_our_rpms(target)
    if os.geteuid() == 0:
        (target / "library").mkdir()
        for path in build_rpm_libraries(ours, optflags="-O2 -g"):
            shutil.copy(path, target / "library")


def build_rpm_libraries(ours: Iterable[Path], *, optflags: str = "-O0") -> tuple[Path, ...]:
    """Return the RPMs of all libraries, built with those of `ours`, unless the cache has them for the same macros.

    `optflags` are for the C compiler, which has a minute's work to do with others.
    """
    packages = [path for path in ours if path.name.startswith(tuple(f"{name}-" for name in MACROS))]
    target = cache_directory() / f"libraries-{_key(optflags)}"
    for old in target.parent.glob("libraries-*"):
        if time.time() - old.stat().st_mtime > MAXIMUM_AGE:
            sweep(old)
    directory = once(target, lambda empty: _build_all(packages, optflags, empty))
    hold(directory)
    return tuple(sorted(directory.glob("*.rpm")))


def _build_all(packages: list[Path], optflags: str, target: Path) -> None:
    sources = target / "sources"
    sources.mkdir()
    for path in (*packages, _SPEC):
        shutil.copyfile(path, sources / path.name)
    libraries = read_libraries()
    with ThreadPoolExecutor(_PARALLEL) as pool:
        sdists = list(pool.map(fetch_sdist, (f"{name}=={one['version']}" for name, one in libraries.items())))
        for path in sdists:
            shutil.copyfile(path, sources / path.name)
        with System(root_directory(ROOT), binds=(Bind(source=target, target="/srv/out", writable=True),)) as system:
            names = [f"/srv/out/sources/{path.name}" for path in packages]
            system.run("rpm", "-U", "--nodeps", "--noscripts", "--notriggers", *names)
            archives = {name: path.name for name, path in zip(libraries, sdists, strict=True)}
            # the C compiler's first: they take longest
            order = sorted(libraries, key=lambda name: not libraries[name].get("native"))
            list(pool.map(lambda name: _build(system, name, libraries[name], archives[name], optflags), order))
    shutil.rmtree(sources)


def _build(system: System, name: str, library: Library, archive: str, optflags: str) -> None:
    defines = {
        "_topdir": f"/srv/build/{name}",
        "_sourcedir": "/srv/out/sources",
        "_rpmdir": "/srv/out",
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "_rpmformat": "4",  # for createrepo_c of Debian 12
        "optflags": optflags,
        "library": name,
        "library_version": library["version"],
        "library_license": library["license"],
        "library_archive": archive,
        **({"library_native": "1"} if library.get("native") else {}),
    }
    options = [f"--define={key} {value}" for key, value in defines.items()]
    system.run("rpmbuild", "--quiet", "--nodeps", *options, "-bb", f"/srv/out/sources/{_SPEC.name}")


def _key(optflags: str) -> str:
    content = hashlib.sha256(f"{RECIPES[ROOT].key}\0{read_libraries()}\0{optflags}\0".encode())
    for name in _MAKERS:
        path = CHECKOUT / name
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file():
                content.update(f"{file.name}\0".encode() + file.read_bytes())
    return content.hexdigest()[:16]
