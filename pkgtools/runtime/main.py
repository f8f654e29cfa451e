# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# ruff: noqa: PLC0415
"""Where the commands begin: the only place that reads the environment, prints and exits.

What only some commands need is imported where they begin: each module costs a part of a millisecond at every start.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from .dropins import read_drop_ins
from .errors import PkgtoolsError, UsageError, in_words
from .facts import InstalledPath, Outcome, Reason, Status
from .filelist import directories_in_list, merge, read_nul_list, read_rpm_list
from .interrupts import exit_with, write_nowhere
from .processes import nothing
from .progress import Bar
from .report import Report
from .selection import not_registered, select_listed, select_paths
from .trust import Tree

if TYPE_CHECKING:
    from .admin import AdminPolicy
    from .compile_job import CompileRun
    from .dropins import DropIns, Exclusion
    from .filelist import Directory
    from .options import Options

_A_FEW = 5
"""Complaints that a trigger prints: it runs in the middle of apt's output, and again whenever packages change."""
_STAND_INS = frozenset({"py3compile", "py3clean"})


def main(command: str, answer: int = 0) -> None:
    """Run compile, clean, trigger, py3compile or py3clean with the process's arguments, and exit.

    `answer` is added to the exit status, so that a launcher can tell it from an interpreter's.
    """
    _open_what_is_closed()
    os.umask(0o077)
    gc.disable()  # a run makes many records and no cycles: collecting is a third of the time, for nothing
    exit_with(lambda: _do(command), answer)


def _do(command: str) -> int:
    program = command if command in _STAND_INS else f"pkgtools-{command}"
    try:
        return _finish(_options(command), program)
    except (PkgtoolsError, OSError) as error:
        print(f"{program}: {in_words(error)}", file=sys.stderr)
        if command in _STAND_INS and not isinstance(error, UsageError):
            return 1  # theirs for a job that failed; 2 is for a bad option
        return 2


def _open_what_is_closed() -> None:
    """Give standard streams that the caller closed a descriptor: the next file we open would get theirs."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            nothing()
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115


def _options(command: str) -> Options:
    arguments, root = sys.argv[1:], os.environ.get("DPKG_ROOT") or None
    if command in _STAND_INS:
        from .drop_in import parse_py3clean, parse_py3compile

        if command == "py3clean":
            return parse_py3clean(arguments, root)
        return parse_py3compile(arguments, root, os.environ.get("DPKG_MAINTSCRIPT_NAME"))
    from .options import parse

    return parse(command, arguments, root)


def _finish(options: Options, program: str) -> int:
    report = Report(options.command, dry_run=options.dry_run)
    _run(options, report)
    status = _tell(options, report, program)
    if program not in _STAND_INS:
        return status
    from .drop_in import exit_code

    return exit_code(status, options, os.environ.get("DPKG_MAINTSCRIPT_NAME"))


def _run(options: Options, report: Report) -> None:
    tree = Tree(options.root, frozenset({0, os.geteuid()}))
    if options.command == "compile":
        _compile(tree, options, report)
    elif options.command == "clean":
        _clean(tree, options, report)
    else:
        _trigger(tree, options, report)
    tree.close()


def _trigger(tree: Tree, options: Options, report: Report) -> None:
    from .admin import read_admin_policy
    from .batch import remove_all, run_batch

    if options.remove_all:
        remove_all(tree, dry_run=options.dry_run, report=report)
        return
    policy = read_admin_policy(tree)
    report.add_all(policy.problems)
    with Bar(sys.stderr, "compiling") as bar:
        run_batch(tree, policy, _compile_run(options, policy, bar), report)


def _compile(tree: Tree, options: Options, report: Report) -> None:
    from .admin import DIRECTORY, read_admin_policy
    from .compile_job import compile_wanted
    from .dropins import exclusion_of_option
    from .interpreters import find_interpreters, require_interpreters
    from .selection import Wish, want

    policy = read_admin_policy(tree)
    report.add_all(policy.problems)
    if not policy.compile and (options.packages or options.rpm_stdin):
        report.add(Outcome(Status.SKIPPED, Reason.SWITCHED_OFF, DIRECTORY, detail="compile = no in bytecode.conf"))
        return
    drop_ins = read_drop_ins(tree)
    installed = find_interpreters(tree, remember=not options.dry_run)
    require_interpreters(installed)
    report.add_all((*drop_ins.problems, *installed.problems))
    directories = _directories(tree, options, drop_ins, report)
    by_option = tuple(e for pattern in options.exclude for e in exclusion_of_option(pattern, options.paths))
    wish = Wish(options.versions, options.every_version, options.levels or policy.levels, by_option)
    wanted, skipped = want(directories, wish, drop_ins, installed)
    report.add_all(skipped)
    with Bar(sys.stderr, "compiling") as bar:
        compile_wanted(tree, wanted, _compile_run(options, policy, bar), report)


def _compile_run(options: Options, policy: AdminPolicy, bar: Bar) -> CompileRun:
    from .compile_job import CompileRun, CompileSettings
    from .facts import Policy

    progress = bar.update if options.verbosity == 0 and sys.stderr.isatty() else None
    # one more than there are cores: while one's answer is written, the others work
    workers = options.workers or len(os.sched_getaffinity(0)) + 1
    mode = options.mode or policy.mode
    settings = CompileSettings(mode, workers, options.timeout, options.sync, progress)
    brought = options.command == "trigger" or bool(options.packages) or options.rpm_stdin
    asked = Policy(mode, options.force, options.verify, thorough=brought)
    return CompileRun(asked, settings, options.cache_prefix, options.dry_run, options.as_owner)


def _clean(tree: Tree, options: Options, report: Report) -> None:
    from .clean_job import CleanRun, clean_orphans, clean_sources
    from .dropins import exclusion_of_option
    from .layout import ANY_VERSION

    run = CleanRun(options.versions or ANY_VERSION, options.cache_prefix, options.dry_run, options.as_owner)
    exclusions = [e for pattern in options.exclude for e in exclusion_of_option(pattern, options.paths)]
    kept = [
        one._replace(
            sources=tuple(n for n in one.sources if not _is_excluded(InstalledPath(f"{one.path}/{n}"), exclusions))
        )
        for one in _directories(tree, options, None, report)
    ]
    clean_sources(tree, kept, run, report)
    clean_orphans(tree, options.orphans, run, report)


def _is_excluded(path: InstalledPath, exclusions: list[Exclusion]) -> bool:
    return any(exclusion.covers(path) for exclusion in exclusions)


def _directories(tree: Tree, options: Options, drop_ins: DropIns | None, report: Report) -> tuple[Directory, ...]:
    """Return what was named. Cleaning (no `drop_ins`) takes all sources of a list, wherever they lie."""
    listed: list[InstalledPath] = []
    if options.packages:
        from .packages import files_of_package

        for package in options.packages:
            listed.extend(files_of_package(tree, package, newest=drop_ins is not None))
    if options.rpm_stdin:
        listed.extend(read_rpm_list(sys.stdin.buffer.read()))
    below = options.paths if options.packages else ()
    if drop_ins is None and not below:
        found = directories_in_list(listed)
    else:
        found = select_listed(listed, drop_ins or read_drop_ins(tree), below)
        if options.packages and not below:
            report.add_all(not_registered(listed, found))
    if options.from0:
        found += directories_in_list(read_nul_list(_read(options.from0)))
    if not options.packages:
        selection = select_paths(tree, options.paths, as_owner=options.as_owner)
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
    try:
        _print(options, report, program, status)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has enough; the job is done
        write_nowhere()
    if options.json not in {None, "-"}:
        with open(str(options.json), "w", encoding="ascii") as stream:
            stream.write(report.json(status) + "\n")
    if options.changed0 is not None:
        _write(options.changed0, b"".join(os.fsencode(path) + b"\0" for path in report.changed()))
    return status


def _print(options: Options, report: Report, program: str, status: int) -> None:
    if options.verbosity > 0 or (options.dry_run and options.json is None):
        for text in report.lines():
            stream = sys.stderr if "-" in (options.json, options.changed0) else sys.stdout
            print(text.encode("utf-8", "backslashreplace").decode(), file=stream)
    elif options.verbosity == 0:
        complaints = report.complaints()
        if options.command == "trigger" and len(complaints) > _A_FEW:
            from .batch import REPORT
            from .record import STATE

            more = f"and {len(complaints) - _A_FEW} more: see {STATE}/{REPORT}"
            complaints = [*complaints[:_A_FEW], more]
        for text in complaints:
            print(f"{program}: {text.encode('utf-8', 'backslashreplace').decode()}", file=sys.stderr)
    if options.json == "-":
        print(report.json(status))


def _write(name: str, data: bytes) -> None:
    if name == "-":
        sys.stdout.buffer.write(data)
        return
    with open(name, "wb") as stream:
        stream.write(data)
