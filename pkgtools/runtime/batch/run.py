# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The batch: once a run of the package manager, at its end.

Where dpkg manages the packages it serves those whose file lists changed since the last batch, and nothing else. It
looks at everything where it does not know what the last batch saw, where an interpreter or a setting changed, and on
request. A batch that fails records nothing of what it failed at, so that the next one serves that again.
"""

from __future__ import annotations

import os

from pkgtools.runtime.compile.reuse import STORE, open_store
from pkgtools.runtime.errors import PkgtoolsError, Refused
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.interrupts import Held
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.configuration import read_drop_ins
from pkgtools.runtime.policy.layout import cache_directory_of
from pkgtools.runtime.policy.selection import select_for_batch
from pkgtools.runtime.policy.sources import is_source, merge, problem, walk
from pkgtools.runtime.record import REPORT, STATE, Record
from pkgtools.runtime.system.dpkg_lists import FileLists, file_lists
from pkgtools.runtime.system.dpkg_records import Diverted, diversions, overrides
from pkgtools.runtime.system.interpreters import CACHE, find_interpreters, require_interpreters, with_own
from pkgtools.runtime.system.packaged import remember_packaged
from pkgtools.runtime.system.processes import RPM
from pkgtools.runtime.system.safefs import write_state

from .cleaned import forget_cleaned, read_cleaned
from .everything import (
    World,
    can_hold_modules,
    modules_in,
    put_in_order,
    serving_interpreters,
    sources_at,
    walk_everything,
)
from .known_packages import PACKAGES, KnownPackages, LastBatch
from .left_alone import modules_left
from .parts import Part, UnreadableParts
from .remember import both, failed, is_hopeless, to_remember, undone_places
from .scope import BatchScope, scope_of, view_of
from .serving import Served, clean_left, find_served, part_of
from .standing import complaints_in, for_a_batch, rows_of, still_standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.compile.job import CompileRun
    from pkgtools.runtime.policy.admin import AdminPolicy
    from pkgtools.runtime.policy.configuration import DropIns
    from pkgtools.runtime.report import Report
    from pkgtools.runtime.system.trust import Tree


class _Task(NamedTuple):
    """What a batch is about, and what it saw."""

    scope: BatchScope
    served: Served
    now: LastBatch
    where: Diverted
    lists: FileLists | None
    cleaned: tuple[str, ...]


class Listed(NamedTuple):
    """What a package manager lists."""

    files: tuple[InstalledPath, ...] = ()
    """Files that it has just brought, and others that are to be looked at likewise."""
    gone: tuple[InstalledPath, ...] = ()
    """Sources that it took."""


def run_batch(
    tree: Tree,
    policy: AdminPolicy,
    run: CompileRun,
    report: Report,
    *,
    everything: bool = False,
    listed: Listed | None = None,
) -> None:
    """Compile (if the administrator lets us) and clean for what changed; `everything`: for all that is installed.

    `listed` is what the package manager has just brought and taken, where it lists that and we keep no account.

    Raises EnvironmentFault if no interpreter is installed, Refused, OSError; the batch's report has it, too.
    """
    try:
        _run(tree, policy, run, report, everything=everything, listed=listed)
    except (PkgtoolsError, OSError) as error:
        report.add(_failure(error))
        if not run.dry_run:
            _save_report(tree, report)
        raise
    if not run.dry_run:
        _save_report(tree, report)


def _failure(error: PkgtoolsError | OSError) -> Outcome:
    if isinstance(error, (Refused, OSError)):
        return problem(InstalledPath("/"), error)
    return Outcome(Status.ERROR, Reason.IO_ERROR, InstalledPath("/"), detail=str(error))


def _run(
    tree: Tree,
    policy: AdminPolicy,
    run: CompileRun,
    report: Report,
    *,
    everything: bool,
    listed: Listed | None,
) -> None:
    drop_ins = read_drop_ins(tree).excluding(policy.excluded)
    if _are_settings_unknown(policy, drop_ins):
        report.add_all(drop_ins.problems)
        return
    installed = find_interpreters(tree, remember=not run.dry_run).supporting(policy.interpreters)
    installed = with_own(tree, installed, remember=not run.dry_run)
    require_interpreters(installed)
    report.add_all((*drop_ins.problems, *installed.problems))
    world = World(tree, policy, drop_ins, installed, run, report)
    known = KnownPackages(tree)
    told = known.told()
    report.told_before, report.standing = frozenset(told), told
    try:
        task = _with(world, _look(world, known, everything=everything, listed=listed is not None), listed or Listed())
        report.add_all(_about(known, tree))
        world = world._replace(left=modules_left(tree, drop_ins, task.lists, task.where))
        found = _act(world, task, known)
        if not run.dry_run:
            _sweep(world, task)
        report.reword(for_a_batch)
        report.standing = () if task.scope.is_whole else still_standing(told, _looked_at(task))
        if not run.dry_run:
            _remember(world, task, known, found)
    finally:
        known.close()


def _are_settings_unknown(policy: AdminPolicy, drop_ins: DropIns) -> bool:
    """Whether settings can't be read: with others a batch would remove levels, and compile what they exclude.

    A drop-in that others can write costs itself alone: it is one package's, and the settings are everybody's.
    """
    unread = any(one.status is Status.ERROR for one in drop_ins.problems)
    return unread or any(one.status is not Status.SKIPPED for one in policy.problems)


def _look(world: World, known: KnownPackages, *, everything: bool, listed: bool) -> _Task:
    """Find out what the batch is about; `listed`: the package manager lists what it brought."""
    tree = world.tree
    lists = file_lists(tree)
    diverted = diversions(tree) if lists is not None else ()
    where = Diverted(diverted, world.drop_ins.names_of)
    serving = serving_interpreters(tree, world.installed)
    modes = overrides(tree) if lists is not None else ()
    now = view_of(world.policy, world.installed._replace(interpreters=serving), world.drop_ins, lists, diverted, modes)
    now = now._replace(tags=world.installed.live_tags())
    cleaned = read_cleaned(tree)
    packages = lists.identities if lists is not None else {}
    whole = everything or (lists is None and not listed)
    try:
        scope = scope_of(known.last, now, frozenset(cleaned), everything=whole)
        served = find_served(tree, scope, known, where, packages)
    except UnreadableParts:
        known.forget()
        scope = scope_of(None, now, frozenset(cleaned), everything=True)
        served = find_served(tree, scope, known, where, packages)
    return _Task(scope, served, now, where, lists, cleaned)


def _with(world: World, task: _Task, listed: Listed) -> _Task:
    """Add what a package manager lists: sources, and the directories that drop-in files among it register."""
    if listed == Listed():
        return task
    served = task.served
    brought = (*served.brought, *filter(is_source, listed.files))
    served = served._replace(brought=brought, left=(*served.left, *listed.gone))
    files = frozenset(listed.files)
    private = {one.directory for one in world.drop_ins.private if one.file in files}
    registered = tuple(sorted(private.union(task.scope.registered)))
    return task._replace(served=served, scope=task.scope._replace(registered=registered))


def _about(known: KnownPackages, tree: Tree) -> list[Outcome]:
    """Report that the record is lost: absent is what it is before the first batch."""
    if known.problem is not None:
        return [known.problem]
    if known.last is None and (known.is_damaged or tree.exists(InstalledPath(f"{STATE}/{REPORT}"))):
        detail = "it is absent or damaged: everything is looked at this once"
        return [Outcome(Status.SKIPPED, Reason.LOST_RECORD, InstalledPath(f"{STATE}/{PACKAGES}"), detail=detail)]
    return []


def _act(world: World, task: _Task, known: KnownPackages) -> dict[str, Part]:
    """Do what the batch is about, and return the modules of the registered directories that were walked through."""
    scope = task.scope
    brought = select_for_batch(task.served.brought, world.drop_ins)
    if scope.is_whole:
        bases, found = walk_everything(world)
        walked = world.drop_ins.directories()
        put_in_order(world, bases, found, brought, scope.dropped_levels)
    else:
        walked = scope.registered
        found = walk(world.tree, walked)
        world.report.add_all(found.problems)
        put_in_order(world, walked, found, brought)
        if task.served.left:
            clean_left(world, task.served.left)
        overridden = (path for path in scope.overridden if can_hold_modules(world.tree, path))
        named = merge(one for place in (*scope.exclusions, *overridden) for one in sources_at(world, place))
        world.compile(named, thorough=False)
    if scope.given_up and not world.drop_ins.problems:  # who can't be read may still register it
        from .given_up import clean_given_up  # noqa: PLC0415 - seldom needed

        clean_given_up(world, scope.given_up, known)
    return {directory: Part(modules_in(found, directory)) for directory in walked}


def _looked_at(task: _Task) -> frozenset[str]:
    scope = task.scope
    given_up = (directory for directory, _ in scope.given_up)
    return frozenset(
        (*task.served.brought, *task.served.left, *scope.registered, *scope.exclusions, *scope.overridden, *given_up)
    )


def _sweep(world: World, task: _Task) -> None:
    """Remove what is left of dead runs and of directories that are gone."""
    record = Record(world.tree)
    record.sweep_temporaries(STATE, CACHE)
    try:
        is_used = bool(os.listdir(open_store(world.tree)))
    except Refused as refusal:
        world.report.add_new(problem(STORE, refusal))
        is_used = False
    except OSError:  # there is none
        is_used = False
    if is_used:
        from pkgtools.runtime.compile.leftovers import drop_all  # noqa: PLC0415 - seldom needed

        drop_all(world.tree, world.policy.store_size)
    if task.scope.is_whole:
        record.sweep()
    elif task.served.left:
        directories = {path.rpartition("/")[0] for path in task.served.left}
        record.sweep_caches(cache_directory_of(InstalledPath(directory)) for directory in sorted(directories))


def _remember(world: World, task: _Task, known: KnownPackages, found: dict[str, Part]) -> None:
    outcomes = world.report.outcomes
    if known.problem is not None or is_hopeless(outcomes):
        return
    parts, before = dict(task.served.parts), task.served.before
    if known.last is None and task.lists is not None:
        parts.update((name, part_of(world.tree, name, task.where)) for name in task.lists.identities)
    undone = undone_places(outcomes)
    looked_at = {**(known.parts() if task.scope.is_whole else {}), **before, **parts}
    again = failed(looked_at, undone) | (task.lists.unsettled if task.lists else frozenset())
    changed = {name: both(before.get(name, Part()), part) if name in again else part for name, part in parts.items()}
    private: dict[str, Part] = {} if world.drop_ins.problems else {d: Part() for d, _ in task.scope.given_up}
    private.update(found)
    now = to_remember(known.last, task.now, again, undone)
    now = now._replace(standing=rows_of((*complaints_in(outcomes), *(world.report.standing or ()))))
    if world.drop_ins.problems and known.last is not None:
        now = now._replace(registrations=now.registrations | known.last.registrations)
    try:
        with Held():
            known.save(now, {**changed, **private})
            forget_cleaned(world.tree, task.cleaned)
            if task.lists is not None:
                remember_packaged(world.tree, task.lists.seen, task.lists.states)
            if os.path.exists(RPM):
                from pkgtools.runtime.system.rpm_packaged import remember_bytecode_of_rpm  # noqa: PLC0415 - as above

                remember_bytecode_of_rpm(world.tree, everything=task.scope.is_whole)
    except FileNotFoundError:  # our packages aren't installed there: nothing has to be remembered
        return
    except (Refused, OSError) as error:
        world.report.add(problem(STATE, error))


def _save_report(tree: Tree, report: Report) -> None:
    try:
        with Held():
            text = report.json(report.exit_code(strict=False))
            write_state(tree.open_settings(STATE), REPORT, os.fsencode(text), STATE)
    except FileNotFoundError:  # as above
        return
    except (Refused, OSError) as error:
        report.add_new(problem(STATE, error))
