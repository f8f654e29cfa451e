# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What follows from a source, a pyc and an answer, decided without a file system."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.runtime.compile.exchange import LevelResult, LevelTask
from pkgtools.runtime.compile.pyc import header, recipe_bytes, recipe_of
from pkgtools.runtime.compile.resolve import (
    AgainStep,
    DoubtStep,
    FreshStep,
    ReadPyc,
    RememberStep,
    RemoveStep,
    RepairStep,
    ReportStep,
    Ticket,
    WriteStep,
    ask,
    confirms,
    doubted,
    doubts_siblings,
    looks,
    may_doubt_siblings,
    resolve,
    stays,
)
from pkgtools.runtime.compile.steps import Action, CompileJob, Work
from pkgtools.runtime.facts import (
    BytecodeTarget,
    CacheState,
    FileState,
    InstalledPath,
    InvalidationMode,
    Outcome,
    Ownership,
    Reason,
    Status,
)
from pkgtools.runtime.record import Proof, RecordEntry, digest, inode_of
from tests.runtime.sandbox import APP, HERE, source_file

if TYPE_CHECKING:
    from pkgtools.runtime.compile.resolve import Step

CACHE = CacheState(InstalledPath(APP), InstalledPath(f"{APP}/__pycache__"), True, Ownership(0o755, 0, 0), None, False)
STATE = FileState(0o100644, 0, 0, 10, 7_000_000_000, 8_000_000_001, (1, 2))
PYC = FileState(0o100644, 0, 0, 20, 7_000_000_000, 8_000_000_001, (1, 3))
TARGET = BytecodeTarget(source_file(f"{APP}/m.py"), HERE, 0, CACHE.directory, f"m.{HERE.cache_tag}.pyc")
RECIPE = recipe_of(HERE, InvalidationMode.TIMESTAMP)
SOURCE = digest(b"source")
RIGHT = header(RECIPE, STATE) + b"body"
WORKER_FAULTS = ("worker-crash", "timeout", "out-of-memory")
FAILURES = ("syntax-error", "unknown-encoding", "too-deep", *WORKER_FAULTS)


def _entry(source: bytes = SOURCE, pyc: bytes = RIGHT, proof: Proof = Proof.MADE) -> RecordEntry:
    return RecordEntry(inode_of(STATE), source, inode_of(PYC), digest(pyc), recipe_bytes(RECIPE), HERE.release, proof)


def _work(
    action: Action, reason: Reason = Reason.UNRECORDED, entry: RecordEntry | None = None, packaged: str = ""
) -> Work:
    return Work(TARGET, action, reason, Ownership(0o644, 0, 0), entry, packaged)


def _ticket(*works: Work, siblings: tuple[str, ...] = ()) -> Ticket:
    return Ticket(CompileJob(TARGET.source, STATE, CACHE, works, siblings), STATE, SOURCE, 1, RECIPE)


def _found(data: bytes = RIGHT, mode: int = 0o644, *, has_acl: bool = False) -> ReadPyc:
    return ReadPyc(PYC._replace(mode=0o100000 | mode), data, has_acl)


def _resolve(work: Work, status: str, body: bytes = b"new", found: ReadPyc | None = None) -> tuple[Step, ...]:
    return resolve(_ticket(work), work, LevelResult(status, body), b"", found)


def _ask(work: Work, found: ReadPyc | None, *, is_there: bool = True) -> LevelTask | tuple[Step, ...]:
    return ask(_ticket(work), work, found, is_there=is_there)


def _settled(work: Work, found: ReadPyc | None) -> tuple[Step, ...]:
    asked = _ask(work, found)
    assert not isinstance(asked, LevelTask)
    return asked


def _outcome(step: Step) -> Outcome:
    assert isinstance(step, (ReportStep, RepairStep, RemoveStep))
    return step.outcome


COMPILE = LevelTask(0, "compile", b"")


def test_what_is_to_be_compiled_is_asked_for_without_its_body() -> None:
    for action, found in itertools.product((Action.COMPILE, Action.REPAIR), (None, _found())):
        assert _ask(_work(action), found, is_there=False) == COMPILE
    for action in (Action.CHECK, Action.CONFIRM, Action.COMPARE):
        assert _ask(_work(action), None) == COMPILE


def test_repair_leaves_a_pyc_that_is_there() -> None:
    (step,) = _settled(_work(Action.REPAIR, Reason.WRONG_MODE), None)
    assert isinstance(step, RepairStep)
    assert (step.outcome.status, step.outcome.reason) == (Status.REPAIRED, Reason.WRONG_MODE)


@pytest.mark.parametrize(
    ("action", "entry", "asked"),
    [
        pytest.param(Action.CHECK, None, "check", id="whole-is-enough"),
        pytest.param(Action.CHECK, _entry(digest(b"other")), "compare", id="of-another-source"),
        pytest.param(Action.CHECK, _entry(pyc=b"other"), "check", id="another-pyc"),
        pytest.param(Action.CONFIRM, None, "compare", id="thorough"),
        pytest.param(Action.CONFIRM, _entry(proof=Proof.WHOLE), "compare", id="thorough-and-only-whole"),
        pytest.param(Action.COMPARE, _entry(), "compare", id="verify-trusts-no-record"),
    ],
)
def test_body_that_nothing_vouches_for_is_looked_into(action: Action, entry: RecordEntry | None, asked: str) -> None:
    assert _ask(_work(action, entry=entry), _found()) == LevelTask(0, asked, b"body")


@pytest.mark.parametrize("action", [Action.CHECK, Action.CONFIRM])
def test_contents_that_the_record_knows_are_right(action: Action) -> None:
    work = _work(action, entry=_entry())
    known = RememberStep(work, inode_of(PYC), digest(RIGHT), Proof.MADE)
    assert _ask(work, _found()) == (known, FreshStep(work))


@pytest.mark.parametrize(
    "found", [_found(mode=0o600), _found(has_acl=True), _found()._replace(state=PYC._replace(gid=9))]
)
def test_right_contents_with_a_wrong_mode_are_repaired_and_remembered_without_the_inode(found: ReadPyc) -> None:
    for steps in (
        _settled(_work(Action.CHECK, entry=_entry()), found),
        _resolve(_work(Action.CHECK), "whole", b"", found),
    ):
        repair, remember = steps
        assert _outcome(repair).status is Status.REPAIRED
        assert isinstance(remember, RememberStep)
        assert remember.pyc == ()


def test_header_that_does_not_fit_is_no_known_content() -> None:
    stale = b"x" * 16 + b"body"
    assert _ask(_work(Action.CHECK, entry=_entry(pyc=stale)), _found(stale)) == LevelTask(0, "check", b"body")


def test_compiled_is_written_with_the_header_of_the_source() -> None:
    work = _work(Action.COMPILE)
    assert _resolve(work, "compiled", b"body") == (WriteStep(work, RIGHT),)


def test_other_code_than_the_confirmed_puts_the_siblings_in_doubt() -> None:
    work = _work(Action.CONFIRM)
    assert _resolve(work, "compiled", b"body") == (DoubtStep(by_header=False), WriteStep(work, RIGHT))


@pytest.mark.parametrize(("status", "proof"), [("whole", Proof.WHOLE), ("same", Proof.COMPARED)])
def test_confirmed_is_remembered_with_its_proof_and_fresh(status: str, proof: Proof) -> None:
    work = _work(Action.CHECK)
    remember, told = _resolve(work, status, b"", _found())
    assert remember == RememberStep(work, inode_of(PYC), digest(RIGHT), proof)
    assert _outcome(told).status is Status.FRESH


def test_right_body_behind_a_wrong_header_is_written_with_the_right_one() -> None:
    work = _work(Action.CONFIRM)
    assert _resolve(work, "same", b"", _found(b"x" * 16 + b"body")) == (WriteStep(work, RIGHT),)


def test_pyc_that_went_while_it_was_looked_into_is_compiled() -> None:
    (step,) = _resolve(_work(Action.CHECK), "whole")
    assert isinstance(step, AgainStep)
    assert (step.work.action, step.work.reason) == (Action.COMPILE, Reason.MISSING)


@pytest.mark.parametrize("status", WORKER_FAULTS)
def test_body_that_may_have_killed_the_worker_is_compiled_without_a_look_at_it(status: str) -> None:
    (step,) = _resolve(_work(Action.CHECK), status)
    assert isinstance(step, AgainStep)
    assert not looks(step.work)


@pytest.mark.parametrize(
    ("work", "gone"),
    [
        pytest.param(_work(Action.COMPILE, Reason.MISSING), "", id="missing"),
        pytest.param(_work(Action.COMPILE, Reason.WRONG_OWNER), "wrong-owner", id="distrusted"),
        pytest.param(_work(Action.COMPILE, Reason.STALE_SOURCE), "replaced-source", id="stale"),
        pytest.param(_work(Action.COMPILE, entry=_entry(digest(b"other"))), "replaced-source", id="of-another-source"),
    ],
)
@pytest.mark.parametrize("status", FAILURES)
def test_what_does_not_compile_fails_and_takes_along_what_cannot_be_right(work: Work, gone: str, status: str) -> None:
    (step,) = _resolve(work, status, b"said")
    outcome = _outcome(step)
    assert (outcome.status, outcome.reason.value) == (Status.FAILED, status)
    assert outcome.detail.startswith("said")
    assert isinstance(step, RemoveStep) == bool(gone)
    assert not gone or (isinstance(step, RemoveStep) and gone in step.gone)


def test_without_a_worker_nothing_is_removed() -> None:
    (step,) = _resolve(_work(Action.COMPILE, Reason.WRONG_OWNER), "no-worker")
    assert isinstance(step, ReportStep)
    assert step.outcome.status is Status.ERROR


STATUSES = ("compiled", "whole", "same", *FAILURES, "no-worker")
ENTRIES = st.sampled_from([None, _entry(), _entry(digest(b"other")), _entry(pyc=b"other"), _entry(proof=Proof.WHOLE)])
FOUND = st.sampled_from([None, _found(), _found(mode=0o600), _found(b"x" * 20), _found(b"")])


@given(
    action=st.sampled_from([action for action in Action if action is not Action.KEEP]),
    reason=st.sampled_from(list(Reason)),
    entry=ENTRIES,
    packaged=st.sampled_from(["", "dpkg --verify"]),
    status=st.sampled_from(STATUSES),
    found=FOUND,
    is_there=st.booleans(),
)
def test_resolve_is_total_and_settles_each_target_once_or_asks_again(
    action: Action,
    reason: Reason,
    entry: RecordEntry | None,
    packaged: str,
    status: str,
    found: ReadPyc | None,
    is_there: bool,
) -> None:
    work = _work(action, reason, entry, packaged if action is Action.COMPARE else "")
    asked = _ask(work, found, is_there=is_there)
    answered = _resolve(work, status, b"body", found if confirms(LevelResult(status, b"")) else None)
    for steps in (answered, *([] if isinstance(asked, LevelTask) else [asked])):
        settling = [step for step in steps if not isinstance(step, (RememberStep, DoubtStep))]
        assert len(settling) == 1
        if work.packaged:  # what a package ships is compared, and never touched
            assert isinstance(settling[0], (ReportStep, FreshStep))
        if not looks(work):  # what is not looked into is never compiled for ever
            assert not isinstance(settling[0], AgainStep) or confirms(LevelResult(status, b""))


def test_siblings_are_in_doubt_where_the_source_is_another_one() -> None:
    assert doubts_siblings(_ticket(_work(Action.COMPILE, Reason.MISSING))) == ()
    assert doubts_siblings(_ticket(_work(Action.CHECK, entry=_entry()))) == ()
    assert doubts_siblings(_ticket(_work(Action.COMPILE, Reason.STALE_SOURCE))) == (DoubtStep(by_header=True),)
    other = _work(Action.COMPILE, Reason.STALE_SOURCE, _entry(digest(b"other")))
    assert doubts_siblings(_ticket(other)) == (DoubtStep(by_header=False),)


def test_only_what_may_be_doubted_is_ever_doubted() -> None:
    for reason, entry in itertools.product(Reason, (None, _entry(), _entry(digest(b"other"))._replace(source=()))):
        ticket = _ticket(_work(Action.COMPILE, reason, entry))
        assert not doubts_siblings(ticket) or may_doubt_siblings(ticket.job)


def test_doubted_siblings_stay_where_record_or_header_fit() -> None:
    ticket = _ticket(siblings=("known", "other", "fitting", "stale"))
    entries = {"known": _entry(), "other": _entry(digest(b"other"))}
    headers = {"fitting": RIGHT[:16], "stale": b"x" * 16}
    gone = {
        by_header: [one.name for one in doubted(ticket, DoubtStep(by_header), entries, headers)]
        for by_header in (True, False)
    }
    assert gone == {True: ["other", "stale"], False: ["other", "fitting", "stale"]}


def test_doubted_pyc_that_was_made_again_of_the_same_source_stays() -> None:
    assert stays(_entry(), SOURCE)
    assert not stays(_entry(), digest(b"other"))
    assert not stays(None, SOURCE)
