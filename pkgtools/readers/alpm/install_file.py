# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: .INSTALL, the functions of bash that pacman calls for a package (PKGBUILD(5), install), each as a script.

The script of a function has its lines where they stand in the file, and those of the file's other functions that it
names. What is outside of all functions runs before each of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pkgtools.model.package_scripts import Script, ScriptKind

INSTALL = ".INSTALL"
"""The file's name in the archive."""
FUNCTION_KINDS = {
    "pre_install": ScriptKind.PRE_INSTALL,
    "post_install": ScriptKind.POST_INSTALL,
    "pre_upgrade": ScriptKind.PRE_INSTALL,
    "post_upgrade": ScriptKind.POST_INSTALL,
    "pre_remove": ScriptKind.PRE_REMOVE,
    "post_remove": ScriptKind.POST_REMOVE,
}
"""The functions that pacman calls."""
_SHELL = ("/bin/bash",)
_BEGIN = re.compile(r"(?:function[ \t]+([\w.:+-]+)[ \t]*(?:\(\s*\))?|([\w.:+-]+)[ \t]*\(\s*\))[ \t]*([({]?)")
_ENDS = {"{": "}", "(": ")", "": "})"}
_WORD = re.compile(r"[\w.:+-]+")
_MOST_FUNCTIONS = 200
"""Beyond these functions belong to the file as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Function:
    name: str
    first: int
    """Its first line, from 0."""
    behind: int
    """The line behind its last one."""


def read_install_file(content: bytes) -> tuple[Script, ...]:
    """Return the functions that pacman calls as scripts, and one more for what stands outside of all functions."""
    text = content.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    functions = _functions(lines)
    by_name = {one.name: one for one in functions}
    scripts = []
    told: set[str] = set()
    for name, kind in FUNCTION_KINDS.items():
        if name in by_name:
            used = _used(name, by_name, lines)
            told |= used
            kept = [one for one in functions if one.name in used]
            scripts.append(_script(name, kind, _only(lines, kept)))
    rest = _but(lines, [one for one in functions if one.name in told])
    if any(line.strip() and not line.lstrip().startswith("#") for line in rest):
        scripts.append(_script(INSTALL, ScriptKind.OTHER, rest))
    return tuple(scripts)


def _functions(lines: list[str]) -> list[_Function]:
    """Find the functions that begin and end at a line's start, as makepkg's prototype has them, or on one line."""
    found: list[_Function] = []
    number = 0
    while number < len(lines) and len(found) < _MOST_FUNCTIONS:
        begun = _BEGIN.match(lines[number])
        if begun is None:
            number += 1
            continue
        behind = _end(lines, number, _ENDS[begun[3]], is_on_line=bool(begun[3]))
        found.append(_Function(name=begun[1] or begun[2], first=number, behind=behind))
        number = behind
    return found


def _end(lines: list[str], first: int, closing: str, *, is_on_line: bool) -> int:
    """Return the line behind a function's last one; the next function ends one that nothing else does."""
    if is_on_line and lines[first].rstrip().endswith(tuple(closing)):
        return first + 1
    for number in range(first + 1, len(lines)):
        if lines[number].startswith(tuple(closing)):
            return number + 1
        if _BEGIN.match(lines[number]):
            return number
    return len(lines)


def _used(name: str, by_name: dict[str, _Function], lines: list[str]) -> set[str]:
    """Return a function, and those that it names, but for the others that pacman calls by itself."""
    found: set[str] = set()
    left = [name]
    while left:
        one = by_name[left.pop()]
        if one.name in found:
            continue
        found.add(one.name)
        words = {word for line in lines[one.first + 1 : one.behind] for word in _WORD.findall(line)}
        left += [word for word in words & by_name.keys() if word not in FUNCTION_KINDS]
    return found


def _only(lines: list[str], kept: list[_Function]) -> list[str]:
    """Return the lines with those of other places blank."""
    numbers = {number for one in kept for number in range(one.first, one.behind)}
    return [line if number in numbers else "" for number, line in enumerate(lines)]


def _but(lines: list[str], left_out: list[_Function]) -> list[str]:
    numbers = {number for one in left_out for number in range(one.first, one.behind)}
    return ["" if number in numbers else line for number, line in enumerate(lines)]


def _script(name: str, kind: ScriptKind, lines: list[str]) -> Script:
    return Script(name=name, kind=kind, interpreter=_SHELL, text="\n".join(lines).rstrip("\n") + "\n")
