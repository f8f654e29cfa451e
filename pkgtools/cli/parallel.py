# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A function applied to many things by several processes, one of which may die of what it is given."""

from __future__ import annotations

import os
import signal
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import active_children, parent_process
from typing import TYPE_CHECKING, TypeVar

from pkgtools.runtime.interrupts import Interrupted, is_interrupted, raise_interrupts
from pkgtools.trial.parent import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

A = TypeVar("A")
B = TypeVar("B")

_AHEAD = 4
"""Things for each process that are handed out before the first of them is done."""
_PATIENCE = 5.0
"""Seconds that a process has to end its own processes before it is killed."""


def each_in_order(
    function: Callable[[A], B], things: Iterable[A], jobs: int, tries: int = 2
) -> Iterator[tuple[A, B | None]]:
    """Yield each thing with what came of it, in their order; None where it took `tries` processes with it.

    When a process dies the cause is unknown, so the thing whose turn it is gets a process to itself, and the others
    another pool. Whoever stops early, or is interrupted, waits for nothing, and leaves no process.
    """
    work = partial(_interruptible, function)
    left = iter(things)
    waiting: deque[tuple[A, Future[B]]] = deque()
    executor = _pool(jobs)
    try:
        while True:
            while len(waiting) < jobs * _AHEAD and (some := [*_first(left)]):
                waiting.append((some[0], _handed(executor, work, some[0])))
            if not waiting:
                return
            thing, future = waiting.popleft()
            try:
                yield thing, future.result()
            except BrokenProcessPool:
                executor.shutdown(cancel_futures=True)
                executor = _pool(jobs)
                yield thing, _alone(work, thing, tries - 1)
                waiting = deque((other, _handed(executor, work, other)) for other, _ in waiting)
    finally:
        _end_all()
        executor.shutdown(cancel_futures=True)


def _interruptible(function: Callable[[A], B], thing: A) -> B:
    """Call a function in a process of the pool; SIGTERM lets it end its own processes, and ends this one."""
    try:
        raise_interrupts()
        result = function(thing)
        if not is_interrupted():
            _begin()
            return result
    except Interrupted:  # wherever it came; is_interrupted knows of one that was lost
        pass
    os._exit(128 + signal.SIGTERM)  # the pool would take an exception for an answer, and go on


def _be_of_pool() -> None:
    """Begin, and end when the parent is killed, who can't end its processes then."""
    _begin()
    end_with_parent(signal.SIGTERM)
    parent = parent_process()
    if parent is not None and not parent.is_alive():
        os._exit(128 + signal.SIGTERM)


def _begin() -> None:
    """Let a process of the pool die at once where it has nothing to do; ^C is its parent's business, who ends it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_all() -> None:
    for process in active_children():
        process.terminate()
    for process in active_children():
        process.join(_PATIENCE)
        if process.is_alive():
            process.kill()


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
    return ProcessPoolExecutor(jobs, initializer=_be_of_pool)


def _alone(function: Callable[[A], B], thing: A, tries: int) -> B | None:
    for _ in range(tries):
        executor = _pool(1)
        try:
            return executor.submit(function, thing).result()
        except BrokenProcessPool:
            continue
        finally:
            executor.shutdown(cancel_futures=True)
    return None
