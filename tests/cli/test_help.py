# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""--help of every command and program, the manual's examples, colours, and what texts refer to."""

from __future__ import annotations

import ast
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pkgtools.check.registry import all_rules
from pkgtools.cli.group import main
from tests.cli.packages import PKGTOOLS, environment, write_deb
from tests.runtime.sandbox import CLEAN_ENVIRONMENT, TRIGGERS

TOP = Path(__file__).resolve().parents[2]
MANUALS = TOP / "docs/man"
DH = (sys.executable, "-c", "from pkgtools.debhelper.main import main; main()")


def commands(group: click.Group = main, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, groups included."""
    yield words
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name)


PROGRAMS: dict[str, tuple[str, ...]] = {" ".join(("pkgtools", *words)): (*PKGTOOLS, *words) for words in commands()}
PROGRAMS |= {
    name: (str(TRIGGERS / name),)
    for name in ("pkgtools-compile", "pkgtools-clean", "pkgtools-trigger", "py3compile", "py3clean")
}
PROGRAMS["dh_pkgtools"] = DH


def help_of(program: str, columns: int) -> str:
    given = {**CLEAN_ENVIRONMENT, **environment(), "COLUMNS": str(columns), "PYTHONPATH": str(TOP)}
    done = subprocess.run([*PROGRAMS[program], "--help"], check=True, capture_output=True, text=True, env=given)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_fits_80_columns_and_cuts_no_word_at_40(program: str) -> None:
    wide = help_of(program, 200)
    assert [line for line in wide.splitlines() if len(line) > 80] == []
    assert "[x>=" not in wide
    narrow = help_of(program, 40)
    assert sorted(narrow.split()) == sorted(wide.split())
    prose = [line for line in narrow.splitlines() if len(line) > 40 and not re.match(r"\s+(-|pkgtools|dh_|find)", line)]
    indented = [line for line in prose if line.startswith("      ")]  # what examples are for
    assert [line for line in prose if line not in indented and " " in line.strip()] == []


@pytest.mark.parametrize("manual", sorted(MANUALS.glob("*.rst")), ids=lambda path: path.stem)
def test_examples_of_the_manual_fit_80_columns(manual: Path) -> None:
    """man(1) indents them by seven columns more."""
    literal = False
    for line in manual.read_text("utf-8").splitlines():
        if line.endswith("::"):
            literal = True
        elif line and not line.startswith(" "):
            literal = False
        elif literal:
            assert len(line) + 7 <= 80, line


def texts() -> Iterator[tuple[str, str]]:
    """Yield where and what is said to people: strings of the code, rules' pages, templates, help and manual pages."""
    for path in sorted((TOP / "pkgtools").rglob("*.py")):
        tree = ast.parse(path.read_bytes())
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield str(path.relative_to(TOP)), node.value
    for rule in all_rules():
        for reference in rule.facts.page.references:
            yield f"rule {rule.facts.id}", reference
    for path in sorted((*(TOP / "templates").rglob("*.j2"), *MANUALS.glob("*.rst"))):
        yield str(path.relative_to(TOP)), path.read_text("utf-8")
    for path in sorted((TOP / "triggers").rglob("*")):
        if path.is_file():
            yield str(path.relative_to(TOP)), path.read_text("utf-8")


REFERENCE = re.compile(r"\b([a-z][\w.-]*)\(([1-8])\)(?:(?:, |: )(?:section )?('[^']+'|[A-Z]{2}[A-Z ]+|-\S+|[a-z_-]+))?")
OURS = re.compile(r"pkgtools|bytecode\.|dh_pkgtools|py3c")


def missing_part(page: str, part: str) -> bool:
    """Whether a manual page has no such section, option or command."""
    text = (MANUALS / f"{page}.rst").read_text("utf-8")
    plain = part.strip("'").rstrip(".;")
    if plain.isupper() and plain[0].isalpha():
        return re.search(rf"^{re.escape(plain)}\n[=-]+$", text, re.MULTILINE) is None
    return re.search(rf"(?<![\w-]){re.escape(plain)}(?![\w-])", text) is None


def test_what_texts_refer_to_is_there() -> None:
    pages = {
        path.stem: re.search(r"^:Manual section: (\d)$", path.read_text("utf-8"), re.MULTILINE)
        for path in MANUALS.glob("*.rst")
    }
    wrong = []
    for where, text in texts():
        for name, section, part in REFERENCE.findall(text):
            if not OURS.match(name):
                continue
            page = pages.get(name)
            if page is None or page[1] != section:
                wrong.append(f"{where}: {name}({section})")
            elif part and where.startswith("rule ") and missing_part(name, part):
                wrong.append(f"{where}: {name}({section}), {part}")
    assert wrong == []


COLOURS = {
    "nothing": ({}, False),
    "FORCE_COLOR": ({"FORCE_COLOR": "1"}, True),
    "FORCE_COLOR=0": ({"FORCE_COLOR": "0"}, False),
    "CLICOLOR_FORCE": ({"CLICOLOR_FORCE": "1"}, True),
    "a dumb terminal": ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
    "NO_COLOR": ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
}


@pytest.mark.parametrize("command", ["check", "inspect"])
@pytest.mark.parametrize(("given", "expected"), COLOURS.values(), ids=COLOURS)
def test_colour_to_a_pipe(command: str, given: dict[str, str], expected: bool, tmp_path: Path) -> None:
    path = write_deb(tmp_path / "a.deb", "a", bad=True)
    done = subprocess.run([*PKGTOOLS, command, path], capture_output=True, env={**environment(), **given}, check=False)
    assert (b"\x1b[" in done.stdout) == expected


def test_no_colour_in_a_file(tmp_path: Path) -> None:
    path = write_deb(tmp_path / "a.deb", "a", bad=True)
    argv = [*PKGTOOLS, "check", "-o", str(tmp_path / "report"), str(path)]
    subprocess.run(argv, check=False, env={**environment(), "FORCE_COLOR": "1"})
    assert b"\x1b" not in (tmp_path / "report").read_bytes()


def test_no_color_at_a_terminal(tmp_path: Path) -> None:
    said = at_terminal(tmp_path, {"TERM": "xterm-256color", "NO_COLOR": "1"}, "check")
    assert re.findall(rb"\x1b\[[0-9;]*3[0-9]", said) == []
    assert re.findall(rb"\x1b\[[0-9;]*3[0-9]", at_terminal(tmp_path, {"TERM": "xterm-256color"}, "check"))


def test_no_word_of_a_table_is_cut_at_40_columns(tmp_path: Path) -> None:
    said = at_terminal(tmp_path, {"TERM": "dumb", "COLUMNS": "40"}, "inspect").decode()
    argv = [*PKGTOOLS, "inspect", str(tmp_path / "a.deb")]
    piped = subprocess.run(argv, check=True, capture_output=True, text=True, env=environment())
    words = {word for word in piped.stdout.split() if re.search(r"\w", word)}
    assert words <= set(said.split())


def at_terminal(directory: Path, given: dict[str, str], command: str) -> bytes:
    """Return what a command says of a package at a terminal."""
    path = write_deb(directory / "a.deb", "a", bad=True)
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*PKGTOOLS, command, path], stdout=theirs, env={**environment(), **given})
    os.close(theirs)
    said = b""
    while chunk := _read(ours):
        said += chunk
    os.close(ours)
    assert process.wait() in {0, 1}
    return said


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # EIO: the other end is closed
        return b""


@pytest.mark.parametrize(
    "name", ["README.md", "triggers/bytecode.conf", "docs/man/bytecode.conf.rst", "debian/control"]
)
def test_who_reads_of_settings_hears_of_the_stand_in(name: str) -> None:
    """Without it postinsts of Debian's packages compile by themselves, whatever the settings say."""
    assert "pkgtools-py3compile" in (TOP / name).read_text("utf-8")
