# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which workers do the work of an interpreter: as the caller where it is the distribution's, else without rights."""

from __future__ import annotations

from pkgtools.runtime.facts import Outcome, Reason, Status
from pkgtools.runtime.system.interpreters import command, is_own

from .pool import Pool, worker_code
from .series import in_turn, series

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from pkgtools.runtime.facts import Interpreter
    from pkgtools.runtime.system.trust import Tree

    from .exchange import Answer, CompileRequest
    from .job import CompileSettings
    from .resolve import Ticket
    from .steps import CompileJob


def answers(
    tree: Tree,
    interpreter: Interpreter,
    jobs: list[CompileJob],
    requests: Callable[[list[CompileJob]], Iterator[tuple[Ticket, CompileRequest]]],
    settings: CompileSettings,
    report: Callable[[Outcome], None],
) -> Iterator[tuple[Ticket, Answer]]:
    """Let workers of an interpreter answer what is to be requested for some jobs.

    Raises EnvironmentFault where one of one's own can't be kept from root's rights.
    """
    if not settings.in_series:
        some = settings._replace(workers=min(settings.workers, len(jobs)))
        yield from _answers(tree, interpreter, requests(jobs), some, report)
        return
    alone = settings._replace(workers=1)
    streams = (_answers(tree, interpreter, requests(some), alone, report) for some in series(jobs))
    yield from in_turn(streams, 1 if settings.confined else settings.workers)


def _answers(
    tree: Tree,
    interpreter: Interpreter,
    requests: Iterator[tuple[Ticket, CompileRequest]],
    settings: CompileSettings,
    report: Callable[[Outcome], None],
) -> Generator[tuple[Ticket, Answer], None, None]:
    pool: Pool[Ticket]
    if is_own(interpreter) or settings.confined:
        from pkgtools.runtime.system.confined import Confinement  # noqa: PLC0415 - seldom needed
        from pkgtools.runtime.system.interpreters import isolated  # noqa: PLC0415 - as above

        confinement = Confinement(tree, settings.workers, "" if interpreter.inside else "/")
        argv = confinement.argv(isolated(interpreter.path, worker_code()))
        pool = Pool(argv, settings.workers, settings.timeout)
        try:
            yield from pool.run(requests)
        finally:
            confinement.end()
    else:
        pool = Pool(command(tree, interpreter, worker_code()), settings.workers, settings.timeout)
        yield from pool.run(requests)
    if pool.unlimited:
        detail = "prlimit and ulimit fail: one worker at a time, no source above 1 MiB; repair util-linux"
        report(Outcome(Status.SKIPPED, Reason.NO_MEMORY_LIMIT, interpreter.path, detail=detail))
