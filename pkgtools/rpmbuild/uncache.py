# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Take the bytecode of sources out of rpmbuild's build root, and out of a list of files for %files -f.

    pkgtools-rpmbuild uncache --root BUILDROOT [--list FILE]

pip compiles what it installs, with the build root's path in each pyc, and %pyproject_save_files lists the pycs. In a
package whose bytecode is made on the user's system they have no place. A pyc without a source stays: it is the module.
"""

from __future__ import annotations

import argparse
import glob
import os
import re
import sys
from pathlib import Path

from pkgtools.runtime.errors import in_words
from pkgtools.runtime.interrupts import exit_with
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, stems_in
from pkgtools.runtime.policy.sources import SUFFIX, absolute

PROGRAM = "pkgtools-uncache"
_PYC = f"{SUFFIX}c"
_LISTED = re.compile(rf'\s*(?:%\w+(?:\([^)]*\))?\s+)*"?(/.*/{CACHE_DIRECTORY}(?:/[^/"]*)?/?)"?\s*')
"""A line of a list of files: a cache directory, or what is in one."""
_BRACES = re.compile(r"\{([^{}]*)\}")


def uncache(root: str) -> int:
    """Remove the bytecode of all sources below a directory, no link followed; return how many files that were.

    Raises OSError.
    """
    removed = 0
    for top, subdirectories, names in os.walk(root, onerror=_raise):
        directory = Path(top)
        stems = {name[: -len(SUFFIX)] for name in names if name.endswith(SUFFIX)}
        pycs = [directory / f"{stem}{_PYC}" for stem in stems if f"{stem}{_PYC}" in names]
        cache = directory / CACHE_DIRECTORY
        is_there = CACHE_DIRECTORY in subdirectories and not cache.is_symlink()
        if is_there:
            cached = [path for path in cache.iterdir() if path.name.endswith(_PYC)]
            pycs += [path for path in cached if stems.intersection(stems_in(path.name))]
        for path in pycs:
            path.unlink()
        removed += len(pycs)
        if is_there and not any(cache.iterdir()):
            cache.rmdir()
            subdirectories.remove(CACHE_DIRECTORY)
    return removed


def _raise(error: OSError) -> None:
    raise error


def unlist(path: Path, root: str) -> None:
    """Take cache directories, and what was in them, out of a list of files, if they aren't there. Raises OSError."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
        lines = list(stream)
    left = [line for line in lines if not _is_gone(line, root)]
    if left != lines:
        with path.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
            stream.writelines(left)


def _is_gone(line: str, root: str) -> bool:
    """Whether a line lists a cache directory, or what is in one, and rpm would find nothing there."""
    match = _LISTED.fullmatch(line)
    if match is None:
        return False
    patterns = _without_braces(match[1].rstrip().replace("%%", "%"))
    # for pathlib `**` has a meaning, or none at all
    return not any(glob.glob(glob.escape(root) + pattern) for pattern in patterns)  # noqa: PTH207


def _without_braces(pattern: str) -> list[str]:
    """Return the patterns that one with braces stands for."""
    braces = _BRACES.search(pattern)
    if braces is None:
        return [pattern]
    before, after = pattern[: braces.start()], pattern[braces.end() :]
    return [one for word in braces[1].split(",") for one in _without_braces(f"{before}{word}{after}")]


def main() -> None:
    """Do what the arguments say, and exit."""
    exit_with(_run)


def _run() -> int:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", required=True, metavar="BUILDROOT", help="rpmbuild's build root")
    parser.add_argument("--list", type=Path, metavar="FILE", help="a list of files for %%files -f, if it is there")
    given = parser.parse_args()
    root = absolute(given.root)
    if root == "/" or not Path(root).is_dir():
        print(f"{PROGRAM}: build root {given.root!r}: it must be a directory other than /", file=sys.stderr)
        return 2
    try:
        removed = uncache(root)
        if given.list is not None and given.list.is_file():
            unlist(given.list, root)
    except OSError as error:
        print(f"{PROGRAM}: {in_words(error)}", file=sys.stderr)
        return 2
    if removed:
        print(f"{PROGRAM}: {removed} files with bytecode of sources removed: it is made where the package is installed")
    return 0


if __name__ == "__main__":
    main()
