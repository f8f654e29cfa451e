# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Doing a piece of work as the owner of a directory that isn't root's, with that owner's rights and no more."""

from __future__ import annotations

import marshal
import os
import select
import time

from pkgtools.runtime.lean import TypeVar, signal
from pkgtools.runtime.system.accounts import group_for
from pkgtools.runtime.system.processes import is_ready, wait, write_fully
from pkgtools.runtime.system.trust import Tree

from .errors import PkgtoolsError
from .facts import InstalledPath, Outcome, Reason, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[Tree, Callable[[Outcome], None], Callable[[int, int], None]], "int | None"]

_GRACE = 30.0
"""Seconds beside those that one source may take: to begin, to look around, and to make all durable."""
_LOOK = 0.1
"""Seconds between two looks at a child that says nothing."""
_BEAT = b"\n"
"""Progress; no marshalled tuple begins so."""

Thing = TypeVar("Thing")


def split_by_owner(
    tree: Tree, things: list[Thing], directory_of: Callable[[Thing], InstalledPath]
) -> tuple[list[Thing], dict[tuple[int, int], list[Thing]]]:
    """Set apart what lies in directories of owners whom the tree doesn't trust, by user and group."""
    trusted: list[Thing] = []
    strangers: dict[tuple[int, int], list[Thing]] = {}
    owners: dict[InstalledPath, tuple[int, int]] = {}
    for thing in things:
        directory = directory_of(thing)
        if directory not in owners:
            owners[directory] = tree.owner_of(directory)
        owner = owners[directory]
        (trusted if owner[0] in tree.trusted else strangers.setdefault(owner, [])).append(thing)
    return trusted, strangers


def as_owner(
    tree: Tree, owner: tuple[int, int], place: InstalledPath, work: Work, timeout: float = 120.0
) -> tuple[int, list[Outcome]]:
    """Run `work` in a child process that has become `owner` and return its result (0 for None) and what it reported.

    The child trusts root's directories and the owner's. Its death is an outcome for `place`, no error. Its owner may
    send it any signal: where it is stopped, or shows no progress for `timeout` seconds (and some to end in), it is
    killed. Whatever it has started is killed with it, and can't keep us waiting.
    """
    rights = owner[0], group_for(tree, *owner)
    output, child_output = os.pipe()
    process = os.fork()
    if process == 0:
        _work_in_child(tree.root, rights, work, child_output)
    os.close(child_output)
    try:
        data, trouble = _read(process, output, timeout + _GRACE)
    finally:  # an interrupt, too, ends it
        os.close(output)
        _kill_session(process)
        status = wait(process)
    if trouble:
        return 0, [Outcome(Status.ERROR, Reason.TIMEOUT, place, detail=f"the process of user {owner[0]} {trouble}")]
    if status != 0:
        detail = f"the process of user {owner[0]} ended with status {status}"
        return 0, [Outcome(Status.ERROR, Reason.IO_ERROR, place, detail=detail)]
    result, reported = marshal.loads(data.lstrip(_BEAT))  # noqa: S302 - from our own child, whom its owner can't trace
    return result, [Outcome(Status(fields[0]), Reason(fields[1]), *fields[2:]) for fields in reported]


def _read(process: int, output: int, limit: float) -> tuple[bytes, str]:
    """Read what a child writes until it ends, whoever holds the pipe open; or say why waiting is of no use."""
    data = b""
    deadline = time.monotonic() + limit
    while True:
        ended = os.waitid(os.P_PID, process, os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
        if ended is not None and ended.si_code == os.CLD_STOPPED:
            return b"", "was stopped by a signal"
        ready = is_ready(output, select.POLLIN, time.monotonic() + (0 if ended else _LOOK))
        chunk = os.read(output, 1 << 16) if ready else b""
        data += chunk
        if chunk:
            deadline = time.monotonic() + limit
        elif ended is not None:
            return data, ""
        elif time.monotonic() >= deadline:
            return b"", f"showed no progress for {limit:g} s"
        elif ready:  # it closed the pipe and is about to end
            time.sleep(_LOOK)


def _kill_session(process: int) -> None:
    """Kill a child, which is not waited for yet, and all that it has started."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:  # it hasn't come to having a session of its own
        os.kill(process, signal.SIGKILL)


def _work_in_child(root: str, owner: tuple[int, int], work: Work, output: int) -> None:
    status = 1
    try:
        os.setsid()  # without the caller's terminal, and a group to be killed
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        os.setgroups([])
        os.setgid(owner[1])
        os.setuid(owner[0])
        outcomes: list[Outcome] = []
        try:
            result = work(Tree(root, frozenset({0, owner[0]})), outcomes.append, lambda *_: write_fully(output, _BEAT))
        except (PkgtoolsError, OSError) as error:
            result = 0
            outcomes.append(Outcome(Status.ERROR, Reason.IO_ERROR, InstalledPath(root), detail=str(error)))
        write_fully(output, marshal.dumps((result or 0, [(o.status.value, o.reason.value, *o[2:]) for o in outcomes])))
        status = 0
    finally:
        os._exit(status)
