# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Forks of this process that take shares of a plan, one after the other, and do the whole way up to the temporaries.

The numbers of the shares lie in one pipe, from which whoever is ready reads the next. Each fork says in a file in
memory at which source it is, and since when: where one dies or takes too long, that source is the one to blame, and
the rest of its share goes to a new fork.
"""

from __future__ import annotations

import gc
import marshal
import os
import select
import struct
import time

from pkgtools.runtime.errors import WorkerFault
from pkgtools.runtime.facts import Reason
from pkgtools.runtime.interrupts import Held
from pkgtools.runtime.lean import NamedTuple, signal
from pkgtools.runtime.system.processes import fork, wait, write_fully

from .limits import limit_process
from .making import Made, as_fields, from_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .making import Maker
    from .shares import Share
    from .steps import CompileJob

_NUMBER = struct.Struct("<I")
_MARK = struct.Struct("<IId")
"""The number of a share, which of its sources, and when that was begun (seconds of the monotonic clock)."""
_NONE = 0xFFFF_FFFF
_READ_SIZE = 1 << 20
_LARGEST_ANSWER = 64 << 20
_MOST_NUMBERS = 1024
"""What a pipe of one page holds, as an unprivileged user may get them."""
_MOMENT = 0.1
"""Seconds that a source may take before the fork's memory is limited: most take a hundredth of it, and a limit 1 ms."""
_NOTHING: Iterator[bool] = iter(())
_PATIENCE = 3
"""How many forks may die beside any source before no other is started."""


class Lost(NamedTuple):
    """A source at which a fork died or took too long."""

    reason: Reason
    """The one or the other."""
    detail: str
    """More about it."""


class Forks:
    """The forks that work on one wave."""

    def __init__(
        self, prepare: Callable[[int], Maker], kept: Callable[[], frozenset[int]], size: int, timeout: float
    ) -> None:
        """Get ready for at most `size` forks; `timeout` is in seconds, for one source.

        `prepare` is called in a fork with its number, from 1 on; `kept` gives the descriptors that it needs.
        """
        self._prepare = prepare
        self._kept = kept
        self._size = size
        self._timeout = timeout
        self._parent = os.getpid()
        self._shares: list[Share] = []
        self._living: dict[int, _Fork] = {}
        self._started = 0
        self._patience = _PATIENCE
        self._poll = select.poll()
        self.died = False
        """Whether one ended before its time: then it may have left temporaries of which nothing is known."""

    def run(
        self, shares: Sequence[Share], meanwhile: Iterator[bool] = _NOTHING
    ) -> Iterator[tuple[CompileJob, Made | Lost | None]]:
        """Give all shares to forks and yield what became of each job; None for what no fork can do.

        While they work the steps of `meanwhile` are done, short ones, as far as there is time.
        """
        self._shares = list(shares)
        left = dict(enumerate(self._shares))
        if len(left) > _MOST_NUMBERS:
            raise ValueError("more shares than a pipe takes")
        numbers = _pipe_with(left)
        if numbers is not None:
            try:
                while self._started < min(self._size, len(shares)) and self._start(numbers, _NONE):
                    pass
                while self._living:
                    is_busy = next(meanwhile, False)
                    yield from self._collect(numbers, left, at_once=is_busy)
            finally:
                os.close(numbers)
        for share in left.values():
            for job in share:
                yield job, None

    def close(self) -> None:
        """End all forks."""
        for one in self._living.values():
            one.kill()
            self.died = True
        self._living.clear()

    def _start(self, numbers: int, first: int) -> bool:
        """Start a fork that begins with a certain share; False where the system gives none."""
        self._started += 1
        number = self._started
        try:
            with Held():
                started = _Fork(lambda mark: self._serve(number, first, mark), numbers, self._kept())
                self._living[started.output] = started
        except OSError:
            return False
        self._poll.register(started.output, select.POLLIN)
        return True

    def _collect(
        self, numbers: int, left: dict[int, Share], *, at_once: bool
    ) -> Iterator[tuple[CompileJob, Made | Lost | None]]:
        """Take what forks have to say; wait for that, if not `at_once`."""
        due = min(one.began + (self._timeout if one.limited else _MOMENT) for one in self._living.values())
        patience = 0.0 if at_once else max(0.0, due - time.monotonic()) * 1000
        ready = {descriptor for descriptor, _ in self._poll.poll(patience)}
        for descriptor in ready:
            try:
                answers = self._living[descriptor].receive()
                if answers is None:
                    yield from self._bury(descriptor, numbers, left, Reason.WORKER_CRASH)
                    continue
                for number, made in answers:
                    yield from zip(_checked(left, number, made), made)
            except WorkerFault:
                yield from self._bury(descriptor, numbers, left, Reason.WORKER_CRASH)
        now = time.monotonic()
        for descriptor, one in list(self._living.items()):
            took = now - one.began if now - one.began < _MOMENT else now - one.look()[2]
            if took >= self._timeout:
                yield from self._bury(descriptor, numbers, left, Reason.TIMEOUT)
            elif took >= _MOMENT and not one.limited:
                one.limit()

    def _bury(
        self, descriptor: int, numbers: int, left: dict[int, Share], reason: Reason
    ) -> Iterator[tuple[CompileJob, Lost]]:
        """End a fork; if it was at a source, yield that, and let a new fork do the rest of the share."""
        one = self._living.pop(descriptor)
        self._poll.unregister(descriptor)
        number, position, _ = one.look()
        status = one.kill()
        if number == _NONE and reason is Reason.WORKER_CRASH:
            return
        self.died = True
        share = left.pop(number, ())
        rest = share
        if position < len(share):
            rest = share[:position] + share[position + 1 :]
            text = f"no answer within {self._timeout:g} s"
            if reason is not Reason.TIMEOUT:
                text = f"the interpreter ended with status {status}"
            yield share[position], Lost(reason, text)
        else:
            self._patience -= 1
        first = _NONE
        if rest:
            first = len(self._shares)
            self._shares.append(rest)
            left[first] = rest
        if self._patience > 0:
            self._start(numbers, first)

    def _serve(self, number: int, first: int, mark: int) -> None:
        """Do a first share, if there is one, and then those whose numbers come, until there are no more."""
        import warnings  # noqa: PLC0415 - only here

        warnings.simplefilter("ignore")
        gc.disable()
        maker = self._prepare(number)
        which = first
        while True:
            if which != _NONE:
                self._do(which, maker, mark)
            os.pwrite(mark, _MARK.pack(_NONE, _NONE, time.monotonic()), 0)
            read = os.read(0, _NUMBER.size)
            if not read:
                break
            (which,) = _NUMBER.unpack(read)

    def _do(self, which: int, maker: Maker, mark: int) -> None:
        """Do all jobs of a share, and answer; where the parent is gone, nothing more is written."""
        answers = []
        for position, job in enumerate(self._shares[which]):
            if os.getppid() != self._parent:
                os._exit(1)
            os.pwrite(mark, _MARK.pack(which, position, time.monotonic()), 0)
            answers.append(as_fields(maker.make(job)))
        os.pwrite(mark, _MARK.pack(which, _NONE, time.monotonic()), 0)
        answer = marshal.dumps((which, answers))
        write_fully(1, _NUMBER.pack(len(answer)) + answer)


class _Fork:
    """One process, the pipe that its answers come through, and the file in memory that says what it is at."""

    def __init__(self, work: Callable[[int], None], numbers: int, kept: frozenset[int]) -> None:
        self.output, answers = os.pipe()
        self.began = time.monotonic()
        """When it began the source that it is at, or earlier."""
        self.limited = False
        """Whether prlimit was started for it."""
        self._limiter: int | None = None
        self._buffer = b""
        self._mark = -1
        try:
            self._mark = os.memfd_create("at")
            os.pwrite(self._mark, _MARK.pack(_NONE, _NONE, self.began), 0)
            self._process = fork(lambda: work(self._mark), numbers, answers, kept=kept | {self._mark})
        except OSError:
            os.close(self.output)
            if self._mark >= 0:
                os.close(self._mark)
            raise
        finally:
            os.close(answers)

    def receive(self) -> list[tuple[int, list[Made | None]]] | None:
        """Read what has come, and return the whole answers; None at the end. Raises WorkerFault for nonsense."""
        chunk = os.read(self.output, _READ_SIZE)
        if not chunk:
            return None
        self._buffer += chunk
        answers = []
        while len(self._buffer) >= _NUMBER.size:
            (size,) = _NUMBER.unpack_from(self._buffer)
            end = _NUMBER.size + size
            if size > _LARGEST_ANSWER:
                raise WorkerFault("the answer of a fork is too long")
            if len(self._buffer) < end:
                break
            answers.append(_decode(self._buffer[_NUMBER.size : end]))
            self._buffer = self._buffer[end:]
        return answers

    def look(self) -> tuple[int, int, float]:
        """Return the number of the share that it is at, which source of it, and since when."""
        number, position, self.began = _MARK.unpack(os.pread(self._mark, _MARK.size, 0))
        return number, position, self.began

    def limit(self) -> None:
        """Limit its memory from now on, as well as can be."""
        self.limited = True
        self._limiter = limit_process(self._process)

    def kill(self) -> int:
        """End the process and return its status, as a shell would give it."""
        os.close(self.output)
        os.close(self._mark)
        os.kill(self._process, signal.SIGKILL)
        if self._limiter is not None:
            wait(self._limiter)
        return wait(self._process)


def _pipe_with(numbers: Iterable[int]) -> int | None:
    """Return the end of a pipe from which some numbers can be read; None where the system gives none."""
    try:
        reading, writing = os.pipe()
    except OSError:  # then there is no pipe to a worker either, and that is reported
        return None
    os.write(writing, b"".join(map(_NUMBER.pack, numbers)))
    os.close(writing)
    return reading


def _checked(left: dict[int, Share], number: int, made: list[Made | None]) -> Share:
    """Return the jobs of a share that was answered. Raises WorkerFault if these aren't as many."""
    if len(left.get(number, ())) != len(made):
        raise WorkerFault("a fork answers what it wasn't asked")
    for job, one in zip(left[number], made):
        if one is not None and one.levels and len(one.levels) != len(job.works):
            raise WorkerFault("a fork answers for other levels than it was asked for")
    return left.pop(number)


def _decode(data: bytes) -> tuple[int, list[Made | None]]:
    try:
        number, made = marshal.loads(data)  # noqa: S302 - from a fork of our own, which may do all that we may
        return int(number), [from_fields(fields) for fields in made]
    except (ValueError, EOFError, TypeError, KeyError) as error:
        raise WorkerFault("the answer of a fork can't be read") from error
