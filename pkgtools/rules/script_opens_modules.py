# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""script-opens-modules: a script lets everybody write to modules or to their directories."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import zip_longest
from posixpath import basename, dirname
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.shell.compilers import directories_above, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.commands import Command


_PAGE = Page(
    what="A maintainer script or scriptlet gives everybody the right to write to modules, or to a directory of them.",
    why=(
        "Who can write to a module decides what runs when root imports it: in a service, in cron, in the next "
        "maintainer script. Who can write to a directory replaces the modules in it. The package ships them with right "
        "modes, and no tool that looks at the package sees what the script does. pkgtools-compile refuses such "
        "directories: nothing in them is compiled."
    ),
    example="# postinst\nchmod -R 777 /usr/share/acme",
    fix=(
        "Leave modules and their directories as they are shipped, 0644 and 0755. What users or a service write belongs "
        "to a directory of its own below /var/lib or /var/cache, which belongs to the account that writes there."
    ),
    references=("Debian Policy 10.9", "chmod(1)", "pkgtools-compile(1)"),
)
_OCTAL = re.compile("[0-7]{1,5}")
_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXstugo]*)+)")
_ACTION = re.compile(r"([-+=])([rwxXstugo]*)")
_RECURSIVE = re.compile(r"-[A-Za-z]*R[A-Za-z]*|--recursive")
_OTHERS_WRITE = 0o002
_GLOB = re.compile(r"[*?\[]")


class _Order(NamedTuple):
    """What a chmod is told."""

    mode: str
    places: tuple[str, ...]
    is_recursive: bool


@rule(title="script lets others write modules", severity=Severity.DANGER, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each chmod by which others than the owner and the group get the right to write to modules."""
    modules = _Modules(subject)
    for command, following in zip_longest(subject.commands, subject.commands[1:]):
        order = _order_of(command, following)
        if order is None or not opens(order.mode):
            continue
        for place in order.places:
            if what := modules.below(place.rstrip("/"), is_recursive=order.is_recursive):
                text = f"mode {order.mode} lets everybody write to {what}"
                yield Hit(text=text, script=command.script, line=command.line)
                break


def opens(mode: str) -> bool:
    """Whether chmod's mode, octal or symbolic, gives others the right to write.

    >>> [opens(mode) for mode in ("777", "0775", "u+w,o=rw", "go-w", "+w", "a+rX")]
    [True, False, True, False, False, False]
    """
    if _OCTAL.fullmatch(mode):
        return int(mode, 8) & _OTHERS_WRITE != 0
    is_open = False
    for clause in mode.split(","):
        found = _CLAUSE.fullmatch(clause)
        if found and not {"o", "a"}.isdisjoint(found[1]):  # without a class the umask leaves others out
            for sign, rights in _ACTION.findall(found[2]):
                if "w" in rights or sign == "=":
                    is_open = sign != "-" and "w" in rights
    return is_open


def _order_of(command: Command, following: Command | None) -> _Order | None:
    """Return what a chmod is told, one that a find runs or feeds too."""
    words = unwrapped(command.words)
    if basename(words[0]) == "chmod":
        return _told(words[1:])
    if basename(words[0]) != "find" or len(words) < 2:
        return None
    if following is not None and following.reads_pipe and following.program == "xargs":
        words = (*words, *following.words)
    at = next((at for at, word in enumerate(words) if basename(word) == "chmod"), None)
    told = _told(words[at + 1 :]) if at is not None else None
    return told and _Order(told.mode, (words[1],), is_recursive=True)


def _told(words: tuple[str, ...]) -> _Order | None:
    rest = [word for word in words if not re.fullmatch(r"-[cfvR]+|--[a-z-]+(?:=.*)?", word)]
    if not rest:
        return None
    return _Order(rest[0], tuple(rest[1:]), any(map(_RECURSIVE.fullmatch, words)))


class _Modules:
    """The modules of a package and the directories above them, to be asked for what commands name."""

    def __init__(self, subject: Subject) -> None:
        paths = {str(file.path) for file in subject.modules}
        self._modules = frozenset(paths)
        self._directories = frozenset(directories_above(paths))
        self._names: dict[str, list[str]] = {}
        for path in (*sorted(self._modules), *sorted(self._directories)):
            self._names.setdefault(dirname(path), []).append(basename(path))

    def below(self, place: str, *, is_recursive: bool) -> str:
        """Say which module or directory of modules a word of a command stands for; empty if for none."""
        directory, _, name = place.rpartition("/")
        if _GLOB.search(name) and not _GLOB.search(directory):
            found = [one for one in self._names.get(directory, ()) if fnmatchcase(one, name)]
            place = f"{directory}/{found[0]}" if found else ""
        if place in self._modules:
            return f"the module {place}"
        if place in self._directories:
            return f"the modules below {place}" if is_recursive else f"{place}, in which modules are"
        return ""
