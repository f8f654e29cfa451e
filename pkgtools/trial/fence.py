# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# pragma: no cover - enclosed: it runs as a subordinate user in namespaces, where no tracer can write
"""A command in the throw-away system, by bubblewrap: namespaces, six devices, few capabilities, limits and a deadline.

When it ends, or is ended, nothing that it started goes on: its process namespace is gone.
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault

from .enclosure import TOP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_CAPABILITIES = (
    *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETFCAP", "SETPCAP"),
    *("SYS_CHROOT", "NET_BIND_SERVICE"),
)
"""What package managers and maintainer scripts need. Without SYS_ADMIN nothing is mounted, without MKNOD there is no
device, and what isn't there can't be got: no_new_privs is set."""
_NAMESPACES = ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBIAN_PRIORITY": "critical",
}
_KEPT = 1 << 17
"""Bytes of output that are kept of its beginning, and as many of its end."""
_LARGEST_OUTPUT = 64 << 20
_INTERVAL = 0.1
"""Seconds between two looks at what the processes use."""
_SHARES = re.compile(r"^(?:Pss|SwapPss): +(\d+) kB$", re.MULTILINE)
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TMPFS = str(1 << 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a step may use."""

    seconds: float = 600.0
    """Wall time of a command."""
    disk: int = 1 << 30
    """Bytes beyond those of the root."""
    memory: int = 2 << 30
    """Bytes of address space of a process, and of memory of all together."""
    processes: int = 512
    """Processes and threads at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of a command."""

    exit: int
    """Its exit status; negative for a signal."""
    output: str
    """Both its outputs as they came; the middle is left out where there is more than 256 KiB."""
    seconds: float
    """Wall time."""
    ended: str = ""
    """Which limit ended it, in words; empty if none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """How commands are started in the throw-away system."""

    limits: Limits
    """What each may use."""
    network: bool = False
    """Whether they see this machine's network."""

    def run(self, *argv: str, until: bytes = b"", stdin: int = subprocess.DEVNULL) -> Ran:
        """Run a command to its end; kill it with all it started where a limit is met, or `until` stands in its output.

        No command of the system can make this raise.
        """
        began = time.monotonic()
        with subprocess.Popen(
            [*self._limited(), *self.argv(), "--", *argv],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": _ENVIRONMENT["PATH"]},
            start_new_session=True,
        ) as process:
            assert process.stdout is not None  # noqa: S101 - as asked for
            said = _Said(process.stdout, until)
            ended = self._wait(process, said, began)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            said.drain()
        _wait_for_all()
        return Ran(
            exit=status if status < 128 or ended else 128 - status,
            output=said.text(),
            seconds=time.monotonic() - began,
            ended=ended,
        )

    def argv(self) -> list[str]:
        """Return the call of bwrap(1) without the command."""
        words = ["bwrap", "--bind", str(TOP), "/", "--proc", "/proc", "--size", _TMPFS, "--tmpfs", "/dev"]
        for name in DEVICES:
            words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
        for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
            words += ["--symlink", f"/proc/self/fd{target}", f"/dev/{name}"]
        words += ["--symlink", "/tmp", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108 - whose size is bounded
        words += [*_NAMESPACES, "--hostname", "room", "--die-with-parent", "--new-session", "--chdir", "/"]
        if self.network:
            words += ["--ro-bind", os.path.realpath("/etc/resolv.conf"), "/etc/resolv.conf"]
        else:
            words.append("--unshare-net")
        words += ["--cap-drop", "ALL", *(word for one in _CAPABILITIES for word in ("--cap-add", f"CAP_{one}"))]
        words.append("--clearenv")
        for key, value in _ENVIRONMENT.items():
            words += ["--setenv", key, value]
        return words

    def _limited(self) -> list[str]:
        limits = self.limits
        return [
            *("prlimit", f"--nproc={limits.processes}", f"--as={limits.memory}", f"--fsize={limits.disk}"),
            *("--core=0", "--nofile=4096", "--memlock=65536", "--msgqueue=65536", "--"),
        ]

    def _wait(self, process: subprocess.Popen[bytes], said: _Said, began: float) -> str:
        """Read what is said until the command ends; return which limit ended it."""
        looked = began
        while not said.is_over:
            said.read(_INTERVAL)
            if said.is_found:
                return ""
            if said.size > _LARGEST_OUTPUT:
                return f"it said more than {_LARGEST_OUTPUT >> 20} MiB"
            if time.monotonic() - looked < _INTERVAL:
                continue  # it says much, and a look at all processes takes longer than reading it
            if time.monotonic() - began > self.limits.seconds:
                return f"it took more than {self.limits.seconds:.0f} seconds"
            if exceeded := self._exceeded(tuple(_inside())):
                return exceeded
            if process.poll() is not None and not said.is_ready(_INTERVAL):
                return ""
            looked = time.monotonic()
        return ""

    def _exceeded(self, inside: Sequence[int]) -> str:
        """Return which limit processes exceed, if they exceed one."""
        if len(inside) > self.limits.processes:
            return f"there were more than {self.limits.processes} processes"
        if self.limits.memory < _mapped(inside) and self.limits.memory < _memory(inside):
            return f"its processes took more than {self.limits.memory >> 20} MiB of memory"
        return ""


class _Said:
    """What a command says, as far as it is kept."""

    def __init__(self, stream: IO[bytes], until: bytes) -> None:
        self._descriptor = stream.fileno()
        self._until = until
        self._head = b""
        self._tail = b""
        self.size = 0
        self.is_over = False
        self.is_found = False

    def is_ready(self, seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def read(self, seconds: float) -> None:
        """Read what there is, or comes within so many seconds."""
        if not self.is_ready(seconds):
            return
        chunk = os.read(self._descriptor, 1 << 16)
        self.is_over = not chunk
        self.size += len(chunk)
        room = _KEPT - len(self._head)
        self._head += chunk[:room]
        self._tail = (self._tail + chunk[room:])[-_KEPT:] if len(chunk) > room else self._tail
        self.is_found = bool(self._until) and self._until in self._head + self._tail

    def drain(self) -> None:
        """Read what is left behind the end, and no more than is kept."""
        while not self.is_over and self.size < _LARGEST_OUTPUT and self.is_ready(0):
            self.read(0)

    def text(self) -> str:
        """Return the text, with surrogates for bytes that are not UTF-8."""
        left_out = self.size - len(self._head) - len(self._tail)
        middle = f"\n[{left_out} bytes left out]\n".encode() if left_out else b""
        return (self._head + middle + self._tail).decode("utf-8", "surrogateescape")


def _mapped(inside: Iterable[int]) -> int:
    """Return the bytes of memory of processes, those that several share once for each: the most that it can be."""
    resident = 0
    for pid in inside:
        with suppress(OSError, ValueError, IndexError):
            resident += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return resident * _PAGE


def _memory(inside: Iterable[int]) -> int:
    """Return the bytes of memory of processes, those that several share once, with what is swapped out."""
    kilobytes = 0
    for pid in inside:
        with suppress(OSError):
            said = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
            kilobytes += sum(map(int, _SHARES.findall(said)))
    return kilobytes << 10


def _wait_for_all() -> None:
    """Wait for the processes that are being killed with their namespace; what is left then can't be ended."""
    for _ in range(500):
        if next(_inside(), None) is None:
            return
        time.sleep(0.01)
    raise EnvironmentFault("processes of the system could not be ended")


def _inside() -> Iterator[int]:
    own = Path("/proc/self/ns/user").stat().st_ino
    for name in os.listdir("/proc"):  # noqa: PTH208 - names alone
        if name.isdigit() and int(name) != os.getpid():
            with suppress(OSError):
                if Path(f"/proc/{name}/ns/user").stat().st_ino == own and not _has_ended(name):
                    yield int(name)


def _has_ended(name: str) -> bool:
    """Whether a process is only waited for, by whoever it was left to."""
    return Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()[0] in {b"Z", b"X"}
