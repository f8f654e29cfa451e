# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the contenders work on: the Python modules of real Debian packages, downloaded once."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

HUNDRED = 100
MODULES_IN_A_SMALL_DIRECTORY = 6


class Corpus(Enum):
    """A set of modules, by its size."""

    HUGE = "huge"
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    HUNDRED = "hundred"
    """100 directories of 6 modules each."""


PACKAGES = {
    Corpus.HUGE: ("ansible",),
    Corpus.LARGE: ("ansible-core", "python3-django", "python3-sqlalchemy", "python3-twisted"),
    Corpus.MEDIUM: ("python3-networkx",),
    Corpus.SMALL: ("python3-toml",),
}
"""Debian packages, none of which has a module that the default interpreter of Debian 12 rejects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """A corpus on the disk, without any bytecode."""

    corpus: Corpus
    directory: Path
    """Holds everything; for `HUNDRED` each directory in it is one to be compiled on its own."""

    def count(self) -> int:
        """Return how many modules there are."""
        return sum(1 for _ in python_files(self.directory))


def prepare_corpus(corpus: Corpus, cache: Path) -> Modules:
    """Return a corpus from the cache, downloading and unpacking it if need be.

    Raises CalledProcessError if apt can't download a package.
    """
    directory = cache / "modules" / f"{corpus.value}-{_digest()}"
    if not directory.is_dir():
        partial = directory.with_suffix(".part")
        for old in directory.parent.glob(f"{corpus.value}-*"):
            shutil.rmtree(old)
        partial.mkdir(parents=True)
        if corpus is Corpus.HUNDRED:
            _slice(prepare_corpus(Corpus.LARGE, cache), partial)
        else:
            for package in PACKAGES[corpus]:
                _unpack(_download(package, cache / "debs"), partial / package)
        partial.rename(directory)
    return Modules(corpus=corpus, directory=directory)


def python_files(directory: Path) -> Iterator[Path]:
    """Yield the modules below a directory, sorted."""
    return (path for path in sorted(directory.rglob("*.py")) if path.is_file() and not path.is_symlink())


def _digest() -> str:
    """Tell apart what other versions of this file have put into the cache."""
    recipe = repr((sorted((corpus.value, names) for corpus, names in PACKAGES.items()), MODULES_IN_A_SMALL_DIRECTORY))
    return hashlib.sha256(recipe.encode()).hexdigest()[:8]


def _download(package: str, debs: Path) -> Path:
    debs.mkdir(parents=True, exist_ok=True)
    found = list(debs.glob(f"{package}_*.deb"))
    if not found:
        argv = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package]
        if subprocess.run(argv, check=False, cwd=debs, stderr=subprocess.DEVNULL).returncode:
            subprocess.run(["apt-get", "-qq", "update"], check=True)  # the lists are missing or old
            subprocess.run(argv, check=True, cwd=debs)
        found = list(debs.glob(f"{package}_*.deb"))
    return found[0]


def download_versions(package: str, cache: Path, architecture: str = "all") -> tuple[Path, Path]:
    """Return the .debs of a package as it was released and as the last security update left it.

    Raises CalledProcessError if apt can't download them.
    """
    debs = cache / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    told = subprocess.run(["apt-cache", "madison", package], check=True, capture_output=True, text=True).stdout
    newest, *_, oldest = dict.fromkeys(line.split("|")[1].strip() for line in told.splitlines())
    found = []
    for version in (oldest, newest):
        deb = debs / f"{package}_{version.replace(':', '%3a')}_{architecture}.deb"
        if not deb.exists():
            argv = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", f"{package}={version}"]
            subprocess.run(argv, check=True, cwd=debs)
        found.append(deb)
    return found[0], found[1]


def _unpack(deb: Path, target: Path) -> None:
    """Copy the modules of a package, and only them."""
    whole = target.with_name(f"{target.name}.whole")
    subprocess.run(["dpkg-deb", "--extract", str(deb), str(whole)], check=True)
    for path in python_files(whole):
        copy = target / path.relative_to(whole / "usr")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
        copy.chmod(0o644)
    shutil.rmtree(whole)


def _slice(modules: Modules, target: Path) -> None:
    """Deal real modules out to many small directories."""
    paths = [path for path in python_files(modules.directory) if path.stat().st_size]
    step = len(paths) // (HUNDRED * MODULES_IN_A_SMALL_DIRECTORY)
    for index, path in enumerate(paths[:: max(step, 1)][: HUNDRED * MODULES_IN_A_SMALL_DIRECTORY]):
        directory = target / f"package{index % HUNDRED:02}"
        directory.mkdir(exist_ok=True)
        shutil.copy2(path, directory / f"module{index}.py")


def cache_directory() -> Path:
    """Return where downloads and measured trees are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "pkgtools-lab" / "bench"
