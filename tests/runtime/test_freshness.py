# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The verdict on a pyc: a table and properties over every field that it looks at."""

from __future__ import annotations

import os
import stat
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pkgtools.runtime.compile.pyc import (
    PycOwners,
    Recipe,
    Verdict,
    header,
    is_right,
    is_thorough,
    judge,
    pyc_ownership,
    recipe_bytes,
    vouches,
)
from pkgtools.runtime.compile.steps import Action
from pkgtools.runtime.facts import (
    BytecodeTarget,
    CacheState,
    FileState,
    InstalledPath,
    InvalidationMode,
    ObservedSource,
    ObservedTarget,
    Ownership,
    Policy,
    PycState,
)
from pkgtools.runtime.record import Proof, RecordEntry, inode_of, settled_inode
from tests.runtime.sandbox import APP, HERE, source_file

SECOND = 1_000_000_000
MAGIC = b"\xa7\r\r\n"
MODES = list(InvalidationMode)
EXPECTED = Ownership(0o644, 0, 0)
CACHE = CacheState(InstalledPath(APP), InstalledPath(f"{APP}/__pycache__"), True, Ownership(0o755, 0, 0), None, False)
PYC_SIZE = 5000
TARGET = BytecodeTarget(source_file(f"{APP}/m.py"), HERE, 0, CACHE.directory, "m.cpython-311.pyc")


def _recipe(mode: InvalidationMode = InvalidationMode.TIMESTAMP, version: tuple[int, int] = (3, 11)) -> Recipe:
    return Recipe(MAGIC, version, mode)


def _source(**changes: Any) -> FileState:  # each field has its own type
    source = FileState(stat.S_IFREG | 0o644, 0, 0, 1234, 1_700_000_000 * SECOND + 42, 5 * SECOND, (1, 2))
    return source._replace(**changes)


def _pyc(recipe: Recipe, source: FileState, *, size: int = PYC_SIZE) -> PycState:
    file = FileState(stat.S_IFREG | 0o644, 0, 0, size, 9 * SECOND, 9 * SECOND, (1, 3))
    return PycState(file, header(recipe, source, b"sourceha"), False)


def _entry(recipe: Recipe, source: FileState, pyc: FileState, proof: Proof = Proof.MADE) -> RecordEntry:
    return RecordEntry(
        inode_of(source), b"s" * 20, inode_of(pyc), b"p" * 20, recipe_bytes(recipe), "030b02f0d1a5b3c7", proof
    )


def _judge(
    recipe: Recipe,
    source: FileState,
    pyc: PycState | None,
    entry: RecordEntry | None = None,
    *,
    cache: CacheState = CACHE,
    thorough: bool = False,
) -> Verdict:
    """Judge a pyc as the observation would present it: without its header where the record vouches for it."""
    if pyc is not None and vouches(entry, recipe, source, pyc.file):
        pyc = pyc._replace(header=None)
    target = ObservedTarget(TARGET, pyc, entry)
    observed = ObservedSource(TARGET.source, source, cache, (target,), False)
    return judge(recipe, observed, target, EXPECTED, Policy(recipe.mode, thorough=thorough))


def _action(recipe: Recipe, source: FileState, pyc: PycState | None, entry: RecordEntry | None = None) -> str:
    return _judge(recipe, source, pyc, entry).action.value


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("mode", MODES, ids=lambda m: m.value)
def test_recorded_pyc_of_an_unchanged_source_is_kept(mode: InvalidationMode, thorough: bool) -> None:
    recipe = _recipe(mode)
    pyc = _pyc(recipe, _source())
    verdict = _judge(recipe, _source(), pyc, _entry(recipe, _source(), pyc.file), thorough=thorough)
    assert verdict.action is Action.KEEP


NUMBERS = [("size", 1235), ("mtime_ns", 1), ("ctime_ns", 1), ("identity", (1, 9)), ("identity", (9, 2))]


@pytest.mark.parametrize(("field", "value"), NUMBERS)
@pytest.mark.parametrize("whose", ["source", "pyc"])
def test_t23_any_other_inode_is_looked_into(whose: str, field: str, value: Any) -> None:
    recipe = _recipe(InvalidationMode.CHECKED_HASH)
    source, pyc = _source(), _pyc(recipe, _source())
    entry = _entry(recipe, source, pyc.file)
    if whose == "source":
        source = source._replace(**{field: value})
    else:
        pyc = pyc._replace(file=pyc.file._replace(**{field: value}))
    assert _action(recipe, source, pyc, entry) == "confirm"


@pytest.mark.parametrize("bit", range(16 * 8))
def test_t19_t21_no_bit_of_a_header_can_change_unnoticed(bit: int) -> None:
    pyc = _pyc(_recipe(), _source())
    assert pyc.header is not None
    flipped = bytearray(pyc.header)
    flipped[bit // 8] ^= 1 << bit % 8
    assert _action(_recipe(), _source(), pyc._replace(header=bytes(flipped))) == "compile"


@pytest.mark.parametrize("bit", range(8 * 8))
@pytest.mark.parametrize("mode", MODES[1:], ids=lambda m: m.value)
def test_t19_t21_magic_and_flags_of_a_hash_based_pyc_count(mode: InvalidationMode, bit: int) -> None:
    pyc = _pyc(_recipe(mode), _source())
    assert pyc.header is not None
    flipped = bytearray(pyc.header)
    flipped[bit // 8] ^= 1 << bit % 8
    assert _action(_recipe(mode), _source(), pyc._replace(header=bytes(flipped))) == "compile"


@pytest.mark.parametrize("wanted", MODES, ids=lambda m: f"wanted-{m.value}")
@pytest.mark.parametrize("found", MODES, ids=lambda m: f"found-{m.value}")
def test_t21_mode_that_was_not_asked_for_is_not_fresh(wanted: InvalidationMode, found: InvalidationMode) -> None:
    pyc = _pyc(_recipe(found), _source())
    action = _action(_recipe(wanted), _source(), pyc, _entry(_recipe(found), _source(), pyc.file))
    assert action == ("keep" if wanted is found else "compile")


@given(size=st.integers(0, 2**40), seconds=st.integers(0, 2**33), mode=st.sampled_from(MODES))
def test_t23_source_of_another_size_or_second_is_never_kept(size: int, seconds: int, mode: InvalidationMode) -> None:
    old = _source()
    new = _source(size=size, mtime_ns=seconds * SECOND, ctime_ns=10 * SECOND)
    pyc = _pyc(_recipe(mode), old)
    action = _action(_recipe(mode), new, pyc, _entry(_recipe(mode), old, pyc.file))
    assert action != "keep"
    if mode is InvalidationMode.TIMESTAMP and (size & 0xFFFFFFFF != old.size or seconds != 1_700_000_000):
        assert action == "compile"


@pytest.mark.parametrize("mode", MODES, ids=lambda m: m.value)
def test_t23_without_a_record_a_package_managers_sources_are_compared_by_compiling(mode: InvalidationMode) -> None:
    pyc = _pyc(_recipe(mode), _source())
    assert _judge(_recipe(mode), _source(), pyc, thorough=True).action is Action.CONFIRM
    named = _judge(_recipe(mode), _source(), pyc).action
    assert named is (Action.CHECK if mode is InvalidationMode.TIMESTAMP else Action.CONFIRM)


def test_t23_a_body_that_was_only_whole_is_no_proof_for_a_package_manager() -> None:
    pyc = _pyc(_recipe(), _source())
    entry = _entry(_recipe(), _source(), pyc.file, Proof.WHOLE)
    assert _judge(_recipe(), _source(), pyc, entry).action is Action.KEEP
    assert _judge(_recipe(), _source(), pyc, entry, thorough=True).action is Action.CONFIRM


@given(length=st.integers(0, PYC_SIZE - 1), mode=st.sampled_from(MODES))
def test_t23_truncated_pyc_is_never_kept(length: int, mode: InvalidationMode) -> None:
    recipe, source = _recipe(mode), _source()
    whole = _pyc(recipe, source)
    assert whole.header is not None
    cut = PycState(whole.file._replace(size=length), whole.header[:length], False)  # its times restored
    assert _action(recipe, source, cut, _entry(recipe, source, whole.file)) in {"compile", "check", "confirm"}


@pytest.mark.parametrize("version", [(3, 6), (3, 7), (3, 13)], ids=str)
def test_pyc_no_longer_than_its_header_is_truncated(version: tuple[int, int]) -> None:
    recipe, source = _recipe(version=version), _source()
    size = 12 if version == (3, 6) else 16
    verdict = _judge(recipe, source, _pyc(recipe, source, size=size))
    assert (verdict.action.value, verdict.reason.value) == ("compile", "truncated")


@pytest.mark.parametrize(
    ("ctime_ns", "now_ns", "settled"),
    [
        pytest.param(5 * SECOND + 1, 5 * SECOND + 2, False, id="within-a-tick"),
        pytest.param(5 * SECOND + 1, 6 * SECOND, True, id="after-a-tick"),
        pytest.param(5 * SECOND, 6 * SECOND, False, id="whole-second"),
        pytest.param(5 * SECOND, 5000 * SECOND, False, id="whole-second-of-an-image"),
        pytest.param(9 * SECOND + 1, 5 * SECOND, False, id="clock-was-ahead"),
    ],
)
def test_t23_inode_that_can_still_change_without_a_trace_is_not_recorded(
    ctime_ns: int, now_ns: int, settled: bool
) -> None:
    source = _source(ctime_ns=ctime_ns)
    assert settled_inode(source, now_ns) == (inode_of(source) if settled else ())


FIELDS = {
    "mode": st.one_of(
        st.integers(0, 0o7777).map(lambda bits: stat.S_IFREG | bits), st.sampled_from([0o100644, 0o010644, 0o120777])
    ),
    "uid": st.sampled_from([0, 1000]),
    "gid": st.sampled_from([0, 50]),
    "size": st.sampled_from([1234, 1235]),
    "mtime_ns": st.sampled_from([7 * SECOND + 42, 8 * SECOND]),
    "ctime_ns": st.sampled_from([5 * SECOND, 9 * SECOND]),
}
STATES = st.fixed_dictionaries(FIELDS)
CHANGES: st.SearchStrategy[dict[str, int]] = st.one_of(st.just({}), st.fixed_dictionaries({}, optional=FIELDS))
"""Of a state that fits: nothing in most cases."""


def _stat(state: FileState) -> os.stat_result:
    whole = state.mtime_ns // SECOND
    device, inode = state.identity
    numbers = (state.mode, inode, device, 1, state.uid, state.gid, state.size, 0, whole, 0)
    exact = {"st_mtime_ns": state.mtime_ns, "st_ctime_ns": state.ctime_ns}
    return os.stat_result(numbers, exact)


def _changed(state: FileState, changes: dict[str, Any]) -> FileState:
    return state._replace(**changes)


@given(
    source=STATES,
    pyc=CHANGES,
    recorded=st.tuples(CHANGES, CHANGES),
    wanted=st.sampled_from(MODES),
    proof=st.sampled_from(tuple(Proof)),
)
def test_what_is_right_at_a_glance_is_kept_by_the_judge(
    source: dict[str, int],
    pyc: dict[str, int],
    recorded: tuple[dict[str, int], dict[str, int]],
    wanted: InvalidationMode,
    proof: Proof,
) -> None:
    """The fast check may doubt, and never vouches for what the full one would not keep."""
    recipe = _recipe(wanted)
    model = _source(**source)
    expected = pyc_ownership(model.mode, model.gid, 0, 0)
    fitting = _source(mode=stat.S_IFREG | expected.mode, uid=0, gid=expected.gid, identity=(1, 3))
    found = _changed(fitting, pyc)
    entry = _entry(recipe, _changed(model, recorded[0]), _changed(fitting, recorded[1]), proof)
    event(f"right at a glance: {is_right(_stat(model), _stat(found), entry, PycOwners(0, 0))}")
    if is_right(_stat(model), _stat(found), entry, PycOwners(0, 0)):
        state = PycState(found, header(recipe, model, b"sourceha"), False)
        target = ObservedTarget(TARGET, state._replace(header=None), entry)
        observed = ObservedSource(TARGET.source, model, CACHE, (target,), False)
        policy = Policy(wanted, thorough=proof >= Proof.COMPARED)
        if is_thorough(policy) and proof < Proof.COMPARED:
            return  # the glance asks for more
        assert vouches(entry, recipe, model, found)
        assert judge(recipe, observed, target, expected, policy).action is Action.KEEP


def test_glance_is_no_blind_eye() -> None:
    source, pyc = _source(), _pyc(_recipe(), _source())
    assert is_right(_stat(source), _stat(pyc.file), _entry(_recipe(), source, pyc.file), PycOwners(0, 0))


OWNERS = [
    pytest.param({"uid": 1000}, "compile", "wrong-owner", id="foreign"),
    pytest.param({"mode": stat.S_IFREG | 0o664}, "compile", "wrong-mode", id="group-writable"),
    pytest.param({"mode": stat.S_IFREG | 0o646}, "compile", "wrong-mode", id="world-writable"),
    pytest.param({"mode": stat.S_IFIFO | 0o644}, "compile", "not-regular", id="fifo"),
    pytest.param({"mode": stat.S_IFREG | 0o600}, "repair", "wrong-mode", id="unreadable"),
    pytest.param({"gid": 50}, "repair", "wrong-owner", id="other-group"),
]


@pytest.mark.parametrize(("changes", "action", "reason"), OWNERS)
def test_t10_t16_owner_and_mode_decide_before_content(changes: dict[str, Any], action: str, reason: str) -> None:
    pyc = _pyc(_recipe(), _source())
    found = pyc._replace(file=pyc.file._replace(**changes))
    verdict = _judge(_recipe(), _source(), found, _entry(_recipe(), _source(), pyc.file))
    assert (verdict.action.value, verdict.reason.value) == (action, reason)


def test_t16_nothing_in_an_untrusted_cache_is_fresh() -> None:
    pyc = _pyc(_recipe(), _source())
    entry = _entry(_recipe(), _source(), pyc.file)
    verdict = _judge(_recipe(), _source(), pyc, entry, cache=CACHE._replace(untrusted=True))
    assert (verdict.action, verdict.reason.value) == (Action.COMPILE, "untrusted-cache")


def test_missing_pyc_is_compiled() -> None:
    assert _action(_recipe(), _source(), None) == "compile"
