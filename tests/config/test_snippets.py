# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Shell lines are let in only if they stay where they are put."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.config.shell_lines import complete_line, find_faults
from tests.lab.work import examples

REFUSED = {
    "empty": "",
    "blank lines": "\n \t\n",
    "comment": "# nothing",
    "here-document": "cat <<EOF\ntext",
    "here-document that takes the end for its own": 'cat <<")"\ntext',
    "here-document in a substitution": "x=$(cat <<EOF\na\nEOF)",
    "backslash": "echo \\",
    "three backslashes": "echo \\\\\\\n",
    "closing brace": "}",
    "closing parenthesis": ")",
    "out and in again": ":\n)\necho out\nf() (\n:",
    "out of a brace": ":; }; {",
    "quote": "echo '",
    "double quote": 'echo "',
    "backquote": "echo `",
    "substitution": "x=$(",
    "parameter": "x=${",
    "esac": "esac",
    "fi": "fi",
    "done": "done",
    "then": "then :",
    "double semicolon": ":;;",
    "open if": "if :; then :",
    "open case": "case x in",
    "open function": "g() {",
    "and nothing": ": &&",
    "pipe": ": |",
    "CRLF": "echo\r\n",
    "carriage return": "echo a\rb",
    "NUL": "echo\0",
}

LET_IN = {
    "command": "echo",
    "comment at the end": "echo # the end",
    "two backslashes": "echo \\\\",
    "here-document": "cat <<EOF\n)\n}\nEOF",
    "quoted delimiter": "cat <<')'\ntext\n)\n:",
    "empty delimiter": "cat <<''\ntext\n\n",
    "case": "case x in (a) :;; b) :;; esac",
    "function": "g() { :; }; g",
    "subshell": "( exit 1 ) || :",
    "exit": "exit 0",
    "percent": "printf '%s\\n' x",
    "no ASCII": "echo 'é \U0001f600'",
}

FRAGMENTS = (
    *"\n\t ;&|(){}<>$`'\"\\#!*?[]=~a1%-",
    *("<<EOF", "EOF\n", "<<-'X'", "X\n", "<<\\)", "$(", "${a", "$((", "))", ";;", "f() (", "esac", "case a in a)"),
    *("if :", "then", "fi", "do :", "done", "for i in 1", "while :", "echo", ": ", "exit", "set +n", "alias x='('"),
)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_would_leave_its_place_is_refused(text: str) -> None:
    assert list(find_faults(text, for_rpm=False))


@pytest.mark.parametrize("text", LET_IN.values(), ids=LET_IN)
def test_what_stays_in_its_place_is_let_in(text: str) -> None:
    assert list(find_faults(text, for_rpm=True)) == []


@pytest.mark.parametrize("text", ["%endif", ": \n\t%if 1", "cat <<X\n%post\nX", ":\n %Files"])
def test_lines_that_rpm_takes_for_its_own_are_refused_for_rpm(text: str) -> None:
    assert any("rpm" in one for one in find_faults(text, for_rpm=True))
    assert not any("rpm" in one for one in find_faults(text, for_rpm=False))


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_accepted_table_parses_in_both_common_shells(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    for text in LET_IN.values():
        assert _run(text, shell) == (0, b"done")


@settings(max_examples=examples(400))
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join))
def test_accepted_snippet_never_leaves_its_function(text: str) -> None:
    if not list(find_faults(text, for_rpm=False)):
        assert _run(text, "sh") == (0, b"done")


@settings(max_examples=examples(100))
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_is_judged(text: str) -> None:
    if not list(find_faults(text, for_rpm=False)):
        assert _run(text, "sh") == (0, b"done")


def _run(text: str, shell: str) -> tuple[int, bytes]:
    """Define a function with the lines as its body and don't call it."""
    script = f"f() (\n{complete_line(text)})\nprintf done"
    done = subprocess.run([shell], input=script.encode(), capture_output=True, check=False, timeout=20)
    return done.returncode, done.stdout + done.stderr
