# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a fork does for one job, the whole way: read the source, compile it, write each pyc under a temporary name.

Nothing is named, removed or repaired here, and nothing is decided that a plan or `resolve` would decide.
"""

from __future__ import annotations

import marshal
import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InvalidationMode, Outcome, Reason, Status
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.sources import problem
from pkgtools.runtime.record import digest, now_ns
from pkgtools.runtime.system.safefs import Temporary, is_in_state
from pkgtools.runtime.system.trust import READ_FILE

from . import worker
from .exchange import LevelResult
from .limits import UNLIMITED_SOURCE
from .plan import outcome_of
from .pyc import recipe_of
from .resolve import Ticket, WriteStep, resolve
from .steps import Action
from .writing import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from pkgtools.runtime.facts import FileState
    from pkgtools.runtime.system.trust import Tree

    from .bodies import Bodies
    from .limits import OwnLimit
    from .steps import CompileJob, Work
    from .writing import PycWriter

_INTERNED = frozenset(b"ZAt")
"""How marshal marks interned strings: short and long ones in ASCII, and others."""


class WrittenLevel(NamedTuple):
    """A pyc that was written under a temporary name, without what the parent knows of it."""

    name: str
    """The temporary name."""
    device: int
    """Of the file."""
    inode: int
    """Of the file."""
    digest: bytes
    """Of its content."""
    linked: bool
    """It's another name of the file of another level."""
    reused: bool
    """Its body is from the store."""


if TYPE_CHECKING:
    LevelMade = Union[WrittenLevel, LevelResult, Outcome]
    """A pyc that was written; or how compiling failed; or what else kept the pyc from being written."""
_TAGS: dict[str, type[WrittenLevel | LevelResult]] = {"written": WrittenLevel, "result": LevelResult}


class Made(NamedTuple):
    """What became of one job."""

    digest: bytes
    """Of the source's bytes; empty if it wasn't read."""
    read_ns: int
    """When it was read, in nanoseconds."""
    levels: tuple[LevelMade, ...]
    """One for each of its works; none if the source isn't what was observed."""


class Maker:
    """Makes pycs of sources, in a fork."""

    def __init__(self, tree: Tree, writer: PycWriter, mode: InvalidationMode, limit: OwnLimit, bodies: Bodies) -> None:
        """Get ready; `limit` is asked whether this process may take a large source, `bodies` before compiling."""
        self._tree = tree
        self._writer = writer
        self._mode = mode
        self._limit = limit
        self._bodies = bodies
        self._marks = _foreign_marks()

    def make(self, job: CompileJob) -> Made | None:
        """Do all that is to be done for a job, each of whose works is to compile; None if a worker should do it.

        That is so for a large source where this process has no limit, and where this process makes other bytes. Raises
        nothing that a source or a directory can cause.
        """
        if job.state.size > UNLIMITED_SOURCE and not self._limit.holds():
            return None
        read_ns = now_ns()
        source = read_source(self._tree, job)
        if isinstance(source, Outcome):
            told = [outcome_of(work, source.status, source.reason, source.detail) for work in job.works]
            return Made(b"", read_ns, tuple(told))
        if source is None:
            return Made(b"", read_ns, ())
        recipe = recipe_of(job.works[0].target.interpreter, self._mode)
        ticket = Ticket(job, job.state, digest(source), read_ns, recipe)
        path = job.source.path.encode("utf-8", "surrogateescape")
        bodies = [self._bodies.body_of(ticket, work) for work in job.works]
        compiling = Action.COMPILE.value.encode()
        tasks = [(work.target.level, compiling, b"") for work, body in zip(job.works, bodies) if not body]
        answers = worker.make(path, source, tasks) if tasks else []
        if any(mark in body for mark in self._marks for _, body in answers):
            return None
        wants_hash = recipe.mode is not InvalidationMode.TIMESTAMP
        source_hash = worker.source_hash(source) if wants_hash else b""
        written: dict[bytes, Written] = {}
        levels: list[LevelMade] = []
        compiled = iter(answers)
        for work, kept in zip(job.works, bodies):
            status, body = (b"compiled", kept) if kept else next(compiled)
            if status == b"compiled" and not kept:
                self._bodies.enter(ticket, work, body)
            result = LevelResult(status.decode(), body)
            (step,) = resolve(ticket, work, result, source_hash, None)  # there is no body to look at
            if isinstance(step, WriteStep):
                levels.append(self._write(ticket, step, written, reused=bool(kept)))
            else:
                levels.append(result)
        return Made(ticket.digest, read_ns, tuple(levels))

    def _write(self, ticket: Ticket, step: WriteStep, written: dict[bytes, Written], *, reused: bool) -> LevelMade:
        made = write(self._writer, ticket, step, written)
        if isinstance(made, Outcome):
            return made
        return WrittenLevel(made.temporary.name, *made.temporary.identity, made.digest, made.linked, reused)


def _foreign_marks() -> tuple[bytes, ...]:
    """Return what shows in a pyc that this process has interned strings which a new interpreter has not.

    That happens to strings of one character, of which there is one object each, when a module is loaded whose pyc says
    so. marshal writes them in another way then.
    """
    if not worker.DETERMINISTIC:
        return ()
    written = (marshal.dumps(chr(number)) for number in range(256) if not _is_always_interned(chr(number)))
    return tuple(one for one in written if one[0] & 0x7F in _INTERNED)


def _is_always_interned(character: str) -> bool:
    """Whether a new interpreter or its compiler has interned it: what may be in a name, and the star."""
    return character == "*" or (character.isascii() and (character.isalnum() or character == "_"))


def write(writer: PycWriter, ticket: Ticket, step: WriteStep, written: dict[bytes, Written]) -> Written | Outcome:
    """Write a pyc, or link it to one of the same bytes in `written`, where it's entered."""
    if step.data in written:
        return writer.link(step.work, written[step.data], step.data)
    made = writer.write(ticket, step.work, step.data)
    if isinstance(made, Written):
        written[step.data] = made
    return made


def taken(ticket: Ticket, work: Work, level: WrittenLevel) -> Written:
    """Return what a fork has written, as if this process had."""
    temporary = Temporary(level.name, (level.device, level.inode))
    work = work._replace(reason=Reason.REUSED) if level.reused else work
    return Written(ticket, work, temporary, level.digest, level.linked)


def read_source(tree: Tree, job: CompileJob) -> bytes | Outcome | None:
    """Read the source of a job; None if it isn't, before and after, what was observed; an outcome if it can't be."""
    try:
        directory = tree.open(job.source.base, job.source.directory)
        return read_observed(directory, job.source.name, job.state)
    except (Refused, OSError) as error:
        return problem(job.source.path, error)


def read_observed(directory: int, name: str, expected: FileState) -> bytes | None:
    """Read a source in an open directory; None if it isn't, before and after, what was observed. Raises OSError.

    By as few calls as can be: a file object makes five more.
    """
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    try:
        if not stat.S_ISREG(expected.mode) or not is_in_state(os.fstat(descriptor), expected):
            return None
        data = os.read(descriptor, expected.size + 1)
        while 0 < len(data) < expected.size:  # as on some network file systems
            more = os.read(descriptor, expected.size + 1 - len(data))
            if not more:
                return None
            data += more
        same = len(data) == expected.size and is_in_state(os.fstat(descriptor), expected)
    finally:
        os.close(descriptor)
    return data if same else None


def as_fields(made: Made | None) -> tuple[object, ...]:
    """Return what became of a job in a form that marshal writes."""
    if made is None:
        return ()
    levels = []
    for level in made.levels:
        if isinstance(level, Outcome):
            levels.append(("outcome", level.status.value, level.reason.value, *level[2:]))
        else:
            levels.append(("written" if isinstance(level, WrittenLevel) else "result", *level))
    return (made.digest, made.read_ns, tuple(levels))


def from_fields(fields: tuple[object, ...]) -> Made | None:
    """Return what `as_fields` was given. Raises TypeError, ValueError or KeyError for anything else."""
    if not fields:
        return None
    source_digest, read_ns, levels = fields
    if not (isinstance(source_digest, bytes) and isinstance(read_ns, int) and isinstance(levels, tuple)):
        raise TypeError("no answer of a fork")
    return Made(source_digest, read_ns, tuple(_level(*level) for level in levels))


def _level(tag: str, *fields: object) -> LevelMade:
    if tag == "outcome":
        status, reason, *rest = fields
        return Outcome(Status(status), Reason(reason), *rest)  # type: ignore[arg-type] # as `as_fields` wrote them
    kind: type[WrittenLevel | LevelResult] = _TAGS[tag]
    return kind(*fields)  # type: ignore[arg-type] # as above
