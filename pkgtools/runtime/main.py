# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# ruff: noqa: PLC0415
"""Where the commands begin: the only place that reads the environment, prints and exits.

What only some commands need is imported where they begin: each module costs a part of a millisecond at every start.
"""

from __future__ import annotations

import os
import sys
import time

from pkgtools.runtime.policy.sources import directories_in_list, merge, read_nul_list, read_rpm_list
from pkgtools.runtime.system.processes import RPM, open_standard_streams
from pkgtools.runtime.system.trust import Tree

from .errors import PkgtoolsError, UsageError, in_words, printable
from .facts import InstalledPath, Outcome, Reason, Status
from .interrupts import exit_with, write_nowhere
from .report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.compile.job import CompileRun
    from pkgtools.runtime.compile.named_store import NamedStore
    from pkgtools.runtime.policy.admin import AdminPolicy
    from pkgtools.runtime.policy.configuration import DropIns
    from pkgtools.runtime.policy.sources import Directory

    from .options import Options
    from .progress import Bar

_A_FEW = 5
"""Complaints that are printed: most runs are in the middle of a package manager's output."""
_STAND_INS = frozenset({"py3compile", "py3clean"})


def main(command: str, answer: int = 0) -> None:
    """Run compile, clean, trigger, py3compile or py3clean with the process's arguments, and exit.

    `answer` is added to the exit status, so that a launcher can distinguish it from an interpreter's.
    """
    open_standard_streams()
    os.umask(0o077)
    exit_with(lambda: _do(command), answer, at_once=True)


def _do(command: str) -> int:
    program = command if command in _STAND_INS else f"pkgtools-{command}"
    try:
        return _finish(_options(command), program)
    except ImportError as error:  # parts are loaded when they are needed
        if not (error.name or "").startswith("pkgtools"):
            raise  # no Python that works: the launcher does without
        print(f"{program}: {error}: reinstall pkgtools-runtime", file=sys.stderr)
        return 2
    except (PkgtoolsError, OSError) as error:
        print(f"{program}: {printable(in_words(error))}", file=sys.stderr)
        if command in _STAND_INS and not isinstance(error, UsageError):
            return 1  # theirs for a job that failed; 2 is for a bad option
        return 2


def _options(command: str) -> Options:
    arguments, root = sys.argv[1:], os.environ.get("DPKG_ROOT") or None
    if command in _STAND_INS:
        from .stand_in import parse_py3clean, parse_py3compile

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
    from .stand_in import exit_code

    return exit_code(status, options, os.environ.get("DPKG_MAINTSCRIPT_NAME"))


def _run(options: Options, report: Report) -> None:
    os.stat(options.root)  # before anything is said of what is not there
    tree = Tree(options.root, frozenset({0, os.geteuid()}))
    if options.command == "compile":
        _compile(tree, options, report)
    elif options.command == "clean":
        _clean(tree, options, report)
    else:
        _trigger(tree, options, report)
    tree.close()


def _trigger(tree: Tree, options: Options, report: Report) -> None:
    from pkgtools.runtime.policy.admin import read_admin_policy

    from .progress import Bar

    policy = read_admin_policy(tree)
    report.add_all(policy.problems)
    if options.remove_all:
        from .batch.removal import remove_all

        remove_all(tree, policy, dry_run=options.dry_run, report=report)
        return
    from .batch.run import run_batch

    with Bar(sys.stderr, "compiling") as bar:
        run = _compile_run(options, policy, bar)
        if not options.rpm_stdin:
            run_batch(tree, policy, run, report, everything=options.everything)
        else:
            from .batch.of_rpm import batch_of_rpm

            batch_of_rpm(tree, policy, run, report, sys.stdin.buffer.read())
    if not options.dry_run and not options.rpm_stdin and os.path.exists(RPM):
        from pkgtools.runtime.system.rpm_transactions import begin

        begin(tree)


def _compile(tree: Tree, options: Options, report: Report) -> None:
    from pkgtools.runtime.policy.admin import read_admin_policy

    policy = read_admin_policy(tree)
    report.add_all(policy.problems)
    directories = _compile_asked(tree, options, policy, report)
    from pkgtools.runtime.compile.reuse import is_store_empty

    if not options.dry_run and not is_store_empty(tree):
        from pkgtools.runtime.compile.leftovers import drop_of
        from pkgtools.runtime.compile.put_aside import sources_put_aside

        sources = [path for one in directories for path in one.paths()]
        sources += sources_put_aside(tree, options.packages)
        drop_of(tree, sources, policy.store_size, time.time())


def _compile_asked(tree: Tree, options: Options, policy: AdminPolicy, report: Report) -> tuple[Directory, ...]:
    """Compile what is asked for, and return the sources that this was about."""
    from pkgtools.runtime.compile.job import compile_wanted
    from pkgtools.runtime.policy.admin import DIRECTORY
    from pkgtools.runtime.policy.configuration import exclusion_of_option, read_drop_ins
    from pkgtools.runtime.policy.selection import Wish, want
    from pkgtools.runtime.system.interpreters import BIN, find_interpreters, require_interpreters, with_own

    from .progress import Bar

    if not policy.compile and (options.packages or options.rpm_stdin):
        report.add(Outcome(Status.SKIPPED, Reason.SWITCHED_OFF, DIRECTORY, detail="compile = no in bytecode.conf"))
        return ()
    store = None
    if options.store:
        from pkgtools.runtime.compile.named_store import open_named_store

        store = open_named_store(tree, options.store, options.store_key, dry_run=options.dry_run)
    drop_ins = read_drop_ins(tree).excluding(policy.excluded)
    installed = find_interpreters(tree, remember=not options.dry_run).supporting(policy.interpreters)
    installed = with_own(tree, installed, remember=not options.dry_run)
    own = None
    if options.python:
        from pkgtools.runtime.system.own_interpreter import own_interpreter

        found = own_interpreter(tree, options.python, installed.interpreters, remember=not options.dry_run)
        if isinstance(found, Outcome):
            report.add_all((*drop_ins.problems, found._replace(status=Status.ERROR)))
            return ()
        own = found
    else:
        require_interpreters(installed)
    report.add_all((*drop_ins.problems, *installed.problems))
    if own is None and options.versions is not None and not installed.all_of(options.versions):
        detail = f"no Python {options.versions} is installed: install it, or give other versions with -V"
        report.add(Outcome(Status.ERROR, Reason.NO_INTERPRETER, BIN, detail=detail))
        return ()
    directories = _directories(tree, options, drop_ins, _listed(tree, options, newest=True), report)
    report.count_modules(sum(len(one.sources) for one in directories))
    by_option = tuple(e for pattern in options.exclude for e in exclusion_of_option(pattern, options.paths))
    wish = Wish(options.versions, options.every_version, options.levels or policy.levels, by_option, own)
    wanted, skipped = want(directories, wish, drop_ins, installed)
    report.add_all(skipped)
    with Bar(sys.stderr, "compiling") as bar:
        compile_wanted(tree, wanted, _compile_run(options, policy, bar, store), report)
    return directories


def _compile_run(options: Options, policy: AdminPolicy, bar: Bar, store: NamedStore | None = None) -> CompileRun:
    from pkgtools.runtime.compile.job import CompileRun, CompileSettings

    from .facts import Policy

    # apt gives maintainer scripts a terminal of their own, and logs what is written there
    watched = sys.stderr.isatty() and not {"DPKG_MAINTSCRIPT_NAME", "DPKG_RUNNING_VERSION"} & os.environ.keys()
    progress = bar.update if options.verbosity == 0 and watched else None
    # one more than there are cores: while one's answer is written, the others work
    workers = options.workers or len(os.sched_getaffinity(0)) + 1
    mode = options.mode or policy.mode
    settings = CompileSettings(mode, workers, options.timeout, options.sync, progress, store=store)
    brought = options.command == "trigger" or bool(options.packages) or options.rpm_stdin
    asked = Policy(mode, options.force, options.verify, thorough=brought)
    return CompileRun(asked, settings, options.cache_prefix, options.dry_run, options.as_owner)


def _clean(tree: Tree, options: Options, report: Report) -> None:
    from pkgtools.runtime.clean.job import CleanRun, clean_orphans, clean_sources
    from pkgtools.runtime.policy.version_range import ANY_VERSION

    keep = os.environ.get("DPKG_MAINTSCRIPT_NAME") == "prerm"  # dpkg doesn't say whether it is for an upgrade (dpkg(1))
    versions = options.versions or ANY_VERSION
    run = CleanRun(versions, options.cache_prefix, options.dry_run, options.as_owner, keep)
    listed = _listed(tree, options, newest=False)
    directories = _directories(tree, options, None, listed, report)
    if options.exclude:
        from pkgtools.runtime.policy.selection import leave_out

        directories = leave_out(directories, options.exclude, options.paths)
    clean_sources(tree, directories, run, report, listed)
    clean_orphans(tree, options.orphans, run, report)
    from pkgtools.runtime.compile.reuse import is_store_empty

    if not options.dry_run and not is_store_empty(tree):
        from pkgtools.runtime.compile.leftovers import drop_leftovers
        from pkgtools.runtime.compile.put_aside import note_put_aside

        if keep:
            note_put_aside(tree, options.packages, directories)
        drop_leftovers(tree, time.time())


def _listed(tree: Tree, options: Options, *, newest: bool) -> list[InstalledPath]:
    """Return all files of the named packages, and those that rpm names; `newest`: they are to be compiled.

    Raises as `files_of_package` does.
    """
    listed: list[InstalledPath] = []
    if options.packages:
        from pkgtools.runtime.system.packages import files_of_package, files_that_go

        for package in options.packages:
            # a maintainer script acts for one of the architectures that its package is installed for (dpkg(1))
            is_own = os.environ.get("DPKG_MAINTSCRIPT_PACKAGE") == package
            architecture = os.environ.get("DPKG_MAINTSCRIPT_ARCH", "") if is_own else ""
            if newest:
                listed.extend(files_of_package(tree, package, newest=True, architecture=architecture))
            else:
                listed.extend(files_that_go(tree, package, architecture))
    if options.rpm_stdin:
        listed.extend(_listed_by_rpm(tree, going=not newest))
    return listed


def _directories(
    tree: Tree, options: Options, drop_ins: DropIns | None, listed: list[InstalledPath], report: Report
) -> tuple[Directory, ...]:
    """Return what was named. Cleaning (no `drop_ins`) takes all sources of a list, wherever they lie."""
    below = options.paths if options.packages else ()
    if drop_ins is None and not below:
        found = directories_in_list(listed)
    else:
        from pkgtools.runtime.policy.configuration import read_drop_ins
        from pkgtools.runtime.policy.selection import not_registered, select_listed

        found = select_listed(listed, drop_ins or read_drop_ins(tree), below)
        if options.packages and not below:
            report.add_all(not_registered(listed, found))
    if options.from0:
        found += directories_in_list(read_nul_list(_read(options.from0)))
    if options.paths and not options.packages:
        from pkgtools.runtime.policy.selection import select_paths

        selection = select_paths(tree, options.paths, as_owner=options.as_owner)
        report.add_all(selection.problems)
        found += selection.directories
    return merge(found)


def _listed_by_rpm(tree: Tree, *, going: bool) -> list[InstalledPath]:
    """Return what rpm lists; where it is going to go, with the modules that the drop-in files among it stand for."""
    listed = read_rpm_list(sys.stdin.buffer.read())
    if not going:
        return listed
    from pkgtools.runtime.policy.registrations import files_registered
    from pkgtools.runtime.system.rpm_transactions import strike

    strike(tree, listed)
    return listed + files_registered(tree, listed)


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
        if len(complaints) > _A_FEW:
            complaints = [*complaints[:_A_FEW], f"and {len(complaints) - _A_FEW} more: {_where_all_is(options)}"]
        for text in complaints:
            print(f"{program}: {text.encode('utf-8', 'backslashreplace').decode()}", file=sys.stderr)
    if options.json == "-":
        print(report.json(status))


def _where_all_is(options: Options) -> str:
    if options.command != "trigger":
        return "--verbose lists them"
    from .record import REPORT, STATE

    return f"see {STATE}/{REPORT}"


def _write(name: str, data: bytes) -> None:
    if name == "-":
        sys.stdout.buffer.write(data)
        return
    with open(name, "wb") as stream:
        stream.write(data)
