# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Sources and stores that change while bytecode is taken back: what was stored of another source is never named."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.runtime.faults import require_strace
from tests.runtime.sandbox import APP, SHELF, Sandbox, pyc_of, reference_pyc, temporaries
from tests.runtime.test_races import attacker
from tests.runtime.upgrades import PRERM, SETTINGS, stored

BOTH_WAYS = True
WHEN = 1_700_000_000
TEXTS = (b"value = 'a' * 10\n", b"value = 'b' * 10\n")
"""Of one size, so that nothing but their bytes sets them apart."""
CHOICES = {"the store of upgrades": (), "a named store": ("--store", SHELF)}

each_store = pytest.mark.parametrize("options", CHOICES.values(), ids=CHOICES)


def _fill(sandbox: Sandbox, sources: list[str], texts: tuple[bytes, ...], options: tuple[str, ...]) -> None:
    """Put the bytecode of all texts into a store."""
    sandbox.directory(os.path.dirname(SHELF))
    if len(texts) > 1:
        sandbox.write(SETTINGS, "store-size = 1000000\n")  # else a compilation drops what it was asked for
    for text in texts:
        for source in sources:
            sandbox.write(source, text, mtime=WHEN)
        assert sandbox.compile(*options, "--force", APP).status == 0
        sandbox.clean(APP, environment={} if options else PRERM)
        if len(texts) > 1:
            sandbox.compile(sandbox.write("/opt/other/m.py"))  # it puts in order what is kept for reinstallations
    assert len(os.listdir(sandbox.path(SHELF)) if options else stored(sandbox)) >= len(sources) * len(texts)


@each_store
def test_source_replaced_while_both_of_its_bodies_are_stored(options: tuple[str, ...], sandbox: Sandbox) -> None:
    source = f"{APP}/m.py"
    place = sandbox.path(source)

    def replace() -> None:
        for text in TEXTS:
            with open(f"{place}.new", "wb") as stream:
                stream.write(text)
            os.utime(f"{place}.new", (WHEN, WHEN))
            os.rename(f"{place}.new", place)

    for _ in range(3):
        _fill(sandbox, [source], TEXTS, options)
        with attacker(replace, user=0):
            assert sandbox.compile(*options, source).status == 0
        assert sandbox.compile(*options, source).status == 0
        assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
        sandbox.clean(APP)


@each_store
def test_source_replaced_between_reading_and_naming(options: tuple[str, ...], sandbox: Sandbox) -> None:
    require_strace()
    source, other = f"{APP}/m.py", f"{APP}/n.py"
    _fill(sandbox, [source, other], TEXTS, options)
    place, cache = sandbox.path(source), sandbox.path(sandbox.directory(f"{APP}/__pycache__"))
    sandbox.write(f"{source}.new", TEXTS[0], mtime=WHEN)

    def replace_once_read() -> None:
        if len([name for name in os.listdir(cache) if name.endswith(".tmp")]) == 2:
            os.rename(f"{place}.new", place)
            time.sleep(60)

    # the sync comes after the reading and before the naming: hold it up
    delay = ("--trace=syncfs", "--inject=syncfs:delay_enter=400000:when=1")
    wrapper = ("/usr/bin/strace", "-f", "--seccomp-bpf", "-o", "/dev/null", *delay)
    with attacker(replace_once_read, user=0):
        ran = sandbox.compile(*options, APP, wrapper=wrapper)
    assert (ran.status, sandbox.exists(f"{source}.new")) == (0, False)
    assert (ran.of(pyc_of(source)), ran.of(pyc_of(other))) == (("compiled", "reused"),) * 2
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert temporaries(sandbox) == []


@each_store
def test_runs_that_take_from_one_store_and_drop_what_they_took(options: tuple[str, ...], sandbox: Sandbox) -> None:
    sources = [f"{APP}/m{number}.py" for number in range(30)]
    _fill(sandbox, sources, TEXTS[:1], options)
    with ThreadPoolExecutor(3) as runs:
        ran = list(runs.map(lambda _: sandbox.compile(*options, APP), range(3)))
    assert {one.status for one in ran} == {0}
    assert [one for one in sources if sandbox.read(pyc_of(one)) != reference_pyc(sandbox, one)] == []
    assert [path for path in temporaries(sandbox) if path.startswith((APP, SHELF))] == []
    assert options or stored(sandbox) == []


def test_prerm_and_postinst_at_once_leave_whole_pycs(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/m{number}.py", TEXTS[0], mtime=WHEN) for number in range(30)]
    assert sandbox.compile(APP).status == 0
    with ThreadPoolExecutor(3) as runs:
        jobs = [runs.submit(sandbox.clean, APP, environment=PRERM), *(runs.submit(sandbox.compile, APP),) * 2]
        assert {job.result().status for job in jobs} == {0}
    assert sandbox.compile(APP).status == 0
    assert [one for one in sources if sandbox.read(pyc_of(one)) != reference_pyc(sandbox, one)] == []
