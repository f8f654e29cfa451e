# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Programs that aren't the distribution's: started as a user that nothing else is, and ended with all they started."""

from __future__ import annotations

import os
import select
import time

from pkgtools.runtime.errors import EnvironmentFault
from pkgtools.runtime.lean import signal

from .accounts import numbers_in_use
from .processes import is_ready, nothing, start, wait
from .user_namespace import mapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .trust import Tree

_RANGES = (range(65536, 100_000), range(65520, 65534))
"""Numbers that no distribution gives to users: the second for containers that know 65,536 of them. From 100,000 on
subordinate ones are given out (subuid(5)); 61,184 to 65,519 are for services (systemd's UIDS-GIDS)."""
_SETSID = "/usr/bin/setsid"
_SETPRIV = "/usr/bin/setpriv"
_PRLIMIT = "/usr/bin/prlimit"
_CHROOT = "/usr/sbin/chroot"
_ROUNDS = 20
LARGEST_ANSWER = 1 << 20
"""Bytes that are read of what such a program says."""


class Confinement:
    """A user id that nothing else has, for the processes of one program; an ordinary user's programs stay his own."""

    def __init__(self, tree: Tree, workers: int = 1, root: str = "") -> None:
        """Choose the user id; `root` is where programs are, if it isn't the tree's.

        Raises EnvironmentFault where there is no such user id, or what is needed is missing.
        """
        self._root = root or tree.root
        for program in (_SETSID, _SETPRIV):
            if not os.path.exists(program):
                raise EnvironmentFault(
                    f"{program} is missing, and no other interpreter is run without: install util-linux"
                )
        self._most = workers
        self.uid = _free_number(tree) if tree.uid == 0 else None
        """None: we aren't root, and it runs with the rights of the caller."""

    def argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """Return the command that runs a program of the system, by its path there, as this user."""
        rights: tuple[str, ...] = (_SETSID, _SETPRIV, "--no-new-privs")
        if self.uid is None:
            return (*rights, "--", *argv)
        if os.path.exists(_PRLIMIT):  # it writes no file, and starts nothing while all workers are there
            rights = (_PRLIMIT, f"--nproc={self._most}", "--fsize=0", "--", *rights)
        if self._root == "/":
            ids = (
                f"--reuid={self.uid}",
                f"--regid={self.uid}",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
            )
            return (*rights, *ids, "--", *argv)
        return (*rights, "--", _CHROOT, f"--userspec={self.uid}:{self.uid}", "--groups=", self._root, *argv)

    def ask(self, argv: tuple[str, ...], timeout: float) -> str | None:
        """Run a program and return what it says on both its outputs, up to 1 MiB; None if it doesn't end in time."""
        empty = nothing()
        ours, theirs = os.pipe()
        process = start(self.argv(argv), empty, theirs, theirs)
        os.close(empty)
        os.close(theirs)
        try:
            return _read(ours, time.monotonic() + timeout)
        finally:
            os.close(ours)
            os.kill(process, signal.SIGKILL)
            wait(process)
            self.end()

    def end(self) -> None:
        """Kill all processes of this user, one by one: what the program has started, too.

        Raises EnvironmentFault where some are left.
        """
        if self.uid is None:
            return
        for _ in range(_ROUNDS):
            left = [number for number, uids in _processes().items() if self.uid in uids]
            if not left:
                return
            for number in left:
                _kill(number, self.uid)
        raise EnvironmentFault(f"processes of user {self.uid} start new ones faster than they can be ended")


def _kill(number: int, uid: int) -> None:
    """Kill a process if it is that user's, looked at once its number can't become another's: kernels from 5.3 on."""
    try:
        process = os.pidfd_open(number)
    except (AttributeError, OSError) as error:
        if not isinstance(error, ProcessLookupError) and uid in _user_ids(str(number)):
            _send(os.kill, number)
        return
    try:
        if uid in _user_ids(str(number)):
            _send(signal.pidfd_send_signal, process)
    finally:
        os.close(process)


def _send(kill: Callable[[int, int], object], process: int) -> None:
    try:
        kill(process, signal.SIGKILL)
    except ProcessLookupError:  # it has ended
        return


def _read(descriptor: int, deadline: float) -> str | None:
    data = b""
    while len(data) < LARGEST_ANSWER:
        if not is_ready(descriptor, select.POLLIN, deadline):
            return None
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            break
        data += chunk
    return os.fsdecode(data)


def _free_number(tree: Tree) -> int:
    """Return a number that is neither a user nor a group, nor that of a process, at random: others choose, too."""
    used = numbers_in_use(tree) | _numbers_of_processes()
    start_at = int.from_bytes(os.urandom(4), "little")
    for numbers in _RANGES:
        for step in range(len(numbers)):
            number = numbers[(start_at + step) % len(numbers)]
            if number not in used and mapped(number):
                return number
    raise EnvironmentFault("no user id is free from 65520 on: an interpreter of one's own can't be run without rights")


def _numbers_of_processes() -> frozenset[int]:
    return frozenset(uid for uids in _processes().values() for uid in uids)


def _processes() -> dict[int, tuple[int, ...]]:
    """Return the user ids of each process that has not ended, by its number, as far as /proc says."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return {}
    return {int(name): uids for name in names if (uids := _user_ids(name))}


def _user_ids(name: str) -> tuple[int, ...]:
    """Return the user ids of a process; none if it has ended."""
    try:
        with open(f"/proc/{name}/status", "rb") as stream:
            lines = dict(line.split(b":", 1) for line in stream.read().split(b"\n") if b":" in line)
    except OSError:
        return ()
    has_ended = lines.get(b"State", b"").strip().startswith(b"Z")
    return () if has_ended else tuple(map(int, lines.get(b"Uid", b"").split()))
