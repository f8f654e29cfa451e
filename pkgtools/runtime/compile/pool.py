# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The workers: processes of the target interpreter that turn source bytes into pyc bodies, several at once.

A worker that crashes, hangs or runs out of memory costs the one source that it had, once that source has been tried in
another one, too. One that dies before it has answered anything says nothing about a source: then a worker is probed
with an empty source, and if that fails, started in another way. Where none can be started every source's answer is
`no-worker`, which is the environment's fault.
"""

from __future__ import annotations

import fcntl
import os
import select
import time
from functools import lru_cache

from pkgtools.runtime.errors import EnvironmentFault, WorkerFault
from pkgtools.runtime.facts import Reason
from pkgtools.runtime.lean import Generic, TypeVar, signal
from pkgtools.runtime.system.processes import is_ready, start, wait

from . import worker
from .exchange import Answer, CompileRequest, LevelResult, LevelTask
from .limits import UNLIMITED_SOURCE, ways_to_start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_STATUSES = frozenset(b"compiled whole same syntax-error unknown-encoding too-deep out-of-memory".split())
"""Of one level in an answer, as worker.py writes it."""
_PROBE_TIMEOUT = 20.0
_PIPE_SIZE = 1 << 20
_LARGEST_HEAD = 1 << 16
_LARGEST_BODY = 1 << 28
_F_SETPIPE_SZ = 1031

Ticket = TypeVar("Ticket")

_EMPTY = CompileRequest("", b"", False, (LevelTask(0, "compile", b""),))


class _Errand(Generic[Ticket]):
    """A request on its way to a worker."""

    __slots__ = ("deadline", "failures", "request", "ticket")

    def __init__(self, ticket: Ticket, request: CompileRequest) -> None:
        self.ticket = ticket
        self.request = request
        self.failures = 0
        """Workers that died of it."""
        self.deadline = 0.0


class Pool(Generic[Ticket]):
    """Some workers of one interpreter; requests go to an idle one, answers come as they are ready.

    Where none is idle, each gets a second request while it is at its first, so that none waits for us.
    """

    def __init__(self, argv: tuple[str, ...], size: int, timeout: float) -> None:
        """Make room for `size` workers; each is started when it is first needed.

        `argv` starts a worker. `timeout` is in seconds, for one source.
        """
        self._ways = ways_to_start(argv)
        self._timeout = timeout
        self._idle: list[_Worker] = []
        self._busy: dict[int, tuple[_Worker, _Errand[Ticket]]] = {}
        self._next: dict[int, _Errand[Ticket]] = {}
        """What a busy worker does after its errand, by the worker's output, as in `_busy`."""
        self._room = size
        self._poll = select.poll()
        self._broken = ""
        self.unlimited = False
        """No limit to a worker's memory could be set: one works at a time, and on no source above 1 MiB."""

    def run(self, requests: Iterator[tuple[Ticket, CompileRequest]]) -> Iterator[tuple[Ticket, Answer]]:
        """Give every request to a worker and yield the answers, each with its request's ticket."""
        try:
            for ticket, request in requests:
                yield from self._submit(_Errand(ticket, request))
                while not (self._idle or self._room > 0 or len(self._next) < len(self._busy)):
                    if not self._busy:
                        break
                    yield from self._collect()
            while self._busy:
                yield from self._collect()
        finally:
            self.close()

    def close(self) -> None:
        """End all workers."""
        for busy, _ in self._busy.values():
            busy.kill()
        for idle in self._idle:
            idle.kill()
        self._busy.clear()
        self._next.clear()
        self._idle.clear()

    def _submit(self, errand: _Errand[Ticket]) -> Iterator[tuple[Ticket, Answer]]:
        """Give a request to a worker, and yield the answers that come on the way to one."""
        while not self._broken:
            if self.unlimited and len(errand.request.source) > UNLIMITED_SOURCE:
                yield self._answer(errand, Reason.NO_WORKER, "no memory limit can be set, and it is above 1 MiB")
                return
            if not self._idle:
                if self._room > 0 or not self._busy:
                    self._start_one()
                elif len(self._next) < len(self._busy):
                    output = next(output for output in self._busy if output not in self._next)
                    self._busy[output][0].post(errand.request)
                    self._next[output] = errand
                    return
                else:
                    yield from self._collect()
                continue
            chosen = self._idle.pop()
            chosen.post(errand.request)
            yield from self._begin(chosen, errand)
            return
        yield self._answer(errand, Reason.NO_WORKER, self._broken)

    def _begin(self, chosen: _Worker, errand: _Errand[Ticket]) -> Iterator[tuple[Ticket, Answer]]:
        """Let a worker do what was posted to it; nothing is yielded unless it can't take that."""
        errand.deadline = time.monotonic() + self._timeout
        try:
            chosen.flush(errand.deadline)
        except TimeoutError:
            yield from self._give_up(chosen, errand, Reason.TIMEOUT)
            return
        self._busy[chosen.output] = chosen, errand
        self._poll.register(chosen.output, select.POLLIN)

    def _start_one(self) -> None:
        """Start a worker; where the system gives no process or descriptor, go on with those that there are."""
        try:
            self._idle.append(_Worker(self._ways[0]))
            self._room -= 1
        except OSError as error:
            self._room = 0
            if not self._busy:
                self._broken = f"no process can be started: {error.strerror}"

    def _collect(self) -> Iterator[tuple[Ticket, Answer]]:
        first_deadline = min(errand.deadline for _, errand in self._busy.values())
        ready = {descriptor for descriptor, (busy, _) in self._busy.items() if busy.has_begun_to_answer()}
        patience = 0.0 if ready else max(0.0, first_deadline - time.monotonic())
        ready.update(descriptor for descriptor, _ in self._poll.poll(patience * 1000))
        now = time.monotonic()
        due = [(d, *busy) for d, busy in self._busy.items() if d in ready or busy[1].deadline <= now]
        for descriptor, chosen, errand in due:
            if self._busy.get(descriptor) != (chosen, errand):  # what an earlier one led to has seen to it
                continue
            del self._busy[descriptor]
            self._poll.unregister(descriptor)
            try:
                answer = chosen.receive(errand.deadline if descriptor in ready else now, len(errand.request.tasks))
            except TimeoutError:
                yield from self._give_up(chosen, errand, Reason.TIMEOUT)
            except WorkerFault:
                yield from self._give_up(chosen, errand, Reason.WORKER_CRASH)
            else:
                following = self._next.pop(descriptor, None)
                if following is None:
                    self._idle.append(chosen)
                else:
                    yield from self._begin(chosen, following)
                yield errand.ticket, answer

    def _give_up(self, chosen: _Worker, errand: _Errand[Ticket], reason: Reason) -> Iterator[tuple[Ticket, Answer]]:
        """End a worker; its request is tried once more unless it took all its time, and another does the next."""
        following = self._next.pop(chosen.output, None)
        status = chosen.kill()
        self._room += 1
        text = f"the interpreter ended with status {status}"
        if reason is Reason.TIMEOUT:
            text = f"no answer within {self._timeout:g} s"
        if not chosen.answered and not self._probe(text):
            yield self._answer(errand, Reason.NO_WORKER, self._broken)
        elif reason is Reason.TIMEOUT or errand.failures:
            yield self._answer(errand, reason, text)
        else:
            errand.failures += 1
            yield from self._submit(errand)
        if following is not None:
            yield from self._submit(following)

    def _probe(self, text: str) -> bool:
        """Find a way to start a worker that answers; False, and no worker is started any more, if there is none."""
        while not self._broken:
            try:
                probed = _Worker(self._ways[0])
            except OSError as error:
                self._broken = f"no process can be started: {error.strerror}"
                break
            deadline = time.monotonic() + min(self._timeout, _PROBE_TIMEOUT)
            try:
                probed.post(_EMPTY)
                probed.flush(deadline)
                probed.receive(deadline, 1)
            except (TimeoutError, WorkerFault):
                probed.kill()
                self._next_way(text)
                continue
            self._room -= 1
            self._idle.append(probed)
            return True
        return False

    def _next_way(self, text: str) -> None:
        self._ways.pop(0)
        if not self._ways:
            self._broken = f"no worker answers ({text}): see that the interpreter runs"
            self.unlimited = False
        elif len(self._ways) == 1:
            self.unlimited = True
            self._room = 1 - len(self._busy) - len(self._idle)

    @staticmethod
    def _answer(errand: _Errand[Ticket], reason: Reason, text: str) -> tuple[Ticket, Answer]:
        result = LevelResult(reason.value, text.encode("utf-8", "replace"))
        return errand.ticket, Answer(b"", (result,) * len(errand.request.tasks))


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self, argv: tuple[str, ...]) -> None:
        child_input, self._input = os.pipe()
        try:
            self.output, child_output = os.pipe()
        except OSError:
            os.close(child_input)
            os.close(self._input)
            raise
        for descriptor in (self._input, self.output):
            _enlarge(descriptor)
        os.set_blocking(self._input, False)
        os.set_blocking(self.output, False)
        self._buffer = b""
        self._rest = memoryview(b"")
        self.answered = False
        try:
            self._process = start(argv, child_input, child_output)
        except OSError:
            os.close(self._input)
            os.close(self.output)
            raise
        finally:
            os.close(child_input)
            os.close(child_output)

    def post(self, request: CompileRequest) -> None:
        """Write as much of a request as the pipe takes, and keep the rest; the one before was flushed."""
        tasks = ",".join(f"{t.level}:{t.action}:{len(t.body)}" for t in request.tasks)
        path = request.path.encode("utf-8", "surrogateescape")
        head = b"\0".join((path, b"%d" % request.want_hash, b"%d" % len(request.source), tasks.encode()))
        parts = [len(head).to_bytes(4, "little"), head, request.source, *(t.body for t in request.tasks)]
        self._rest = memoryview(b"".join(parts))
        self._write()

    def flush(self, deadline: float) -> None:
        """Write the rest of what was posted. Raises TimeoutError."""
        while self._rest:
            if not is_ready(self._input, select.POLLOUT, deadline):
                raise TimeoutError
            self._write()

    def _write(self) -> None:
        """Write what the pipe takes; a worker that has died is noticed when its answer is read."""
        try:
            while self._rest:
                self._rest = self._rest[os.write(self._input, self._rest) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._rest = self._rest[:0]

    def receive(self, deadline: float, tasks: int) -> Answer:
        """Read a whole answer. Raises WorkerFault if the worker breaks off or talks nonsense, TimeoutError."""
        size = int.from_bytes(self._read(4, deadline), "little")
        of_hash, *fields = self._read(min(size, _LARGEST_HEAD), deadline).split(b"\0")
        if of_hash not in (b"0", b"8") or len(fields) != tasks or not all(map(_is_result, fields)):
            raise WorkerFault("the worker's answer can't be read")
        source_hash = self._read(int(of_hash), deadline)
        told = [field.split(b":") for field in fields]
        results = [LevelResult(status.decode(), self._read(int(size), deadline)) for status, size in told]
        self.answered = True
        return Answer(source_hash, tuple(results))

    def has_begun_to_answer(self) -> bool:
        """Whether a part of its next answer was read with the last one."""
        return bool(self._buffer)

    def _read(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            try:
                chunk = os.read(self.output, _PIPE_SIZE)
            except BlockingIOError:
                if not is_ready(self.output, select.POLLIN, deadline):
                    raise TimeoutError from None
                continue
            if not chunk:
                raise WorkerFault("the worker broke off")
            self._buffer += chunk
            if len(self._buffer) < size and time.monotonic() > deadline:  # one that always talks is late, too
                raise TimeoutError
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def kill(self) -> int:
        """End the process and return its status, as a shell would give it."""
        os.close(self._input)
        os.close(self.output)
        try:
            os.kill(self._process, signal.SIGKILL)
        except ProcessLookupError:
            return -1
        return wait(self._process)


def _is_result(field: bytes) -> bool:
    status, _, size = field.partition(b":")
    return status in _STATUSES and size.isdigit() and int(size[:10]) <= _LARGEST_BODY


def _enlarge(descriptor: int) -> None:
    try:
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_SIZE)
    except OSError:  # above the limit of an unprivileged user: smaller pieces, then
        return


@lru_cache(maxsize=1)
def worker_code() -> str:
    """Return the text of the worker, to be given to an interpreter that can't see our files.

    Raises EnvironmentFault if it can't be read.
    """
    loader = worker.__spec__.loader
    try:
        source: bytes = loader.get_data(worker.__file__)  # type: ignore[union-attr] # a file's or a zip's loader has it
    except OSError as error:
        raise EnvironmentFault(f"{error}: reinstall pkgtools-runtime") from error
    return source.decode("utf-8")
