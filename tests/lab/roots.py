# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Build base systems with mmdebstrap, keep them as tarballs, unpack them once per boot."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.lab.commands import CommandError, require_tools, run_on_host
from tests.lab.places import cache_directory, exclusive, hold, scratch_directory, sweep, workspace
from tests.lab.recipes import APT_CONFIGURATION, DPKG_OPTIONS, RECIPES, Recipe

MAXIMUM_AGE = 30 * 24 * 3600
"""Seconds after which a cached root is built again."""

_KEPT_RECIPES = 2


def root_directory(name: str) -> Path:
    """Return the unpacked base system `name`, building and unpacking it if need be.

    It is the read-only lower layer of throw-away systems: nothing may be changed in it.
    """
    recipe = RECIPES[name]
    # the cache has its lock, and so has the scratch directory: either may be shared without the other
    with exclusive(cache_directory() / f".{name}.lock"), exclusive(scratch_directory() / f".{name}.lock"):
        tarball = _fresh_tarball(recipe)
        unpacked = scratch_directory() / f"{recipe.key}-{int(tarball.stat().st_mtime)}"
        if not unpacked.is_dir():
            _unpack(tarball, unpacked, recipe)
        hold(unpacked)
        return unpacked


def _fresh_tarball(recipe: Recipe) -> Path:
    tarball = cache_directory() / f"{recipe.key}.tar.zst"
    if tarball.exists() and time.time() - tarball.stat().st_mtime < MAXIMUM_AGE:
        return tarball
    try:
        _build(recipe, tarball)
    except CommandError:
        if not tarball.exists():  # an old one is better than none when there is no network
            raise
    _drop_old_tarballs(recipe, tarball)
    return tarball


def _drop_old_tarballs(recipe: Recipe, current: Path) -> None:
    """Keep two of the recipe, for two checkouts that differ in it, and nothing old of recipes that are gone."""
    cache = cache_directory()
    of_recipe = sorted(cache.glob(f"{recipe.name}-????????????.tar.*"), key=os.path.getmtime)
    long_ago = time.time() - MAXIMUM_AGE
    known = {f"{each.key}.tar.zst" for each in RECIPES.values()}
    forgotten = [path for path in cache.glob("*.tar.*") if path.name not in known and path.stat().st_mtime < long_ago]
    for old in {*of_recipe[:-_KEPT_RECIPES], *forgotten} - {current}:
        old.unlink(missing_ok=True)


def _build(recipe: Recipe, tarball: Path) -> None:
    require_tools(("mmdebstrap", "zstd", "tar"))
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        options = Path(work, "apt.conf")  # mmdebstrap word-splits the inline form
        options.write_text(APT_CONFIGURATION)
        result = Path(work, "root.tar.zst")
        argv = ["mmdebstrap", "--quiet", "--mode=root", f"--variant={recipe.variant}"]
        argv += [f"--include={','.join(recipe.include)}", f"--aptopt={options}"]
        argv += [f"--dpkgopt={option}" for option in DPKG_OPTIONS]
        run_on_host([*argv, recipe.suite, str(result)], env={"TMPDIR": work})
        partial = tarball.with_suffix(".part")
        shutil.copyfile(result, partial)
        partial.replace(tarball)


def _unpack(tarball: Path, unpacked: Path, recipe: Recipe) -> None:
    for old in unpacked.parent.glob(f"{recipe.name}-????????????-*"):
        sweep(old)
    partial = unpacked.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o755)
    partial.chmod(0o755)
    argv = ["tar", "--extract", "--zstd", "--file", str(tarball), "--directory", str(partial)]
    run_on_host([*argv, "--numeric-owner", "--xattrs", "--xattrs-include=*"])
    partial.rename(unpacked)
