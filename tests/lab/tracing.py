# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which branches of the package a process goes through, recorded by the tracer of coverage.py.

Stands alone: the commands run isolated, without site-packages, and start several thousand times. Hence no import of
coverage.py itself, which takes 50 ms and needs modules that python3-minimal has not: of it, only its C tracer is used.

A copy of this file lies in the directory that `tests.lab.measured` makes, with
    tracer.so    a link to the tracer
    pkgtools     a link to the package
    tests/PID    what the pytest process PID is at
    records/     what the processes leave: zlib-compressed marshal, one record after the other, each after its length
"""

from __future__ import annotations

import array
import marshal
import os
import sys
import zlib
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import FrameType
from typing import Any

RUNTIME = "pkgtools/runtime/"
_WORKER_FILE = f"{RUNTIME}compile/worker.py"
_WORKER = """
import sys
if getattr(sys.implementation, "cache_tag", "") == {tag!r}:
    sys.path.append({directory!r})
    try:
        from tracing import begin
    except ImportError:
        sys.path.pop()
    else:
        begin({worker!r}).run_worker({worker!r})
        sys.exit()
"""
"""What comes before the text of a worker; an interpreter in a chroot finds no tracer and goes on."""


class Tracing:
    """The tracer of this process and, after a fork, of its child."""

    def __init__(self, directory: str, package: str, *, runtime: bool = True) -> None:
        """Trace what lies in the runtime below `package`, or all but that, and leave the records below `directory`."""
        self.context = ""
        self._runtime = runtime
        self._directory = directory
        self._package = package
        self._seen: dict[str, set[int]] = {}
        module: Any = sys.modules.get("coverage.tracer") or _load(f"{directory}/tracer.so")
        self._disposition = module.CFileDisposition
        self._tracer = module.CTracer()
        self._data: dict[str, set[int]] = {}
        self._prepare()
        os.register_at_fork(after_in_child=self._after_fork)
        self._flush_before("_exit")
        self._flush_before("execvpe")

    def _prepare(self) -> None:
        tracer = self._tracer
        tracer.data, tracer.trace_arcs = self._data, True
        tracer.should_trace, tracer.should_trace_cache = self._should_trace, {}
        tracer.lock_data = tracer.unlock_data = lambda: None
        tracer.warn = lambda *_arguments, **_keywords: None
        tracer.file_tracers = {}
        tracer.concur_id_func = tracer.check_include = tracer.disable_plugin = None
        tracer.should_start_context = tracer.switch_context = None

    def _should_trace(self, filename: str, _frame: FrameType) -> Any:  # a class of the tracer's
        disposition = self._disposition()
        disposition.original_filename = disposition.canonical_filename = filename
        name = filename[len(self._package) + 1 :] if filename.startswith(f"{self._package}/pkgtools/") else ""
        disposition.trace = bool(name) and name.startswith(RUNTIME) is self._runtime
        disposition.source_filename = name if disposition.trace else None
        disposition.reason, disposition.file_tracer, disposition.has_dynamic_filename = "", None, False
        return disposition

    def start(self) -> None:
        """Start the tracer."""
        self._tracer.start()

    def stop(self) -> None:
        """Stop the tracer and write what it has found; with a context the rest belongs to another test."""
        self._tracer.stop()
        self.flush()
        if self.context:
            self._seen.clear()

    def flush(self) -> None:
        """Write what is new; a process that can't, for it may be without descriptors or rights, loses it."""
        fresh = {}
        for name, arcs in self._data.items():
            found = arcs - self._seen.setdefault(name, set())
            if found:
                self._seen[name] |= found
                fresh[name] = array.array("Q", found).tobytes()
            arcs.clear()
        if not fresh:
            return
        record = zlib.compress(marshal.dumps((self.context, fresh)), 1)
        try:
            path = f"{self._directory}/records/{os.getpid()}-{os.geteuid()}"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        os.write(descriptor, len(record).to_bytes(4, "little") + record)
        os.close(descriptor)

    def _after_fork(self) -> None:
        for arcs in self._data.values():
            arcs.clear()
        self._seen.clear()

    def trace_started_workers(self) -> None:
        """Let an interpreter like ours that is given the text of the worker trace it."""
        get_data = SourceFileLoader.get_data
        worker = f"{self._package}/{_WORKER_FILE}"
        text = _WORKER.format(tag=sys.implementation.cache_tag, directory=self._directory, worker=worker)

        def get_data_or_text(loader: SourceFileLoader, path: str) -> bytes:
            asked = sys._getframe(1).f_code.co_name == "worker_code"  # else the import system
            return text.encode() + get_data(loader, path) if asked else get_data(loader, path)

        SourceFileLoader.get_data = get_data_or_text  # type: ignore[method-assign,assignment] # that's the purpose

    def run_worker(self, path: str) -> None:
        """Run the worker in this process to its end."""
        names: dict[str, Any] = {"__name__": "worker"}  # a module's
        with open(path, "rb") as stream:
            code = compile(stream.read(), path, "exec", dont_inherit=True)
        exec(code, names)
        names["serve"] = self._flushing(names["serve"])  # a worker ends by SIGKILL
        names["main"]()

    def _flushing(self, serve: Any) -> Any:  # the worker's function, before each of whose answers is written
        def serve_and_flush(read: Any, write: Any) -> None:  # as serve's
            def flush_and_write(data: bytes) -> None:
                self.flush()
                write(data)

            serve(read, flush_and_write)

        return serve_and_flush

    def _flush_before(self, name: str) -> None:
        call = getattr(os, name)

        def flush_and_call(*arguments: object) -> None:
            self.flush()
            call(*arguments)

        setattr(os, name, flush_and_call)


def _load(path: str) -> Any:  # the module, which is written in C
    spec = spec_from_loader("coverage.tracer", ExtensionFileLoader("coverage.tracer", path))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def begin(worker: str = "") -> Tracing:
    """Trace this process, a command or a worker that a test has started, to its end."""
    import atexit  # noqa: PLC0415 - for commands only

    directory = os.path.dirname(__file__)
    package = worker[: -len(f"/{_WORKER_FILE}")] if worker else directory
    tracing = Tracing(directory, package)
    tracing.context = _test_of(directory)
    atexit.register(tracing.stop)
    if not worker:
        tracing.trace_started_workers()
    tracing.start()
    return tracing


def _test_of(directory: str) -> str:
    """Return what the pytest process that is the nearest of our parents is at."""
    process = os.getppid()
    while process > 1:
        try:
            with open(f"{directory}/tests/{process}", encoding="utf-8") as stream:
                return stream.read()
        except OSError:
            pass
        try:
            with open(f"/proc/{process}/stat", "rb") as stream:
                process = int(stream.read().rpartition(b")")[2].split()[1])
        except OSError:
            break
    return ""
