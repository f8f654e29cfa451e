# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A Dask cluster of this machine: a scheduler and workers, each a process of its own that can be killed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.lab.ours import CHECKOUT

_ADDRESS = re.compile(r"Scheduler at:\s+(tcp://\S+)")
_JOINED = "Registered to:"
_PATIENCE = "60s"
_SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",  # three workers that die of a package are enough
    "DASK_DISTRIBUTED__SCHEDULER__UNKNOWN_TASK_DURATION": "1s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "false",
}


class Program:
    """A program of Dask that was started; what it says is read all along."""

    def __init__(self, module: str, arguments: list[str], directory: Path) -> None:
        """Start it in a session of its own."""
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **_SETTINGS}
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=directory,
            env=environment,
            start_new_session=True,
        )
        self._said: list[str] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._said.append(line)
                self._changed.notify_all()
        with self._changed:
            self._said.append("")
            self._changed.notify_all()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until it says something. Raises RuntimeError with all that it said if it ends before."""
        seen = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: len(self._said) > seen)  # noqa: B023 - called within this turn
                new, seen = self._said[seen:], len(self._said)
            for line in new:
                if found := re.search(pattern, line):
                    return found
            if new[-1] == "":
                raise RuntimeError(f"{self._process.args!r} ended:\n{''.join(self._said)}")

    def kill(self) -> None:
        """Kill it and all that it started, and wait for its end."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Cluster:
    """A scheduler, and its workers."""

    def __init__(self, directory: Path) -> None:
        """Start a scheduler on a port that is free."""
        self._directory = directory
        arguments = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self._scheduler = Program("dask_scheduler", arguments, directory)
        self.address = self._scheduler.wait_for(_ADDRESS.pattern)[1]
        self.workers: list[Program] = []

    def add_worker(self) -> Program:
        """Start a worker of one thread, which a nanny starts again when it dies; return it once it has joined."""
        arguments = [self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--memory-limit", "0"]
        arguments += ["--death-timeout", _PATIENCE, "--local-directory", str(self._directory)]
        worker = Program("dask_worker", arguments, self._directory)
        self.workers.append(worker)
        worker.wait_for(_JOINED)
        return worker

    def close(self) -> None:
        """Kill all."""
        for one in (*self.workers, self._scheduler):
            one.kill()


@contextlib.contextmanager
def cluster(directory: Path, workers: int) -> Iterator[Cluster]:
    """Yield a cluster that works in a directory."""
    directory.mkdir(exist_ok=True)
    one = Cluster(directory)
    try:
        for _ in range(workers):
            one.add_worker()
        yield one
    finally:
        one.close()
