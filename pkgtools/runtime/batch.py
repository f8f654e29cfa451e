# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The trigger's batch: once a package-manager run, everything that is public or registered is put in order.

What is missing or stale is compiled, what is orphaned or made by an interpreter that is gone is removed, and
directories that are no longer registered lose what earlier batches made there.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from .clean import CleanPlace, made_here, orphans_and_dead
from .clean_job import Choice, CleanRun, clean_places
from .compile_job import CompileRun, compile_wanted
from .dropins import read_drop_ins
from .errors import PkgtoolsError, Refused
from .facts import InstalledPath, Outcome, Reason, Status
from .filelist import is_below, problem, walk
from .interpreters import CACHE, find_interpreters, require_interpreters, tags_beside
from .interrupts import Held
from .layout import third_party_base
from .record import STATE, Record
from .safefs import write_state
from .selection import Wish, servers_of, want
from .trust import read_settings

if TYPE_CHECKING:
    from .admin import AdminPolicy
    from .dropins import DropIns
    from .filelist import Walk
    from .interpreters import Installed
    from .report import Report
    from .trust import Tree

_REGISTERED = "private-directories"
REPORT = "trigger.json"
"""In STATE: what the last batch did, as JSON."""
_LIBRARIES = (InstalledPath("/usr/lib"), InstalledPath("/usr/lib64"), InstalledPath("/usr/lib32"))
_PACKAGES = ("dist-packages", "site-packages")
_VERSIONED = re.compile(r"(?:python|pypy)3(?:\.\d+)?")


class Places(NamedTuple):
    """The directories that a batch is about."""

    public: tuple[InstalledPath, ...]
    private: tuple[InstalledPath, ...]
    given_up: tuple[InstalledPath, ...]
    """Registered when the last batch ran, and no longer."""
    problems: tuple[Outcome, ...] = ()
    """What kept directories from being found."""


class _System(NamedTuple):
    """What decides which interpreter serves which directory."""

    drop_ins: DropIns
    installed: Installed


def run_batch(tree: Tree, policy: AdminPolicy, run: CompileRun, report: Report) -> None:
    """Compile (if the administrator lets us) and prune everywhere.

    Raises EnvironmentFault if no interpreter is installed, Refused, OSError; the batch's report has it, too.
    """
    try:
        _run(tree, policy, run, report)
    except (PkgtoolsError, OSError) as error:
        report.add(_failure(error))
        if not run.dry_run:
            _save(tree, REPORT, report.json(report.exit_code(strict=False)), report)
        raise


def _failure(error: PkgtoolsError | OSError) -> Outcome:
    if isinstance(error, (Refused, OSError)):
        return problem(InstalledPath("/"), error)
    return Outcome(Status.ERROR, Reason.IO_ERROR, InstalledPath("/"), detail=str(error))


def _run(tree: Tree, policy: AdminPolicy, run: CompileRun, report: Report) -> None:
    drop_ins = read_drop_ins(tree)
    installed = find_interpreters(tree, remember=not run.dry_run)
    require_interpreters(installed)
    places = find_places(tree, drop_ins.directories())
    report.add_all((*drop_ins.problems, *installed.problems, *places.problems))
    found = walk(tree, (*places.public, *places.private))
    report.add_all(found.problems)
    if policy.compile:
        wanted, skipped = want(found.directories, Wish(levels=policy.levels), drop_ins, installed)
        report.add_all(skipped)
        compile_wanted(tree, wanted, run, report)
    _prune(tree, places, found, _System(drop_ins, installed), CleanRun(dry_run=run.dry_run), report)
    if not run.dry_run:
        Record(tree).sweep(STATE, CACHE)
        registered = places.private if not drop_ins.problems else (*places.private, *places.given_up)
        _save(tree, _REGISTERED, "".join(f"{path}\n" for path in registered), report)
        _save(tree, REPORT, report.json(report.exit_code(strict=False)), report)


def remove_all(tree: Tree, *, dry_run: bool, report: Report) -> None:
    """Remove what batches made, everywhere: the runtime is going to be removed."""
    drop_ins = read_drop_ins(tree)
    places = find_places(tree, drop_ins.directories())
    found = walk(tree, (*places.public, *places.private, *places.given_up))
    report.add_all((*drop_ins.problems, *places.problems, *found.problems))
    clean_places(tree, _with_cache(found), Choice(made_here, recorded=True), CleanRun(dry_run=dry_run), report)


def find_places(tree: Tree, private: tuple[InstalledPath, ...]) -> Places:
    """Find the public directories that exist; the interpreter's own library is its package's affair."""
    public: list[InstalledPath] = []
    problems: list[Outcome] = []
    for library in _LIBRARIES:
        try:
            names = sorted(os.listdir(tree.open(library, library)))
        except FileNotFoundError:
            continue
        except (OSError, Refused) as error:
            problems.append(problem(library, error))
            continue
        for name in filter(_VERSIONED.fullmatch, names):
            public.extend(InstalledPath(f"{library}/{name}/{packages}") for packages in _PACKAGES)
    before: list[InstalledPath] = []
    try:
        lines = os.fsdecode(read_settings(tree, STATE, _REGISTERED)).split(
            "\n"
        )  # a name may hold what str calls a line's end
        before = [InstalledPath(path) for path in lines if path.startswith("/")]
    except FileNotFoundError:  # the first batch
        before = []
    except (OSError, Refused) as error:
        problems.append(problem(InstalledPath(f"{STATE}/{_REGISTERED}"), error))
    given_up = tuple(path for path in before if path not in private)
    return Places(tuple(public), private, given_up, tuple(problems))


def _prune(tree: Tree, places: Places, found: Walk, system: _System, run: CleanRun, report: Report) -> None:
    drop_ins, installed = system
    live = installed.live_tags()
    for base in (*places.public, *places.private):
        here = [place for place in _with_cache(found) if place.base == base]
        alive = live.union(tags_beside(tree, base))
        serving = frozenset(i.cache_tag for i in servers_of(base, Wish(), drop_ins, installed)) or alive
        chooser = orphans_and_dead(alive, serving)
        clean_places(tree, here, Choice(chooser, recorded=serving != alive, floor=_floor(base)), run, report)
    for base in () if drop_ins.problems else places.given_up:  # who can't be read may still register it
        kept = (*places.public, *places.private)
        left = [p for p in _with_cache(walk(tree, (base,))) if not any(_lies_in(p.directory, k) for k in kept)]
        clean_places(tree, left, Choice(made_here, recorded=True, floor=_floor(base)), run, report)


def _lies_in(path: InstalledPath, directory: InstalledPath) -> bool:
    return path == directory or is_below(path, directory)


def _with_cache(found: Walk) -> list[CleanPlace]:
    return [CleanPlace(d.base, d.path) for d in found.directories if d.has_cache]


def _floor(base: InstalledPath) -> InstalledPath:
    """Return the directory that stays even if it is empty: a public directory does, a private one goes."""
    return base if third_party_base(base) == base else InstalledPath(base.rpartition("/")[0] or "/")


def _save(tree: Tree, name: str, text: str, report: Report) -> None:
    try:
        with Held():
            write_state(tree.open_settings(STATE), name, os.fsencode(text), STATE)
    except FileNotFoundError:  # no package of ours is installed there; nothing remembers, nothing needs to
        return
    except (Refused, OSError) as error:
        report.add(problem(STATE, error))
