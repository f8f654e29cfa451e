# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A function applied to many things by several processes, one of which may die of what it is given."""

from __future__ import annotations

import signal
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

A = TypeVar("A")
B = TypeVar("B")

_AHEAD = 4
"""Things for each process that are handed out before the first of them is done."""


def each_in_order(function: Callable[[A], B], things: Iterable[A], jobs: int) -> Iterator[tuple[A, B | None]]:
    """Yield each thing with what came of it, in their order; None where it took its process with it.

    When a process dies nobody knows of what, so the thing whose turn it is gets a process to itself, and the others
    another pool. Whoever stops early, or is interrupted, waits for nothing.
    """
    with _stopping() as asked_to_stop:
        yield from _each_in_order(function, iter(things), jobs, asked_to_stop)


@contextmanager
def _stopping() -> Iterator[Event]:
    """Note that the user wants to stop, beside raising KeyboardInterrupt: that is lost where it meets a destructor."""
    event = Event()
    if current_thread() is not main_thread():
        yield event
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        event.set()
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGINT, stop)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, former)


def _each_in_order(
    function: Callable[[A], B], left: Iterator[A], jobs: int, asked_to_stop: Event
) -> Iterator[tuple[A, B | None]]:
    waiting: deque[tuple[A, Future[B]]] = deque()
    executor = _pool(jobs)
    try:
        while not asked_to_stop.is_set():
            while len(waiting) < jobs * _AHEAD and (some := [*_first(left)]):
                waiting.append((some[0], _handed(executor, function, some[0])))
            if not waiting:
                return
            thing, future = waiting.popleft()
            try:
                yield thing, future.result()
            except BrokenProcessPool:
                executor.shutdown(cancel_futures=True)
                executor = _pool(jobs)
                yield thing, _alone(function, thing)
                waiting = deque((other, _handed(executor, function, other)) for other, _ in waiting)
        raise KeyboardInterrupt
    finally:
        for process in active_children():
            process.terminate()
        executor.shutdown(cancel_futures=True)


def _handed(executor: ProcessPoolExecutor, function: Callable[[A], B], thing: A) -> Future[B]:
    try:
        return executor.submit(function, thing)
    except BrokenProcessPool as error:
        future: Future[B] = Future()
        future.set_exception(error)
        return future


def _first(things: Iterator[A]) -> Iterator[A]:
    for thing in things:
        yield thing
        return


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_DFL))


def _alone(function: Callable[[A], B], thing: A) -> B | None:
    executor = _pool(1)
    try:
        return executor.submit(function, thing).result()
    except BrokenProcessPool:
        return None
    finally:
        executor.shutdown(cancel_futures=True)
