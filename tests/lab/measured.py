# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A plugin of pytest that measures the branch coverage: `pytest -p tests.lab.measured`.

The runtime's is measured by its own tests, that of all else by the other ones. Most of the runtime's tests start the
real commands, isolated and without site-packages. While this plugin is active they are started by copies of their
launchers that trace them (`tests.lab.tracing`), forked workers included. Commands that run under strace, in a chroot
or under another interpreter are not measured.

At the end there are, in build/,
    coverage                 for `coverage report`
    coverage-contexts.json   for tools/mutants.py: which test goes through which lines, and how long each takes
"""

from __future__ import annotations

import array
import json
import marshal
import os
import py_compile
import shutil
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path

import coverage.tracer
import pytest
from coverage import CoverageData

from tests.lab.tracing import Tracing

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = CHECKOUT / "build/coverage"
CONTEXTS = CHECKOUT / "build/coverage-contexts.json"
DIRECTORY = "PKGTOOLS_TEST_COVERAGE"
"""The environment variable that names the plugin's directory to the processes of pytest."""
TRIGGERS = "PKGTOOLS_TEST_TRIGGERS"
"""The environment variable that names the launchers to the tests."""
_MEASURED = CHECKOUT / "tests/runtime"
_IMPORT = "from pkgtools.runtime.main import main  # noqa: E402 - from there\n"
_BEGIN = "from tracing import begin\n\nbegin()\n"

_tracing: Tracing | None = None
"""Of the runtime."""
_others: Tracing | None = None
"""Of all else, and on from the moment when modules are imported."""
_durations: dict[str, float] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Make the directory, in the main process."""
    global _tracing, _others  # noqa: PLW0603 - one tracer of each a process
    if not hasattr(config, "workerinput"):
        directory = _make_directory()
        os.environ[DIRECTORY], os.environ[TRIGGERS] = str(directory), str(directory / "triggers")
    _tracing = Tracing(os.environ[DIRECTORY], str(CHECKOUT))
    _others = Tracing(os.environ[DIRECTORY], str(CHECKOUT), runtime=False)
    _others.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure each of the runtime's tests."""
    if _tracing is None or _others is None or _MEASURED not in item.path.parents:
        return (yield)
    _others.stop()
    Path(os.environ[DIRECTORY], "tests", str(os.getpid())).write_text(item.nodeid, encoding="utf-8")
    _tracing.context = item.nodeid
    _tracing.start()
    try:
        return (yield)
    finally:
        _tracing.stop()
        _others.start()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note how long each test takes."""
    _durations[report.nodeid] = _durations.get(report.nodeid, 0.0) + report.duration


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put together what all processes have recorded, in the main process, when the others have ended."""
    if _others is not None:
        _others.stop()
    if hasattr(config, "workerinput"):
        return
    directory = Path(os.environ.pop(DIRECTORY))
    del os.environ[TRIGGERS]
    _combine(directory)
    shutil.rmtree(directory)


def _make_directory() -> Path:
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    directory = Path(tempfile.mkdtemp(prefix="pkgtools-coverage-", dir=where))
    directory.chmod(0o755)
    (directory / "tests").mkdir(0o755)
    (directory / "records").mkdir()
    (directory / "records").chmod(0o1777)  # commands of other users write there, too
    (directory / "tracer.so").symlink_to(coverage.tracer.__file__)
    (directory / "pkgtools").symlink_to(CHECKOUT / "pkgtools")
    shutil.copy(Path(__file__).with_name("tracing.py"), directory)
    py_compile.compile(str(directory / "tracing.py"), doraise=True)
    shutil.copytree(CHECKOUT / "triggers", directory / "triggers")
    for launcher in (path for path in (directory / "triggers").iterdir() if path.is_file()):
        text = launcher.read_text(encoding="utf-8")
        if _IMPORT in text:
            launcher.write_text(text.replace(_IMPORT, _BEGIN + _IMPORT), encoding="utf-8")
    return directory


def _combine(directory: Path) -> None:
    arcs: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    tests: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for context, name, found in _records(directory):
        arcs[str(CHECKOUT / name)] |= found
        for line in {abs(number) for arc in found for number in arc} if context else ():
            tests[name][line].add(context)
    DATA.parent.mkdir(exist_ok=True)
    DATA.unlink(missing_ok=True)
    data = CoverageData(str(DATA))
    data.add_arcs(arcs)
    data.write()
    names = sorted(_durations)
    number = {name: index for index, name in enumerate(names)}
    lines_of = {
        file: {line: sorted(number[test] for test in found if test in number) for line, found in sorted(lines.items())}
        for file, lines in sorted(tests.items())
    }
    contexts = {"tests": [[name, round(_durations[name], 3)] for name in names], "lines": lines_of}
    CONTEXTS.write_text(json.dumps(contexts), encoding="utf-8")


def _records(directory: Path) -> Iterator[tuple[str, str, set[tuple[int, int]]]]:
    """Yield the test, the file and the arcs of each record; a record whose process died in the middle is no more."""
    for path in sorted((directory / "records").iterdir()):
        rest = memoryview(path.read_bytes())
        while rest:
            length = int.from_bytes(rest[:4], "little")
            context, files = marshal.loads(zlib.decompress(rest[4 : 4 + length]))
            rest = rest[4 + length :]
            for name, packed in files.items():
                yield context, name, set(map(_unpack, array.array("Q", packed)))


def _unpack(arc: int) -> tuple[int, int]:
    """Return the lines of an arc as the tracer packs them (coverage.collector, flush_data)."""
    first, last = arc & 0xFFFFFFF, arc >> 28 & 0xFFFFFFF
    return -first if arc >> 56 & 1 else first, -last if arc >> 57 & 1 else last
