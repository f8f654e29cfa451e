# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""README.md: its numbers are the measured ones, its samples are what the commands print, its pictures are drawn."""

from __future__ import annotations

import re

import pytest

from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT
from tools.command_reference import PAGE, page
from tools.front_page import README, front_page
from tools.picture import PICTURE, drawing
from tools.recording import PICTURE as RECORDING
from tools.recording import Line, timed
from tools.recording import drawing as recorded

TEXT = README.read_text(encoding="utf-8")


def test_numbers_and_samples_are_those_of_today() -> None:
    need_tools(["dpkg-deb"])
    assert front_page(TEXT) == TEXT, "run python -m tools.front_page"


def test_a_readme_without_its_blocks_is_an_error() -> None:
    with pytest.raises(ValueError, match="no block for numbers"):
        front_page("nothing")


def test_picture_is_what_the_script_draws() -> None:
    assert PICTURE.read_text(encoding="utf-8") == drawing(), "run python -m tools.picture"


@pytest.mark.slow
def test_commands_are_what_help_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tools.command_reference"


def test_lines_of_a_recording_have_their_times() -> None:
    lines = ["Title\n", " 1. build    5 packages    3.0 s\n", "      compiled    7\n", " 2. remove    gone   60.0 s\n"]
    assert list(timed(lines)) == [
        Line(text="Title", at=0),
        Line(text=" 1. build    5 packages    3.0 s", at=0.3),
        Line(text="      compiled    7", at=0.3),
        Line(text=" 2. remove    gone   60.0 s", at=0.8),
    ]
    assert ">a &lt;b&gt;</text>" in recorded([Line(text="a <b>", at=0)])


def test_recording_shows_every_step_of_the_demonstration() -> None:
    shown = re.findall(r">\s?(\d+)\. ", RECORDING.read_text(encoding="utf-8"))
    assert shown == [str(number) for number in range(1, len(shown) + 1)]
    titles = set()
    for source in CHECKOUT.glob("tools/demo*.py"):
        titles |= set(re.findall(r'story\.step\(f?"([^"{]{6,})', source.read_text(encoding="utf-8")))
    picture = RECORDING.read_text(encoding="utf-8")
    assert {title for title in titles if title not in picture} == set(), "run make recording"
