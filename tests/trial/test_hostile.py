# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages whose scripts try to escape, to kill, to fill and to listen: each attempt fails, and the trial goes on."""

from __future__ import annotations

import ctypes
import platform
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.debs import SamplePackage, build_deb
from tests.trial.trials import Document, play

pytestmark = pytest.mark.system

PROBES = r"""#!/usr/bin/python3
import ctypes, errno, os, signal, socket, sys
if sys.argv[1] != "configure":
    sys.exit(0)
libc = ctypes.CDLL(None, use_errno=True)

def call(function, *arguments):
    if function(*arguments) >= 0:
        return "done"
    return errno.errorcode[ctypes.get_errno()]

def probe(name, function):
    try:
        result = function()
    except OSError as error:
        result = errno.errorcode.get(error.errno, str(error))
    print("PROBE", name, str(result).replace(" ", ""), flush=True)

def connect():
    with socket.socket() as one:
        one.settimeout(5)
        one.connect(("127.0.0.1", PORT))
    return "done"

def listen():
    with socket.socket() as one:
        one.bind(("0.0.0.0", PORT))  # which this machine's listener holds, were it the same network
        one.listen()
    return "done"

def out_of_chroot():
    if os.fork():
        os.wait()
        return "tried"
    try:
        top = os.open("/", os.O_RDONLY)
        os.mkdir("/tmp/c")
        os.chroot("/tmp/c")
        os.fchdir(top)
        for _ in range(40):
            os.chdir("..")
        os.chroot(".")
        probe("chroot sees", lambda: os.path.exists(MARK))
    finally:
        os._exit(0)

probe("mount", lambda: call(libc.mount, b"none", b"/mnt", b"tmpfs", 0, None))
probe("bind", lambda: call(libc.mount, b"/", b"/mnt", None, 0x1000, None))
probe("umount", lambda: call(libc.umount2, b"/proc", 2))
probe("mknod", lambda: os.mknod("/tmp/sda", 0o60600, os.makedev(8, 0)))
probe("user namespace", lambda: call(libc.unshare, 0x10000000))
probe("mount namespace", lambda: call(libc.unshare, 0x20000))
probe("host file", lambda: os.path.exists(MARK) or os.path.exists("/proc/1/root" + MARK))
probe("out of chroot", out_of_chroot)
probe("host process", lambda: os.kill(PID, signal.SIGKILL))
probe("processes", lambda: max(int(name) for name in os.listdir("/proc") if name.isdigit()) < 100)
probe("core pattern", lambda: open("/proc/sys/kernel/core_pattern", "w"))
probe("sysrq", lambda: open("/proc/sysrq-trigger", "w").write("h"))
probe("host name", lambda: socket.sethostname("evil"))
probe("clock", lambda: call(libc.settimeofday, (ctypes.c_long * 2)(1, 1), None))
probe("reboot", lambda: call(libc.reboot, 0x01234567))
probe("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
probe("connect", connect)
probe("listen", listen)
probe("interfaces", lambda: [name for _, name in socket.if_nameindex()])
probe("devices", lambda: sorted(set(os.listdir("/dev")) - {"fd", "stdin", "stdout", "stderr", "shm"}))
probe("environment", lambda: [name for name in os.environ if name.startswith(("SECRET", "PYTHON"))])
probe("key of the caller", lambda: call(libc.syscall, KEYCTL, 10, -3, b"user", b"pkgtools-test", 0))
probe("open files", lambda: [one for one in os.listdir("/proc/self/fd") if int(one) > 3])
subprocess = os.fork()
if not subprocess:
    os.setsid()
    while True:
        signal.pause()
print("\033[31mRED\033[0m", flush=True)
"""
EXPECTED = {
    "mount": "EPERM",
    "bind": "EPERM",
    "umount": "EPERM",
    "mknod": "EPERM",
    "user namespace": "ENOSPC",
    "mount namespace": "EPERM",
    "host file": "False",
    "chroot sees": "False",
    "host process": "ESRCH",
    "processes": "True",
    "core pattern": "EACCES",
    "sysrq": "ENOENT",
    "host name": "EPERM",
    "clock": "EPERM",
    "reboot": "EPERM",
    "raw socket": "EPERM",
    "connect": "ECONNREFUSED",
    "listen": "done",
    "interfaces": "['lo']",
    "devices": "['full','null','random','tty','urandom','zero']",
    "environment": "[]",
    "key of the caller": "ENOKEY",
    "open files": "[]",
}
"""What comes of each attempt; listening is possible in a network where nobody else is."""
ADD_KEY, KEYCTL = (248, 250) if platform.machine() == "x86_64" else (217, 219)
_SHARES = """#!/usr/bin/python3
import mmap, os, time
for _ in range(4):
    if not os.fork():
        shared = mmap.mmap(-1, 200 << 20)
        shared.write(bytes(200 << 20))
        time.sleep(1000)
os.wait()
"""
_ALL = "import os\nfor pid in range(1, 500):\n    try:\n        os.kill(pid, 9)\n    except OSError: pass\n"
GREEDY = {
    "kills": f"#!/usr/bin/python3\n{_ALL}",
    "hangs": "sleep 1000\n",
    "forks": "#!/usr/bin/python3\nimport os, signal\nwhile os.fork() or True: pass\n",
    "allocates": "#!/usr/bin/python3\nx = bytearray(700 << 20)\nimport time; time.sleep(1000)\n",
    "shares": _SHARES,
    "litters": "#!/usr/bin/python3\nfor number in range(100_000): open(f'/var/tmp/{number}', 'x').close()\n",
    "fills": "cat /dev/zero > /var/tmp/x\n",
    "talks": "while :; do cat /dev/urandom; done\n",
}


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """Return a socket of this machine that listens, where a script must not get to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory, listener: socket.socket) -> dict[str, Document]:
    """Play all packages, with limits that are met soon."""
    place = tmp_path_factory.mktemp("debs")
    mark = place / "mark"
    mark.touch()
    key = ctypes.CDLL(None).syscall(ADD_KEY, b"user", b"pkgtools-test", b"secret", 6, -3)
    assert key > 0  # in the session keyring, which every process inherits
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as victim:
        values = {
            "PORT": str(listener.getsockname()[1]),
            "MARK": repr(str(mark)),
            "PID": str(victim.pid),
            "KEYCTL": str(KEYCTL),
        }
        probes = re.sub("PORT|MARK|PID|KEYCTL", lambda found: values[found[0]], PROBES)
        scripts = {"probes": probes, **GREEDY}
        debs = [
            build_deb(SamplePackage(name=name, scripts={"postinst": text}), place) for name, text in scripts.items()
        ]
        limits = ("--timeout", "8", "--disk", "30", "--memory", "600", "--processes", "100")
        document = play("-j2", "--steps", "install", *limits, *debs, status=1, base="bookworm")
        assert victim.poll() is None
        victim.communicate(b"")
    return dict(zip(scripts, document["packages"], strict=True))


def _step(life: Document) -> Document:
    assert life["error"] is None
    step: Document = life["steps"][0]
    return step


def test_script_does_not_get_out(lives: dict[str, Document]) -> None:
    step = _step(lives["probes"])
    found = dict(re.findall(r"^PROBE (.+) (\S+)$", step["output"], re.MULTILINE))
    assert found == {**EXPECTED, "out of chroot": "tried"}


def test_what_a_script_leaves_running_is_ended(lives: dict[str, Document]) -> None:
    assert _step(lives["probes"])["faults"] == []
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if _reads(path, b"probes.postinst")]
    assert left == []


def _reads(path: Path, text: bytes) -> bool:
    try:
        return text in path.read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize(
    ("name", "check", "text"),
    [
        ("kills", "step-failed", "status -9"),
        ("hangs", "over-limit", "8 seconds"),
        ("forks", "", ""),
        ("allocates", "step-failed", "status 1"),
        ("shares", "over-limit", "600 MiB"),
        ("litters", "step-failed", "No space left"),
        ("fills", "step-failed", "No space left"),
        ("talks", "over-limit", "64 MiB"),
    ],
)
def test_greedy_script_is_ended_and_said(name: str, check: str, text: str, lives: dict[str, Document]) -> None:
    step = _step(lives[name])
    assert step["status"] == "failed"
    loud = [one for one in step["faults"] if one["check"] in {"step-failed", "over-limit"}]
    assert len(loud) == 1
    assert not check or (loud[0]["check"], text in loud[0]["text"]) == (check, True), loud
