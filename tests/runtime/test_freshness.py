# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The verdict on a pyc: a table and properties over every field that it looks at."""

from __future__ import annotations

import os
import stat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.runtime.facts import Action, CacheState, FileState, InstalledPath, InvalidationMode, Ownership, PycState
from pkgtools.runtime.pyc import (
    Recipe,
    header,
    is_right,
    judge,
    pyc_ownership,
    read_seal,
    recipe_number,
    seal_time,
)

SECOND = 1_000_000_000
MAGIC = b"\xa7\r\r\n"
MODES = list(InvalidationMode)
EXPECTED = Ownership(0o644, 0, 0)
CACHE = CacheState(InstalledPath("/opt"), InstalledPath("/opt/__pycache__"), True, Ownership(0o755, 0, 0), None, False)
CRC = 0xDEADBEEF
PYC_SIZE = 5000


def _recipe(mode: InvalidationMode = InvalidationMode.TIMESTAMP, version: tuple[int, int] = (3, 11)) -> Recipe:
    return Recipe(MAGIC, version, mode)


def _source(**changes: Any) -> FileState:  # each field has its own type
    source = FileState(stat.S_IFREG | 0o644, 0, 0, 1234, 1_700_000_000 * SECOND + 42, 5 * SECOND, (1, 2))
    return source._replace(**changes)


def _pyc(recipe: Recipe, source: FileState, *, sealed: bool = True, size: int = PYC_SIZE) -> PycState:
    mtime = seal_time(recipe, source, CRC, size, made_here=True) if sealed else 9 * SECOND
    file = FileState(stat.S_IFREG | 0o644, 0, 0, size, mtime, 9 * SECOND, (1, 3))
    return PycState(file, header(recipe, source, b"sourceha"), False)


def _action(recipe: Recipe, source: FileState, pyc: PycState | None) -> str:
    return judge(recipe, source, pyc, CACHE, EXPECTED).action.value


@pytest.mark.parametrize("mode", MODES, ids=lambda m: m.value)
def test_sealed_pyc_of_an_unchanged_source_is_kept(mode: InvalidationMode) -> None:
    recipe = _recipe(mode)
    assert _action(recipe, _source(), _pyc(recipe, _source())) == "keep"


@pytest.mark.parametrize("bit", range(16 * 8))
def test_t19_t21_no_bit_of_a_header_can_change_unnoticed(bit: int) -> None:
    pyc = _pyc(_recipe(), _source())
    assert pyc.header is not None
    flipped = bytearray(pyc.header)
    flipped[bit // 8] ^= 1 << bit % 8
    for sealed in (pyc, _pyc(_recipe(), _source(), sealed=False)):
        assert _action(_recipe(), _source(), sealed._replace(header=bytes(flipped))) == "compile"


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
    action = _action(_recipe(wanted), _source(), _pyc(_recipe(found), _source()))
    assert action == ("keep" if wanted is found else "compile")


@given(size=st.integers(0, 2**40), seconds=st.integers(0, 2**33), mode=st.sampled_from(MODES))
def test_t23_source_of_another_size_or_second_is_never_kept(size: int, seconds: int, mode: InvalidationMode) -> None:
    old = _source()
    new = _source(size=size, mtime_ns=seconds * SECOND, ctime_ns=10 * SECOND)
    action = _action(_recipe(mode), new, _pyc(_recipe(mode), old))
    assert action != "keep"
    if mode is InvalidationMode.TIMESTAMP and (size & 0xFFFFFFFF != old.size or seconds != 1_700_000_000):
        assert action == "compile"


@pytest.mark.parametrize("mode", MODES, ids=lambda m: m.value)
def test_t23_replaced_source_of_the_same_size_and_time_is_looked_at(mode: InvalidationMode) -> None:
    replaced = _source(ctime_ns=9 * SECOND + 1)
    assert _action(_recipe(mode), replaced, _pyc(_recipe(mode), _source())) == "check"
    assert _action(_recipe(mode), replaced, _pyc(_recipe(mode), _source(), sealed=False)) == "compile"


@given(length=st.integers(0, PYC_SIZE - 1), mode=st.sampled_from(MODES))
def test_t23_truncated_pyc_is_never_kept(length: int, mode: InvalidationMode) -> None:
    recipe, source = _recipe(mode), _source()
    whole = _pyc(recipe, source)
    assert whole.header is not None
    cut = PycState(whole.file._replace(size=length, mtime_ns=9 * SECOND), whole.header[:length], False)
    assert _action(recipe, source, cut) in {"compile", "check"}
    restored = cut._replace(file=whole.file._replace(size=length))
    if length % 511 != PYC_SIZE % 511:  # what is left: one length in 511, with the original time stamp restored
        assert _action(recipe, source, restored) in {"compile", "check"}


@pytest.mark.parametrize("version", [(3, 6), (3, 7), (3, 13)], ids=str)
def test_pyc_no_longer_than_its_header_is_truncated(version: tuple[int, int]) -> None:
    recipe, source = _recipe(version=version), _source()
    size = 12 if version == (3, 6) else 16
    pyc = _pyc(recipe, source, size=size)
    verdict = judge(recipe, source, pyc, CACHE, EXPECTED)
    assert (verdict.action.value, verdict.reason.value) == ("compile", "truncated")


@given(
    size=st.integers(0, 2**33),
    crc=st.integers(0, 2**32 - 1),
    mtime=st.integers(-(2**31) * SECOND, 2**34 * SECOND),
    made_here=st.booleans(),
    mode=st.sampled_from(MODES),
)
def test_seal_is_read_as_it_was_made_and_lies_within_a_minute_of_the_source(
    size: int, crc: int, mtime: int, made_here: bool, mode: InvalidationMode
) -> None:
    source = _source(mtime_ns=mtime)
    sealed = seal_time(_recipe(mode), source, crc, size, made_here=made_here)
    assert 0 < mtime // SECOND - sealed // SECOND < 64
    seal = read_seal(_source(size=size, mtime_ns=sealed), source)
    assert seal is not None
    assert seal.made_here is made_here


@given(size=st.integers(0, 2**33), second=st.integers(0, 2**33))
def test_whole_second_is_no_seal(size: int, second: int) -> None:
    assert read_seal(_source(size=size, mtime_ns=second * SECOND)) is None


STATES = st.fixed_dictionaries(
    {
        "mode": st.sampled_from([0o100644, 0o100640, 0o100600, 0o100444, 0o100664, 0o100755, 0o104644, 0o010644]),
        "uid": st.sampled_from([0, 0, 0, 1000]),
        "gid": st.sampled_from([0, 0, 50]),
        "size": st.sampled_from([1234, 1235, 5000, 5511]),
        "seconds": st.sampled_from([0, 0, 0, 1]),
        "ctime_ns": st.sampled_from([5 * SECOND, 9 * SECOND]),
    }
)


def _stat(state: FileState) -> os.stat_result:
    whole = state.mtime_ns // SECOND
    numbers = (state.mode, 3, 1, 1, state.uid, state.gid, state.size, 0, whole, 0)
    exact = {"st_mtime_ns": state.mtime_ns, "st_ctime_ns": state.ctime_ns}
    return os.stat_result(numbers, exact)


@given(source=STATES, pyc=STATES, mode=st.sampled_from(MODES), wanted=st.sampled_from(MODES), made=st.booleans())
def test_what_is_right_at_a_glance_is_kept_by_the_judge(
    source: dict[str, int], pyc: dict[str, int], mode: InvalidationMode, wanted: InvalidationMode, made: bool
) -> None:
    model = _source(**{name: value for name, value in source.items() if name != "seconds"})
    found = _source(**{name: value for name, value in pyc.items() if name != "seconds"})
    seal = seal_time(_recipe(mode), model, CRC, found.size, made_here=made)
    found = found._replace(mtime_ns=seal + pyc["seconds"] * SECOND)
    if is_right(_stat(model), _stat(found), recipe_number(_recipe(wanted)), 0, 0):
        expected = pyc_ownership(model, 0, 0)
        assert judge(_recipe(wanted), model, PycState(found, None, False), CACHE, expected).action is Action.KEEP


def test_glance_is_no_blind_eye() -> None:
    source, recipe = _source(), _recipe()
    assert is_right(_stat(source), _stat(_pyc(recipe, source).file), recipe_number(recipe), 0, 0)


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
    verdict = judge(_recipe(), _source(), found, CACHE, EXPECTED)
    assert (verdict.action.value, verdict.reason.value) == (action, reason)


def test_t16_nothing_in_an_untrusted_cache_is_fresh() -> None:
    verdict = judge(_recipe(), _source(), _pyc(_recipe(), _source()), CACHE._replace(untrusted=True), EXPECTED)
    assert (verdict.action, verdict.reason.value) == (Action.COMPILE, "untrusted-cache")


def test_missing_pyc_is_compiled() -> None:
    assert _action(_recipe(), _source(), None) == "compile"
