# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the simple commands of a maintainer script or scriptlet, as far as reading says; nothing is expanded.

Scripts of packages are small and plain. What counts is where a command stands: whether `set -e` holds there, whether
its failure is tolerated, which helper wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate
from posixpath import basename
from typing import TYPE_CHECKING

from .words import Token, TokenKind, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.package_scripts import Script

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"})
_LEADING = frozenset({"then", "else", "do", "!", "exec", "function", "time"})
_CONDITIONS = frozenset({"if", "elif", "while", "until"})
_ENDS = {"fi": "if", "done": "do", "esac": "case", "}": "{", ")": "("}
_FAILURE_IGNORED = frozenset({"&&", "||", "|", "|&", "&"})
_ARGUMENTS = frozenset({"$@", "${@}", "$*"})
_RUNNERS = frozenset({"command", "env", "eval", "ionice", "nice", "setsid", "sudo", "timeout"})
_GIVE_UP = frozenset({"exit", "return", "false"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=.*", re.DOTALL)
_FUNCTION = re.compile(r"[\w.:+-]+")
_ADDED_BY = re.compile(r"# Automatically added by (\S+)")
_ADDED_END = "# End automatically added section"
_ERREXIT = re.compile(r"([-+])(?!o)\w*e\w*")
_LONGEST = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One simple command."""

    script: str
    """The script's name, as `postinst` or `%post`."""
    line: int
    """Where it begins, counted from 1."""
    words: tuple[str, ...]
    """Quotes are gone, variables still there. Assignments, keywords and functions that run their arguments are left out
    in front; calls of other functions aren't commands, for what is in the function is.
    """
    assignments: tuple[str, ...] = ()
    """`NAME=value` in front of it."""
    redirections: tuple[str, ...] = ()
    """Operator and target, as `>/dev/null` or `>&2`."""
    document: str = ""
    """The here document that it reads."""
    reads_pipe: bool = False
    """It stands behind `|`, or is the first command of a group that does."""
    in_subshell: bool = False
    """What it changes of the shell, such as the umask, is gone after it."""
    is_tolerated: bool = False
    """Its failure doesn't end the script: `|| true` and the like follow it or its group, or it is a condition."""
    exits_on_error: bool = False
    """`set -e` or `sh -e` holds where it stands."""
    helper: str = ""
    """The debhelper command that added it, as `dh_python3`; empty if it isn't marked so."""

    @property
    def program(self) -> str:
        """The program's own name, without its directory."""
        return basename(self.words[0]) if self.words else ""

    @property
    def text(self) -> str:
        """The words with blanks between them, on one line."""
        return " ".join(" ".join(self.words).split())


def read_commands(script: Script) -> Iterator[Command]:
    """Yield the commands of a script that a shell runs, in their order; nothing for other interpreters.

    Those of a command substitution come before the command that it is in.
    """
    arguments = _shell_arguments(script.interpreter)
    if arguments is None:
        return
    text = script.text[:_LONGEST]
    drafts, tolerated = _Grouping().read(scan(text))
    helpers = _helpers(text)
    exits = any(_ERREXIT.fullmatch(word) for word in arguments)
    for draft, is_tolerated in zip(drafts, tolerated, strict=True):
        words = tuple(draft.words)
        if words[0] == "set":
            exits = _sets_errexit(words[1:], before=exits)
        yield Command(
            script=script.name,
            line=draft.line,
            words=words,
            assignments=tuple(draft.assignments),
            redirections=tuple(draft.redirections),
            document=draft.document,
            reads_pipe=draft.reads_pipe,
            in_subshell=draft.in_subshell,
            is_tolerated=is_tolerated,
            exits_on_error=exits,
            helper=helpers.get(draft.line, ""),
        )


def _shell_arguments(interpreter: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the arguments of the shell that runs a script, None if it isn't a shell."""
    if interpreter and basename(interpreter[0]) == "env":
        interpreter = interpreter[1:]
    if not interpreter or basename(interpreter[0]) not in SHELLS:
        return None
    return interpreter[1:]


def _sets_errexit(words: tuple[str, ...], *, before: bool) -> bool:
    for at, word in enumerate(words):
        if found := _ERREXIT.fullmatch(word):
            before = found[1] == "-"
        elif word in {"-o", "+o"} and words[at + 1 : at + 2] == ("errexit",):
            before = word == "-o"
    return before


@dataclass(slots=True)
class _Draft:
    """A command that is being read, or what stands in its place: the end of a group."""

    words: list[str] = field(default_factory=list)
    line: int = 0
    assignments: list[str] = field(default_factory=list)
    redirections: list[str] = field(default_factory=list)
    document: str = ""
    reads_pipe: bool = False
    in_subshell: bool = False
    is_negated: bool = False
    is_definition: bool = False
    """`function` came before: a name follows."""
    is_call: bool = False
    """Of a function that doesn't run its arguments."""
    operator: str = ""
    """What ended it."""
    group: int | None = None
    """The first command of the group that ended here."""
    redirect: str = ""
    """An operator whose target is yet to come."""


@dataclass(slots=True)
class _Group:
    """A compound command, or a command substitution, that isn't closed yet."""

    kind: str
    first: int
    """Its first command."""
    condition: int | None = None
    """The first command of a condition that `then` or `do` ends."""
    is_pattern: bool = False
    """What comes next is a pattern of `case`."""
    outer: _Draft | None = None
    """The command that a substitution stands in."""


class _Grouping:
    """Tokens put together to commands."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._now = _Draft()
        self._groups = [_Group("", 0)]
        self._functions: set[str] = set()
        self._runners: set[str] = set()
        """Functions that run what they are given."""
        self._function = ""
        """The one defined last."""
        self._in_definition = False
        self._subshells = 0
        self._tolerated: list[tuple[int, int]] = []
        """Ranges of commands whose failure ends nothing."""

    def read(self, tokens: list[Token]) -> tuple[list[_Draft], list[bool]]:
        """Return the commands, and for each whether its failure is tolerated."""
        for token in tokens:
            match token.kind:
                case TokenKind.WORD:
                    self._word(token)
                case TokenKind.REDIRECT:
                    self._now.redirect = token.text
                case TokenKind.DOCUMENT:
                    self._now.document += token.text
                case TokenKind.OPEN:
                    self._subshells += 1
                    self._groups.append(_Group("$(", len(self._drafts), outer=self._now))
                    self._now = _Draft()
                case TokenKind.CLOSE:
                    self._close_substitution()
                case TokenKind.OPERATOR:
                    self._operator(token.text)
        self._finish("")
        return self._drafts, self._sweep()

    def _word(self, token: Token) -> None:
        now, group, word = self._now, self._groups[-1], token.text
        if now.redirect:
            now.redirections.append(now.redirect + word)
            now.redirect = ""
        elif group.is_pattern:
            if word == "esac":
                self._close("case")
        elif now.words:
            now.words.append(word)
            if word == "in" and now.words[0] == "case":
                now.words = []
                self._groups.append(_Group("case", len(self._drafts), is_pattern=True))
        elif not (now.is_call or self._is_keyword(word)):
            self._first_word(token)

    def _first_word(self, token: Token) -> None:
        """Take in the first word of a command, or what stands in front of it."""
        now, word = self._now, token.text
        if now.is_definition:
            self._begin_function(word)
        elif _ASSIGNMENT.fullmatch(word):
            now.assignments.append(word)
        elif word in self._functions:
            now.is_call = word not in self._runners
        elif now.group is None:
            now.words, now.line = [word], token.line

    def _begin_function(self, name: str) -> None:
        self._function = name
        self._functions.add(name)
        self._now = _Draft()

    def _is_keyword(self, word: str) -> bool:
        """Take in a word that only leads to a command; False if it is none."""
        group, count = self._groups[-1], len(self._drafts)
        if word in _CONDITIONS:
            if word == "elif":
                group.condition = count
            else:
                self._groups.append(_Group("if" if word == "if" else "do", count, condition=count))
        elif word in _ENDS:
            self._close(_ENDS[word])
        elif word == "{":
            self._groups.append(_Group("{", count))
        elif word not in _LEADING:
            return False
        elif word in {"!", "function"}:
            self._now.is_negated = self._now.is_negated or word == "!"
            self._now.is_definition = word == "function"
        elif word in {"then", "do"}:
            if group.kind in {"if", "do"} and group.condition is not None:
                self._tolerated.append((group.condition, count))
                group.condition = None
            elif word == "do":
                self._groups.append(_Group("do", count))
        return True

    def _operator(self, operator: str) -> None:
        group = self._groups[-1]
        if operator == ")" and self._in_definition:
            self._in_definition = False
        elif group.is_pattern:
            group.is_pattern = operator != ")"
        elif operator == "(" and len(self._now.words) == 1 and _FUNCTION.fullmatch(self._now.words[0]):
            self._begin_function(self._now.words[0])
            self._in_definition = True
        elif operator == "(":
            self._finish("(")
            self._subshells += 1
            self._groups.append(_Group("(", len(self._drafts)))
        elif operator == ")":
            self._finish(")")
            self._close("(")
        else:
            self._finish(operator)
            group.is_pattern = (group.kind == "case" and operator.startswith(";;")) or operator == ";&"

    def _finish(self, operator: str) -> None:
        """End the command that is being read."""
        now = self._now
        # a pipe goes on to the next line, and into the group that stands behind it
        waits = not now.words and now.group is None and now.reads_pipe
        self._now = _Draft(reads_pipe=operator in {"|", "|&"} or waits)
        now.operator = operator
        if now.words:
            now.in_subshell = self._subshells > 0
            if _runs_arguments(now.words):
                self._runners.add(self._function)
            self._drafts.append(now)
        if operator in _FAILURE_IGNORED or now.is_negated:
            first = now.group if now.group is not None else len(self._drafts) - bool(now.words)
            self._tolerated.append((first, len(self._drafts)))

    def _close(self, kind: str) -> None:
        """End a group; one that isn't open isn't this script's."""
        if self._groups[-1].kind == kind:
            self._finish("")
            self._subshells -= kind == "("
            self._now.group = self._groups.pop().first

    def _close_substitution(self) -> None:
        self._finish("")
        while (group := self._groups.pop()).kind != "$(":
            self._subshells -= group.kind == "("
        self._subshells -= 1
        self._tolerated.append((group.first, len(self._drafts)))
        self._now = group.outer or _Draft()

    def _sweep(self) -> list[bool]:
        """Say of each command whether one of the ranges holds it; `|| exit 1` tolerates nothing."""
        steps = [0] * (len(self._drafts) + 1)
        for first, behind in self._tolerated:
            steps[first] += 1
            steps[behind] -= 1
        found = [depth > 0 for depth in accumulate(steps)][:-1]
        for at, (draft, following) in enumerate(zip(self._drafts, self._drafts[1:], strict=False)):
            if draft.operator == "||" and following.words[0] in _GIVE_UP and following.words[1:] != ["0"]:
                found[at] = False
        return found


def _runs_arguments(words: list[str]) -> bool:
    """Whether a command of a function is what the function is given, or begins with it: `"$program" "$@"`."""
    first = words[0]
    return first == "$1" or (not _ARGUMENTS.isdisjoint(words) and (first.startswith("$") or first in _RUNNERS))


def _helpers(text: str) -> dict[int, str]:
    """Return the lines that a debhelper command added, and the command."""
    found: dict[int, str] = {}
    helper = ""
    if _ADDED_END not in text:
        return found
    for number, line in enumerate(text.split("\n"), 1):
        if begun := _ADDED_BY.match(line):
            helper = begun[1].partition("/")[0]
        elif line.startswith(_ADDED_END):
            helper = ""
        if helper:
            found[number] = helper
    return found
