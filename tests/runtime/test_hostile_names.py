# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Names that break shells, lists and terminals: compiled, reported as valid JSON, cleaned, nothing touched outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lab.tree import differences
from tests.runtime.sandbox import APP, PUBLIC, TAG, Sandbox, pyc_of, reference_pyc

NAMES = {
    "space": "a b.py",
    "newline": "a\nb.py",
    "newline-and-path": "a\n/etc/passwd\nb.py",
    "carriage-return": "a\rb.py",
    "tab": "a\tb.py",
    "escape": "a\x1b[31mb.py",
    "bell-and-delete": "a\x07\x7fb.py",
    "single-quote": "a'b.py",
    "double-quote": 'a"b.py',
    "backslash": "a\\b\\n.py",
    "command": "$(touch pwned).py",
    "backticks": "`touch pwned`.py",
    "variable": "${HOME}.py",
    "semicolon": "a;touch pwned;.py",
    "percent": "%s%n%.py",
    "star": "*.py",
    "question-mark": "?.py",
    "brackets": "[x].py",
    "braces": "{a,b}.py",
    "leading-dash": "-rf.py",
    "option": "--help.py",
    "tilde": "~root.py",
    "hash": "#a.py",
    "dots": "a.b.c.py",
    "leading-dot": ".hidden.py",
    "two-suffixes": "a.py.py",
    "looks-like-a-pyc": f"m.{TAG}.py",
    "looks-like-a-temporary": f"m.{TAG}.pyc.1.py",
    "not-utf-8": os.fsdecode(b"caf\xe9.py"),
    "bytes-of-all-kinds": os.fsdecode(b"\xff\xfe\x80\xc3(.py"),
    "overlong-utf-8": os.fsdecode(b"\xc0\xaf.py"),
    "encoded-surrogate": os.fsdecode(b"\xed\xa0\x80.py"),
    "umlaut": "schön.py",
    "composed-and-not": "e\u0301.py",
    "emoji": "\U0001f40d.py",
    "right-to-left": "a\u202eyp.b.py",
    "line-separator": "a\u2028b.py",
    "longest-that-fits": "x" * (255 - len(f".{TAG}.pyc")) + ".py",
}


@pytest.fixture
def named(sandbox: Sandbox) -> dict[str, str]:
    """Write one source under each name; return the paths."""
    return {what: sandbox.write(f"{APP}/{name}", f"value = {len(name)}\n") for what, name in NAMES.items()}


def _check_compiled(sandbox: Sandbox, named: dict[str, str]) -> None:
    assert sandbox.pycs() == {pyc_of(path) for path in named.values()}
    wrong = [w for w, path in named.items() if sandbox.read(pyc_of(path)) != reference_pyc(sandbox, path)]
    assert wrong == []


WAYS = ["walk", "files", "from0"]


@pytest.mark.parametrize("way", WAYS)
def test_every_name_is_compiled_reported_and_cleaned(way: str, sandbox: Sandbox, named: dict[str, str]) -> None:
    before = sandbox.below()
    arguments, given = _named_by(way, named)
    ran = sandbox.compile(*arguments, given=given)
    assert (ran.status, ran.talk) == (0, "")
    _check_compiled(sandbox, named)
    assert {one.path for one in ran.told} == {pyc_of(path) for path in named.values()}
    assert {one.source for one in ran.told} == set(named.values())
    again = sandbox.compile(*arguments, given=given)
    assert again.summary == {"fresh": len(named)}
    cleaned = sandbox.clean(*arguments, given=given)
    assert (cleaned.status, cleaned.talk) == (0, "")
    assert differences(before, sandbox.below()) == []


def _named_by(way: str, named: dict[str, str]) -> tuple[tuple[str, ...], bytes]:
    if way == "walk":
        return (APP,), b""
    if way == "files":
        return tuple(named.values()), b""
    return ("--from0", "-"), b"\0".join(os.fsencode(path) for path in named.values()) + b"\0"


def test_directories_of_any_name(sandbox: Sandbox) -> None:
    fitting = NAMES.keys() - {"longest-that-fits", "looks-like-a-pyc"}
    names = {NAMES[what].removesuffix(".py") or "x" for what in fitting}
    sources = [sandbox.write(f"{APP}/{name}/{name}.d/m.py") for name in names]
    before = sandbox.below()
    assert {one.path for one in sandbox.compile(APP).told} == {pyc_of(source) for source in sources}
    for source in sources:
        assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert sandbox.clean(APP).status == 0
    assert differences(before, sandbox.below()) == []


def test_bad_sources_of_any_name_are_one_line_each_without_control_characters(sandbox: Sandbox) -> None:
    for name in NAMES.values():
        sandbox.write(f"{APP}/{name}", "def broken(:\n")
    ran = sandbox.compile("-v", APP)
    lines = ran.output.rstrip("\n").split("\n")[:-1]
    assert (ran.status, len(lines)) == (0, len(NAMES))
    assert all(line.startswith("/opt/app/") and ": syntax-error: " in line for line in lines)
    assert [c for line in lines for c in line if ord(c) < 32 or ord(c) == 127] == []


TOO_LONG = [252 - len(TAG), 250, 252]


@pytest.mark.parametrize("stem", TOO_LONG)
def test_t5_name_whose_pyc_would_be_too_long_is_a_reported_skip(stem: int, sandbox: Sandbox) -> None:
    long = sandbox.write(f"{APP}/{'y' * stem}.py")
    good = sandbox.write(f"{APP}/good.py")
    ran = sandbox.compile(APP)
    assert (ran.status, ran.of(long)) == (0, ("skipped", "name-too-long"))
    assert sandbox.pycs() == {pyc_of(good)}
    assert "name-too-long" in ran.talk


@pytest.mark.parametrize("depth", [300, 1400])
def test_deep_tree_is_compiled_and_cleaned(depth: int, sandbox: Sandbox) -> None:
    good = sandbox.write(f"{APP}/zz/good.py")
    deep = f"{APP}" + "/d" * depth
    sandbox.directory(deep)
    sandbox.write(f"{deep}/m.py")
    for number in range(280):
        sandbox.write(f"{APP}/e{number}/m.py")
    before = sandbox.below()
    ran = sandbox.compile(APP)
    assert (ran.status, ran.talk) == (0, "")
    assert {pyc_of(good), pyc_of(f"{deep}/m.py")} <= sandbox.pycs()
    assert sandbox.clean(APP).status == 0
    assert differences(before, sandbox.below()) == []


def test_source_without_a_stem_leaves_nothing_that_cleaning_does_not_know(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/.py")
    before = sandbox.below()
    assert sandbox.compile(APP).status == 0
    sandbox.clean(APP)
    assert differences(before, sandbox.below()) == []


def test_more_directories_than_descriptors_that_are_kept(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/p{n % 11}/q{n % 29}/d{n}/m.py", f"def f():\n    return {n}\n") for n in range(600)]
    before = sandbox.below()
    ran = sandbox.compile(APP)
    assert (ran.status, ran.summary) == (0, {"compiled": len(sources)})
    wrong = [s for s in sources if sandbox.read(pyc_of(s)) != reference_pyc(sandbox, s)]
    assert wrong == []
    assert sandbox.clean(APP).status == 0
    assert differences(before, sandbox.below()) == []


def test_report_to_standard_output_is_json_and_nothing_else(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.write(f"{APP}/a\nb.py")
    ran = sandbox.compile("-v", "--json", "-", APP)
    assert ran.output.startswith("{")


@pytest.mark.parametrize("command", ["pkgtools-compile", "pkgtools-trigger"])
def test_changed_paths_are_written_whole_whatever_they_are_called(
    command: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    top = f"{PUBLIC}/top" if command == "pkgtools-trigger" else APP
    sources = [sandbox.write(f"{top}/{name.removesuffix('.py')}/{name}") for name in NAMES.values() if name[0] != "."]
    arguments = () if command == "pkgtools-trigger" else (APP,)
    ran = sandbox.run(command, "--changed0", f"{tmp_path}/changed", *arguments)
    assert ran.status == 0
    written = (tmp_path / "changed").read_bytes().split(b"\0")
    made = {pyc_of(source) for source in sources} | {os.path.dirname(pyc_of(source)) for source in sources}
    assert written == [*sorted(map(os.fsencode, made), key=os.fsdecode), b""]
    assert sandbox.run(command, "--changed0", f"{tmp_path}/changed", *arguments).status == 0
    assert (tmp_path / "changed").read_bytes() == b""


def test_changed_paths_and_nothing_else_go_to_standard_output(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    sandbox.write(f"{APP}/bad.py", "def broken(:\n")
    ran = sandbox.compile("-v", "--changed0", "-", APP)
    assert ran.output == f"{APP}/__pycache__\0{pyc_of(source)}\0"
    assert "syntax-error" in ran.talk


def test_directory_that_was_repaired_is_told_as_changed(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    sandbox.compile(APP)
    sandbox.directory(f"{APP}/__pycache__", 0o700)
    assert sandbox.compile("--changed0", "-", APP).output == f"{APP}/__pycache__\0"


@pytest.mark.parametrize("break_", ["\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\r"], ids=ascii)
def test_registered_directory_is_one_whatever_is_in_its_name(break_: str, sandbox: Sandbox) -> None:
    """The list of the last batch: half of a name must not be taken for a directory that is given up."""
    odd, half = f"/opt/app{break_}/x", "/opt/app"
    sandbox.write(f"{odd}/m.py")
    other = sandbox.write(f"{half}/n.py")
    sandbox.write("/usr/share/pkgtools/private.d/odd.conf", f"compile||{odd}\n")
    assert sandbox.compile(half).status == 0
    for _ in range(2):
        assert sandbox.run("pkgtools-trigger").status == 0
    assert sandbox.exists(pyc_of(other))
