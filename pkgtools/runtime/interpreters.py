# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The installed interpreters: found by name, asked once for what they are, remembered by file identity."""

from __future__ import annotations

import os
import re
import stat
import sys
from importlib._bootstrap_external import MAGIC_NUMBER  # importlib.util would cost 5 ms
from typing import TYPE_CHECKING, NamedTuple

from .errors import EnvironmentFault, Refused
from .facts import InstalledPath, Interpreter, Outcome, Reason, Status
from .processes import run
from .safefs import write_state
from .trust import read_trusted

if TYPE_CHECKING:
    from .layout import VersionRange
    from .trust import Tree

BIN = InstalledPath("/usr/bin")
CACHE = InstalledPath("/var/cache/pkgtools")
_PATIENCE = 10.0
"""Seconds that an interpreter may take to say what it is."""
_CACHE_FILE = "interpreters"
_DEFAULTS = InstalledPath("/usr/share/python3")
_NAME = re.compile(r"python3\.\d+|pypy3")
_LIBRARY = re.compile(r"(.*)/lib(?:32|64)?/(python3\.\d+|pypy3)(?:/|$)", re.DOTALL)
_DEFAULT = re.compile(rb"^default-version\s*=\s*python(\d+)\.(\d+)\s*$", re.MULTILINE)
_QUESTION = (
    "import sys,importlib.util as u;"
    "print(sys.implementation.name,sys.version_info[0],sys.version_info[1],"
    "sys.implementation.cache_tag,''.join('%02x'%b for b in u.MAGIC_NUMBER),'%08x'%sys.hexversion)"
)
_ANSWER = re.compile(r"(cpython|pypy) (\d+) (\d+) ([a-z]+-?\d+) ([0-9a-f]{8}) ([0-9a-f]{8})\s*")


class Installed(NamedTuple):
    """All interpreters of a system."""

    interpreters: tuple[Interpreter, ...]
    """Sorted by implementation and version."""
    default: Interpreter | None
    """What /usr/bin/python3 is."""
    problems: tuple[Outcome, ...]
    """Interpreters that are there and don't run, each a skip."""

    def one_of(self, wanted: VersionRange) -> tuple[Interpreter, ...]:
        """Return the interpreter of a private directory: the default if it's wanted, else the newest that is."""
        fitting = [i for i in self.interpreters if i.version in wanted]
        if self.default is not None and self.default in fitting:
            return (self.default,)
        newest = sorted((i for i in fitting if i.implementation == "cpython"), key=_by_version)
        return tuple(newest[-1:])

    def live_tags(self) -> frozenset[str]:
        """Return the cache tags of all that is installed, of what doesn't run just now too, by its name."""
        names = [outcome.path.rpartition("/")[2] for outcome in self.problems]
        broken = frozenset(tag for name in names for tag in tags_by_name(name))
        return broken.union(interpreter.cache_tag for interpreter in self.interpreters)

    def all_of(self, wanted: VersionRange) -> tuple[Interpreter, ...]:
        """Return every interpreter in a range."""
        return tuple(i for i in self.interpreters if i.version in wanted)


def find_interpreters(tree: Tree, *, remember: bool = True) -> Installed:
    """Find the interpreters in /usr/bin of a system; `remember` what they said, for the next time.

    One that isn't runnable is a problem in the answer, no error. Raises Refused where /usr/bin can't be trusted.
    """
    try:
        directory = tree.open(BIN, BIN)
    except FileNotFoundError:
        return Installed((), None, ())
    remembered = _remembered(tree)
    found: list[Interpreter] = []
    problems: list[Outcome] = []
    lines: list[str] = []
    for name in sorted(filter(_NAME.fullmatch, os.listdir(directory))):
        path = InstalledPath(f"{BIN}/{name}")
        identity = _identity(directory, name)
        if identity is None:
            continue
        answer = remembered.get(identity) or _describe(tree, path, identity)
        inside = bool(answer)
        if not inside and tree.root != "/":
            # another architecture, or no right to chroot: the same version here makes the same pycs
            answer = _ask(isolated(path, _QUESTION))
        interpreter = _interpreter(path, answer, inside=inside)
        if interpreter is None:
            detail = "it doesn't run: reinstall or remove it"
            problems.append(Outcome(Status.SKIPPED, Reason.BROKEN_INTERPRETER, path, None, path, detail=detail))
            continue
        if inside:
            lines.append(f"{identity}\t{answer}\n")
        found.append(interpreter)
    if remember and dict(line.rstrip("\n").split("\t") for line in lines) != remembered:
        _remember(tree, lines)
    found.sort(key=lambda i: (i.implementation, i.version))
    return Installed(tuple(found), _default(tree, directory, found), tuple(problems))


def command(tree: Tree, interpreter: Interpreter, code: str) -> tuple[str, ...]:
    """Return the command that runs code under an interpreter of a system."""
    argv = isolated(interpreter.path, code)
    return _in_root(tree, argv) if interpreter.inside else argv


def _in_root(tree: Tree, argv: tuple[str, ...]) -> tuple[str, ...]:
    return argv if tree.root == "/" else ("/usr/sbin/chroot", tree.root, *argv)


def isolated(interpreter: InstalledPath, code: str) -> tuple[str, ...]:
    """Return the command that runs code under an interpreter and nothing else: no site, no user, no environment."""
    return (interpreter, "-I", "-S", "-B", "-W", "ignore", "-c", code)


def describe(path: InstalledPath) -> Interpreter | None:
    """Ask an interpreter of this machine what it is; None if there is none or it doesn't run."""
    return _interpreter(path, _ask(isolated(path, _QUESTION)), inside=False)


def is_this_one(tree: Tree, interpreter: Interpreter) -> bool:
    """Whether we run under this very interpreter, so that its work can be done by a fork of this process."""
    return (
        tree.root == "/"
        and interpreter.magic == MAGIC_NUMBER
        and interpreter.cache_tag == sys.implementation.cache_tag
        and os.path.realpath(interpreter.path) == os.path.realpath(sys.executable)
    )


def tags_by_name(name: str) -> tuple[str, ...]:
    """Return the tags that an interpreter of this name can have; pypy3 doesn't tell its version."""
    if name.startswith("pypy"):
        return tuple(f"pypy3{minor}" for minor in range(6, 30))
    return ("cpython-" + name.removeprefix("python").replace(".", ""),)


def tags_beside(tree: Tree, directory: InstalledPath) -> tuple[str, ...]:
    """Return the tags of the interpreter that a library is of: X/bin/python3.12 of what lies in X/lib/python3.12."""
    found = _LIBRARY.match(directory)
    alive = found is not None and tree.exists(InstalledPath(f"{found[1]}/bin/{found[2]}"))
    return tags_by_name(found[2]) if found is not None and alive else ()


def _by_version(interpreter: Interpreter) -> tuple[int, int]:
    return interpreter.version


def _identity(directory: int, name: str) -> str | None:
    """Return what tells one program file from any other that ever had this name, None if it's no program."""
    try:
        found = os.stat(name, dir_fd=directory)
    except OSError:  # a link to nowhere: the interpreter is being removed
        return None
    if not (stat.S_ISREG(found.st_mode) and found.st_mode & 0o111):
        return None
    numbers = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return name + ":" + ":".join(map(str, numbers))


def _describe(tree: Tree, path: InstalledPath, identity: str) -> str:
    if tree.root == "/" and _identity_of_executable(path) == identity.partition(":")[2]:
        version = "{} {}".format(*sys.version_info[:2])
        tag = sys.implementation.cache_tag
        return f"{sys.implementation.name} {version} {tag} {MAGIC_NUMBER.hex()} {sys.hexversion:08x}"
    return _ask(_in_root(tree, isolated(path, _QUESTION)))


def _ask(argv: tuple[str, ...]) -> str:
    return run(argv, timeout=_PATIENCE).output.decode("ascii", "replace").strip()


def _identity_of_executable(path: InstalledPath) -> str | None:
    if not sys.executable or os.path.realpath(path) != os.path.realpath(sys.executable):
        return None
    found = os.stat(sys.executable)
    return ":".join(map(str, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)))


def _interpreter(path: InstalledPath, answer: str, *, inside: bool) -> Interpreter | None:
    found = _ANSWER.fullmatch(answer)
    if not found:
        return None
    version = int(found[2]), int(found[3])
    return Interpreter(path, found[1], version, found[4], bytes.fromhex(found[5]), inside, found[6])


def _default(tree: Tree, directory: int, found: list[Interpreter]) -> Interpreter | None:
    """Return what python3 leads to; where that can't be told from the link, what Debian's file says."""
    try:
        target = os.path.basename(os.readlink("python3", dir_fd=directory))
    except OSError:
        target = ""
    for interpreter in found:
        if os.path.basename(interpreter.path) == target:
            return interpreter
    declared = _DEFAULT.search(read_trusted(tree, _DEFAULTS, "debian_defaults"))
    version = (int(declared[1]), int(declared[2])) if declared else None
    for interpreter in found:
        if interpreter.implementation == "cpython" and interpreter.version == version:
            return interpreter
    cpythons = [i for i in found if i.implementation == "cpython"]
    return cpythons[-1] if len(cpythons) == 1 else None


def _remembered(tree: Tree) -> dict[str, str]:
    lines = read_trusted(tree, CACHE, _CACHE_FILE).decode("ascii", "replace").splitlines()
    pairs = (line.partition("\t") for line in lines)
    return {identity: answer for identity, _, answer in pairs if _ANSWER.fullmatch(answer)}


def _remember(tree: Tree, lines: list[str]) -> None:
    try:
        write_state(tree.open_settings(CACHE), _CACHE_FILE, "".join(lines).encode(), CACHE, mode=0o644)
    except (OSError, Refused):  # no such directory, not root, read-only: they are asked again next time
        return


def require_interpreters(installed: Installed) -> None:
    """Raise EnvironmentFault where there is no interpreter at all."""
    if not installed.interpreters:
        raise EnvironmentFault(f"no interpreter in {BIN}: install python3-minimal")
