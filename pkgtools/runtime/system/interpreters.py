# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The installed interpreters: found by name, asked once for what they are, remembered by file identity."""

from __future__ import annotations

import os
import stat
import sys
from _blake2 import blake2b
from _frozen_importlib_external import MAGIC_NUMBER  # importlib.util would cost 5 ms, importlib 0.3

from pkgtools.runtime.errors import EnvironmentFault, Refused
from pkgtools.runtime.facts import InstalledPath, Interpreter, Outcome, Reason, Status
from pkgtools.runtime.pythons import (
    CPYTHON,
    FREE_THREADED,
    SERVED,
    SHARED,
    SHARED_NAME,
    is_cache_tag,
    is_interpreter_name,
    library_of,
    parse_python_name,
    tags_by_name,
)

from .all_interpreters import Installed
from .processes import run
from .safefs import write_state
from .trust import read_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pkgtools.runtime.policy.configuration import PrivateDirectory
    from pkgtools.runtime.pythons import PythonLibrary, PythonVersion

    from .all_interpreters import Own
    from .trust import Tree

BIN = InstalledPath("/usr/bin")
CACHE = InstalledPath("/var/cache/pkgtools")
PATIENCE = 60.0
"""Seconds that an interpreter may take to say what it is: on an emulated or overloaded machine 10 are too few."""
_CACHE_FILE = "interpreters"
_LATE = "late"
"""What is remembered in place of an answer that did not come, so that no later run waits again."""
_LINKS = 8
"""More links than that lead nowhere."""
DEFAULTS = InstalledPath("/usr/share/python3")
DEFAULTS_FILE = "debian_defaults"
"""In DEFAULTS: what Debian says of its versions."""
_DEFAULT = "default-version"
_SUPPORTED = "supported-versions"
_T = FREE_THREADED.abi
ABOUT = (
    "import sys,_frozen_importlib_external as u;"
    "print(sys.implementation.name,sys.version_info[0],sys.version_info[1],"
    "sys.implementation.cache_tag,''.join('%02x'%b for b in u.MAGIC_NUMBER),'%08x'%sys.hexversion"
)
"""The beginning of a question that each Python answers without a module of its library."""
_QUESTION = (
    f"{ABOUT}+__import__('hashlib').blake2b(sys.version.encode(),digest_size=4).hexdigest(),"
    f"'{_T}:%d'%('{SHARED}' in __import__('site').getsitepackages()) if '{_T}' in getattr(sys,'abiflags','') else '')"
)
_NAMES = frozenset(one.name for one in SERVED)
LATE = f"it didn't say what it is within {PATIENCE:.0f} s"
_TOO_LATE = f"{LATE}: make it run, then remove {CACHE}/{_CACHE_FILE}"


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
    for name in sorted(filter(is_interpreter_name, os.listdir(directory))):
        path = InstalledPath(f"{BIN}/{name}")
        identity = _identity(directory, name)
        if identity is None:
            continue
        if refusal := _refusal_of(name):
            problems.append(Outcome(Status.SKIPPED, Reason.UNSUPPORTED_INTERPRETER, path, None, path, detail=refusal))
            continue
        answer = remembered.get(identity) or _describe(tree, path, identity)
        inside = bool(answer)
        if not inside and tree.root != "/":
            # another architecture, or no right to chroot: the same version here makes the same pycs
            answer = _ask(isolated(path, _QUESTION))
        interpreter = interpreter_of(path, answer, inside=inside)
        if inside and (interpreter is not None or answer == _LATE):
            lines.append(f"{identity}\t{answer}\n")
        if interpreter is not None:
            found.append(interpreter)
        else:
            detail = _TOO_LATE if answer == _LATE else "it doesn't run: reinstall or remove it"
            problems.append(Outcome(Status.SKIPPED, Reason.BROKEN_INTERPRETER, path, None, path, detail=detail))
    if remember and dict(line.rstrip("\n").split("\t", 1) for line in lines) != remembered:
        _remember(tree, lines)
    found.sort(key=lambda i: (i.implementation, i.version, i.abi))
    declaration = read_trusted(tree, DEFAULTS, DEFAULTS_FILE)
    default = default_by_link(found, linked_program(lambda one: _link(tree, one)))
    default = default or default_by_declaration(found, declaration)
    return Installed(mark_supported(found, default, declaration), default, tuple(problems))


def with_own(tree: Tree, installed: Installed, *, remember: bool) -> Installed:
    """Return the same with what answers for the interpreters of registrations and virtual environments."""
    return installed._replace(own=_OwnWhenAsked(tree, installed.interpreters, remember=remember))


class _OwnWhenAsked:
    """Loads what answers when it's asked: few systems need it."""

    def __init__(self, tree: Tree, packaged: tuple[Interpreter, ...], *, remember: bool) -> None:
        self._tree = tree
        self._packaged = packaged
        self._remember = remember
        self._own: Own | None = None

    def _asked(self) -> Own:
        if self._own is None:
            from .own_interpreters import OwnInterpreters  # noqa: PLC0415 - as above

            self._own = OwnInterpreters(self._tree, self._packaged, remember=self._remember)
        return self._own

    def of(self, entry: PrivateDirectory) -> Interpreter | Outcome:
        return self._asked().of(entry)

    def of_venv(self, library: PythonLibrary) -> Interpreter | Outcome | None:
        return self._asked().of_venv(library)

    def identity(self, entry: PrivateDirectory) -> str:
        return self._asked().identity(entry)


def _refusal_of(name: str) -> str:
    """Say why nothing is compiled for an interpreter of this name; empty where something is."""
    python = parse_python_name(name)
    return python.implementation.refusal if python else ""


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
    return interpreter_of(path, _ask(isolated(path, _QUESTION)), inside=False)


def is_own(interpreter: Interpreter) -> bool:
    """Whether an interpreter isn't the distribution's: it never runs as root."""
    return interpreter.inside and interpreter.path.rpartition("/")[0] != BIN


def is_this_one(tree: Tree, interpreter: Interpreter) -> bool:
    """Whether we run under this very interpreter, so that its work can be done by a fork of this process."""
    return (
        tree.root == "/"
        and not is_own(interpreter)
        and interpreter.magic == MAGIC_NUMBER
        and interpreter.cache_tag == sys.implementation.cache_tag
        and interpreter.build in {"", _this_build()}
        and os.path.realpath(interpreter.path) == os.path.realpath(sys.executable)
    )


def _this_build() -> str:
    return blake2b(sys.version.encode(), digest_size=4).hexdigest()


def tags_beside(tree: Tree, directory: InstalledPath) -> tuple[str, ...]:
    """Return the tags of the interpreter that a library is of: X/bin/python3.12 of what lies in X/lib/python3.12."""
    library = library_of(directory)
    if library is None or not is_interpreter_name(name := str(library.python)):
        return ()
    return tags_by_name(name) if tree.exists(InstalledPath(f"{library.prefix}/bin/{name}")) else ()


def _identity(directory: int, name: str) -> str | None:
    """Return what distinguishes one program file from all others that ever had this name, None if it's no program."""
    try:
        found = os.stat(name, dir_fd=directory)
    except OSError:  # a link to nowhere: the interpreter is being removed
        return None
    if not (stat.S_ISREG(found.st_mode) and found.st_mode & 0o111):
        return None
    numbers = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return name + ":" + ":".join(map(str, numbers))


def _describe(tree: Tree, path: InstalledPath, identity: str) -> str:
    alike = tree.root == "/" and _T not in getattr(sys, "abiflags", "")
    if alike and _identity_of_executable(path) == identity.partition(":")[2]:
        version = "{} {}".format(*sys.version_info[:2])
        tag = sys.implementation.cache_tag
        return f"{sys.implementation.name} {version} {tag} {MAGIC_NUMBER.hex()} {sys.hexversion:08x}{_this_build()}"
    return _ask(_in_root(tree, isolated(path, _QUESTION)))


def _ask(argv: tuple[str, ...]) -> str:
    done = run(argv, timeout=PATIENCE)
    return _LATE if done.is_late else " ".join(done.output.decode("ascii", "replace").split())


def _identity_of_executable(path: InstalledPath) -> str | None:
    if not sys.executable or os.path.realpath(path) != os.path.realpath(sys.executable):
        return None
    found = os.stat(sys.executable)
    return ":".join(map(str, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)))


def interpreter_of(path: InstalledPath, answer: str, *, inside: bool) -> Interpreter | None:
    """Return the interpreter that an answer describes; None if it describes none."""
    try:
        name, major, minor, tag, magic, exact, *others = answer.split()
        version, number, _ = (int(major), int(minor)), bytes.fromhex(magic), int(exact, 16)
    except ValueError:
        return None
    abi, _, shared = "".join(others).partition(":")
    is_one = name in _NAMES and is_cache_tag(tag) and (len(number), len(exact)) == (4, 16)
    if not is_one or (abi, shared) not in {("", ""), (_T, "0"), (_T, "1")}:
        return None
    return Interpreter(path, name, version, tag, number, inside, exact[:8], abi, shared != "0", build=exact[8:])


def mark_supported(
    interpreters: Iterable[Interpreter], default: Interpreter | None, declaration: bytes
) -> tuple[Interpreter, ...]:
    """Mark which interpreters are the default or in Debian's file of defaults; where that has no list, all are."""
    names = _setting(declaration, _SUPPORTED)
    if names is None:
        return tuple(interpreters)
    supported = frozenset(name.strip() for name in names.split(","))
    return tuple(
        one if one == default or os.path.basename(one.path) in supported else one._replace(is_supported=False)
        for one in interpreters
    )


def _link(tree: Tree, path: InstalledPath) -> str:
    """Return where a link leads, if only root can change it; else nothing."""
    directory, _, name = path.rpartition("/")
    try:
        return os.readlink(name, dir_fd=tree.open_settings(InstalledPath(directory)))
    except (OSError, Refused):
        return ""


def linked_program(link: Callable[[InstalledPath], str]) -> InstalledPath:
    """Return what /usr/bin/python3 leads to at its end, as alternatives do it; `link` returns a link's target or "".

    Where it is a program itself, that path.
    """
    path = f"{BIN}/{SHARED_NAME}"
    for _ in range(_LINKS):
        target = link(InstalledPath(path))
        if not target:
            break
        path = os.path.normpath(f"{path.rpartition('/')[0]}/{target}" if target[0] != "/" else target)
    return InstalledPath(path)


def default_by_link(interpreters: Iterable[Interpreter], program: InstalledPath) -> Interpreter | None:
    """Return the interpreter that is a program of /usr/bin, by either name that a merged /usr gives it."""
    directory, _, name = program.rpartition("/")
    if directory not in {BIN, BIN.removeprefix("/usr")}:
        return None
    return next((one for one in interpreters if os.path.basename(one.path) == name), None)


def default_by_declaration(interpreters: Iterable[Interpreter], declaration: bytes) -> Interpreter | None:
    """Return the CPython of the version in Debian's file of defaults, or the only one there is."""
    version = _declared(declaration)
    cpythons = [one for one in interpreters if one.implementation == CPYTHON.name]
    fitting = [one for one in cpythons if one.version == version] or cpythons[:1] * (len(cpythons) == 1)
    return fitting[0] if fitting else None


def _declared(text: bytes) -> PythonVersion | None:
    """Return the version that Debian's file of defaults names, a line `default-version = python3.11`."""
    python = parse_python_name(_setting(text, _DEFAULT) or "")
    return python.version if python is not None and python.implementation is CPYTHON else None


def _setting(text: bytes, wanted: str) -> str | None:
    """Return the value of a key in Debian's file of defaults; None where it has no such line."""
    for line in text.decode("ascii", "replace").splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == wanted:
            return value.strip()
    return None


def _remembered(tree: Tree) -> dict[str, str]:
    lines = read_trusted(tree, CACHE, _CACHE_FILE).decode("ascii", "replace").splitlines()
    pairs = (line.partition("\t") for line in lines)
    return {
        identity: answer for identity, _, answer in pairs if answer == _LATE or interpreter_of(BIN, answer, inside=True)
    }


def _remember(tree: Tree, lines: list[str]) -> None:
    try:
        write_state(tree.open_settings(CACHE), _CACHE_FILE, "".join(lines).encode(), CACHE, mode=0o644)
    except (OSError, Refused):  # no such directory, not root, read-only: they are asked again next time
        return


def require_interpreters(installed: Installed) -> None:
    """Raise EnvironmentFault where there is no interpreter at all."""
    if installed.interpreters:
        return
    for one in installed.problems:
        raise EnvironmentFault(f"{one.path}: {one.detail}")
    raise EnvironmentFault(f"no interpreter in {BIN}: install python3-minimal")
