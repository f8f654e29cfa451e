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
import re
import select
import signal
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from . import worker
from .errors import EnvironmentFault, WorkerFault
from .facts import Reason
from .limits import ways_to_start
from .processes import fork, is_ready, start, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANSWER = re.compile(
    rb"(0|8)(?:\0(?:compiled|whole|same|syntax-error|too-deep|out-of-memory):[0-9]{1,10})+"  # as worker.py writes it
)
_SMALL = 1 << 20
"""Bytes of source that may be compiled without a limit to memory."""
_PROBE_TIMEOUT = 20.0
_READ_SIZE = 1 << 20
_PIPE_SIZE = 1 << 20
_F_SETPIPE_SZ = 1031

Ticket = TypeVar("Ticket")


class Task(NamedTuple):
    """What is wanted of one level."""

    level: int
    action: str
    """compile, check, compare or equal, as the worker knows them."""
    body: bytes
    """The pyc body that there is now, without its header."""


class Request(NamedTuple):
    """One source for one interpreter."""

    path: str
    source: bytes
    want_hash: bool
    tasks: tuple[Task, ...]


class Answer(NamedTuple):
    """What a worker made of a request."""

    source_hash: bytes
    """8 bytes (PEP 552), or nothing if it wasn't asked for."""
    results: tuple[Result, ...]
    """One for each task."""


class Result(NamedTuple):
    """What became of one task."""

    status: str
    """compiled, whole or same, or a Reason's code."""
    body: bytes
    """The pyc's body, or the text of what went wrong."""


_EMPTY = Request("", b"", False, (Task(0, "compile", b""),))


class _Errand(Generic[Ticket]):
    """A request on its way to a worker."""

    __slots__ = ("deadline", "failures", "request", "ticket")

    def __init__(self, ticket: Ticket, request: Request) -> None:
        self.ticket = ticket
        self.request = request
        self.failures = 0
        """Workers that died of it."""
        self.deadline = 0.0


class Pool(Generic[Ticket]):
    """Some workers of one interpreter; requests go to an idle one, answers come as they are ready."""

    def __init__(self, argv: tuple[str, ...] | None, size: int, timeout: float) -> None:
        """Make room for `size` workers; each is started when it is first needed.

        `argv` starts a worker; None means a fork of this process. `timeout` is in seconds, for one source.
        """
        self._ways: list[tuple[str, ...] | None] = [None] if argv is None else ways_to_start(argv)
        self._timeout = timeout
        self._idle: list[_Worker] = []
        self._busy: dict[int, tuple[_Worker, _Errand[Ticket]]] = {}
        self._room = size
        self._poll = select.poll()
        self._broken = ""
        self.unlimited = False
        """No limit to a worker's memory could be set: one works at a time, and on no source above 1 MiB."""

    def run(self, requests: Iterator[tuple[Ticket, Request]]) -> Iterator[tuple[Ticket, Answer]]:
        """Give every request to a worker and yield the answers, each with its request's ticket."""
        try:
            for ticket, request in requests:
                yield from self._submit(_Errand(ticket, request))
                while self._busy and not (self._idle or self._room > 0):
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
        self._idle.clear()

    def _submit(self, errand: _Errand[Ticket]) -> Iterator[tuple[Ticket, Answer]]:
        """Give a request to a worker, and yield the answers that come on the way to one."""
        while not self._broken:
            if self.unlimited and len(errand.request.source) > _SMALL:
                yield self._answer(errand, Reason.NO_WORKER, "no memory limit can be set, and it is above 1 MiB")
                return
            if not self._idle:
                if self._room <= 0 and self._busy:
                    yield from self._collect()
                    continue
                self._start_one()
                continue
            chosen = self._idle.pop()
            errand.deadline = time.monotonic() + self._timeout
            try:
                chosen.send(errand.request, errand.deadline)
            except TimeoutError:
                yield from self._give_up(chosen, errand, Reason.TIMEOUT)
                return
            self._busy[chosen.output] = chosen, errand
            self._poll.register(chosen.output, select.POLLIN)
            return
        yield self._answer(errand, Reason.NO_WORKER, self._broken)

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
        ready = {descriptor for descriptor, _ in self._poll.poll(max(0.0, first_deadline - time.monotonic()) * 1000)}
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
                self._idle.append(chosen)
                yield errand.ticket, answer

    def _give_up(self, chosen: _Worker, errand: _Errand[Ticket], reason: Reason) -> Iterator[tuple[Ticket, Answer]]:
        """End a worker; its request is tried once more unless it took all its time."""
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
                probed.send(_EMPTY, deadline)
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
        failed = self._ways.pop(0)
        if not self._ways:
            self._broken = f"no worker answers ({text}): see that the interpreter runs"
            self.unlimited = False
        elif failed is not None and len(self._ways) == 1:
            self.unlimited = True
            self._room = 1 - len(self._busy) - len(self._idle)

    @staticmethod
    def _answer(errand: _Errand[Ticket], reason: Reason, text: str) -> tuple[Ticket, Answer]:
        result = Result(reason.value, text.encode("utf-8", "replace"))
        return errand.ticket, Answer(b"", (result,) * len(errand.request.tasks))


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self, argv: tuple[str, ...] | None) -> None:
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
        self.answered = False
        try:
            if argv is None:
                self._process = fork(_serve_quietly, child_input, child_output)
            else:
                self._process = start(argv, child_input, child_output)
        except OSError:
            os.close(self._input)
            os.close(self.output)
            raise
        finally:
            os.close(child_input)
            os.close(child_output)

    def send(self, request: Request, deadline: float) -> None:
        """Write a whole request; a worker that has died is noticed when its answer is read. Raises TimeoutError."""
        tasks = ",".join(f"{t.level}:{t.action}:{len(t.body)}" for t in request.tasks)
        path = request.path.encode("utf-8", "surrogateescape")
        head = b"\0".join((path, b"%d" % request.want_hash, b"%d" % len(request.source), tasks.encode()))
        parts = [len(head).to_bytes(4, "little"), head, request.source, *(t.body for t in request.tasks)]
        rest = memoryview(b"".join(parts))
        while rest:
            try:
                rest = rest[os.write(self._input, rest) :]
            except BrokenPipeError:
                return
            except BlockingIOError:
                if not is_ready(self._input, select.POLLOUT, deadline):
                    raise TimeoutError from None

    def receive(self, deadline: float, tasks: int) -> Answer:
        """Read a whole answer. Raises WorkerFault if the worker breaks off or talks nonsense, TimeoutError."""
        head = self._read(int.from_bytes(self._read(4, deadline), "little"), deadline)
        found = _ANSWER.fullmatch(head)
        if found is None or head.count(b"\0") != tasks:
            raise WorkerFault("the worker's answer can't be read")
        source_hash = self._read(int(found[1]), deadline)
        fields = [field.split(b":") for field in head.split(b"\0")[1:]]
        results = [Result(status.decode(), self._read(int(size), deadline)) for status, size in fields]
        self.answered = True
        return Answer(source_hash, tuple(results))

    def _read(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            try:
                chunk = os.read(self.output, _READ_SIZE)
            except BlockingIOError:
                if not is_ready(self.output, select.POLLIN, deadline):
                    raise TimeoutError from None
                continue
            if not chunk:
                raise WorkerFault("the worker broke off")
            self._buffer += chunk
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


def _serve_quietly() -> None:
    import warnings  # noqa: PLC0415 - only here, and 1 ms

    warnings.simplefilter("ignore")
    worker.main()


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
