# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Standing in for Debian's py3compile and py3clean: their options, mapped to ours.

(In a package's postinst the launcher leaves public modules to the trigger, which compiles those of all packages in one
batch.)
"""

from __future__ import annotations

import argparse

from .errors import UsageError
from .facts import InstalledPath
from .filelist import absolute
from .interpreters import find_interpreters
from .layout import ANY_VERSION, VersionRange, parse_version_range
from .options import Options
from .trust import Tree

_NO_SUCH_VERSION = 3


def parse_py3compile(arguments: list[str], root: str | None, script: str | None) -> Options:
    """Read py3compile's arguments.

    `script` is the maintainer script that calls, by DPKG_MAINTSCRIPT_NAME. Raises UsageError.
    """
    parser = argparse.ArgumentParser(
        prog="py3compile", description="Compile Python sources; pkgtools stands in for the program of this name."
    )
    parser.add_argument("-f", "--force", action="store_true", help="rebuild what is fresh, too")
    parser.add_argument("-O", dest="optimize", action="store_true", help="compile to .opt-1.pyc files")
    parser.add_argument("-X", "--exclude", action="append", help="exclude sources that match")
    given = _parse(parser, arguments)
    if given.exclude and not given.items:
        raise UsageError("-X works with private directories only: use /usr/share/python3/bcep for public modules")
    versions = _versions(given.versions)
    return Options(
        command="compile",
        root=root or "/",
        dry_run=False,
        verbosity=int(given.verbose),
        paths=_paths(given.items),
        packages=_packages(given.package),
        versions=versions if given.package else versions or ANY_VERSION,
        every_version=not given.package,
        exclude=tuple(given.exclude or ()),
        levels=(1,) if given.optimize else (0,),
        force=given.force,
        strict=script is None,  # a bad module must not keep a package from being configured
    )


def parse_py3clean(arguments: list[str], root: str | None) -> Options:
    """Read py3clean's arguments. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="py3clean", description="Remove caches of Python sources; pkgtools stands in for the program of this name."
    )
    given = _parse(parser, arguments)
    return Options(
        command="clean",
        root=root or "/",
        dry_run=False,
        verbosity=int(given.verbose),
        paths=_paths(given.items),
        packages=_packages(given.package),
        versions=_versions(given.versions),
    )


def exit_code(status: int, options: Options, script: str | None) -> int:
    """Translate our exit code into theirs: 1 for a job that failed, 3 for a version that isn't installed.

    In a maintainer script nothing that goes wrong with bytecode may keep a package from being configured or removed.
    """
    if script is not None:
        return 0
    if options.command == "compile" and options.versions is not None:
        tree = Tree(options.root)
        installed = find_interpreters(tree, remember=False)
        tree.close()
        if not installed.all_of(options.versions):
            return _NO_SUCH_VERSION
    return min(status, 1)


def _parse(parser: argparse.ArgumentParser, arguments: list[str]) -> argparse.Namespace:
    parser.add_argument("-p", "--package", help="the package whose files are meant")
    parser.add_argument("-V", dest="versions", metavar="RANGE", help="3.11, 3.9-, -3.12 or 3.9-3.12")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell each thing done")
    parser.add_argument("-q", "--quiet", action="store_true", help="be quiet, which is the default")
    parser.add_argument("items", metavar="DIR_OR_FILE", nargs="*", help="directories and files")
    given = parser.parse_args(arguments)
    if not given.package and not given.items:
        raise UsageError(f"nothing named: give -p PACKAGE or a directory (see {parser.prog} --help)")
    return given


def _versions(text: str | None) -> VersionRange | None:
    return parse_version_range(text) if text else None


def _paths(items: list[str]) -> tuple[InstalledPath, ...]:
    return tuple(absolute(item) for item in items)


def _packages(package: str | None) -> tuple[str, ...]:
    return (package,) if package else ()
