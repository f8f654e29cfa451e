# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Byte-compile what a package ships, in rpmbuild's build root and reproducibly.

    python3 -m pkgtools.rpmbuild.bytecompile --root BUILDROOT [--interpreter PYTHON PATH... | PATH...]

Without an interpreter each PATH (the libraries of all interpreters, if none is given) is compiled for the interpreter
whose library it lies in. The runtime does the work; what differs from an installed system is here: times of sources
are whole seconds and not later than SOURCE_DATE_EPOCH, bytecode found in the build root is never kept, a pyc has its
source's time, and who may write to the build root is the builder's business.

This runs under the build host's Python 3.9 and later (the macros, too, are for older distributions than the commands).
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.runtime.clean_job import CleanRun, clean_sources
from pkgtools.runtime.compile_job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.errors import EnvironmentFault, PkgtoolsError, UsageError
from pkgtools.runtime.facts import InstalledPath, Interpreter, InvalidationMode, Policy, Status
from pkgtools.runtime.filelist import absolute, is_below
from pkgtools.runtime.interpreters import describe
from pkgtools.runtime.interrupts import exit_with
from pkgtools.runtime.layout import VersionRange
from pkgtools.runtime.observe import Wanted
from pkgtools.runtime.report import Report, line
from pkgtools.runtime.selection import select_paths
from pkgtools.runtime.trust import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.facts import Outcome
    from pkgtools.runtime.filelist import Directory

PROGRAM = "pkgtools-bytecompile"
ERRORS = ("error", "warn", "skip")
_NANOSECONDS = 1_000_000_000
_LIBRARY = re.compile(r"/usr/lib(?:64|32)?/((?:python|pypy)3(?:\.\d+)?)")
_ORDER_MATTERS = (3, 13)
"""From here on a pyc's bytes can depend on what its process compiled before, so one process compiles all, in order."""


class BuildRoot(Tree):
    """A build root: whoever builds owns it, and what a group may write to there says nothing of what is installed."""

    def _step(self, parent: int, name: str, path: InstalledPath, *, passing: bool = False) -> int:
        return self._look(parent, name, path)


class Rule(NamedTuple):
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
    default_interpreter: InstalledPath = InstalledPath("/usr/bin/python3")
    """The one for libraries of all versions."""
    levels: tuple[int, ...] = (0, 1)
    rules: tuple[Rule, ...] = ()
    """The first one that matches decides."""
    exclude: tuple[re.Pattern[str], ...] = ()
    """Sources are skipped whose whole installed path one of these matches from its start."""
    errors: str = "error"
    """What is done where no rule matches: error, warn or skip."""
    mode: InvalidationMode = InvalidationMode.TIMESTAMP
    hardlinks: bool = True
    epoch: int | None = None
    """SOURCE_DATE_EPOCH: no source is younger (seconds)."""
    workers: int = 1

    def action(self, path: InstalledPath) -> str:
        """Say what is done if a source doesn't compile."""
        if any(pattern.match(path) for pattern in self.exclude):
            return "skip"
        return next((rule.action for rule in self.rules if fnmatch.fnmatchcase(path, rule.pattern)), self.errors)


class Verdict(NamedTuple):
    """What came of an order."""

    exit: int
    """0 done, 1 a bad source where that is an error, 2 it could not be done."""
    messages: tuple[str, ...]


def byte_compile(order: Order) -> Verdict:
    """Compile what an order names. Raises PkgtoolsError, OSError."""
    tree = BuildRoot(order.root, frozenset({0, os.geteuid()}))
    report = Report("compile")
    verdict = Verdict(0, ())
    try:
        for path, interpreter_path in _assignments(order):
            interpreter = describe(interpreter_path)
            if interpreter is None:
                verdict = _worse(verdict, _no_interpreter(order, path, interpreter_path))
                continue
            _compile(tree, order, path, interpreter, report)
        _finish(order, report.outcomes)
    finally:
        tree.close()
    return _worse(verdict, _judge(order, report.outcomes))


def _assignments(order: Order) -> Iterator[tuple[InstalledPath, InstalledPath]]:
    """Name the paths to compile, each with its interpreter."""
    for path in order.paths or _libraries(order.root):
        library = _LIBRARY.match(path)
        if order.interpreter is not None:
            yield path, order.interpreter
        elif library is None or "." not in library[1]:
            yield (
                path,
                InstalledPath("/usr/bin/pypy3") if library and library[1] == "pypy3" else order.default_interpreter,
            )
        else:
            yield path, InstalledPath(f"/usr/bin/{library[1]}")


def _libraries(root: str) -> list[InstalledPath]:
    """Find the libraries of all interpreters in a build root."""
    found = []
    for name in ("lib", "lib32", "lib64"):
        above = InstalledPath(f"/usr/{name}")
        try:
            names = sorted(entry.name for entry in Path(root + above).iterdir() if not entry.is_symlink())
        except (FileNotFoundError, NotADirectoryError):
            continue
        found += [InstalledPath(f"{above}/{one}") for one in names if _LIBRARY.fullmatch(f"{above}/{one}")]
    return found


def _no_interpreter(order: Order, path: InstalledPath, interpreter: InstalledPath) -> Verdict:
    action = order.action(path)
    if action == "skip":
        return Verdict(0, ())
    return Verdict(int(action == "error"), (f"{path}: {interpreter} doesn't run: add it to the BuildRequires",))


def _compile(tree: Tree, order: Order, path: InstalledPath, interpreter: Interpreter, report: Report) -> None:
    selection = select_paths(tree, [path])
    report.add_all(selection.problems)
    clean_sources(tree, selection.directories, CleanRun(VersionRange(interpreter.version, exact=True)), Report("clean"))
    directories = tuple(_without_skipped(order, selection.directories))
    for directory in directories:
        _settle_times(order, directory)
    wanted = [Wanted(d.base, d.path, d.sources, (interpreter,), order.levels) for d in directories]
    workers = 1 if interpreter.version >= _ORDER_MATTERS else order.workers
    settings = CompileSettings(order.mode, workers=workers, durable=False)
    compile_wanted(tree, wanted, CompileRun(Policy(order.mode, force=True), settings), report)


def _without_skipped(order: Order, directories: Iterable[Directory]) -> Iterator[Directory]:
    for one in directories:
        names = tuple(n for n in one.sources if order.action(InstalledPath(f"{one.path}/{n}")) != "skip")
        if names:
            yield one._replace(sources=names)


def _settle_times(order: Order, directory: Directory) -> None:
    """Give sources times that rpm keeps: whole seconds, and none later than SOURCE_DATE_EPOCH."""
    for name in directory.sources:
        path = Path(f"{order.root}{directory.path}/{name}")
        found = path.lstat().st_mtime_ns
        seconds = found // _NANOSECONDS
        if order.epoch is not None:
            seconds = min(seconds, order.epoch)
        if seconds * _NANOSECONDS != found:
            _set_time(path, seconds * _NANOSECONDS)


def _set_time(path: Path, nanoseconds: int) -> None:
    os.utime(path, ns=(nanoseconds, nanoseconds), follow_symlinks=False)


def _finish(order: Order, outcomes: Iterable[Outcome]) -> None:
    """Make pycs fit to be shipped: no time of their own, and no links where none are wanted."""
    for outcome in outcomes:
        if outcome.status in {Status.COMPILED, Status.LINKED} and outcome.source is not None:
            pyc = Path(order.root + outcome.path)
            if not order.hardlinks and pyc.lstat().st_nlink > 1:
                _unlink_twin(pyc)
            _set_time(pyc, Path(order.root + outcome.source).lstat().st_mtime_ns)


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


def _judge(order: Order, outcomes: Iterable[Outcome]) -> Verdict:
    verdict = Verdict(0, ())
    told = set()
    for outcome in outcomes:
        if outcome.status is Status.FAILED:
            source = outcome.source or outcome.path
            if source not in told:
                told.add(source)
                failed = int(order.action(source) == "error")
                verdict = _worse(verdict, Verdict(failed, (line(outcome),)))
        elif outcome.status in {Status.ERROR, Status.REFUSED}:
            verdict = _worse(verdict, Verdict(2, (line(outcome),)))
    return verdict


def _worse(one: Verdict, other: Verdict) -> Verdict:
    return Verdict(max(one.exit, other.exit), (*one.messages, *other.messages))


def read_rules(words: Iterable[str]) -> tuple[Rule, ...]:
    """Read `ACTION:PATTERN`s. Raises UsageError."""
    rules = []
    for word in words:
        action, colon, pattern = word.partition(":")
        if action not in ERRORS or not colon or not pattern:
            raise UsageError(
                f"policy {word!r}: write error:GLOB, warn:GLOB or skip:GLOB with an installed path as GLOB"
            )
        rules.append(Rule(action, pattern))
    return tuple(rules)


def read_exclude(pattern: str) -> re.Pattern[str]:
    """Read a regular expression. Raises UsageError."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"exclude {pattern!r}: {error}") from error


def read_levels(text: str) -> tuple[int, ...]:
    """Read `0,1` or `0 1`. Raises UsageError."""
    words = text.replace(",", " ").split()
    if not words or not set(words) <= {"0", "1", "2"}:
        raise UsageError(f"levels {text!r}: write some of 0, 1 and 2, as 0,1")
    return tuple(sorted({int(word) for word in words}))


def installed_path(root: str, path: str) -> InstalledPath:
    """Take the build root from the front of a path, if it's there. Raises UsageError for a relative one."""
    if not path.startswith("/"):
        raise UsageError(f"path {path!r}: it must be absolute, with the build root in front or without")
    whole, base = absolute(path), absolute(root)
    if whole == base:
        return InstalledPath("/")
    return InstalledPath(whole[len(base) :]) if is_below(whole, base) else whole


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", required=True, metavar="BUILDROOT", help="rpmbuild's build root")
    parser.add_argument("--interpreter", metavar="PYTHON", help="compile for this one (default: as the library says)")
    parser.add_argument(
        "--default-interpreter",
        default="/usr/bin/python3",
        metavar="PYTHON",
        help="for libraries of no certain version (default: %(default)s)",
    )
    parser.add_argument("--levels", default="0,1", help="optimization levels (default: %(default)s)")
    parser.add_argument(
        "--errors", choices=ERRORS, default="error", help="what sources that don't compile are (default: %(default)s)"
    )
    parser.add_argument("--policy", default="", metavar="RULES", help="words ACTION:GLOB; the first match decides")
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="REGEX", help="skip what it matches from the path's start"
    )
    parser.add_argument(
        "--invalidation-mode", choices=[mode.value for mode in InvalidationMode], default="timestamp", help="PEP 552"
    )
    parser.add_argument("--no-hardlinks", action="store_true", help="equal levels are files of their own")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="processes at once (default: one a core)")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and directories (default: all libraries)")
    return parser


def _order(given: argparse.Namespace, epoch: str | None) -> Order:
    root = absolute(given.root)
    if root == "/" or not Path(root).is_dir():
        raise UsageError(f"build root {given.root!r}: it must be a directory other than /")
    if epoch and not re.fullmatch(r"[0-9]+", epoch):
        raise EnvironmentFault(f"SOURCE_DATE_EPOCH is {epoch!r}: it must be a number of seconds")
    return Order(
        root=root,
        paths=tuple(installed_path(root, path) for path in given.paths),
        interpreter=InstalledPath(given.interpreter) if given.interpreter else None,
        default_interpreter=InstalledPath(given.default_interpreter),
        levels=read_levels(given.levels),
        rules=read_rules(given.policy.split()),
        exclude=tuple(map(read_exclude, given.exclude)),
        errors=given.errors,
        mode=InvalidationMode(given.invalidation_mode),
        hardlinks=not given.no_hardlinks,
        epoch=int(epoch) if epoch else None,
        workers=given.jobs if given.jobs > 0 else len(os.sched_getaffinity(0)),
    )


def main() -> None:
    """Compile what the arguments say, and exit."""
    os.umask(0o022)
    exit_with(_run)


def _run() -> int:
    try:
        verdict = byte_compile(_order(_parser().parse_args(), os.environ.get("SOURCE_DATE_EPOCH")))
    except (PkgtoolsError, OSError) as error:
        verdict = Verdict(2, (str(error),))
    for message in verdict.messages:
        print(f"{PROGRAM}: {message.encode('utf-8', 'backslashreplace').decode()}", file=sys.stderr)
    return verdict.exit


if __name__ == "__main__":
    main()
