# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The administrator's say, in /etc/pkgtools/bytecode.conf: a key, an equals sign and a value a line.

compile = yes               # no: package managers compile nothing on this system
levels = 0                  # 0, 1 and 2, with commas between
invalidation-mode = timestamp
store-size = 0              # bytes of bytecode kept for reinstallations
interpreters = python3.15   # beside those that the distribution supports; with commas between
exclude = /opt/acme/skel    # files and directories whose modules are not compiled; with commas between

Debian has a file of its own, whose one setting holds where `levels` is not set: /etc/python3/debian_config.
"""

from __future__ import annotations

from pkgtools.runtime.errors import Refused, UsageError
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Outcome, Reason, Status
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.pythons import is_interpreter_name
from pkgtools.runtime.system.trust import read_settings

from .sources import absolute, problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.system.trust import Tree

DIRECTORY = InstalledPath("/etc/pkgtools")
_NAME = "bytecode.conf"
FILE = InstalledPath(f"{DIRECTORY}/{_NAME}")
SETTINGS = ("compile", "levels", "invalidation-mode", "exclude", "interpreters", "store-size")
"""The keys of the file."""
DEBIAN_FILE = InstalledPath("/etc/python3/debian_config")
_DEBIAN_LEVELS = {"standard": 0, "optimize": 1}
_LONGEST_SIZE = 18
"""Digits of a size: what every file system can hold."""
_SWITCH = {"yes": True, "no": False}


class AdminPolicy(NamedTuple):
    """What holds where the command line says nothing else."""

    compile: bool = True
    """Package managers may compile; whoever names paths by hand may in any case."""
    levels: tuple[int, ...] = (0,)
    """Optimization levels to compile for, ascending."""
    mode: InvalidationMode = InvalidationMode.TIMESTAMP
    """The invalidation mode of new pycs."""
    interpreters: tuple[str, ...] = ()
    """Names of interpreters that shared directories are compiled for, beside those that the distribution supports."""
    store_size: int = 0
    """Bytes that the store of bytecode may keep between batches; the oldest entries go first."""
    excluded: tuple[InstalledPath, ...] = ()
    """Files, and directories with all below them, whose modules are not compiled."""
    problems: tuple[Outcome, ...] = ()
    """The file that can't be read, or lines that say nothing; what they would set stays as it is without them."""


def read_admin_policy(tree: Tree) -> AdminPolicy:
    """Read the file; where there is none, everything is as by default.

    So it is where the file can't be read, or others can write it; that problem isn't a skip, as a bad line is.
    """
    texts = []
    problems = []
    for path in (FILE, DEBIAN_FILE):
        directory, _, name = path.rpartition("/")
        try:
            texts.append(read_settings(tree, InstalledPath(directory), name).decode("utf-8", "surrogateescape"))
        except FileNotFoundError:
            texts.append("")
        except (Refused, OSError) as error:
            texts.append("")
            problems.append(problem(path, error))
    policy = parse_admin_policy(*texts)
    return policy._replace(problems=(*problems, *policy.problems)) if problems else policy


def parse_admin_policy(text: str, debian: str = "") -> AdminPolicy:
    """Read the texts of the file and of Debian's; a line that says nothing is a problem in the answer."""
    policy = AdminPolicy(levels=_debian_levels(debian) or (0,))
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        setting = line.partition("#")[0].strip()
        if not setting:
            continue
        try:
            policy = _with_setting(policy, setting)
        except UsageError as error:
            problems.append(_problem(f"line {number}: {error}"))
    return policy._replace(problems=tuple(problems))


def _with_setting(policy: AdminPolicy, setting: str) -> AdminPolicy:
    key, equals, value = (part.strip() for part in setting.partition("="))
    if key == "compile" and value in _SWITCH:
        return policy._replace(compile=_SWITCH[value])
    if key == "levels":
        return policy._replace(levels=parse_levels(value))
    if key == "invalidation-mode":
        return policy._replace(mode=parse_mode(value))
    if key == "interpreters" and equals:
        return policy._replace(interpreters=_parse_interpreters(value))
    if key == "store-size" and equals:
        return policy._replace(store_size=_parse_size(value))
    if key == "exclude" and equals:
        return policy._replace(excluded=(*policy.excluded, *_parse_excluded(value)))
    if key == "compile" and equals:
        raise UsageError(f"compile = {value!r}: write yes or no")
    raise UsageError(f"{key!r} is not a setting: expected one of {', '.join(SETTINGS)}")


def _debian_levels(text: str) -> tuple[int, ...]:
    """Return the levels that `byte-compile = standard, optimize` names; none where it names none."""
    levels: set[int] = set()
    for line in text.splitlines():
        key, _, value = line.partition("#")[0].partition("=")
        if key.strip() == "byte-compile":
            levels = {_DEBIAN_LEVELS[word] for word in map(str.strip, value.split(",")) if word in _DEBIAN_LEVELS}
    return tuple(sorted(levels))


def _parse_excluded(text: str) -> tuple[InstalledPath, ...]:
    paths = tuple(path.strip() for path in text.split(",") if path.strip())
    for path in paths:
        if not path.startswith("/") or absolute(path) == "/":
            raise UsageError(f"invalid path {path!r} to exclude (expected a file or directory, as /opt/acme/skel)")
    return tuple(map(absolute, paths))


def _parse_size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_SIZE):
        raise UsageError(f"invalid store-size {text!r} (expected a number of bytes, as 100000000)")
    return int(text)


def _parse_interpreters(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if not is_interpreter_name(name):
            raise UsageError(f"invalid interpreter {name!r} (expected a name in /usr/bin, as python3.15)")
    return names


def parse_levels(text: str) -> tuple[int, ...]:
    """Read optimization levels. Raises UsageError."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part in {"0", "1", "2"} for part in parts):
        raise UsageError(f"{text!r}: write 0, 1 and 2 with commas between, as 0,1")
    return tuple(sorted({int(part) for part in parts}))


def parse_mode(text: str) -> InvalidationMode:
    """Read an invalidation mode. Raises UsageError."""
    try:
        return InvalidationMode(text)
    except ValueError:
        names = ", ".join(mode.value for mode in InvalidationMode)
        raise UsageError(f"{text!r}: expected one of {names}") from None


def _problem(detail: str) -> Outcome:
    return Outcome(Status.SKIPPED, Reason.BAD_SETTING, FILE, detail=detail)
