# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A dry run says of random trees what the real run then does, and why; only what is undecided may become another."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable

import pytest

from tests.lab.tree import differences
from tests.runtime.sandbox import APP, TAG, Ran, Sandbox, pyc_of

FRED = 65534
Act = Callable[[Sandbox, str], object]


def _empty(sandbox: Sandbox, cache: str) -> None:
    for name in os.listdir(sandbox.path(cache)):
        subprocess.run(["rm", "-rf", sandbox.path(f"{cache}/{name}")], check=True)


def _each(*acts: Act) -> Act:
    def act(sandbox: Sandbox, path: str) -> None:
        for one in acts:
            one(sandbox, path)

    return act


SOURCES: dict[str, Act] = {
    "good": lambda s, p: s.write(p, f"name = {p!r}\n"),
    "private": lambda s, p: s.write(p, f"name = {p!r}\n", mode=0o600),
    "for-a-group": lambda s, p: s.write(p, f"name = {p!r}\n", mode=0o640, owner=(0, 50)),
    "of-a-user": lambda s, p: s.write(p, f"name = {p!r}\n", owner=(FRED, FRED)),
    "of-a-user-alone": lambda s, p: s.write(p, f"name = {p!r}\n", owner=(FRED, FRED), mode=0o600),
    "a-link": lambda s, p: os.symlink("elsewhere", s.path(p)),
    "a-directory": lambda s, p: s.directory(p),
    "a-fifo": lambda s, p: os.mkfifo(s.path(p)),
    "gone": lambda _s, _p: None,
}
CACHES: dict[str, Act] = {
    "absent": lambda s, p: subprocess.run(["rm", "-r", s.path(p)], check=True),
    "as-it-is": lambda _s, _p: None,
    "closed": lambda s, p: os.chmod(s.path(p), 0o700),
    "open": lambda s, p: os.chmod(s.path(p), 0o777),
    "of-a-user": lambda s, p: os.chown(s.path(p), FRED, FRED),
    "of-a-group": lambda s, p: os.chown(s.path(p), 0, 50),
    "empty": _empty,
    "empty-and-of-a-user": _each(_empty, lambda s, p: os.chown(s.path(p), FRED, FRED)),
    "empty-and-closed": _each(_empty, lambda s, p: os.chmod(s.path(p), 0o700)),
    "a-file": _each(_empty, lambda s, p: os.rmdir(s.path(p)), lambda s, p: s.write(p, b"")),
    "a-link": _each(lambda s, p: os.rename(s.path(p), s.path(f"{p}.away")), lambda s, p: os.symlink("away", s.path(p))),
}
PYCS: dict[str, Act] = {
    "as-it-is": lambda _s, _p: None,
    "absent": lambda s, p: os.unlink(s.path(p)),
    "closed": lambda s, p: os.chmod(s.path(p), 0o600),
    "open": lambda s, p: os.chmod(s.path(p), 0o666),
    "of-a-user": lambda s, p: os.chown(s.path(p), FRED, FRED),
    "of-a-group": lambda s, p: os.chown(s.path(p), 0, 50),
    "cut": lambda s, p: os.truncate(s.path(p), 20),
    "cut-in-its-header": lambda s, p: os.truncate(s.path(p), 9),
    "of-another-time": lambda s, p: s.write(p, s.read(p)[:8] + b"time" + s.read(p)[12:]),
    "of-another-magic": lambda s, p: s.write(p, b"what" + s.read(p)[4:]),
    "rewritten": lambda s, p: s.write(p, s.read(p)),
    "a-link": _each(lambda s, p: os.unlink(s.path(p)), lambda s, p: os.symlink("elsewhere", s.path(p))),
    "a-directory": _each(lambda s, p: os.unlink(s.path(p)), lambda s, p: s.directory(p)),
}
OTHERS: dict[str, Act] = {
    "nothing": lambda _s, _c: None,
    "temporary": lambda s, c: s.write(f"{c}/.pkgtools-0123456789abcdef-00000000-1.tmp", b"half"),
    "foreign": lambda s, c: s.write(f"{c}/README", b"foreign"),
    "orphan": lambda s, c: s.write(f"{c}/orphan.{TAG}.pyc", b"orphan"),
    "orphan-of-a-user": lambda s, c: s.write(f"{c}/orphan.{TAG}.pyc", b"orphan", owner=(FRED, FRED)),
    "other-tag": lambda s, c: s.write(f"{c}/m0.cpython-30.pyc", b"dead"),
}
OPTIONS = [(), ("-f",), ("-O", "0,1"), ("--verify",), ("--invalidation-mode", "checked-hash")]
MANY = 150


def _grow(sandbox: Sandbox, chance: random.Random) -> list[str]:
    """Make a random tree of what a compiler may find, and return what was done."""
    done = []
    directories = [f"{APP}/d{number}" for number in range(3)]
    for directory in directories:
        for number in range(3):
            sandbox.write(f"{directory}/m{number}.py", f"name = {directory!r}, {number}\n")
    sandbox.compile(APP)
    for directory in directories:
        if chance.random() < 0.4:  # as before an upgrade: its bytecode goes to the store
            sandbox.clean(directory, environment={"DPKG_MAINTSCRIPT_NAME": "prerm"})
            done.append(f"{directory}: in the store")
            if chance.random() < 0.4:
                sandbox.compile("-f", directory)
                done.append(f"{directory}: compiled all the same")
    if chance.random() < 0.3:
        subprocess.run(["rm", "-r", sandbox.path("/var/lib/pkgtools/record")], check=True)
    for directory in directories:
        sandbox.directory(f"{directory}/__pycache__")
        done += _disturb(sandbox, chance, directory)
    return done


def _disturb(sandbox: Sandbox, chance: random.Random, directory: str) -> list[str]:
    """Change sources, pycs and the cache of a directory."""
    cache = f"{directory}/__pycache__"
    done = []
    for number in range(3):
        source = f"{directory}/m{number}.py"
        if sandbox.exists(pyc_of(source)):
            what = chance.choice(list(PYCS))
            PYCS[what](sandbox, pyc_of(source))
            done.append(f"{pyc_of(source)}: {what}")
        if chance.random() < 0.3:  # as a package brings it: the same bytes at another time
            os.utime(sandbox.path(source), (chance.randrange(1 << 31),) * 2)
            done.append(f"{source}: another time")
        elif chance.random() < 0.4:
            what = chance.choice(list(SOURCES))
            os.unlink(sandbox.path(source))
            SOURCES[what](sandbox, source)
            done.append(f"{source}: {what}")
    for table in (OTHERS, CACHES):
        what = chance.choice(list(table))
        table[what](sandbox, cache)
        done.append(f"{cache}: {what}")
    if chance.random() < 0.1:  # no source at all, which leaves a cache to tidy up
        for number in range(3):
            subprocess.run(["rm", "-rf", sandbox.path(f"{directory}/m{number}.py")], check=True)
        done.append(f"{directory}: no sources")
    if chance.random() < 0.1:
        os.chmod(sandbox.path(directory), chance.choice([0o777, 0o700, 0o2755]))
        done.append(f"{directory}: chmod")
    return done


def _said(ran: Ran) -> dict[tuple[str, int | None], list[str]]:
    said: dict[tuple[str, int | None], list[str]] = {}
    for one in ran.told:
        if one.status != "fresh":
            said.setdefault((one.path, one.level), []).append(f"{one.status} {one.reason}")
    return {where: sorted(told) for where, told in said.items()}


def _became(expected: list[str], came: list[str]) -> bool:
    """Whether what came was foretold, but for what is undecided; a link may stand for any pyc that is written."""
    if any(one.startswith("undecided") for one in expected) or expected == came:
        return True
    return came == ["linked same-bytes"] and [one.split()[0] for one in expected] == ["compiled"]


def _wrong(sandbox: Sandbox, seed: int) -> list[str]:
    chance = random.Random(seed)
    sandbox.forks = chance.random() < 0.5
    done = _grow(sandbox, chance)
    options = chance.choice(OPTIONS)
    before = sandbox.below()
    foretold = sandbox.compile("--dry-run", *options, APP)
    wrong = [f"the dry run changed {one}" for one in differences(before, sandbox.below())]
    real = sandbox.compile(*options, APP)
    left, right = _said(foretold), _said(real)
    for where in sorted(left.keys() | right.keys(), key=str):
        expected, came = left.get(where, []), right.get(where, [])
        if not _became(expected, came):
            wrong.append(f"{where}: {expected} became {came}")
    return [f"seed {seed}, {options}: {text}; {done}" for text in wrong]


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(n, marks=pytest.mark.slow) for n in range(12, MANY))])
def test_dry_run_foretells_the_real_run_on_random_trees(seed: int, sandbox: Sandbox) -> None:
    assert _wrong(sandbox, seed) == []
