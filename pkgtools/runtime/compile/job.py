# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The first job: from wanted pycs to a report."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Outcome, Policy, Reason, Status
from pkgtools.runtime.lean import NamedTuple, partial
from pkgtools.runtime.record import Proof, Record

from .observe import ObservationOptions, Wanted, observe
from .plan import outcome_of, path_of, plan_compile, questionable, spare
from .pyc import is_thorough
from .steps import Action

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pkgtools.runtime.report import Report
    from pkgtools.runtime.system.packages import Owned
    from pkgtools.runtime.system.trust import Tree

    from .named_store import NamedStore
    from .perform import Performer
    from .steps import CompileJob, CompilePlan, Work


_SOURCES_OF_A_PART = 8192
"""About, so that a run needs the same memory for 50,000 modules as for 10,000."""


class CompileSettings(NamedTuple):
    """How a plan is to be carried out."""

    mode: InvalidationMode = InvalidationMode.TIMESTAMP
    """The invalidation mode of the pycs that are written."""
    workers: int = 1
    """Processes of an interpreter at once."""
    timeout: float = 120.0
    """Seconds that a worker may take for one source."""
    durable: bool = True
    """Sync the file system before and after pycs get their names."""
    progress: Callable[[int, int], None] | None = None
    """Called with the jobs done and all jobs, as workers answer."""
    forks: bool = True
    """Forks of this process may do the work of the interpreter that runs it."""
    reuse: bool = True
    """Bodies that the store has of the same source, interpreter and path are not compiled again."""
    confined: bool = False
    """The interpreter is a package's own, and runs without the rights of root wherever it lies: in builds."""
    in_series: bool = False
    """Each worker does a series of sources, always the same, for interpreters whose output depends on what they did."""
    store: NamedStore | None = None
    """Another store, which the caller has named: bodies are taken from it, and those entered that are compiled."""


class CompileRun(NamedTuple):
    """How wanted pycs are to be compiled."""

    policy: Policy = Policy()
    """What the caller wants compiled and compared beyond what is missing or stale."""
    settings: CompileSettings = CompileSettings()
    """How the plan is carried out."""
    cache_prefix: InstalledPath | None = None
    """The directory of a central cache; None: pycs lie in `__pycache__`."""
    dry_run: bool = False
    """Report what would be done and change nothing."""
    as_owner: bool = False
    """Work in directories that aren't root's as their owner, instead of refusing them."""
    sweep: bool = True
    """Remove from the cache directories what killed compilers left, and what others own or can write."""


def compile_wanted(tree: Tree, wanted: list[Wanted], run: CompileRun, report: Report) -> None:
    """Bring the wanted pycs about, and report."""
    if run.as_owner:
        from pkgtools.runtime.as_owner import as_owner, split_by_owner  # noqa: PLC0415 - seldom needed

        wanted, strangers = split_by_owner(tree, wanted, lambda one: one.directory)
        if strangers:
            from pkgtools.runtime.system import packages  # noqa: F401, PLC0415 - while we can still read them

            from . import perform, pipes, pool  # noqa: F401, PLC0415 - while we can still read them

            pool.worker_code()
        for owner, theirs in strangers.items():
            work = partial(_compile, theirs, run)
            fresh, outcomes = as_owner(tree, owner, theirs[0].directory, work, run.settings.timeout)
            report.add_fresh(fresh)
            report.add_all(outcomes)
    report.add_fresh(_compile(wanted, run, tree, report.add))


def _compile(
    wanted: list[Wanted],
    run: CompileRun,
    tree: Tree,
    report: Callable[[Outcome], None],
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Compile, report, and return how many targets were fresh."""
    compiler = _Compiler(tree, run, report, progress or run.settings.progress, sum(map(_most, wanted)))
    for part in parts(wanted):
        compiler.compile(part)
    return compiler.fresh


def parts(wanted: list[Wanted]) -> Iterator[list[Wanted]]:
    """Cut what is wanted into parts of whole directories: what one has planned and made is held in memory at once."""
    part: list[Wanted] = []
    sources = 0
    for one in wanted:
        if part and sources + len(one.names) > _SOURCES_OF_A_PART:
            yield part
            part, sources = [], 0
        part.append(one)
        sources += len(one.names)
    if part:
        yield part


def _most(wanted: Wanted) -> int:
    return len(wanted.names) * len(wanted.interpreters)


class _Compiler:
    """Compiles what is wanted part by part: looks, plans, and carries the plan out."""

    def __init__(
        self,
        tree: Tree,
        run: CompileRun,
        report: Callable[[Outcome], None],
        progress: Callable[[int, int], None] | None,
        total: int,
    ) -> None:
        self._tree = tree
        self._run = run
        self._report = report
        self._progress = progress
        self._total = total
        self._before = 0
        self._record = Record(tree, create=_may_create_state(tree))
        self._owned = partial(_owned, tree, report=report)
        self._performer: Performer | None = None
        self._fresh = 0

    @property
    def fresh(self) -> int:
        """How many targets needed nothing."""
        return self._fresh + (self._performer.fresh if self._performer else 0)

    def compile(self, part: list[Wanted]) -> None:
        """Compile one part, and report."""
        plan = self._plan(part)
        self._before += sum(map(_most, part))
        self._fresh += plan.fresh
        if self._run.dry_run:
            outcomes = foretell(self._tree, self._record, plan, self._settings(), self._owned)
        elif plan.jobs or plan.directories or plan.temporaries or plan.repairs or plan.empty:
            outcomes = self._perform(plan)
        else:
            outcomes = list(plan.settled)
        for outcome in outcomes:
            self._report(outcome)

    def _perform(self, plan: CompilePlan) -> list[Outcome]:
        """Carry a plan out, and what changed meanwhile once more; return what changed twice."""
        if self._performer is None:
            self._performer = self._begin()
        changed = self._performer.perform(plan)
        if changed:
            again = self._plan(_wanted_again(changed))
            self._fresh += again.fresh
            changed = self._performer.perform(again)
        detail = "it changed twice while it was compiled: run again when it's at rest"
        return [
            outcome_of(work, Status.SKIPPED, Reason.SOURCE_CHANGED, detail) for job in changed for work in job.works
        ]

    def _begin(self) -> Performer:
        from .perform import Performer  # noqa: PLC0415 - 4 ms that a run with nothing to do can save

        return Performer(self._tree, self._record, self._settings(), self._report, self._owned)

    def _settings(self) -> CompileSettings:
        """Return how plans are carried out, as what is asked for allows."""
        policy, settings = self._run.policy, self._run.settings
        return settings._replace(
            progress=self._show if self._progress else None,
            forks=settings.forks and not (policy.verify or settings.confined),
            reuse=settings.reuse and not (policy.verify or policy.force),
        )

    def _show(self, done: int, jobs: int) -> None:
        """Show how far it is, counting what needs no work as done; jobs are those of the part at hand."""
        if self._progress is not None:
            self._progress(self._before - jobs + done, self._total)

    def _plan(self, wanted: list[Wanted]) -> CompilePlan:
        """Look, plan, and spare what packages own, or may own where the package manager doesn't know."""
        policy = self._run.policy
        glance = None if policy.force or policy.verify else Proof.COMPARED if is_thorough(policy) else Proof.WHOLE
        look = ObservationOptions(self._record, policy.mode, self._run.cache_prefix, glance)
        plan = plan_compile(observe(self._tree, wanted, look), policy, self._tree.uid, self._tree.gid)
        plan = plan if self._run.sweep else plan._replace(temporaries=(), empty=())
        asked = questionable(plan)
        return spare(plan, self._owned(asked), verify=policy.verify) if asked else plan


def _may_create_state(tree: Tree) -> bool:
    """Whether this is the installed runtime at work on its own system: not a package's embedded one, not a chroot."""
    return tree.root == "/" and tree.uid == 0 and os.path.exists(__file__)


def _owned(tree: Tree, paths: list[InstalledPath], report: Callable[[Outcome], None]) -> Owned:
    """Ask which packages own paths; those of which a package manager doesn't know are taken for its own."""
    from pkgtools.runtime.system.packages import Owned, owned  # noqa: PLC0415 - seldom needed

    try:
        return owned(tree, paths)
    except UnknownOwner as error:
        report(Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail))
        return Owned(rpm=dict.fromkeys(paths, ""))


def _wanted_again(jobs: list[CompileJob]) -> list[Wanted]:
    return [
        Wanted(
            job.source.base,
            job.source.directory,
            (job.source.name,),
            (job.works[0].target.interpreter,),
            tuple(work.target.level for work in job.works),
        )
        for job in jobs
    ]


def foretell(
    tree: Tree,
    record: Record,
    plan: CompilePlan,
    settings: CompileSettings,
    owned: Callable[[list[InstalledPath]], Owned],
) -> list[Outcome]:
    """Return the outcomes of a plan, were it carried out; `owned` knows what packages own."""
    from .bodies import foretold_reasons  # noqa: PLC0415 - as the next one
    from .resolve import may_doubt_siblings  # noqa: PLC0415 - otherwise `perform` alone needs it

    told = list(plan.settled)
    for cache in plan.directories:
        reason = cache.to_repair or Reason.WRONG_MODE
        told.append(Outcome(Status.REPAIRED, reason, cache.directory, mode=cache.expected.mode))
    told.extend(_foretell_removals(tree, plan, owned))
    told.extend(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, gone.directory) for gone in plan.empty)
    why = foretold_reasons(tree, record, plan, settings)
    told.extend(outcome_of(work, _becomes(work), why(work)) for job in plan.jobs for work in job.works)
    told.extend(_doubted(job, name) for job in plan.jobs if may_doubt_siblings(job) for name in job.siblings)
    return told


def _doubted(job: CompileJob, name: str) -> Outcome:
    path = InstalledPath(f"{job.cache.directory}/{name}")
    return Outcome(Status.UNDECIDED, Reason.REPLACED_SOURCE, path, job.source.path)


def _foretell_removals(tree: Tree, plan: CompilePlan, owned: Callable[[list[InstalledPath]], Owned]) -> list[Outcome]:
    from .cache_directories import CacheDirectories  # noqa: PLC0415 - only where others can write to a directory

    repairs, removals = list(plan.repairs), list(plan.temporaries)
    directories = CacheDirectories(tree, lambda _: None, owned)
    for cache in plan.directories:
        if cache.untrusted:
            try:
                descriptor = tree.look(cache.directory)
            except (Refused, OSError):  # the run itself will say why
                continue
            try:
                found = directories.distrusted(cache, descriptor)
            finally:
                os.close(descriptor)
            repairs.extend(found[0])
            removals.extend(found[1])
    return [
        *(Outcome(Status.REMOVED, gone.reason, path_of(gone), gone.source) for gone in removals),
        *(Outcome(Status.REPAIRED, one.reason, path_of(one), one.source) for one in repairs),
    ]


def _becomes(work: Work) -> Status:
    """Say what will become of a target; whether a pyc stays that has to be looked into can't be told before."""
    decided = {Action.COMPILE: Status.COMPILED, Action.REPAIR: Status.REPAIRED}
    return decided.get(work.action, Status.UNDECIDED)
