# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The administrator's say, in /etc/pkgtools/bytecode.conf: a key, an equals sign and a value a line.

compile = yes               # no: package managers compile nothing on this system
levels = 0                  # 0, 1 and 2, with commas between
invalidation-mode = timestamp
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .errors import Refused, UsageError
from .facts import InstalledPath, InvalidationMode, Outcome, Reason, Status
from .filelist import problem
from .trust import read_settings

if TYPE_CHECKING:
    from .trust import Tree

DIRECTORY = InstalledPath("/etc/pkgtools")
_NAME = "bytecode.conf"
_FILE = InstalledPath(f"{DIRECTORY}/{_NAME}")
_SWITCH = {"yes": True, "no": False}


class AdminPolicy(NamedTuple):
    """What holds where the command line says nothing else."""

    compile: bool = True
    """Package managers may compile; whoever names paths by hand may in any case."""
    levels: tuple[int, ...] = (0,)
    mode: InvalidationMode = InvalidationMode.TIMESTAMP
    problems: tuple[Outcome, ...] = ()
    """The file that can't be read, or lines that say nothing; what they would set stays as it is without them."""


def read_admin_policy(tree: Tree) -> AdminPolicy:
    """Read the file; where there is none, or none that root alone can write, everything is as by default."""
    try:
        text = read_settings(tree, DIRECTORY, _NAME).decode("utf-8", "replace")
    except FileNotFoundError:
        return AdminPolicy()
    except (Refused, OSError) as error:
        return AdminPolicy(problems=(problem(_FILE, error),))
    policy = AdminPolicy()
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
    if key == "compile" and equals:
        raise UsageError(f"compile = {value!r}: write yes or no")
    raise UsageError(f"{key!r} is none of compile, levels, invalidation-mode")


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
        raise UsageError(f"{text!r} is none of {names}") from None


def _problem(detail: str) -> Outcome:
    return Outcome(Status.SKIPPED, Reason.BAD_SETTING, _FILE, detail=detail)
