# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Byte-compile what a package ships, in a build root and reproducibly.

Without an interpreter each path (the libraries of all interpreters, if none is given) is compiled for the interpreter
whose library it lies in. The runtime does the work; what differs from an installed system is here: times of sources
are whole seconds and not later than SOURCE_DATE_EPOCH says, bytecode found in the build root is never kept, a pyc has
its source's time, and who may write to the build root is the builder's business.

This runs under the build host's Python 3.9 and later (the macros, too, are for older distributions than the commands).
"""

from __future__ import annotations

import fnmatch
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.runtime.clean.job import CleanRun, clean_sources
from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.complaints import line
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.facts import InstalledPath, Interpreter, InvalidationMode, Policy, Status
from pkgtools.runtime.policy.expressions import compile_expression
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, parse_pyc_name
from pkgtools.runtime.policy.selection import select_paths
from pkgtools.runtime.policy.sources import SUFFIX, is_below
from pkgtools.runtime.policy.version_range import VersionRange
from pkgtools.runtime.pythons import PYPY, SHARED_NAME, library_of, parse_python_name
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.interpreters import BIN, describe
from pkgtools.runtime.system.own_interpreter import describe_without_rights
from pkgtools.runtime.system.trust import Tree
from pkgtools.runtime.system.user_namespace import is_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.facts import Outcome
    from pkgtools.runtime.policy.sources import Directory

ERRORS = ("error", "warn", "skip")
_NANOSECONDS = 1_000_000_000
_PREFIXES = ("/app", "/opt", "/srv")
"""Where virtual environments and interpreters of vendors lie; Flatpak's packages have the prefix /app."""
_NOTHING = "nothing is compiled: no module lies in an interpreter's library; name private directories, as in the manual"
_BUILD_AS_USER = "build as an ordinary user, or let every user read the tree and what is above it"
_ORDER_MATTERS = (3, 13)
"""From here on a pyc's bytes can depend on what its process compiled before, so one process compiles all, in order."""


class SourceRule(NamedTuple):
    """What to do about sources that match."""

    action: str
    """error, warn or skip."""
    pattern: str
    """Matches whole installed paths, as in fnmatch; `*` matches slashes too."""


class Order(NamedTuple):
    """What is to be compiled, and how."""

    root: str
    """The build root."""
    paths: tuple[InstalledPath, ...]
    """As installed; all libraries if there are none."""
    interpreter: InstalledPath | None = None
    """None: the one that a library belongs to."""
    default_interpreter: InstalledPath = InstalledPath(f"{BIN}/{SHARED_NAME}")
    """The one for libraries of all versions."""
    levels: tuple[int, ...] = (0, 1)
    """Optimization levels to compile for."""
    rules: tuple[SourceRule, ...] = ()
    """The first one that matches decides."""
    exclude: tuple[re.Pattern[str], ...] = ()
    """Sources are skipped whose whole installed path one of these matches from its start."""
    errors: str = "error"
    """What is done where no rule matches: error, warn or skip."""
    mode: InvalidationMode = InvalidationMode.TIMESTAMP
    """The invalidation mode of the pycs."""
    hardlinks: bool = True
    """Whether pycs of several levels with the same bytes stay hard links to one file."""
    own: bool = False
    """The interpreter is the package's own: root doesn't run it with its own rights."""
    not_after: int | None = None
    """No source is younger, as by SOURCE_DATE_EPOCH (seconds since 1970)."""
    workers: int = 1
    """How many processes compile at once; one only for interpreters whose output depends on the order of sources."""

    def action(self, path: InstalledPath) -> str:
        """Say what is done if a source doesn't compile."""
        if any(pattern.match(path) for pattern in self.exclude):
            return "skip"
        return next((rule.action for rule in self.rules if fnmatch.fnmatchcase(path, rule.pattern)), self.errors)


class BuildVerdict(NamedTuple):
    """What came of an order."""

    exit: int
    """0 done, 1 a bad source where that is an error, 2 it could not be done."""
    messages: tuple[str, ...]
    """One line for each source that doesn't compile and for each thing that could not be done."""


def byte_compile(order: Order) -> BuildVerdict:
    """Compile what an order names. Raises PkgtoolsError, OSError."""
    tree = Tree(order.root, frozenset({0, os.geteuid()}), any_directory=True)
    report = Report("compile")
    verdict = BuildVerdict(0, ())
    try:
        for path, interpreter_path in _assignments(order):
            if _is_behind_link(order.root, path):
                message = f"{path}: a link, or behind one: name the path that it leads to"
                verdict = _worse(verdict, _by_policy(order, path, message))
                continue
            interpreter = (describe_without_rights if _is_confined(order) else describe)(interpreter_path)
            if interpreter is None:
                verdict = _worse(verdict, _no_interpreter(order, path, interpreter_path))
                continue
            if Path(order.root + path).is_dir():
                _remove_foreign(order.root, path, interpreter)
                verdict = _worse(verdict, BuildVerdict(0, tuple(_links(order, path))))
            _compile(tree, order, path, interpreter, report)
        _finish(order, report.outcomes)
    finally:
        tree.close()
    if not report.outcomes and not verdict.messages and _is_left_out(order.root):
        return BuildVerdict(0, (_NOTHING,))
    return _worse(verdict, _judge(order, report.outcomes))


def _is_confined(order: Order) -> bool:
    return order.own and is_root()


def _assignments(order: Order) -> Iterator[tuple[InstalledPath, InstalledPath]]:
    """Name the paths to compile, each with its interpreter."""
    for path in order.paths or _libraries(order.root):
        library = library_of(path)
        if order.interpreter is not None:
            yield path, order.interpreter
        elif library and (library.is_versioned or library.python.implementation is PYPY):
            yield path, InstalledPath(f"{BIN}/{library.python}")
        else:
            yield path, order.default_interpreter


def _libraries(root: str) -> list[InstalledPath]:
    """Find the libraries of all interpreters in a build root: the distribution's, and below the prefixes of others."""
    places = ["/usr", *(place for prefix in _PREFIXES for place in _directories_below(root, prefix))]
    found = []
    for above in (InstalledPath(f"{place}/{name}") for place in places for name in ("lib", "lib32", "lib64")):
        if not Path(root + above).is_symlink():  # lib64 of a virtual environment is lib; others lead to the host
            found += [InstalledPath(f"{above}/{one}") for one in _real_names(root + above) if _is_library(one)]
    return [one for one in found if not any(is_below(one, other) for other in found)]


def _directories_below(root: str, prefix: str) -> Iterator[str]:
    """Yield a directory and all below it; no link is followed."""
    if not Path(root + prefix).is_symlink():
        for directory, _, _ in os.walk(root + prefix):
            yield directory[len(root) :]


def _real_names(directory: str) -> list[str]:
    try:
        return sorted(entry.name for entry in Path(directory).iterdir() if not entry.is_symlink())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_left_out(root: str) -> bool:
    """Whether a build root has modules, and no bytecode at all."""
    names = [name for _, _, files in os.walk(root) for name in files]
    return any(name.endswith(".py") for name in names) and not any(name.endswith(".pyc") for name in names)


def _is_library(name: str) -> bool:
    python = parse_python_name(name)
    return python is not None and not python.implementation.refusal and str(python) == name


def _no_interpreter(order: Order, path: InstalledPath, interpreter: InstalledPath) -> BuildVerdict:
    if _is_confined(order) and order.action(path) != "skip":
        return BuildVerdict(2, (f"{path}: {interpreter} doesn't run without root's rights: {_BUILD_AS_USER}",))
    return _by_policy(order, path, f"{path}: {interpreter} doesn't run: add it to the BuildRequires")


def _by_policy(order: Order, path: InstalledPath, message: str) -> BuildVerdict:
    """Say that nothing is compiled for a path; the order says what that means."""
    action = order.action(path)
    return BuildVerdict(0, ()) if action == "skip" else BuildVerdict(int(action == "error"), (message,))


def _is_behind_link(root: str, path: InstalledPath) -> bool:
    """Whether a path of the build root is a link or lies behind one: then it may be the host's."""
    itself = os.path.realpath(root)
    return os.path.realpath(root + path) != os.path.normpath(f"{itself}/{path}")


def _remove_foreign(root: str, path: InstalledPath, interpreter: Interpreter) -> None:
    """Empty cache directories of what no import of the installed package would take, no link followed.

    That are pycs without a source, other tools' files, and in a library of one version those of other versions.
    """
    library = library_of(path)
    is_versioned = library is not None and library.is_versioned
    for top, subdirectories, names in os.walk(root + path):
        cache = Path(top, CACHE_DIRECTORY)
        if CACHE_DIRECTORY not in subdirectories or cache.is_symlink():
            continue
        subdirectories.remove(CACHE_DIRECTORY)
        stems = {name.rpartition(".")[0] for name in names}
        for file in cache.iterdir():
            pyc = parse_pyc_name(file.name)
            is_of_source = pyc is not None and pyc.stem in stems
            is_other = is_versioned and pyc is not None and pyc.tag != interpreter.cache_tag
            if (is_other or not is_of_source) and (file.is_symlink() or not file.is_dir()):
                file.unlink()
        if not any(cache.iterdir()):
            cache.rmdir()


def _links(order: Order, path: InstalledPath) -> Iterator[str]:
    """Say of which modules nothing is compiled because they are links."""
    for top, _, names in os.walk(order.root + path):
        for name in sorted(names):
            module = InstalledPath(f"{top[len(order.root) :]}/{name}")
            if name.endswith(SUFFIX) and Path(top, name).is_symlink() and order.action(module) != "skip":
                yield f"{module}: a link, for which nothing is compiled: install the module itself, or a hard link"


def _compile(tree: Tree, order: Order, path: InstalledPath, interpreter: Interpreter, report: Report) -> None:
    selection = select_paths(tree, [path])
    report.add_all(selection.problems)
    clean_sources(tree, selection.directories, CleanRun(VersionRange(interpreter.version, exact=True)), Report("clean"))
    directories = tuple(_without_skipped(order, selection.directories))
    for directory in directories:
        _settle_times(order, directory)
    wanted = [Wanted(d.base, d.path, d.sources, (interpreter,), order.levels) for d in directories]
    workers = 1 if interpreter.version >= _ORDER_MATTERS else order.workers
    settings = CompileSettings(order.mode, workers=workers, durable=False, confined=_is_confined(order))
    compile_wanted(tree, wanted, CompileRun(Policy(order.mode, force=True), settings), report)


def _without_skipped(order: Order, directories: Iterable[Directory]) -> Iterator[Directory]:
    for one in directories:
        names = tuple(n for n in one.sources if order.action(InstalledPath(f"{one.path}/{n}")) != "skip")
        if names:
            yield one._replace(sources=names)


def _settle_times(order: Order, directory: Directory) -> None:
    """Give sources times that rpm keeps: whole seconds, and none later than those that it sets back."""
    for name in directory.sources:
        path = f"{order.root}{directory.path}/{name}"
        found = os.lstat(path).st_mtime_ns
        seconds = found // _NANOSECONDS
        if order.not_after is not None:
            seconds = min(seconds, order.not_after)
        if seconds * _NANOSECONDS != found:
            _set_time(path, seconds * _NANOSECONDS)


def _set_time(path: str, nanoseconds: int) -> None:
    os.utime(path, ns=(nanoseconds, nanoseconds), follow_symlinks=False)


def _finish(order: Order, outcomes: Iterable[Outcome]) -> None:
    """Make pycs fit to be shipped: no time of their own, and no links where none are wanted."""
    for outcome in outcomes:
        if outcome.status in {Status.COMPILED, Status.LINKED} and outcome.source is not None:
            if outcome.status is Status.LINKED and order.hardlinks:
                continue  # the file has its time by its first name
            pyc = order.root + outcome.path
            if not order.hardlinks and os.lstat(pyc).st_nlink > 1:
                _unlink_twin(Path(pyc))
            _set_time(pyc, os.lstat(order.root + outcome.source).st_mtime_ns)


def _unlink_twin(path: Path) -> None:
    """Make one of several names of a file a file of its own."""
    mode = path.stat().st_mode
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
        twin = Path(stream.name)
        try:
            stream.write(path.read_bytes())
            stream.flush()
            os.fchmod(stream.fileno(), mode & 0o7777)
            twin.rename(path)
        finally:
            twin.unlink(missing_ok=True)


def _judge(order: Order, outcomes: Iterable[Outcome]) -> BuildVerdict:
    verdict = BuildVerdict(0, ())
    told = set()
    for outcome in outcomes:
        if outcome.status is Status.FAILED:
            source = outcome.source or outcome.path
            if source not in told:
                told.add(source)
                failed = int(order.action(source) == "error")
                verdict = _worse(verdict, BuildVerdict(failed, (line(outcome),)))
        elif outcome.status in {Status.ERROR, Status.REFUSED}:
            verdict = _worse(verdict, BuildVerdict(2, (line(outcome),)))
    return verdict


def _worse(one: BuildVerdict, other: BuildVerdict) -> BuildVerdict:
    return BuildVerdict(max(one.exit, other.exit), (*one.messages, *other.messages))


def read_epoch(text: str | None) -> int | None:
    """Read the value of SOURCE_DATE_EPOCH: seconds since 1970, or None where it isn't set. Raises EnvironmentFault."""
    if text and not re.fullmatch(r"[0-9]+", text):
        raise EnvironmentFault(f"SOURCE_DATE_EPOCH is {text!r}: it must be a number of seconds")
    return int(text) if text else None


def read_exclude(pattern: str) -> re.Pattern[str]:
    """Read a regular expression. Raises UsageError."""
    try:
        return compile_expression(pattern)
    except UsageError as error:
        raise UsageError(f"exclude {error}") from error
