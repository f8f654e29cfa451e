# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is read out of shell scripts: commands, and what holds where they stand."""

from __future__ import annotations

import random
from typing import Any, SupportsIndex

import pytest

from pkgtools.model.package_scripts import Script, ScriptKind
from pkgtools.shell.commands import Command, read_commands
from pkgtools.shell.compilers import unwrapped
from tests.lab.work import CountedText, calls

LENGTH = 1 << 16


def read(text: str, *interpreter: str) -> list[Command]:
    kind = ScriptKind.POST_INSTALL
    return list(read_commands(Script(name="postinst", kind=kind, interpreter=interpreter or ("/bin/sh",), text=text)))


def words(text: str) -> list[tuple[str, ...]]:
    return [command.words for command in read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a b  c\n", [("a", "b", "c")], id="words"),
        pytest.param("a; b && c || d | e & f", [(one,) for one in "abcdef"], id="operators"),
        pytest.param("a # b\n# c\nd#e", [("a",), ("d#e",)], id="comments"),
        pytest.param('a \'b c\' "d $e" f\\ g "\\$h"', [("a", "b c", "d $e", "f g", "$h")], id="quotes"),
        pytest.param("a '' b", [("a", "", "b")], id="an-empty-word"),
        pytest.param("a \\\n  b\\\nc", [("a", "bc")], id="continued-lines"),
        pytest.param("a=b c='d e' f", [("f",)], id="assignments"),
        pytest.param("a 2>/dev/null >&2 <x b", [("a", "b")], id="redirections"),
        pytest.param("a <<E; b\nit's c\nE\nd", [("a",), ("b",), ("d",)], id="here-document"),
        pytest.param("a <<-'E'\n\tb\n\tE\nc", [("a",), ("c",)], id="indented-here-document"),
        pytest.param("if a; then b; elif c; then d; else e; fi", [(one,) for one in "abcde"], id="if"),
        pytest.param("while a; do b; done; until c; do d; done", [(one,) for one in "abcd"], id="loops"),
        pytest.param("for a in b c; do d; done", [("for", "a", "in", "b", "c"), ("d",)], id="for"),
        pytest.param("case $1 in a|b) c;; (d) e ;; *) esac; f", [("c",), ("e",), ("f",)], id="case"),
        pytest.param("case $1 in\na)\n  b\n  ;;\nesac\nc", [("b",), ("c",)], id="case-on-lines"),
        pytest.param("f() { a; }\nf b c", [("a",)], id="function"),
        pytest.param('f() { a; "$@"; }\nf b c', [("a",), ("$@",), ("b", "c")], id="function-that-runs"),
        pytest.param('f() { nice "$@"; }\nf b', [("nice", "$@"), ("b",)], id="function-that-runs-nicely"),
        pytest.param(
            'f() { p=$1; shift; "$p" "$@"; }\nf b c', [("shift",), ("$p", "$@"), ("b", "c")], id="function-by-variable"
        ),
        pytest.param('f() { echo "$@"; }\nf b | c', [("echo", "$@"), ("c",)], id="function-that-tells"),
        pytest.param("f ()\n{\na\n}\ng() (b)\nf\ng || c", [("a",), ("b",), ("c",)], id="functions-alone"),
        pytest.param("{ a; } ; (b; c)", [("a",), ("b",), ("c",)], id="groups"),
        pytest.param("a {b,c} d{e,f}", [("a", "{b,c}", "d{e,f}")], id="braces"),
        pytest.param("a $(b 'c)') d", [("b", "c)"), ("a", "$(b 'c)')", "d")], id="substitution"),
        pytest.param('a "$(b "c d")"', [("b", "c d"), ("a", '$(b "c d")')], id="substitution-in-quotes"),
        pytest.param("a `b c` d", [("b", "c"), ("a", "`b c`", "d")], id="backquotes"),
        pytest.param(
            "a ${b:-'}'} ${c%%\"}\"*} $((1 + 2))", [("a", "${b:-'}'}", '${c%%"}"*}', "$((1 + 2))")], id="more"
        ),
        pytest.param('a "${b:-it\'s}" c', [("a", "${b:-it's}", "c")], id="apostrophe-in-quotes"),
        pytest.param("a 'b", [("a", "b")], id="never-closed"),
        pytest.param("fi; done ) } esac\na", [("a",)], id="never-opened"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_commands_are_taken_apart(text: str, expected: list[tuple[str, ...]]) -> None:
    assert words(text) == expected


def test_lines_are_those_where_commands_begin() -> None:
    text = "#!/bin/sh\nset -e\na \\\n b\ncat <<E\nx\ny\nE\nc 'd\ne' && f\n"
    assert [(one.line, one.program) for one in read(text)] == [(2, "set"), (3, "a"), (5, "cat"), (9, "c"), (10, "f")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", False),
        ("a || true", True),
        ("a || { echo no; }", True),
        ("a || exit 1", False),
        ("a || exit 0", True),
        ("a && b", True),
        ("a | b", True),
        ("a &", True),
        ("! a", True),
        ("if a; then b; fi", True),
        ("if x; then a; fi", False),
        ("if x; then a; fi || true", True),
        ("while a; do b; done", True),
        ("(cd /; a) || true", True),
        ("{ a; } >/dev/null 2>&1 || true", True),
        ("{ a; } || exit 2", True),
        ("case x in x) a;; esac || :", True),
        ("echo $(a)", True),
        ("x && a", False),
    ],
)
def test_tolerated_is_what_does_not_end_the_script(text: str, expected: bool) -> None:
    assert [one.is_tolerated for one in read(text) if one.program == "a"] == [expected]


@pytest.mark.parametrize(
    ("text", "interpreter", "expected"),
    [
        ("a", ("/bin/sh",), False),
        ("a", ("/bin/sh", "-e"), True),
        ("a", ("/usr/bin/env", "bash"), False),
        ("set -e; a", ("/bin/sh",), True),
        ("set -eu; a", ("/bin/bash",), True),
        ("set -o errexit; a", ("/bin/sh",), True),
        ("set -e; set +e; a", ("/bin/sh",), False),
        ("set -- -x; a", ("/bin/sh",), False),
        ("set -x; a", ("/bin/sh",), False),
    ],
)
def test_errexit_is_followed(text: str, interpreter: tuple[str, ...], expected: bool) -> None:
    assert read(text, *interpreter)[-1].exits_on_error is expected


def test_what_belongs_to_a_command_is_with_it() -> None:
    (command,) = read("A=b C= /usr/bin/a d >/dev/null 2>&1 <<E\nbody\nE\n")
    assert command == Command(
        script="postinst",
        line=1,
        words=("/usr/bin/a", "d"),
        assignments=("A=b", "C="),
        redirections=(">/dev/null", ">&1", "<<E"),
        document="body\n",
    )
    assert command.program == "a"


def test_pipes_reach_what_reads_them() -> None:
    text = "a | while read x; do b; done\nc |\n d\ne | { f; g; }\nh"
    assert [one.program for one in read(text) if one.reads_pipe] == ["read", "d", "f"]


def test_subshells_are_known() -> None:
    assert [one.program for one in read("a; (b; { c; }); d $(e); f") if one.in_subshell] == ["b", "c", "e"]


def test_sections_of_helpers_are_known() -> None:
    text = "a\n# Automatically added by dh_python3/5.1\nb\n# End automatically added section\nc\n"
    assert [(one.program, one.helper) for one in read(text)] == [("a", ""), ("b", "dh_python3"), ("c", "")]


@pytest.mark.parametrize("interpreter", [(), ("/usr/bin/python3",), ("<lua>",), ("/usr/bin/perl", "-w"), ("env",)])
def test_other_languages_are_left_alone(interpreter: tuple[str, ...]) -> None:
    script = Script(name="postinst", kind=ScriptKind.POST_INSTALL, interpreter=interpreter, text="a b\n")
    assert list(read_commands(script)) == []


def work_for(text: str) -> int:
    counted = CountedText(text)
    return calls(lambda: read(counted)) + counted.looked_at


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        *('\' " ` ${ $( << <<x\n $(( `" "` "${ ${\' ( <( \'"`${ \\ } 2> | $() `a` \x0b'.split(" ")),
        *("<<x ", "a\n", "{ ", "if ", "{ a; } || ", "case x in ", "f() ", "$(a ", "! ", "a=b "),
        *("# Automatically added by x\n", "# End automatically added section\n"),
    ],
)
def test_work_is_linear(pattern: str) -> None:
    text = (pattern * LENGTH)[: LENGTH - 2] + "x\n"
    part, whole = (work_for(text[-size:]) for size in (LENGTH // 8, LENGTH))
    assert whole < 12 * part + 1000  # of eight times the length; 64 times would be quadratic


class CountedWords(tuple[str, ...]):
    """Words of a command that count those which slices copy."""

    __slots__ = ()
    copied = 0

    def __getitem__(self, key: SupportsIndex | slice) -> Any:  # a word, or some
        found = super().__getitem__(key)
        if not isinstance(key, slice):
            return found
        CountedWords.copied += len(found)
        return CountedWords(found)


def test_wrappers_of_wrappers_are_not_copied_each_time() -> None:
    words = ("env", "-i", "A=b", "timeout", "60") * 200 + ("python3", "-c", "pass")
    CountedWords.copied = 0
    assert unwrapped(CountedWords(words)) == ("python3", "-c", "pass")
    assert CountedWords.copied < len(words)


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("command -v python3", "command -v python3"),
        ("env command -v python3", "command -v python3"),
        ("nice", "nice"),
        ("env -i A=b", "env -i A=b"),
        ("nice -n 5 timeout 60s python3 -c x", "python3 -c x"),
    ],
)
def test_wrappers_are_taken_off(words: str, left: str) -> None:
    assert unwrapped(tuple(words.split())) == tuple(left.split())


@pytest.mark.parametrize("seed", range(40))
def test_any_text_is_read(seed: int) -> None:
    words_of_shell = "' \" ` ${ $( << <<x ) } \n if fi then case x in esac { a ; || && | do done while $(( )) \\ ;; ! #"
    pieces = [*words_of_shell.split(" "), " ", "2>"]
    chosen = random.Random(seed)
    for _ in range(20):
        for command in read("".join(chosen.choices(pieces, k=60))):
            assert command.words
            assert command.line >= 1
