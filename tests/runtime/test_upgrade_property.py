# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""An upgrade leaves what compiling would give, whatever was recorded, stored or planted before it."""

from __future__ import annotations

import os
import py_compile
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pkgtools.runtime.clean.job import CleanRun, clean_sources
from pkgtools.runtime.compile import bodies
from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.compile.leftovers import drop_of
from pkgtools.runtime.compile.named_store import MARK, NamedStore, open_named_store
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.compile.put_aside import note_put_aside, sources_put_aside
from pkgtools.runtime.compile.reuse import STORE
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Policy, Reason
from pkgtools.runtime.policy.sources import Directory
from pkgtools.runtime.record import Proof, Record, digest, inode_of
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.interpreters import describe
from pkgtools.runtime.system.trust import Tree, file_state
from tests.runtime.sandbox import HOST_PYTHON, SHELF, Sandbox, pyc_of, reference_pyc

INTERPRETER = describe(InstalledPath(str(HOST_PYTHON)))
assert INTERPRETER is not None
APP, SUB = "/opt/app", "/opt/app/sub"
PLACES = [f"{where}/{name}.py" for where in (APP, SUB) for name in ("a", "b")]
TEXTS = [
    "value = 'one'\n",
    "value = 'two'\n",
    "def f():\n    'doc'\n    assert f\n",
    "",
    "# coding: latin-1\nvalue = '\xe4'\n",
]
"""The first two have one size; of the third each level makes other code."""
MOMENTS = [1_700_000_000.0, 1_700_000_000.5, 1_699_999_999.0, 0.0, 2_000_000_000.0]
WRONG = b"\xe3 whatever this is, compiling does not give it"
MODES = [InvalidationMode.TIMESTAMP, InvalidationMode.TIMESTAMP, InvalidationMode.CHECKED_HASH]


class Version(NamedTuple):
    """What a package ships, and what the administrator wants of it."""

    files: dict[str, tuple[str, float, int]]
    """Text, time and mode of each module."""
    levels: tuple[int, ...]
    mode: InvalidationMode


class Case(NamedTuple):
    """Two versions, and what happens between them."""

    old: Version
    new: Version
    way: str
    """How bytecode may come from the one to the other."""
    forks: bool
    """Forks of this process compile, as in the system that they run in."""
    disturbed: dict[str, str]
    """What was done to the pycs of some modules."""


VERSIONS = st.builds(
    Version,
    st.dictionaries(
        st.sampled_from(PLACES),
        st.tuples(st.sampled_from(TEXTS), st.sampled_from(MOMENTS), st.sampled_from([0o644, 0o600, 0o640])),
        min_size=2,
    ),
    st.sampled_from([(0,), (0, 1), (0, 1, 2), (1,)]),
    st.sampled_from(MODES),
)


@st.composite
def upgrades(draw: st.DrawFn) -> Case:
    """Make two versions that have much in common."""
    old, other = draw(VERSIONS), draw(VERSIONS)
    changed = draw(st.sets(st.sampled_from(PLACES), max_size=2))
    files = {path: file for path, file in old.files.items() if path not in changed}
    files.update((path, file) for path, file in other.files.items() if path in changed)
    for path in draw(st.sets(st.sampled_from(PLACES))) & files.keys():  # the same bytes at another time
        files[path] = (files[path][0], draw(st.sampled_from(MOMENTS)), files[path][2])
    new = Version(files, *(other[1:] if draw(st.booleans()) else old[1:]))
    way = draw(st.sampled_from(["store", "in place", "named store", "named store with a key"]))
    acts = [name for name in DISTURB if way != "in place" or name not in BY_OTHERS]
    disturbed = draw(st.dictionaries(st.sampled_from(PLACES), st.sampled_from(acts), max_size=2))
    return Case(old, new, way, draw(st.booleans()), disturbed)


def _write_body(path: str, tail: bytes, *, keep_time: bool) -> None:
    """Give a pyc another body under its header."""
    state = os.stat(path)
    data = Path(path).read_bytes()[:16] + tail
    with open(path, "r+b") as stream:
        stream.truncate(0)
        stream.write(data)
    if keep_time:
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def _plant(_tree: Tree, path: str, _cache: InstalledPath, *, keep_time: bool = True) -> None:
    _write_body(path, WRONG, keep_time=keep_time)


def _flip(_tree: Tree, path: str, _cache: InstalledPath) -> None:
    body = bytearray(Path(path).read_bytes()[16:])
    body[-1] = 0xFF  # levels may be one file, so not back again
    _write_body(path, bytes(body), keep_time=True)


def _replace(_tree: Tree, path: str, _cache: InstalledPath) -> None:
    """Put a new file there, as import and py3compile do."""
    data = Path(path).read_bytes()[:16] + WRONG
    os.unlink(path)
    Path(path).write_bytes(data)


def _recorded_otherwise(tree: Tree, path: str, cache: InstalledPath, **changes: Any) -> None:  # fields of the record
    """Let it be what the record says that it is: of other origin, with the body that this would give."""
    _write_body(path, WRONG, keep_time=False)
    record = Record(tree)
    entry = record.of(cache).get(os.path.basename(path))
    if entry is not None:
        data = Path(path).read_bytes()
        found = entry._replace(pyc=inode_of(file_state(os.stat(path))), pyc_digest=digest(data))
        record.note(cache, os.path.basename(path), found._replace(**changes))
        record.save()


def _other_release(tree: Tree, path: str, cache: InstalledPath) -> None:
    _recorded_otherwise(tree, path, cache, release="030b0001" + INTERPRETER.build if INTERPRETER else "")


def _other_build(tree: Tree, path: str, cache: InstalledPath) -> None:
    _recorded_otherwise(tree, path, cache, release=INTERPRETER.release + "00000000" if INTERPRETER else "")


def _unknown_build(tree: Tree, path: str, cache: InstalledPath) -> None:
    _recorded_otherwise(tree, path, cache, release="")


def _not_made_by_us(tree: Tree, path: str, cache: InstalledPath) -> None:
    _recorded_otherwise(tree, path, cache, proof=Proof.WHOLE)


def _of_another_source(tree: Tree, path: str, cache: InstalledPath) -> None:
    _recorded_otherwise(tree, path, cache, source_digest=digest(b"another"))


DISTURB = {
    "planted": _plant,
    "flipped": _flip,
    "replaced": _replace,
    "of another release": _other_release,
    "of another build": _other_build,
    "of an unknown build": _unknown_build,
    "not made by us": _not_made_by_us,
    "of another source": _of_another_source,
}
BY_OTHERS = {"of another release", "of another build", "of an unknown build"}
"""What stays in its place as long as its source has the same bytes and time: it is right for its magic number."""


@contextmanager
def _system(scratch: Path) -> Iterator[Sandbox]:
    directory = Path(tempfile.mkdtemp(dir=scratch))
    directory.chmod(0o755)
    sandbox = Sandbox(directory / "system")
    sandbox.directory(os.path.dirname(SHELF))
    yield sandbox
    shutil.rmtree(directory)


def _unpack(sandbox: Sandbox, version: Version, gone: set[str]) -> None:
    """Put the files there as a package manager does: new inodes, then the old ones go."""
    for path, (text, moment, mode) in version.files.items():
        temporary = f"{path}.new"
        sandbox.write(temporary, text.encode("latin-1"), mode=mode, mtime=moment)
        os.rename(sandbox.path(temporary), sandbox.path(path))
    for path in gone - version.files.keys():
        os.unlink(sandbox.path(path))


@contextmanager
def _forks(allowed: bool) -> Iterator[None]:
    """Let forks compile for another root, too: its interpreter is the one that runs this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "is_this_one", lambda _tree, _interpreter: allowed)
        yield


def _compile(tree: Tree, version: Version, store: NamedStore | None) -> Report:
    """Compile as a batch does."""
    report = Report("trigger")
    assert INTERPRETER is not None
    wanted = [
        Wanted(InstalledPath(APP), directory.path, directory.sources, (INTERPRETER,), version.levels)
        for directory in _directories(version)
    ]
    chosen = CompileSettings(version.mode, durable=False, store=store)
    compile_wanted(tree, wanted, CompileRun(Policy(version.mode, thorough=True), chosen), report)
    assert report.exit_code(strict=True) == 0
    return report


def _directories(version: Version) -> list[Directory]:
    by_directory: dict[str, list[str]] = {}
    for path in sorted(version.files):
        by_directory.setdefault(os.path.dirname(path), []).append(os.path.basename(path))
    return [
        Directory(InstalledPath(APP), InstalledPath(path), tuple(names)) for path, names in sorted(by_directory.items())
    ]


def _upgrade(sandbox: Sandbox, case: Case) -> Report:
    """Go from the old version to the new one, and return what the last compilation reports."""
    tree = sandbox.tree()
    key = None
    if case.way.endswith("key"):
        key = InstalledPath(sandbox.write("/etc/store.key", "0123456789abcdef", mode=0o600))

    def store() -> NamedStore | None:
        is_named = case.way.startswith("named")
        return open_named_store(tree, InstalledPath(SHELF), key, dry_run=False) if is_named else None

    _unpack(sandbox, case.old, set())
    _compile(tree, case.old, store())
    _disturb(sandbox, tree, case)
    if case.way != "in place":
        keep = case.way == "store"
        clean_sources(tree, _directories(case.old), CleanRun(keep=keep), Report("clean"))
        if keep:
            note_put_aside(tree, ["acme"], _directories(case.old))
    _unpack(sandbox, case.new, set(case.old.files))
    report = _compile(tree, case.new, store())
    drop_of(tree, [*map(InstalledPath, case.new.files), *sources_put_aside(tree, ["acme"])], 0, 0)
    tree.close()
    return report


def _disturb(sandbox: Sandbox, tree: Tree, case: Case) -> None:
    for source, what in case.disturbed.items():
        for level in case.old.levels if source in case.old.files else ():
            pyc = pyc_of(source, level)
            DISTURB[what](tree, sandbox.path(pyc), InstalledPath(os.path.dirname(pyc)))
    if case.way == "named store":  # who has no key can damage a store, and that is what a key is for
        for number, name in enumerate(sorted(set(os.listdir(sandbox.path(SHELF))) - {MARK})):
            if number < len(case.disturbed):
                os.truncate(sandbox.path(f"{SHELF}/{name}"), os.path.getsize(sandbox.path(f"{SHELF}/{name}")) - 1)
    elif case.way.endswith("key"):
        for number, name in enumerate(sorted(set(os.listdir(sandbox.path(SHELF))) - {MARK})):
            if number < len(case.disturbed):
                _swap_body(sandbox.path(f"{SHELF}/{name}"))


def _swap_body(path: str) -> None:
    """Give an entry another body and the digest of it, as who can write to the store can."""
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[:36] + digest(WRONG) + data[56:88] + WRONG)


def _check(scratch: Path, case: Case) -> Report:
    with _system(scratch) as sandbox, _forks(case.forks):
        report = _upgrade(sandbox, case)
        how = py_compile.PycInvalidationMode[case.new.mode.name]
        right = {
            pyc_of(path, level): (reference_pyc(sandbox, path, level, how), file[2])
            for path, file in case.new.files.items()
            for level in case.new.levels
        }
        found = sandbox.below(APP)
        assert {path: (sandbox.read(path), found[path].mode) for path in right} == right
        if case.way != "in place":  # there nothing cleans what the new version lacks
            assert not any(path.endswith(".pyc") and path not in right for path in found)
        assert case.way != "store" or os.listdir(sandbox.path(STORE)) == []
    return report


@given(case=upgrades())
@settings(max_examples=25)
def test_upgrade_leaves_what_compiling_would_give(scratch: Path, case: Case) -> None:
    reused = any(one.reason is Reason.REUSED for one in _check(scratch, case).outcomes)
    event(f"{case.way}, something reused: {reused}")


@pytest.mark.slow
@given(case=upgrades())
@settings(max_examples=400)
def test_many_upgrades_leave_what_compiling_would_give(scratch: Path, case: Case) -> None:
    _check(scratch, case)


PLAIN = Version(dict.fromkeys(PLACES, (TEXTS[0], MOMENTS[0], 420)), (0, 1), InvalidationMode.TIMESTAMP)


@pytest.mark.parametrize("way", ["store", "in place", "named store", "named store with a key"])
@pytest.mark.parametrize("forks", [False, True], ids=["pipes", "forks"])
def test_undisturbed_upgrade_takes_everything_by_each_way(scratch: Path, way: str, forks: bool) -> None:
    """The property would hold as well if nothing were ever taken back."""
    later = PLAIN._replace(files={path: (file[0], MOMENTS[4], file[2]) for path, file in PLAIN.files.items()})
    with _system(scratch) as sandbox, _forks(forks):
        report = _upgrade(sandbox, Case(PLAIN, later, way, forks, {}))
    assert {one.reason for one in report.outcomes} <= {Reason.REUSED, Reason.SAME_BYTES}
    assert len(report.outcomes) == 2 * len(PLACES)


@pytest.mark.parametrize("what", DISTURB)
@pytest.mark.parametrize("way", ["store", "in place"])
@pytest.mark.parametrize("forks", [False, True], ids=["pipes", "forks"])
def test_disturbed_upgrade_compiles_everything(scratch: Path, way: str, what: str, forks: bool) -> None:
    later = PLAIN._replace(files={path: (file[0], MOMENTS[4], file[2]) for path, file in PLAIN.files.items()})
    report = _check(scratch, Case(PLAIN, later, way, forks, dict.fromkeys(PLACES, what)))
    assert Reason.REUSED not in {one.reason for one in report.outcomes}
