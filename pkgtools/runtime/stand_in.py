# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Standing in for Debian's py3compile and py3clean: their options, mapped to ours.

(In a package's postinst the launcher leaves public modules to the trigger, which compiles those of all packages in one
batch.)
"""

from __future__ import annotations

from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.sources import absolute
from pkgtools.runtime.policy.version_range import ANY_VERSION, parse_version_range
from pkgtools.runtime.system.interpreters import find_interpreters
from pkgtools.runtime.system.trust import Tree

from .arguments import Argument, CommandLine
from .errors import UsageError
from .facts import InstalledPath
from .options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.policy.version_range import VersionRange

_NO_SUCH_VERSION = 3
_COMMON = (
    Argument(("-p", "--package"), "package", "the package whose files are meant", "PACKAGE"),
    Argument(("-V",), "versions", "3.11, 3.9-, -3.12 or 3.9-3.12", "RANGE", convert=parse_version_range),
    Argument(("-v", "--verbose"), "verbose", "name each thing done"),
    Argument(("-q", "--quiet"), "quiet", "be quiet, which is the default"),
    Argument((), "items", "directories and files", "DIR_OR_FILE", repeated=True),
)
PY3COMPILE = CommandLine(
    "py3compile",
    "Compile Python sources; pkgtools stands in for the program of this name.",
    (
        Argument(("-f", "--force"), "force", "rebuild what is fresh, too"),
        Argument(("-O",), "optimize", "compile to .opt-1.pyc files"),
        Argument(("-X", "--exclude"), "exclude", "exclude sources that match", "REGEX", repeated=True),
        *_COMMON,
    ),
    abbreviations=True,
)
PY3CLEAN = CommandLine(
    "py3clean",
    "Remove caches of Python sources; pkgtools stands in for the program of this name.",
    _COMMON,
    abbreviations=True,
)


class _Given(NamedTuple):
    """What was given to one of them."""

    package: str = ""
    versions: VersionRange | None = None
    verbose: bool = False
    quiet: bool = False
    items: tuple[str, ...] = ()
    force: bool = False
    optimize: bool = False
    exclude: tuple[str, ...] = ()


def parse_py3compile(arguments: list[str], root: str | None, script: str | None) -> Options:
    """Read py3compile's arguments.

    `script` is the maintainer script that calls, by DPKG_MAINTSCRIPT_NAME. Raises UsageError.
    """
    given = _read(PY3COMPILE, arguments)
    if given.exclude and not given.items:
        raise UsageError("-X works with private directories only: use /usr/share/python3/bcep for public modules")
    return Options(
        command="compile",
        root=root or "/",
        dry_run=False,
        verbosity=int(given.verbose),
        paths=_paths(given.items),
        packages=_packages(given.package),
        versions=given.versions if given.package else given.versions or ANY_VERSION,
        every_version=not given.package,
        exclude=tuple(given.exclude),
        levels=(1,) if given.optimize else (0,),
        force=given.force,
        strict=script is None,  # a bad module must not keep a package from being configured
    )


def parse_py3clean(arguments: list[str], root: str | None) -> Options:
    """Read py3clean's arguments. Raises UsageError."""
    given = _read(PY3CLEAN, arguments)
    return Options(
        command="clean",
        root=root or "/",
        dry_run=False,
        verbosity=int(given.verbose),
        paths=_paths(given.items),
        packages=_packages(given.package),
        versions=given.versions,
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


def _read(line: CommandLine, arguments: list[str]) -> _Given:
    given = line.read([word for word in arguments if word])  # an empty one would be the working directory
    if not given.get("package") and not given.get("items"):
        raise UsageError(f"nothing named: give -p PACKAGE or a directory (see {line.program} --help)")
    return _Given(**given)


def _paths(items: tuple[str, ...]) -> tuple[InstalledPath, ...]:
    return tuple(absolute(item) for item in items)


def _packages(package: str) -> tuple[str, ...]:
    return (package,) if package else ()
