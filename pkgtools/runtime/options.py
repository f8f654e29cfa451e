# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The options of pkgtools-compile, pkgtools-clean and pkgtools-trigger."""

from __future__ import annotations

import os

from pkgtools import __version__
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.admin import parse_levels, parse_mode
from pkgtools.runtime.policy.sources import absolute
from pkgtools.runtime.policy.version_range import VersionRange, parse_version_range

from .arguments import Argument, CommandLine
from .errors import UsageError
from .facts import InstalledPath, InvalidationMode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EPILOG_COMPILE = """examples:
  pkgtools-compile -p python3-foo
      the package's modules in public and registered directories
  pkgtools-compile -p foo -V 3.9- /usr/share/foo
      its private modules, for one interpreter from 3.9 on
  pkgtools-compile -O 0,1,2 /opt/app
      a tree, all levels, for the default interpreter
  pkgtools-compile --dry-run -v /opt/app
      what would be done
  find /opt -name '*.py' -print0 | pkgtools-compile --from0 -

exit status: 0 done (bad sources are reported), 1 a bad source and --strict, 2
the job could not be done
"""
_EPILOG_CLEAN = """examples:
  pkgtools-clean -p python3-foo
      the caches of all the package's sources
  pkgtools-clean -V 3.9 /usr/share/foo
      those of one version
  pkgtools-clean --orphans /usr/lib/python3/dist-packages
      caches whose source is gone and that no package owns

exit status: 0 done, 2 the job could not be done
"""
_EPILOG_TRIGGER = """examples:
  pkgtools-trigger -v
      serve what changed since the last batch
  pkgtools-trigger --all
      put all public and registered directories in order
  pkgtools-trigger --all --dry-run --json -
      what would be done, as JSON

exit status: 0 done (bad sources are reported), 2 the job could not be done
"""
_LONGEST = 1e6


class Options(NamedTuple):
    """What was asked for on the command line, checked."""

    command: str
    """`compile`, `clean` or `trigger`."""
    root: str
    """The absolute path of the system to work on, as the caller sees it: --root, else DPKG_ROOT, else `/`."""
    dry_run: bool = False
    """Change nothing and print what would be done."""
    verbosity: int = 0
    """-1 quiet, 0, 1 verbose."""
    json: str | None = None
    """The file to write the report to as JSON, `-` for standard output; None: no JSON."""
    changed0: str | None = None
    """The file for the NUL-terminated paths that were made or repaired, `-` for standard output; None: no list."""
    paths: tuple[InstalledPath, ...] = ()
    """Directories and sources to work on; with packages only those of their files that lie there count."""
    packages: tuple[str, ...] = ()
    """Names of installed packages whose sources are meant."""
    from0: str | None = None
    """The file with NUL-separated paths of sources, `-` for standard input; None: no list."""
    rpm_stdin: bool = False
    """Read the paths that rpm gives a file trigger, one a line, from standard input."""
    versions: VersionRange | None = None
    """The Python versions to work for, from -V; None: those that each directory serves."""
    every_version: bool = False
    """Private modules are compiled for each of the versions, as py3compile does; else for the one that runs them."""
    exclude: tuple[str, ...] = ()
    """Regular expressions from -X; sources that one of them matches are left out."""
    cache_prefix: InstalledPath | None = None
    """The directory of a central cache; None: each source has its `__pycache__`."""
    as_owner: bool = False
    """Work in directories of other users as those users, instead of refusing them."""
    python: InstalledPath | None = None
    """The interpreter to compile for, wherever it lies; None: those of the distribution that import from there."""
    store: InstalledPath | None = None
    """The directory of a store of bytecode; None: there is none but our own."""
    store_key: InstalledPath | None = None
    """The file with the key of that store; None: its entries have no authentication codes."""
    levels: tuple[int, ...] | None = None
    """None: as the administrator says."""
    mode: InvalidationMode | None = None
    """None: as the administrator says."""
    force: bool = False
    """Compile what is fresh, too."""
    verify: bool = False
    """Compile what is fresh and compare; replace what differs."""
    strict: bool = False
    """Exit with 1 if a source can't be compiled."""
    sync: bool = True
    """Make pycs durable before they get their names; False with --no-sync."""
    workers: int | None = None
    """How many processes compile at once; None: one more than there are cores."""
    timeout: float = 120.0
    """Seconds that compiling one source may take."""
    orphans: tuple[InstalledPath, ...] = ()
    """Directories below which caches go whose source is gone and that no package owns."""
    remove_all: bool = False
    """Remove all pycs that this runtime made, because it is itself going to be removed."""
    everything: bool = False
    """Look at all public and registered directories, not only at what changed since the last batch."""


def parse(command: str, arguments: list[str], root: str | None = None) -> Options:
    """Read the arguments of a command; `root` is what DPKG_ROOT says.

    Raises UsageError; --help and --version print and raise SystemExit, as argparse does.
    """
    given = COMMANDS[command].read(arguments)
    values: dict[str, Any] = {name: value for name, value in given.items() if name in Options._fields}
    values["root"] = os.path.abspath(values.get("root") or root or "/")
    for name in ("root", "cache_prefix", "from0", "json", "changed0", "store", "store_key", "python"):
        if given.get(name) == "":
            raise UsageError(f"an empty value for --{name.replace('_', '-')}: leave the option out")
    if any(
        "" in values.get(name, ()) for name in ("paths", "orphans", "packages")
    ):  # it would be the working directory
        raise UsageError("an argument is empty: the variable that it was to come from may be unset")
    values["verbosity"] = -1 if "quiet" in given else int("verbose" in given)
    for name in ("paths", "orphans"):
        values[name] = tuple(_local(path) for path in values.get(name, ()))
    for name in {"cache_prefix", "store", "store_key", "python"} & values.keys():
        values[name] = absolute(values[name])
    for name, what in (("cache_prefix", "central cache"), ("store", "store")):
        if values.get(name) == "/":
            raise UsageError(f"--{name.replace('_', '-')} /: the {what} needs a directory of its own")
    for name in ("packages", "exclude"):
        values[name] = tuple(values.get(name, ()))
    options = Options(command=command, **values)
    return _checked(options)


def _local(path: str) -> InstalledPath:
    if "://" in path:
        raise UsageError(f"{path} is a URL: name a directory or a .py file of this system")
    return absolute(path)


def _checked(options: Options) -> Options:
    if options.json == options.changed0 == "-":
        raise UsageError("--json - and --changed0 - exclude each other: standard output takes one of them")
    if options.command == "trigger":
        if options.everything and options.rpm_stdin:
            raise UsageError("--all and --rpm-stdin exclude each other: a list is not everything")
        return options
    named = options.paths or options.packages or options.from0 or options.rpm_stdin or options.orphans
    if not named:
        raise UsageError(
            f"nothing named: give paths, -p PACKAGE or --from0 FILE (see pkgtools-{options.command} --help)"
        )
    if options.from0 and options.rpm_stdin:
        raise UsageError("--from0 and --rpm-stdin exclude each other: one list at a time")
    if options.python and options.as_owner:
        raise UsageError("--python and --as-owner exclude each other: the interpreter has a user of its own")
    return _with_store(options)


def _with_store(options: Options) -> Options:
    if options.store_key and not options.store:
        raise UsageError("--store-key without --store: it is the key of the store that --store names")
    if options.store and options.as_owner:
        raise UsageError("--store and --as-owner exclude each other: the store is root's, other owners can't use it")
    if options.store and options.verify:
        raise UsageError("--store and --verify exclude each other: --verify compiles everything and compares")
    return options


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds < _LONGEST:
        raise UsageError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise UsageError(f"{text!r} is not a number from 1 on")
    return int(text)


_RPM_STDIN = Argument(("--rpm-stdin",), "rpm_stdin", "read a path a line from standard input, as rpm gives it")
_SOURCES = (
    Argument((), "paths", "directories and .py files; with -p, only its files there", "PATH", repeated=True),
    Argument(("-p", "--package"), "packages", "files of a package", "PKG", repeated=True),
    Argument(("--from0",), "from0", "read NUL-separated paths from FILE, - for standard input", "FILE"),
    _RPM_STDIN,
    Argument(("-V",), "versions", "3.11, 3.9-, -3.12 or 3.9-3.12", "RANGE", convert=parse_version_range),
    Argument(("-X",), "exclude", "leave out sources that match", "REGEX", repeated=True),
    Argument(("--cache-prefix",), "cache_prefix", "the caches lie in this central directory", "DIR"),
    Argument(("--as-owner",), "as_owner", "work as the owner in directories that aren't root's"),
)
_NO_SYNC = Argument(("--no-sync",), "sync", "do without durability (image builds)", value=False)
_JOBS = Argument(("-j", "--jobs"), "workers", "processes at once (all cores)", "N", convert=_positive)
_CHANGED = Argument(("--changed0",), "changed0", "write what was made or repaired to FILE, NUL-terminated", "FILE")
_COMMON = (
    Argument(("--root",), "root", "the system lies in DIR (DPKG_ROOT)", "DIR"),
    Argument(("-n", "--dry-run"), "dry_run", "change nothing, say what would be done"),
    Argument(("--json",), "json", "write the report as JSON to FILE, - for standard output", "FILE"),
    Argument(("-q", "--quiet"), "quiet", "say nothing of single files"),
    Argument(("-v", "--verbose"), "verbose", "name each thing done"),
)
_COMPILE = (
    *_SOURCES,
    Argument(("-O",), "levels", "optimization levels, as 0,1,2 (0)", "LEVELS", convert=parse_levels),
    Argument(
        ("--invalidation-mode",),
        "mode",
        "timestamp, checked-hash or unchecked-hash (timestamp)",
        "MODE",
        convert=parse_mode,
    ),
    Argument(("--python",), "python", "compile for this interpreter, without the rights of root", "PATH"),
    Argument(("--store",), "store", "take bytecode from this store, and keep there what is compiled", "DIR"),
    Argument(("--store-key",), "store_key", "the key that authenticates what is in the store", "FILE"),
    Argument(("-f", "--force"), "force", "compile what is fresh, too"),
    Argument(("--verify",), "verify", "compile what is fresh and compare; replace what differs"),
    Argument(("--strict",), "strict", "exit with 1 if a source can't be compiled"),
    *(_NO_SYNC, _JOBS),
    Argument(("--timeout",), "timeout", "for one source (120)", "SECONDS", convert=_seconds),
    _CHANGED,
    *_COMMON,
)
_CLEAN = (
    *_SOURCES,
    Argument(
        ("--orphans",),
        "orphans",
        "remove caches below DIR whose source is gone and that no package owns",
        "DIR",
        repeated=True,
    ),
    *_COMMON,
)
_TRIGGER = (
    Argument(("--all",), "everything", "look at everything, not only at what changed"),
    _RPM_STDIN,
    Argument(("--remove-all",), "remove_all", "remove what all batches made"),
    *(_NO_SYNC, _JOBS, _CHANGED),
    *_COMMON,
)


def _command(name: str, description: str, arguments: tuple[Argument, ...], epilog: str) -> CommandLine:
    loudness = frozenset({"quiet", "verbose"})
    return CommandLine(f"pkgtools-{name}", description, arguments, epilog, __version__, loudness)


COMMANDS = {
    "compile": _command("compile", "Compile Python sources into root-owned caches.", _COMPILE, _EPILOG_COMPILE),
    "clean": _command("clean", "Remove the caches of Python sources, and nothing else.", _CLEAN, _EPILOG_CLEAN),
    "trigger": _command(
        "trigger", "Put all caches of packaged modules in order, in one batch.", _TRIGGER, _EPILOG_TRIGGER
    ),
}
"""What each command takes, by its name."""
