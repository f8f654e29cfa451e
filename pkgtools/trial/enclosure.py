# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# pragma: no cover - enclosed: it runs as a subordinate user in namespaces, where no tracer can write
"""A process of ours in a user and a mount namespace, where it is root over subordinate ids and nothing outside.

It reads hostile files and starts what is fenced in further (`fence.py`). Its mounts end with it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault, PkgtoolsError, in_words

from .parent import end_with_parent, leave_session_keyring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDS = 65536
"""User and group ids that the system has, from 0 on."""
TOP = Path("/tmp/root")  # noqa: S108 - in a mount namespace where /tmp is ours alone
"""Where the throw-away system lies, as the enclosed process sees it."""
_FIRST_ID = 0x6000_0000
"""Root takes ids that no account, container (systemd's UIDS-GIDS) or subordinate range usually has."""
_NEWNS, _NEWUSER = 0x20000, 0x10000000
_LARGEST_ROOT = 4 << 30
_LONGEST_ERROR = 400
_BYTES_OF_A_FILE = 4096


def enclosed(work: Callable[[Callable[[bytes], None]], None]) -> Iterator[bytes]:
    """Yield the lines that `work` says in the enclosed process, which is gone when this ends, however it does.

    `work` gets what says a line. Raises EnvironmentFault where there can be no such namespace, or where the process
    ended before its work.
    """
    reading, writing = os.pipe()
    mapped_by_parent, tells_child = os.pipe()
    asks, asked = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if not child:
        for one in (reading, tells_child, asks):
            os.close(one)
        _be_child(work, parent, writing, mapped_by_parent, asked)
    for one in (writing, mapped_by_parent, asked):
        os.close(one)
    try:
        with os.fdopen(asks, "rb") as stream:
            if stream.read(1) != b"u":
                raise EnvironmentFault(_NO_NAMESPACE)
        _map_ids(child)
        os.write(tells_child, b"m")
        yield from _lines_of(reading)
    finally:
        os.close(tells_child)
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


_NO_NAMESPACE = (
    "no user namespace can be made here: in a container it takes its manager's leave, elsewhere"
    " kernel.unprivileged_userns_clone=1 or, with AppArmor, kernel.apparmor_restrict_unprivileged_userns=0"
)


def require_tools() -> None:
    """Raise EnvironmentFault where this machine lacks what fences are made of, before anything is started."""
    if shutil.which("bwrap") is None:
        raise EnvironmentFault("bwrap is missing: install bubblewrap")
    if os.geteuid() and not all(map(shutil.which, ("newuidmap", "newgidmap"))):
        raise EnvironmentFault("newuidmap is missing, with which an ordinary user gets subordinate ids: install uidmap")
    if os.geteuid():
        for kind in ("subuid", "subgid"):
            _subordinate(kind)


def _lines_of(descriptor: int) -> Iterator[bytes]:
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        for line in stream:
            if line.startswith(b"!"):
                raise EnvironmentFault(line[1:].decode("utf-8", "replace").strip())
            if line == b".\n":
                return
            yield line
    raise EnvironmentFault("the process that plays the package's life was killed or crashed")


def _map_ids(child: int) -> None:
    if os.geteuid() == 0:
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{child}/{name}").write_text(f"0 {_FIRST_ID} {IDS}\n", encoding="ascii")
        return
    for program, kind in (("newuidmap", "subuid"), ("newgidmap", "subgid")):
        argv = [program, str(child), "0", str(_subordinate(kind)), str(IDS)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
        if done.returncode:
            raise EnvironmentFault(f"{program}: {done.stderr.strip()}")


def _subordinate(kind: str) -> int:
    """Return the first of 65,536 subordinate ids of this user (subuid(5)). Raises EnvironmentFault."""
    import pwd  # noqa: PLC0415 - for ordinary users only

    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = ""
    names = {user, str(os.geteuid())} - {""}
    path = Path(f"/etc/{kind}")
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    for line in text.splitlines():
        name, _, numbers = line.partition(":")
        first, _, number = numbers.partition(":")
        if name in names and first.isdigit() and number.isdigit() and int(number) >= IDS:
            return int(first)
    who = user or os.geteuid()
    raise EnvironmentFault(f"{path}: no line gives {who} 65,536 ids: `usermod --add-subuids 100000-165535 {who}`")


def _be_child(
    work: Callable[[Callable[[bytes], None]], None], parent: int, writing: int, mapped: int, asked: int
) -> None:
    """Be the enclosed process; never returns."""
    try:
        os.setsid()  # ^C at a terminal is its parent's business, who kills it
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEWUSER | _NEWNS):
            os._exit(2)
        os.write(asked, b"u")
        os.close(asked)
        if os.read(mapped, 1) != b"m":
            os._exit(2)
        os.setresgid(0, 0, 0)
        os.setgroups([])
        os.setresuid(0, 0, 0)
        end_with_parent(signal.SIGKILL)  # after the change of ids, which forgets it
        if os.getppid() != parent:
            os._exit(2)
        leave_session_keyring()
        os.umask(0o022)
        _mount_own()
        work(lambda line: _say(writing, line))
        _say(writing, b".\n")
    except PkgtoolsError as error:
        _say(writing, b"!" + " ".join(str(error).split()).encode("utf-8", "replace") + b"\n")
    except OSError as error:
        _say(writing, b"!" + " ".join(in_words(error)[-_LONGEST_ERROR:].split()).encode("utf-8", "replace") + b"\n")
    except BaseException:  # noqa: BLE001 - it must not go on as a second parent
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(0)


def _say(descriptor: int, line: bytes) -> None:
    rest = line
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _mount_own() -> None:
    """Hide /tmp behind a file system of our own; what is mounted in this namespace is seen nowhere else."""
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", f"mode=0755,nosuid,nodev,size={_LARGEST_ROOT},nr_inodes=1m", "tmpfs", str(TOP.parent))
    TOP.mkdir(mode=0o755)
    # in one of their own scripts would have all rights, and mount file systems without bounds
    Path("/proc/sys/user/max_user_namespaces").write_text("0\n", encoding="ascii")


def limit_disk(size: int) -> None:
    """Let files take so many bytes more than now, and be one more for every 4,096 of these. Raises EnvironmentFault."""
    found = os.statvfs(TOP)
    used = (found.f_blocks - found.f_bfree) * found.f_frsize
    # mount(8) would add the options that it reads in /proc, uid= of the outer namespace among them
    files = found.f_files - found.f_ffree + size // _BYTES_OF_A_FILE  # each is looked at after each step
    options = f"remount,nosuid,nodev,size={used + size},nr_inodes={files}"
    mount("--options-mode", "ignore", "-o", options, str(TOP.parent))


def mount(*arguments: str) -> None:
    """Have a file system mounted, as the arguments say. Raises EnvironmentFault."""
    done = subprocess.run(["/usr/bin/mount", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise EnvironmentFault(f"mount {' '.join(arguments)}: {done.stderr.strip()}")
