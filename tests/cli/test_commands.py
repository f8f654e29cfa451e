# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What all commands have in common: they are explained and completed, and show at a terminal how far they are."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pkgtools.cli.group import main
from tests.cli.packages import PKGTOOLS, environment, write_deb
from tests.lab.cli import cli_runner
from tests.lab.debs import SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.rules.bytecode import pair

COMMANDS = [
    "archive",
    "audit",
    "check",
    "diff",
    "explain",
    "generate",
    "init",
    "inspect",
    "lsp",
    "migrate",
    "rules",
    "stage",
    "templates",
    "try",
    "verify",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_tells_what_it_does_with_examples(command: str) -> None:
    done = cli_runner().invoke(main, [command, "--help"])
    assert done.exit_code == 0
    assert "Examples:" in done.stdout
    assert "Exit status:" in done.stdout


def test_commands_are_completed() -> None:
    words = {"COMP_WORDS": "pkgtools ", "COMP_CWORD": "1", "_PKGTOOLS_COMPLETE": "bash_complete"}
    code = "from pkgtools.cli.group import main; main(prog_name='pkgtools')"
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env={**environment(), **words})
    assert [line.partition(",")[2] for line in done.stdout.split()] == COMMANDS


def seen_at_terminal(*arguments: str | Path) -> str:
    """Return what a command writes to standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    env = {**environment(), "TERM": "xterm"}
    argv = [*PKGTOOLS, *map(str, arguments)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=theirs, env=env):
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 1 << 16):
                seen += part
        except OSError:  # EIO: nobody has the terminal any more
            pass
    os.close(ours)
    return seen.decode()


def test_long_work_shows_a_bar_at_a_terminal_and_one_package_none(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_deb(tmp_path / f"{name}.deb", name)
    assert "checking" in seen_at_terminal("check", tmp_path / "a.deb", tmp_path / "b.deb")
    assert seen_at_terminal("check", tmp_path / "a.deb") == ""


def test_comparing_shows_a_bar_at_a_terminal(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    files = {**pair("/opt/acme/a.py"), **pair("/opt/acme/b.py")}
    deb = build_deb(SamplePackage(name="acme", files=files), tmp_path)
    assert "comparing" in seen_at_terminal("verify", deb)


def said(*arguments: str | Path) -> str:
    done = cli_runner().invoke(main, [*map(str, arguments)])
    assert done.exit_code == 2
    assert "[Errno" not in done.output
    return done.stderr or done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit",),
        ("audit", "--fix"),
        ("diff", "a.deb"),
        ("inspect",),
        ("verify",),
        *((command, suffix) for command in ("check", "inspect", "verify") for suffix in (".deb", ".rpm")),
    ],
    ids=" ".join,
)
def test_a_path_that_is_not_there_is_said_in_words(
    tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_deb(tmp_path / "a.deb", "a")
    monkeypatch.chdir(tmp_path)
    command, *options = arguments
    suffix = options.pop() if options and options[-1] in {".deb", ".rpm"} else ""
    path = f"{tmp_path}/nosuch{suffix}"
    expected = f"{path}: no such file or directory"
    assert said(command, *options, path) == f"pkgtools {command}: {expected}\n"


@pytest.mark.parametrize("path", ["missing/report", "file/report"])
def test_a_report_that_can_not_be_written_is_named(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    write_deb(tmp_path / "a.deb", "a")
    wrong = {"missing": "no such file or directory", "file": "not a directory"}[path.partition("/")[0]]
    assert said("check", "-o", tmp_path / path, tmp_path / "a.deb") == f"pkgtools check: {tmp_path / path}: {wrong}\n"


def test_a_part_of_an_image_that_is_missing_is_named_without_a_number(tmp_path: Path) -> None:
    (tmp_path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    assert said("audit", tmp_path).startswith(f"pkgtools audit: {tmp_path}: ")


@pytest.mark.parametrize("text", ["audit", "inspect"])
def test_what_is_no_regular_file_is_said_without_a_number(text: str) -> None:
    assert said(text, "/dev/null") == f"pkgtools {text}: /dev/null: not a regular file\n"
