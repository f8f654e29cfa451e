# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The options of pkgtools-compile, pkgtools-clean and pkgtools-trigger."""

from __future__ import annotations

import argparse
import os
from typing import NamedTuple

from pkgtools import __version__

from .admin import parse_levels, parse_mode
from .errors import UsageError
from .facts import InstalledPath, InvalidationMode
from .filelist import absolute
from .layout import VersionRange, parse_version_range

_EPILOG_COMPILE = """examples:
  pkgtools-compile -p python3-foo                  the package's modules in public and registered directories
  pkgtools-compile -p foo -V 3.9- /usr/share/foo   its private modules, for one interpreter from 3.9 on
  pkgtools-compile -O 0,1,2 /opt/app               a tree, all levels, for the default interpreter
  pkgtools-compile --dry-run -v /opt/app           what would be done
  find /opt -name '*.py' -print0 | pkgtools-compile --from0 -

exit status: 0 done (bad sources are reported), 1 a bad source and --strict, 2 the job could not be done
"""
_EPILOG_CLEAN = """examples:
  pkgtools-clean -p python3-foo                    the caches of all the package's sources
  pkgtools-clean -V 3.9 /usr/share/foo             those of one version
  pkgtools-clean --orphans /usr/lib/python3/dist-packages
                                                   caches whose source is gone and that no package owns

exit status: 0 done, 2 the job could not be done
"""
_EPILOG_TRIGGER = """examples:
  pkgtools-trigger -v                              put all public and registered directories in order
  pkgtools-trigger --dry-run --json -              what would be done, as JSON

exit status: 0 done (bad sources are reported), 2 the job could not be done
"""


_LONGEST = 1e6
_WIDTH = 100


class Options(NamedTuple):
    """What was asked for on the command line, checked."""

    command: str
    root: str
    dry_run: bool
    verbosity: int
    """-1 quiet, 0, 1 verbose."""
    json: str | None = None
    changed0: str | None = None
    paths: tuple[InstalledPath, ...] = ()
    packages: tuple[str, ...] = ()
    from0: str | None = None
    rpm_stdin: bool = False
    versions: VersionRange | None = None
    every_version: bool = False
    """Private modules are compiled for each of the versions, as py3compile does; else for the one that runs them."""
    exclude: tuple[str, ...] = ()
    cache_prefix: InstalledPath | None = None
    as_owner: bool = False
    levels: tuple[int, ...] | None = None
    """None: as the administrator says."""
    mode: InvalidationMode | None = None
    """None: as the administrator says."""
    force: bool = False
    verify: bool = False
    strict: bool = False
    sync: bool = True
    workers: int | None = None
    timeout: float = 120.0
    orphans: tuple[InstalledPath, ...] = ()
    remove_all: bool = False


def parse(command: str, arguments: list[str], root: str | None = None) -> Options:
    """Read the arguments of a command; `root` is what DPKG_ROOT says.

    Raises UsageError; --help and --version print and raise SystemExit, as argparse does.
    """
    parser = PARSERS[command]()
    try:
        given = parser.parse_args(arguments)
    except argparse.ArgumentError as error:
        raise UsageError(f"{error} (see {parser.prog} --help)") from error
    values = {name: value for name, value in vars(given).items() if name in Options._fields and value is not None}
    values["root"] = os.path.abspath(given.root or root or "/")
    for name in ("root", "cache_prefix", "from0", "json", "changed0"):
        if getattr(given, name, None) == "":
            raise UsageError(f"an empty value for --{name.replace('_', '-')}: leave the option out")
    values["verbosity"] = -1 if given.quiet else int(given.verbose)
    for name in ("paths", "orphans"):
        values[name] = tuple(absolute(path) for path in values.get(name) or ())
    if values.get("cache_prefix"):
        values["cache_prefix"] = absolute(values["cache_prefix"])
        if values["cache_prefix"] == "/":
            raise UsageError("--cache-prefix /: the central cache needs a directory of its own")
    for name in ("packages", "exclude"):
        values[name] = tuple(values.get(name) or ())
    options = Options(command=command, **values)
    return _checked(options)


def _checked(options: Options) -> Options:
    if options.json == options.changed0 == "-":
        raise UsageError("--json - and --changed0 - exclude each other: standard output takes one of them")
    if options.command == "trigger":
        return options
    named = options.paths or options.packages or options.from0 or options.rpm_stdin or options.orphans
    if not named:
        raise UsageError(
            f"nothing named: give paths, -p PACKAGE or --from0 FILE (see pkgtools-{options.command} --help)"
        )
    if options.from0 and options.rpm_stdin:
        raise UsageError("--from0 and --rpm-stdin exclude each other: one list at a time")
    return options


def compile_parser() -> argparse.ArgumentParser:
    """Return the parser of pkgtools-compile."""
    parser = _parser("pkgtools-compile", "Compile Python sources into root-owned caches.", _EPILOG_COMPILE)
    _add_sources(parser)
    parser.add_argument("-O", dest="levels", metavar="LEVELS", type=_levels, help="optimization levels, as 0,1,2 (0)")
    parser.add_argument(
        "--invalidation-mode",
        dest="mode",
        metavar="MODE",
        type=_mode,
        help="timestamp, checked-hash or unchecked-hash (timestamp)",
    )
    parser.add_argument("-f", "--force", action="store_true", help="compile what is fresh, too")
    parser.add_argument("--verify", action="store_true", help="compile what is fresh and compare; replace what differs")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a source can't be compiled")
    parser.add_argument("--no-sync", dest="sync", action="store_false", help="do without durability (image builds)")
    parser.add_argument(
        "-j", "--jobs", dest="workers", metavar="N", type=_positive, help="processes at once (all cores)"
    )
    parser.add_argument("--timeout", metavar="SECONDS", type=_seconds, help="for one source (120)")
    _add_changed(parser)
    _add_common(parser)
    return parser


def clean_parser() -> argparse.ArgumentParser:
    """Return the parser of pkgtools-clean."""
    parser = _parser("pkgtools-clean", "Remove the caches of Python sources, and nothing else.", _EPILOG_CLEAN)
    _add_sources(parser)
    parser.add_argument(
        "--orphans", metavar="DIR", action="append", help="remove caches below DIR whose source is gone and nobody owns"
    )
    _add_common(parser)
    return parser


def trigger_parser() -> argparse.ArgumentParser:
    """Return the parser of pkgtools-trigger."""
    parser = _parser("pkgtools-trigger", "Put all caches of packaged modules in order, in one batch.", _EPILOG_TRIGGER)
    parser.add_argument("--remove-all", action="store_true", help="remove what all batches made")
    parser.add_argument("--no-sync", dest="sync", action="store_false", help="do without durability (image builds)")
    parser.add_argument(
        "-j", "--jobs", dest="workers", metavar="N", type=_positive, help="processes at once (all cores)"
    )
    _add_changed(parser)
    _add_common(parser)
    return parser


PARSERS = {"compile": compile_parser, "clean": clean_parser, "trigger": trigger_parser}
"""The parser of each command, by its name."""


def _parser(program: str, description: str, epilog: str) -> argparse.ArgumentParser:
    return _Parser(
        prog=program,
        description=description,
        epilog=epilog,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays --help out for a width that is given: asking the terminal would import shutil, at every start."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_WIDTH)


class _Parser(argparse.ArgumentParser):
    """argparse exits by itself where it finds a fault; the main function does that here."""

    def error(self, message: str) -> None:  # type: ignore[override] # it returns never, by raising
        """Raise UsageError instead of exiting."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="directories and .py files; with -p, only its files there"
    )
    parser.add_argument("-p", "--package", dest="packages", metavar="PKG", action="append", help="files of a package")
    parser.add_argument("--from0", metavar="FILE", help="read NUL-separated paths from FILE, - for standard input")
    parser.add_argument(
        "--rpm-stdin", action="store_true", help="read a path a line from standard input, as rpm gives it"
    )
    parser.add_argument("-V", dest="versions", metavar="RANGE", type=_range, help="3.11, 3.9-, -3.12 or 3.9-3.12")
    parser.add_argument("-X", dest="exclude", metavar="REGEX", action="append", help="leave out sources that match")
    parser.add_argument("--cache-prefix", metavar="DIR", help="the caches lie in this central directory")
    parser.add_argument("--as-owner", action="store_true", help="work as the owner in directories that aren't root's")


def _add_changed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--changed0", metavar="FILE", help="write what was made or repaired to FILE, NUL-terminated")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", metavar="DIR", help="the system lies in DIR (DPKG_ROOT)")
    parser.add_argument("-n", "--dry-run", action="store_true", help="change nothing, tell what would be done")
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON to FILE, - for standard output")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("-q", "--quiet", action="store_true", help="say nothing of single files")
    how.add_argument("-v", "--verbose", action="store_true", help="tell each thing done")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")


def _levels(text: str) -> tuple[int, ...]:
    try:
        return parse_levels(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _mode(text: str) -> InvalidationMode:
    try:
        return parse_mode(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _range(text: str) -> VersionRange:
    try:
        return parse_version_range(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds < _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
