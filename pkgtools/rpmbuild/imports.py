# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Import what a package ships, from the build root: the least test that there is.

    python3 -m pkgtools.rpmbuild.imports --interpreter PYTHON --root BUILDROOT
        [-e GLOB]... [-f FILE]... [-t] [MODULE]...

One process imports all modules and reports all failures. It's the interpreter for which the package is, so this file
runs under another one than the rest of pkgtools: stand-alone, Python 3.7 and later. A PYTHONPATH that is set is taken
for what the packager wants and replaces the build root's directories.
"""

from __future__ import annotations

import argparse
import fnmatch
import importlib
import os
import site
import sys
from pathlib import Path

PROGRAM = "pkgtools-check-import"


def choose(modules: list[str], excluded: list[str], top_level_only: bool) -> list[str]:
    """Return the modules to import, each once, in the order given; they may be separated by commas too."""
    names = [name for word in modules for name in word.replace(",", " ").split()]
    return [
        name
        for name in dict.fromkeys(names)
        if not (top_level_only and "." in name) and not any(fnmatch.fnmatchcase(name, e) for e in excluded)
    ]


def site_directories(root: Path) -> list[str]:
    """Find where this interpreter's modules lie in a build root, those for one architecture first."""
    version = "python{}.{}{}".format(*sys.version_info[:2], "t" if "t" in getattr(sys, "abiflags", "") else "")
    places = [
        root / "usr" / library / python / packages
        for library in ("lib64", "lib")
        for python in (version, "python3")
        for packages in ("site-packages", "dist-packages")
    ]
    return [str(place) for place in places if place.is_dir()]


def failures(modules: list[str]) -> list[str]:
    """Import modules; return a line for each one that fails."""
    found = []
    for name in modules:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may raise anything, and all are to be told
            found.append(f"{name}: {type(error).__name__}: {error}")
    return found


def _prepare(root: Path) -> None:
    """Leave our own directory out of the search and put the build root's in front, with their .pth files."""
    del sys.path[0]
    if os.environ.get("PYTHONPATH"):
        return
    known = list(sys.path)
    for directory in site_directories(root):
        site.addsitedir(directory)
    sys.path[:] = [path for path in sys.path if path not in known] + known


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{PROGRAM}: {path}: {getattr(error, 'strerror', '') or error}")


def main() -> None:
    """Import what the arguments name, and exit."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--interpreter", metavar="PYTHON", help="the one to import with (default: this one)")
    parser.add_argument("--root", required=True, type=Path, metavar="BUILDROOT", help="rpmbuild's build root")
    parser.add_argument("-e", action="append", default=[], metavar="GLOB", help="modules to leave out")
    parser.add_argument("-f", action="append", default=[], type=Path, metavar="FILE", help="a file with module names")
    parser.add_argument("-t", action="store_true", help="top-level modules only")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    given = parser.parse_args()
    if given.interpreter:
        again = [f"-f{path}" for path in given.f] + [f"-e{glob}" for glob in given.e]  # it may begin with a hyphen
        again += ["-t"] * given.t + [f"--root={given.root}", "--", *given.modules]
        try:
            os.execvp(given.interpreter, [given.interpreter, "-s", "-B", __file__, *again])  # noqa: S606 - no shell
        except OSError as error:
            sys.exit(f"{PROGRAM}: {given.interpreter}: {error.strerror}")
    listed = [_read(path) for path in given.f]
    modules = choose([*given.modules, *listed], given.e, given.t)
    if not modules:
        sys.exit(f"{PROGRAM}: no module is left to be imported: name some, or exclude fewer")
    _prepare(given.root)
    try:
        lines = failures(modules)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit("\n".join(f"{PROGRAM}: {text}" for text in lines) or 0)


if __name__ == "__main__":
    main()
