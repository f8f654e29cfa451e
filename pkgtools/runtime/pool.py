# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The workers: processes of the target interpreter that turn source bytes into pyc bodies, several at once.

A worker that crashes, hangs or runs out of memory costs the one source that it had, and is started anew.
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
from .processes import fork, start, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRLIMIT = "/usr/bin/prlimit"
MEMORY = 4 << 30
"""Bytes of address space that a worker may have."""
_ANSWER = re.compile(
    rb"(0|8)(?:\0(?:compiled|whole|same|syntax-error|too-deep|out-of-memory):[0-9]{1,10})+"  # as worker.py writes it
)
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


class Pool(Generic[Ticket]):
    """Some workers of one interpreter; requests go to whoever is idle, answers come as they are ready."""

    def __init__(self, argv: tuple[str, ...] | None, size: int, timeout: float) -> None:
        """Make room for `size` workers; each is started when it is first needed.

        `argv` starts a worker; None means a fork of this process. `timeout` is in seconds, for one source.
        """
        self._argv = argv
        self._timeout = timeout
        self._idle: list[_Worker] = []
        self._busy: dict[int, tuple[_Worker, Ticket, float, int]] = {}
        self._room = size
        self._poll = select.poll()

    def run(self, requests: Iterator[tuple[Ticket, Request]]) -> Iterator[tuple[Ticket, Answer]]:
        """Give every request to a worker and yield the answers, each with its request's ticket."""
        try:
            for ticket, request in requests:
                if not self._hand_out(ticket, request):
                    yield ticket, self._late(len(request.tasks))
                while self._busy and not (self._idle or self._room):
                    yield from self._collect()
            while self._busy:
                yield from self._collect()
        finally:
            self.close()

    def close(self) -> None:
        """End all workers."""
        for busy in self._busy.values():
            busy[0].kill()
        for idle in self._idle:
            idle.kill()
        self._busy.clear()
        self._idle.clear()

    def _hand_out(self, ticket: Ticket, request: Request) -> bool:
        """Give a request to a worker; False if it doesn't take it in time (it's dead, then)."""
        deadline = time.monotonic() + self._timeout
        if self._idle:
            chosen = self._idle.pop()
        else:
            self._room -= 1
            chosen = _Worker(self._argv)
        try:
            chosen.send(request, deadline)
        except TimeoutError:
            chosen.kill()
            self._room += 1
            return False
        self._busy[chosen.output] = (chosen, ticket, deadline, len(request.tasks))
        self._poll.register(chosen.output, select.POLLIN)
        return True

    def _late(self, tasks: int) -> Answer:
        text = f"no answer within {self._timeout:g} s".encode()
        return Answer(b"", (Result(Reason.TIMEOUT.value, text),) * tasks)

    def _collect(self) -> Iterator[tuple[Ticket, Answer]]:
        first_deadline = min(deadline for _, _, deadline, _ in self._busy.values())
        ready = [descriptor for descriptor, _ in self._poll.poll(max(0.0, first_deadline - time.monotonic()) * 1000)]
        now = time.monotonic()
        late = [d for d, busy in self._busy.items() if busy[2] <= now and d not in ready]
        for descriptor in ready + late:
            worker_, ticket, deadline, tasks = self._busy.pop(descriptor)
            self._poll.unregister(descriptor)
            try:
                answer = worker_.receive(now if descriptor in late else deadline, tasks)
            except TimeoutError:
                worker_.kill()
                self._room += 1
                answer = self._late(tasks)
            except WorkerFault:
                status = worker_.kill()
                self._room += 1
                text = f"the interpreter ended with status {status}".encode()
                answer = Answer(b"", (Result(Reason.WORKER_CRASH.value, text),) * tasks)
            else:
                self._idle.append(worker_)
            yield ticket, answer


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self, argv: tuple[str, ...] | None) -> None:
        child_input, self._input = os.pipe()
        self.output, child_output = os.pipe()
        for descriptor in (self._input, self.output):
            _enlarge(descriptor)
        os.set_blocking(self._input, False)
        os.set_blocking(self.output, False)
        self._buffer = b""
        if argv is None:
            self._process = fork(_serve_quietly, child_input, child_output)
        else:
            self._process = start(_limited(argv), child_input, child_output)
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
                if not select.select([], [self._input], [], max(0.0, deadline - time.monotonic()))[1]:
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
        return Answer(source_hash, tuple(results))

    def _read(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            try:
                chunk = os.read(self.output, _READ_SIZE)
            except BlockingIOError:
                if not select.select([self.output], [], [], max(0.0, deadline - time.monotonic()))[0]:
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


def _limited(argv: tuple[str, ...]) -> tuple[str, ...]:
    if not os.path.exists(_PRLIMIT):
        return argv
    return (_PRLIMIT, f"--as={MEMORY}", "--core=0", "--", *argv)


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
