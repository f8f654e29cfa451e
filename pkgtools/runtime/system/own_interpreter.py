# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Interpreters that aren't the distribution's: looked at as a whole before each run, and asked what they are.

What one loads decides what it writes into bytecode, so its program with all links to it, what its venv calls `home`,
its standard library, and wherever its loader and it search, must be root's: no file that others can write, and no
directory that they can make.
"""

from __future__ import annotations

import os
import stat
from _blake2 import blake2b

from pkgtools.runtime.errors import EnvironmentFault, Refused, said
from pkgtools.runtime.facts import InstalledPath, Interpreter, Outcome, Reason, Status
from pkgtools.runtime.pythons import PACKAGES, is_library_name

from .access import Access, distrust_sources
from .confined import Confinement
from .elf import NotElf, loader_in
from .interpreters import ABOUT, CACHE, LATE, PATIENCE, interpreter_of, isolated
from .safefs import write_state
from .trust import READ_FILE, Tree, distrust_directory, read_settings, read_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LINKS = 40
_LISTING_PATIENCE = 60.0
"""Seconds that a loader may take to list libraries."""
VENV = "pyvenv.cfg"
"""What makes a directory a virtual environment (PEP 405)."""
_LIBRARIES = ("lib", "lib64")
_CACHE_FILE = "late-interpreters"
_QUESTION = (
    f"{ABOUT}+sys.version.encode().hex(),'t:0' if 't' in getattr(sys,'abiflags','') else '');"
    "print('\\0'.join([sys.base_prefix]+sys.path).encode('utf8','surrogateescape').hex())"
)
_LOOKS = "trying file="
_ARROW = " => "
_SEARCHES = "find library="


def own_interpreter(
    tree: Tree, path: InstalledPath, packaged: Iterable[Interpreter], *, remember: bool = True
) -> Interpreter | Outcome:
    """Return what an interpreter is that is named by its path, or why it isn't run.

    Where it is one of those that are `packaged`, as in most virtual environments, that one. `remember` one that didn't
    answer: no later run waits for it.
    """
    try:
        program = _followed(tree, path)
        same = _same(tree, program, packaged)
        if same is not None:
            return same
        libraries = _check(tree, path, program)
        return _asked(tree, path, program, libraries, remember=remember)
    except Refused as refusal:
        detail = refusal.detail if refusal.path == path else f"{refusal.detail}; {path} isn't run until then"
        return Outcome(Status.REFUSED, refusal.reason, refusal.path, None, path, detail=detail)
    except FileNotFoundError:
        detail = "it, or what it leads to, isn't there: name the program of an interpreter"
        return Outcome(Status.ERROR, Reason.NO_INTERPRETER, path, None, path, detail=detail)
    except (OSError, EnvironmentFault) as error:
        return Outcome(Status.ERROR, Reason.BROKEN_INTERPRETER, path, None, path, detail=said(error))


def _followed(tree: Tree, path: InstalledPath) -> InstalledPath:
    """Return the program that a path leads to. Raises Refused where others can change one of the links, or it."""
    for _ in range(_LINKS):
        directory, name = _directory(tree, path)
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if not stat.S_ISLNK(found.st_mode):
            os.close(_opened(tree, path))
            return path
        if found.st_uid not in tree.readable():
            raise Refused(path, Reason.SYMLINK, f"a link of user {found.st_uid}: only root's own are followed")
        target = os.readlink(name, dir_fd=directory)
        # not made plain: `..` behind a link to a directory leads elsewhere than its name says
        path = InstalledPath(target if target.startswith("/") else f"{path.rpartition('/')[0]}/{target}")
    raise Refused(path, Reason.SYMLINK, "too many links: name the program itself")


def _directory(tree: Tree, path: InstalledPath) -> tuple[int, str]:
    above, _, name = path.rpartition("/")
    return tree.open_settings(InstalledPath(above or "/")), name


def _opened(tree: Tree, path: InstalledPath) -> int:
    """Open a file that only root can change; the caller closes it. Raises Refused, OSError."""
    directory, name = _directory(tree, path)
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    found = os.fstat(descriptor)
    reason: tuple[Reason, str] | None = (Reason.NOT_A_REGULAR_FILE, "name the program itself")
    if stat.S_ISREG(found.st_mode):
        reason = distrust_directory(found, tree.readable(), descriptor)
    if reason is not None:
        os.close(descriptor)
        raise Refused(path, *reason)
    return descriptor


def _same(tree: Tree, program: InstalledPath, packaged: Iterable[Interpreter]) -> Interpreter | None:
    """Return the packaged interpreter that a program is."""
    directory, name = _directory(tree, program)
    wanted = os.stat(name, dir_fd=directory, follow_symlinks=False)
    for one in packaged:
        directory, name = _directory(tree, one.path)
        try:
            found = os.stat(name, dir_fd=directory)
        except OSError:  # it is going just now
            continue
        if os.path.samestat(wanted, found):
            return one
    return None


def _check(tree: Tree, path: InstalledPath, program: InstalledPath) -> list[InstalledPath]:
    """Look at all that an interpreter loads, and return its standard libraries. Raises Refused, OSError."""
    _check_shared_libraries(tree, program)
    homes = [InstalledPath(program.rpartition("/")[0])]
    home = _home(tree, path)
    if home is not None:
        homes.append(home)
    libraries = list(dict.fromkeys(one for start in homes for one in _libraries(tree, start)))
    if not libraries:
        raise Refused(
            path, Reason.UNSUPPORTED_INTERPRETER, "no standard library lies beside it, as in X/lib/python3.13"
        )
    for library in libraries:
        _check_tree(tree, library)
    return libraries


def _home(tree: Tree, path: InstalledPath) -> InstalledPath | None:
    """Return the directory of the interpreter that a virtual environment is of (site(3), PEP 405); None without one."""
    directory = path.rpartition("/")[0]
    for place in (directory, directory.rpartition("/")[0]):
        try:
            text = read_settings(tree, InstalledPath(place or "/"), VENV).decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            continue
        home = value_in(text, "home")
        if home is None:
            continue
        if not home.startswith("/"):
            raise Refused(
                InstalledPath(f"{place}/{VENV}"), Reason.BAD_SETTING, f"home = {home}: write an absolute path"
            )
        tree.open_settings(InstalledPath(home))
        return InstalledPath(home)
    return None


def value_in(text: str, wanted: str) -> str | None:
    """Return the value of a key in a pyvenv.cfg; None where it has no such line."""
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip().lower() == wanted:
            return value.strip()
    return None


def _libraries(tree: Tree, start: InstalledPath) -> list[InstalledPath]:
    """Return the standard libraries beside a directory: those of the nearest one above it that has any."""
    above = start
    while above:
        above = InstalledPath(above.rpartition("/")[0])
        found = [one for name in _LIBRARIES for one in _libraries_in(tree, InstalledPath(f"{above}/{name}"))]
        if found:
            return found
    return []


def _libraries_in(tree: Tree, directory: InstalledPath) -> list[InstalledPath]:
    try:
        names = os.listdir(tree.open_settings(directory))
    except FileNotFoundError:
        return []
    paths = [InstalledPath(f"{directory}/{name}") for name in sorted(filter(is_library_name, names))]
    return [path for path in paths if tree.exists(InstalledPath(f"{path}/os.py"))]


def _check_tree(tree: Tree, top: InstalledPath) -> None:
    """Refuse a directory with anything below it that others can change, but for modules that -S doesn't look for."""
    todo = [top]
    seen: set[tuple[int, int]] = set()
    while todo:
        directory = todo.pop()
        descriptor = tree.open_settings(directory)
        found = os.fstat(descriptor)
        if (found.st_dev, found.st_ino) in seen:
            continue
        seen.add((found.st_dev, found.st_ino))
        for name in os.listdir(descriptor):
            path = InstalledPath(f"{directory}/{name}")
            entry = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if stat.S_ISDIR(entry.st_mode):
                if name not in PACKAGES:
                    todo.append(path)
            elif stat.S_ISLNK(entry.st_mode):
                _check_place(tree, path)
            elif entry.st_mode & 0o020 and stat.S_ISREG(entry.st_mode):
                os.close(_opened(tree, path))  # an ACL decides
            elif reason := distrust_sources(Access(entry.st_mode, entry.st_uid, entry.st_gid), tree.readable()):
                raise Refused(path, *reason)


def _check_place(tree: Tree, path: InstalledPath) -> None:
    """Refuse a path where others can put something, be there anything now or not. Raises Refused, OSError."""
    if not path.startswith("/"):
        raise Refused(path, Reason.UNSUPPORTED_INTERPRETER, "it is searched for in the working directory")
    while path:
        try:
            tree.open_settings(path)
        except FileNotFoundError:
            path = InstalledPath(path.rpartition("/")[0])
        except Refused as refusal:
            if refusal.reason is not Reason.NOT_A_DIRECTORY:
                raise
            _followed(tree, path)
            return
        else:
            return


def _check_shared_libraries(tree: Tree, program: InstalledPath) -> None:
    """Refuse a program whose loader looks for a library where others can put one. Raises Refused, OSError."""
    descriptor = _opened(tree, program)
    try:
        loader = loader_in(descriptor)
    except NotElf as error:
        raise Refused(program, Reason.UNSUPPORTED_INTERPRETER, f"{error}: name the program that it starts") from None
    finally:
        os.close(descriptor)
    if loader is None:  # a static one
        return
    _followed(tree, InstalledPath(loader))
    question = ("/usr/bin/env", "LD_DEBUG=libs", loader, "--list", program)
    said_of_it = Confinement(tree).ask(question, _LISTING_PATIENCE) or ""
    places = _places_in(said_of_it)
    if not places:
        raise Refused(program, Reason.BROKEN_INTERPRETER, f"{loader} --list doesn't say which libraries it loads")
    for place in places:
        _check_place(tree, InstalledPath(place))


def _places_in(text: str) -> list[str]:
    """Return where a loader looks for libraries and finds them, each once (ld.so(8)); nothing if it doesn't say."""
    found: dict[str, None] = {}
    searched = False
    for line in text.splitlines():
        if _SEARCHES in line:
            searched = True
        elif _LOOKS in line:
            found[line.partition(_LOOKS)[2]] = None
        elif _ARROW in line:
            place = line.partition(_ARROW)[2].partition(" (")[0]
            if not searched or not place.startswith("/"):
                return []
            found[place] = None
        elif line.lstrip().startswith("/"):
            found[line.strip().partition(" (")[0]] = None
    return list(found)


def _asked(
    tree: Tree, path: InstalledPath, program: InstalledPath, libraries: list[InstalledPath], *, remember: bool
) -> Interpreter | Outcome:
    """Ask an interpreter what it is, and look once more at where it says that it searches. Raises Refused, OSError."""
    late = set(read_trusted(tree, CACHE, _CACHE_FILE).decode("utf-8", "surrogateescape").splitlines())
    identity = _identity(tree, program)
    answer = None if identity in late else Confinement(tree).ask(isolated(path, _QUESTION), PATIENCE)
    if answer is None:
        if remember and identity not in late:
            _remember(tree, sorted({*late, identity}))
        detail = f"{LATE}: make it answer, then remove {CACHE}/{_CACHE_FILE}"
        return Outcome(Status.ERROR, Reason.BROKEN_INTERPRETER, path, None, path, detail=detail)
    found, (prefix, *places) = _understood(path, answer, inside=True)
    if found is None:
        detail = "it doesn't say what it is: name the program of an interpreter that every user can run"
        return Outcome(Status.ERROR, Reason.BROKEN_INTERPRETER, path, None, path, detail=detail)
    for place in (prefix, *places):
        _check_place(tree, InstalledPath(place))
    if not set(libraries).intersection(map(os.path.normpath, places)):
        raise Refused(path, Reason.UNSUPPORTED_INTERPRETER, "it doesn't search the standard library that is beside it")
    return found


def describe_without_rights(path: InstalledPath) -> Interpreter | None:
    """Ask an interpreter of this machine that a build names what it is, and not as root; None if it doesn't run.

    Nothing is asked of who could change it: a build root is the builder's. Raises EnvironmentFault.
    """
    tree = Tree("/")
    try:
        answer = Confinement(tree).ask(isolated(path, _QUESTION), PATIENCE)
    finally:
        tree.close()
    return _understood(path, answer or "", inside=False)[0]


def _understood(path: InstalledPath, answer: str, *, inside: bool) -> tuple[Interpreter | None, list[str]]:
    """Return what an answer describes, and the places where that one searches, its prefix first."""
    lines = answer.splitlines()
    try:
        head, places = lines[-2].split(), os.fsdecode(bytes.fromhex(lines[-1])).split("\0")
        head[5] = head[5][:8] + blake2b(f"{head[5]}\0{path}".encode(), digest_size=4).hexdigest()
    except (IndexError, ValueError):
        return None, [""]
    return interpreter_of(path, " ".join(head), inside=inside), places


def _identity(tree: Tree, path: InstalledPath) -> str:
    directory, name = _directory(tree, path)
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    return f"{path}:{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def _remember(tree: Tree, lines: list[str]) -> None:
    try:
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
        write_state(tree.open_settings(CACHE), _CACHE_FILE, data, CACHE, mode=0o644)
    except (OSError, Refused):  # no such directory, not root, read-only: it is asked again next time
        return
