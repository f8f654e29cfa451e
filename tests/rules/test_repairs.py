# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Commands that reports tell people to run: nothing in a name reaches the terminal, and they name what they mean."""

from __future__ import annotations

import html
import json
import os
import shlex
import subprocess
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from pkgtools.check.repairs import COMPILE, for_shell, in_system
from pkgtools.model.finding import CheckVerdict, Repair, RepairResult
from pkgtools.model.package import Kind, Package, PackageManager
from pkgtools.report.formats import Format, ReportOptions, write
from tests.lab.needs import need_tools
from tests.report.sample import HASH, finding, report
from tests.runtime.test_hostile_names import NAMES

DIRECTORIES = {
    **{what: f"/opt/{name}" for what, name in NAMES.items()},
    "escape sequence": "/opt/\x1b[31mred\x1b]0;title\x07",
    "escape before digits": "/opt/\x1b123",
    "8-bit escape": "/opt/\x9b31m\udc9b31m",
    "line": "/opt/a\nrm -rf b\r",
    "direction": "/opt/\u202egpj.\u2066x\u200f",
    "no UTF-8": "/opt/\udcff\udcfe é",
    "quotes in it": "/opt/\x1b'$(touch x)'\"\\'",
    "link of SARIF": "/opt/[a](b) 'c'",
}
SYSTEM = Package(origin="/srv/\x1b[2J root", kind=Kind.ROOT, family=PackageManager.DPKG, name="x")


def _argv_in_bash(command: str) -> list[str]:
    """Return the words that a shell makes of a command."""
    need_tools(["bash"])
    run = ["bash", "--norc", "-c", f"printf '%s\\0' {command}"]
    output = subprocess.run(run, capture_output=True, check=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    return os.fsdecode(output.stdout).split("\0")[:-1]


@pytest.mark.parametrize("directory", DIRECTORIES.values(), ids=DIRECTORIES)
def test_command_can_be_seen_and_names_what_it_means(directory: str) -> None:
    for argv in ([COMPILE, "--root", SYSTEM.origin, directory], ["chroot", SYSTEM.origin, "rm", "--", directory]):
        command = in_system(SYSTEM, *(argv[:1] + argv[3:] if argv[0] == COMPILE else argv[2:]))
        assert command.isprintable()
        assert _argv_in_bash(command) == argv


@pytest.mark.parametrize("form", [one for one in Format if one is not Format.PROMETHEUS], ids=lambda form: form.value)
@pytest.mark.parametrize("directory", DIRECTORIES.values(), ids=DIRECTORIES)
def test_command_stands_in_every_format_as_it_has_to_be_typed(directory: str, form: Format) -> None:
    command = in_system(SYSTEM, COMPILE, directory)
    left = Repair(result=RepairResult.LEFT, path=directory, text="why", command=command)
    verdict = CheckVerdict(
        origin="x", name="x", kind=Kind.ROOT, findings=(finding(HASH, "x", directory, repair=command),), repairs=(left,)
    )
    for look in (ReportOptions(), ReportOptions(terminal=True)) if form is Format.TEXT else (ReportOptions(),):
        text = "".join(write(report(verdict), form, look))
        assert command in _as_read(text, form)
        assert directory.isprintable() or directory not in text


def _as_read(text: str, form: Format) -> str:
    match form:
        case Format.JUNIT:
            return "".join(ET.fromstring(text).itertext())
        case Format.HTML:
            return html.unescape(text)
        case Format.JSON | Format.SARIF:
            return "\n".join(_strings(json.loads(text)))
        case Format.GITHUB:
            return unquote(text)
        case Format.TEXT | Format.PROMETHEUS:
            return text


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)]
    return [str(value)]


def test_plain_commands_are_written_plainly() -> None:
    assert for_shell(["chmod", "go-w", "/opt/a b", "/opt/é"]) == "chmod go-w '/opt/a b' '/opt/é'"


def test_root_whose_name_is_like_an_option_is_no_option() -> None:
    system = Package(origin="-x", kind=Kind.ROOT, family=PackageManager.DPKG, name="x")
    assert in_system(system, "chmod", "go-w", "/opt") == "chroot ./-x chmod go-w /opt"


def test_fix_takes_its_own_commands_apart() -> None:
    for directory in DIRECTORIES.values():
        words = shlex.split(in_system(SYSTEM, COMPILE, "--as-owner", directory))
        assert words[0] == COMPILE
        assert len(words) == 5
