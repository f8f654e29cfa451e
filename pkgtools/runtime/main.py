# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Where the commands begin: the only place that reads the environment, prints and exits."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from .batch import remove_all, run_batch
from .drop_in import parse_py3clean, parse_py3compile
from .dropins import exclusion_of_option, read_drop_ins
from .errors import PkgtoolsError
from .facts import InstalledPath, Policy
from .filelist import directories_in_list, merge, read_nul_list, read_rpm_list
from .interpreters import find_interpreters, require_interpreters
from .jobs import CleanRun, CompileRun, clean_orphans, clean_sources, compile_wanted
from .layout import ANY_VERSION
from .options import parse
from .packages import files_of_package
from .perform import Settings
from .progress import Bar
from .report import Report
from .selection import Wish, select_listed, select_paths, want
from .trust import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dropins import DropIns, Exclusion
    from .filelist import Directory
    from .options import Options

_STAND_INS = frozenset({"py3compile", "py3clean"})


def main(command: str) -> None:
    """Run compile, clean, trigger, py3compile or py3clean with the process's arguments, and exit."""
    for missing in range(3):  # a closed standard descriptor would be given to the next file we open
        try:
            os.fstat(missing)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    os.umask(0o077)
    gc.disable()  # a run makes many records and no cycles: collecting is a third of the time, for nothing
    program = command if command in _STAND_INS else f"pkgtools-{command}"
    try:
        options = _options(command)
        status = 0 if options is None else _finish(options, program)
    except (PkgtoolsError, OSError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        status = 2
    if command == "py3compile" and status == 2:
        status = 1  # py3compile's code for a job that failed; 2 is for a bad option
    sys.exit(status)


def _options(command: str) -> Options | None:
    arguments, root = sys.argv[1:], os.environ.get("DPKG_ROOT") or None
    if command == "py3compile":
        return parse_py3compile(arguments, root, os.environ.get("DPKG_MAINTSCRIPT_NAME"))
    if command == "py3clean":
        return parse_py3clean(arguments, root)
    return parse(command, arguments, root)


def _finish(options: Options, program: str) -> int:
    report = Report(options.command, dry_run=options.dry_run)
    _run(options, report)
    return _tell(options, report, program)


def _run(options: Options, report: Report) -> None:
    tree = Tree(options.root, frozenset({0, os.geteuid()}))
    bar = Bar(sys.stderr, "compiling")
    progress = bar.update if options.verbosity == 0 and sys.stderr.isatty() else _no_progress
    run = _compile_run(options, progress)
    if options.command == "compile":
        _compile(tree, options, run, report)
    elif options.command == "clean":
        _clean(tree, options, report)
    elif options.remove_all:
        remove_all(tree, dry_run=options.dry_run, report=report)
    else:
        run_batch(tree, run, report)
    bar.finish()
    tree.close()


def _no_progress(_done: int, _total: int) -> None:
    return


def _compile(tree: Tree, options: Options, run: CompileRun, report: Report) -> None:
    drop_ins = read_drop_ins(tree)
    installed = find_interpreters(tree, remember=not options.dry_run)
    require_interpreters(installed)
    report.add_all((*drop_ins.problems, *installed.problems))
    directories = _directories(tree, options, drop_ins, report)
    by_option = tuple(e for pattern in options.exclude for e in exclusion_of_option(pattern, options.paths))
    every = not options.packages
    wish = Wish(options.versions, every, options.levels, by_option)
    wanted, skipped = want(directories, wish, drop_ins, installed)
    report.add_all(skipped)
    compile_wanted(tree, wanted, run, report)


def _compile_run(options: Options, progress: Callable[[int, int], None]) -> CompileRun:
    workers = options.workers or len(os.sched_getaffinity(0))
    settings = Settings(options.mode, workers, options.timeout, options.sync, progress)
    policy = Policy(options.mode, options.force, options.verify)
    return CompileRun(policy, settings, options.cache_prefix, options.dry_run, options.as_owner)


def _clean(tree: Tree, options: Options, report: Report) -> None:
    run = CleanRun(options.versions or ANY_VERSION, options.cache_prefix, options.dry_run, options.as_owner)
    exclusions = [e for pattern in options.exclude for e in exclusion_of_option(pattern, options.paths)]
    kept = [
        one._replace(sources=tuple(n for n in one.sources if not _is_excluded(f"{one.path}/{n}", exclusions)))
        for one in _directories(tree, options, None, report)
    ]
    clean_sources(tree, kept, run, report)
    clean_orphans(tree, options.orphans, run, report)


def _is_excluded(path: str, exclusions: list[Exclusion]) -> bool:
    return any(exclusion.covers(InstalledPath(path)) for exclusion in exclusions)


def _directories(tree: Tree, options: Options, drop_ins: DropIns | None, report: Report) -> tuple[Directory, ...]:
    """Return what was named. Cleaning (no `drop_ins`) takes all sources of a list, wherever they lie."""
    listed: list[InstalledPath] = []
    for package in options.packages:
        listed.extend(files_of_package(tree, package))
    if options.rpm_stdin:
        listed.extend(read_rpm_list(sys.stdin.buffer.read()))
    below = options.paths if options.packages else ()
    if drop_ins is None and not below:
        found = directories_in_list(listed)
    else:
        found = select_listed(listed, drop_ins or read_drop_ins(tree), below)
    if options.from0:
        found += directories_in_list(read_nul_list(_read(options.from0)))
    if not options.packages:
        selection = select_paths(tree, options.paths)
        report.add_all(selection.problems)
        found += selection.directories
    return merge(found)


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    with open(name, "rb") as stream:
        return stream.read()


def _tell(options: Options, report: Report, program: str) -> int:
    status = report.exit_code(strict=options.strict)
    if options.verbosity > 0 or (options.dry_run and options.json is None):
        for text in report.lines():
            stream = sys.stderr if options.json == "-" else sys.stdout
            print(text.encode("utf-8", "backslashreplace").decode(), file=stream)
    elif options.verbosity == 0:
        for text in report.complaints():
            print(f"{program}: {text.encode('utf-8', 'backslashreplace').decode()}", file=sys.stderr)
    if options.json == "-":
        print(report.json(status))
    elif options.json is not None:
        with open(options.json, "w", encoding="ascii") as stream:
            stream.write(report.json(status) + "\n")
    return status
