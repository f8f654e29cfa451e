# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what follows from a source that was read, from the pyc that was found, and from a compiler's answer.

`ask` and `resolve` return steps, which the performer carries out in their order. They decide what a plan leaves open,
because nothing has been read when it is made.
"""

from __future__ import annotations

from pkgtools.runtime.facts import FileState, InvalidationMode, Outcome, Reason, Removal, Status
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.record import Proof, digest, inode_of

from .exchange import LevelTask
from .plan import outcome_of
from .pyc import DISTRUSTED, header, header_size, recipe_bytes, to_repair
from .steps import Action, CompileJob, Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Union

    from pkgtools.runtime.record import RecordEntry

    from .exchange import LevelResult
    from .pyc import Recipe

_WORKER_FAULTS = frozenset({Reason.WORKER_CRASH, Reason.TIMEOUT, Reason.OUT_OF_MEMORY})


class Ticket(NamedTuple):
    """A job on its way through a worker, with what was read for it."""

    job: CompileJob
    """The planned steps for the source, without those that are done already."""
    state: FileState
    """Of the source, when it was read."""
    digest: bytes
    """Of the source's bytes."""
    read_ns: int
    """When it was read, in nanoseconds."""
    recipe: Recipe
    """What the headers of its pycs have in common."""


class ReadPyc(NamedTuple):
    """A pyc that was read whole."""

    state: FileState
    """What fstat(2) said of it when it was opened."""
    data: bytes
    """Its whole content, header included."""
    has_acl: bool
    """Whether an access ACL is set on it."""


class WriteStep(NamedTuple):
    """Write a pyc and give it its name."""

    work: Work
    """The target."""
    data: bytes
    """The whole content."""


class RepairStep(NamedTuple):
    """Put owner and mode of a pyc right, and leave its content."""

    work: Work
    """The target."""
    outcome: Outcome
    """What to report if that succeeds."""


class RememberStep(NamedTuple):
    """Enter into the record that a pyc is of the source that was read."""

    work: Work
    """The target."""
    pyc: tuple[int, ...]
    """The pyc's inode, as the record has it; empty if that is going to change."""
    pyc_digest: bytes
    """Of its whole content."""
    proof: Proof
    """How the pyc was found to be right."""


class RemoveStep(NamedTuple):
    """Remove a pyc that can't be replaced and must not stay."""

    work: Work
    """The target."""
    outcome: Outcome
    """What to report."""
    gone: str
    """What to add to its detail if a pyc was there and is removed."""


class ReportStep(NamedTuple):
    """Report an outcome."""

    outcome: Outcome
    """What to report."""


class FreshStep(NamedTuple):
    """Count a target that needs nothing."""

    work: Work
    """The target."""


class AgainStep(NamedTuple):
    """Compile a target once more, without looking at the pyc that is there."""

    work: Work
    """The target."""


class DoubtStep(NamedTuple):
    """Remove the other pycs of a source that is another one than they were made of."""

    by_header: bool
    """Nothing but a header's time and size says that the source is another one, so those that fit it stay."""


if TYPE_CHECKING:
    Step = Union[WriteStep, RepairStep, RememberStep, RemoveStep, ReportStep, FreshStep, AgainStep, DoubtStep]


def ask(ticket: Ticket, work: Work, found: ReadPyc | None, *, is_there: bool) -> LevelTask | tuple[Step, ...]:
    """Return what a worker is to do for one target, or the steps that settle it without one.

    `found` is the pyc that was read, None where the plan compiles without looking at it or nothing can be read;
    `is_there` whether its name is taken by anything.
    """
    if work.action is Action.REPAIR and is_there:
        return (RepairStep(work, outcome_of(work, Status.REPAIRED, work.reason)),)
    if found is None or not looks(work):
        return LevelTask(work.target.level, Action.COMPILE.value, b"")
    body = found.data[header_size(work.target.interpreter.version) :]
    if work.action is Action.COMPARE:
        return LevelTask(work.target.level, Action.COMPARE.value, body)
    entry = work.entry
    if entry is not None and _is_known(ticket, entry, found, work):
        return _adopt(work, found, entry.proof, FreshStep(work))
    whole_is_enough = work.action is Action.CHECK and (entry is None or entry.source_digest == ticket.digest)
    return LevelTask(work.target.level, (Action.CHECK if whole_is_enough else Action.COMPARE).value, body)


def looks(work: Work) -> bool:
    """Whether a target's pyc is looked into, and not made without regard to it."""
    return work.action not in {Action.COMPILE, Action.REPAIR}


def doubts_siblings(ticket: Ticket) -> tuple[DoubtStep, ...]:
    """Return whether the source that was read is known to be another one than its pycs were made of."""
    if not any(_is_of_another_source(ticket, work) for work in ticket.job.works):
        return ()
    return (DoubtStep(by_header=not any(_has_other_digest(ticket, work) for work in ticket.job.works)),)


def may_doubt_siblings(job: CompileJob) -> bool:
    """Return whether reading a job's source may show that it's another one than its pycs were made of."""
    entries = [work.entry for work in job.works if work.entry is not None]
    stale = any(work.reason is Reason.STALE_SOURCE for work in job.works)
    return stale or any(entry.source != inode_of(job.state) for entry in entries)


def resolve(
    ticket: Ticket, work: Work, result: LevelResult, source_hash: bytes, found: ReadPyc | None
) -> tuple[Step, ...]:
    """Return the steps that follow from a worker's answer for one target.

    `found` is the pyc as it is after the answer; it matters only where the answer `confirms` it.
    """
    if confirms(result):
        proof = Proof.WHOLE if result.status == "whole" else Proof.COMPARED
        return _confirm(ticket, work, source_hash, found, proof)
    if result.status != "compiled":
        return (_fail(ticket, work, Reason(result.status), result.body.decode("utf-8", "replace")),)
    if work.packaged:
        return (ReportStep(_packaged(work)),)
    write = WriteStep(work, header(ticket.recipe, ticket.state, source_hash) + result.body)
    return (DoubtStep(by_header=False), write) if work.action is Action.CONFIRM else (write,)


def confirms(result: LevelResult) -> bool:
    """Whether a worker says that the body which is there is right."""
    return result.status in {"whole", "same"}


def _fail(ticket: Ticket, work: Work, reason: Reason, detail: str) -> Step:
    if reason is Reason.NO_WORKER:
        return ReportStep(outcome_of(work, Status.ERROR, reason, detail))
    if reason is Reason.UNKNOWN_ENCODING:
        detail += "; where a .pth file registers it, Python compiles the module when it is imported"
    if looks(work) and reason in _WORKER_FAULTS and not work.packaged:
        # the body that is there may have done it: compile without looking at it
        return AgainStep(work._replace(action=Action.COMPILE, reason=Reason.TRUNCATED))
    # what goes is never right, whatever keeps the source from being compiled
    distrusted = work.action is Action.COMPILE and work.reason in DISTRUSTED
    why = work.reason if distrusted else Reason.REPLACED_SOURCE
    outcome = outcome_of(work, Status.FAILED, reason, detail)
    if (distrusted or _is_of_another_source(ticket, work)) and not work.packaged:
        return RemoveStep(work, outcome, f"; the pyc that was there is removed ({why.value})")
    return ReportStep(outcome)


def _confirm(ticket: Ticket, work: Work, source_hash: bytes, found: ReadPyc | None, proof: Proof) -> tuple[Step, ...]:
    """Settle a pyc whose body is right; its header need not be (PEP 552's hash)."""
    right = header(ticket.recipe, ticket.state, source_hash)
    if found is None:  # it was removed meanwhile, as by another run that cleans
        if work.packaged:
            return (ReportStep(outcome_of(work, Status.ERROR, Reason.IO_ERROR, "it can't be read any more")),)
        return (AgainStep(work._replace(action=Action.COMPILE, reason=Reason.MISSING)),)
    if found.data[: len(right)] == right:
        return _adopt(work, found, proof, ReportStep(outcome_of(work, Status.FRESH, Reason.UP_TO_DATE)))
    if work.packaged:
        return (ReportStep(_packaged(work)),)
    return (WriteStep(work, right + found.data[len(right) :]),)


def _adopt(work: Work, found: ReadPyc, proof: Proof, settled: Step) -> tuple[Step, ...]:
    """Take a pyc for right: the record remembers it; owner and mode are put right only where they are wrong."""
    if work.packaged:
        return (settled,)
    wrong = to_repair(found.state, work.ownership, has_acl=found.has_acl)
    if wrong is None:
        return (RememberStep(work, inode_of(found.state), digest(found.data), proof), settled)
    repair = RepairStep(work, outcome_of(work, Status.REPAIRED, wrong))
    return (repair, RememberStep(work, (), digest(found.data), proof))


def doubted(
    ticket: Ticket, doubt: DoubtStep, entries: Mapping[str, RecordEntry], headers: Mapping[str, bytes]
) -> tuple[Removal, ...]:
    """Return the source's other pycs that are to be removed.

    Those stay that the record (`entries`, by their names) knows to be of this source; and where nothing but a header
    says that the source is another one, those whose `headers` have the source's time and size.
    """
    cache = ticket.job.cache
    gone = []
    for name in ticket.job.siblings:
        entry = entries.get(name)
        if entry is None and doubt.by_header and _fits(ticket, headers.get(name, b"")):
            continue
        if entry is None or entry.source_digest != ticket.digest:
            removal = Removal(cache.base, cache.directory, name, Reason.REPLACED_SOURCE, ticket.job.source.path)
            gone.append(removal)
    return tuple(gone)


def stays(entry: RecordEntry | None, source_digest: bytes) -> bool:
    """Whether a doubted pyc stays after all: another run has made it of the same source since."""
    return entry is not None and entry.source_digest == source_digest


def _fits(ticket: Ticket, found: bytes) -> bool:
    """Whether a header has the time and size of the source, for whichever interpreter it is (PEP 552)."""
    recipe = ticket.recipe._replace(mode=InvalidationMode.TIMESTAMP)
    return bool(found) and found[4:16] == header(recipe, ticket.state)[4:16]


def _is_known(ticket: Ticket, entry: RecordEntry, found: ReadPyc, work: Work) -> bool:
    """Whether source and pyc have the contents that the record knows to belong together, the pyc a fitting header."""
    if work.action is Action.CONFIRM and entry.proof < Proof.COMPARED:
        return False
    timestamp = ticket.recipe.mode is InvalidationMode.TIMESTAMP
    return (
        entry.source_digest == ticket.digest
        and entry.recipe == recipe_bytes(ticket.recipe)
        and entry.pyc_digest == digest(found.data)
        and not (timestamp and not found.data.startswith(header(ticket.recipe, ticket.state)))
    )


def _is_of_another_source(ticket: Ticket, work: Work) -> bool:
    """Whether the pyc that is there is known to be made of another source than the one that was read."""
    return _has_other_digest(ticket, work) or work.reason is Reason.STALE_SOURCE


def _has_other_digest(ticket: Ticket, work: Work) -> bool:
    return work.entry is not None and work.entry.source_digest != ticket.digest


def _packaged(work: Work) -> Outcome:
    detail = f"a package ships it, and it isn't what its source compiles to: {work.packaged}"
    return outcome_of(work, Status.REFUSED, Reason.DIFFERS, detail)
