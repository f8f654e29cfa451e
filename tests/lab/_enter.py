# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Start one throw-away system and keep it until standard input ends. Stand-alone; run by /usr/bin/python3.

Argument: an Order as JSON. Answers one line with the process id of the
system's first process, as the caller's pid namespace sees it, or an error on standard error and exit 1.
The new namespaces (mount, pid, ipc, uts, without network also net) end with that process.
"""

import ctypes
import json
import os
import signal
import stat
import sys
from typing import TypedDict

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
MS_NOSUID, MS_NODEV = 0x2, 0x4
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


class Order(TypedDict):
    """What to start."""

    lower: list[str]
    """Read-only layers, topmost first."""
    upper: str
    """Directory that takes the changes."""
    work: str
    """Empty directory on the same file system, for the overlay's own use."""
    mountpoint: str
    """Empty directory where the overlay is mounted."""
    binds: list[tuple[str, str, bool]]
    """Source on this machine, target in the system, whether the system may write there."""
    network: bool
    """Whether the system shares this machine's network."""


libc = ctypes.CDLL(None, use_errno=True)


def check(failed: int, what: str) -> None:
    """Raise OSError for a system call that answered other than 0."""
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Call mount(2)."""
    texts = (source.encode(), target.encode(), kind.encode() or None)
    failed = libc.mount(*texts, ctypes.c_ulong(flags), options.encode() or None)
    check(failed, f"mount {target}")


def bind(source: str, target: str, writable: bool) -> None:
    """Show `source` at `target`, whose directory (or empty file) is made if need be."""
    if stat.S_ISDIR(os.stat(source).st_mode):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "a").close()
    mount(source, target, flags=MS_BIND)
    if not writable:
        mount("none", target, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)


def make_devices(root: str) -> None:
    """Give the system a /dev of its own: six harmless devices, new terminals, its own shm."""
    dev = f"{root}/dev"
    mount("dev", dev, "tmpfs", MS_NOSUID, "mode=0755")
    for name, numbers in DEVICES.items():
        os.mknod(f"{dev}/{name}", stat.S_IFCHR, os.makedev(*numbers))
        os.chmod(f"{dev}/{name}", 0o666)
    for directory, mode in (("pts", 0o755), ("shm", 0o1777)):
        os.mkdir(f"{dev}/{directory}")
        os.chmod(f"{dev}/{directory}", mode)
    mount("devpts", f"{dev}/pts", "devpts", MS_NOSUID, "newinstance,ptmxmode=0666,mode=0620")
    os.symlink("pts/ptmx", f"{dev}/ptmx")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{dev}/{name}")


def make_file_system(order: Order) -> str:
    """Mount the overlay and what belongs in it; return its root as seen from here."""
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    root = order["mountpoint"]
    layers = f"lowerdir={':'.join(order['lower'])},upperdir={order['upper']},workdir={order['work']}"
    mount("overlay", root, "overlay", 0, layers)
    mount("proc", f"{root}/proc", "proc", MS_NOSUID | MS_NODEV)
    mount("sysfs", f"{root}/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_RDONLY)
    make_devices(root)
    mount("tmp", f"{root}/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    mount("run", f"{root}/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    os.mkdir(f"{root}/run/lock")
    for source, target, writable in order["binds"]:
        bind(source, root + target, writable)
    if order["network"]:
        bind(os.path.realpath("/etc/resolv.conf"), f"{root}/etc/resolv.conf", writable=False)
    return root


def live(order: Order, answer: int) -> None:
    """Be the first process of the system: mount, pivot, say so, wait for the end of standard input."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.umask(0o022)
    root = make_file_system(order)
    libc.sethostname(b"lab", 3)
    os.chdir(root)
    # Not chroot: inside a chroot the kernel refuses new user namespaces.
    check(libc.syscall(PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "umount2")
    os.chdir("/")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps orphans
    os.write(answer, b"ready")
    os.close(answer)
    while os.read(0, 4096):
        pass


def main() -> int:
    """Unshare, fork the first process, say its number when it is ready."""
    order: Order = json.loads(sys.argv[1])
    flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID
    check(libc.unshare(flags if order["network"] else flags | CLONE_NEWNET), "unshare")
    ready, answer = os.pipe()
    child = os.fork()
    if not child:
        os.close(ready)
        live(order, answer)
        os._exit(0)
    os.close(answer)
    if os.read(ready, 5) == b"ready":
        print(child, flush=True)
    os.waitpid(child, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
