# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is wrong with a manifest is named where it stands; keys and values are proposed where they can be."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.config.manifest import PROJECT
from pkgtools.lsp.advice import explain_at, find_faults, propose
from pkgtools.lsp.toml_spans import Position, read_spans
from tests.lab.work import calls

MANIFEST = "pkgtools.toml"
CURSOR = "|"


def at_cursor(text: str) -> tuple[str, Position]:
    """Return a document without the mark for the cursor, and where that stood."""
    before, _, after = text.partition(CURSOR)
    return before + after, Position(before.count("\n"), len(before.rpartition("\n")[2]))


def marked(text: str, path: Path) -> list[tuple[str, str, str]]:
    """Return for each fault which text it marks, what it says, and what to write instead."""
    lines = text.split("\n")
    found = []
    for one in find_faults(text, path):
        (line, begin), (last, end) = one.span
        assert line == last
        found.append((lines[line][begin:end], one.text, one.instead))
    return found


@pytest.mark.parametrize(
    ("text", "mark", "instead"),
    [
        ('[packages.acme]\nstrategy = "triger"\n', '"triger"', '"trigger"'),
        ('[packages.acme]\nstratgy = "trigger"\n', "stratgy", "strategy"),
        ('[packages.acme]\nprivate = [{ directory = "/a" }, { directry = "/b" }]\n', "directry", "directory"),
        ('[[packages.acme.private]]\ndirectory = "/a/b"\n[[packages.acme.private]]\ndirectory = "x"\n', '"x"', ""),
        ("packages.acme.levels = [0, 7]\n", "7", ""),
        ('packages.acme.strategi = "native"\n', "strategi", "strategy"),
        ('packages . "acme" . strategi = "native"\n', "strategi", "strategy"),
        ('packages."a.b[0]".strategi = "native"\n', "strategi", "strategy"),
        ("[packages.acme.debb]\nname = 'a'\n", "debb", "deb"),
        ("[packages.acme]\nprivate = [{ 'directory' = '/a', plugin.x = 1 }]\n", "plugin", "plugins"),
        ('# ümlaut: "ü"\n[packages."ä"]\nstrategy = "ü" # ü\n', '"ü"', ""),
        ("[packages.acme]\nlevels = true\n", "true", ""),
    ],
)
def test_a_fault_marks_what_is_to_be_changed(text: str, mark: str, instead: str, tmp_path: Path) -> None:
    assert (mark, instead) in {(marks, right) for marks, _, right in marked(text, tmp_path / MANIFEST)}


def test_a_missing_key_marks_its_table(tmp_path: Path) -> None:
    text = '[packages.acme]\n[[packages.acme.private]]\npython = "3.9-"\n'
    assert [(mark, "directory" in said) for mark, said, _ in marked(text, tmp_path / MANIFEST)] == [
        ("[[packages.acme.private]]", True)
    ]


def test_what_is_no_toml_is_marked_where_it_begins(tmp_path: Path) -> None:
    ((mark, said, _),) = marked("[packages.acme]\nstrategy = trigger\n", tmp_path / MANIFEST)
    assert (mark, said.startswith("line 2, column 12: ")) == ("t", True)


def test_of_a_project_only_the_table_is_looked_at(tmp_path: Path) -> None:
    text = '[project]\nname = "a"\n[tool.ruff]\nstrategy = "x"\n'
    assert marked(text, tmp_path / PROJECT) == []
    text += '[tool.pkgtools.packages.acme]\nstrategy = "direkt"\n'
    assert [(mark, right) for mark, _, right in marked(text, tmp_path / PROJECT)] == [('"direkt"', '"direct"')]


def test_right_manifests_have_no_faults(tmp_path: Path) -> None:
    assert marked("[packages.acme]\n", tmp_path / MANIFEST) == []


def test_files_behind_links_and_outside_of_the_project_are_not_read(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret").write_text("if then SECRET\n")
    (project / "link").symlink_to("../secret")
    (project / "below").symlink_to("..")
    (project / "own").write_text("true\n")
    for name, is_read in (("link", False), ("../secret", False), ("below/secret", False), ("own", True)):
        text = f'[packages.acme]\n[[packages.acme.snippets]]\nhook = "post-install"\nfile = "{name}"\n'
        found = marked(text, project / MANIFEST)
        assert [("isn't read here" in said, mark) for mark, said, _ in found] == (
            [] if is_read else [(True, f'"{name}"')]
        )


def labels(text: str, name: str = MANIFEST) -> dict[str, str]:
    """Return label and inserted text of all that is proposed at the cursor."""
    return {one.label: one.text for one in propose(*reversed_arguments(text, name))}


def reversed_arguments(text: str, name: str) -> tuple[str, str, Position]:
    document, position = at_cursor(text)
    return document, name, position


@pytest.mark.parametrize(
    ("text", "label", "inserted"),
    [
        ("[packages.acme]\nstra|", "strategy", "strategy = "),
        ("|\n[packages.acme]\n", "levels", "levels = "),
        ("[packages.acme]\nstrategy = |\n", "standalone", '"standalone"'),
        ('[packages.acme]\nstrategy = "|"\n', "standalone", "standalone"),
        ("[packages.acme]\nlevels = [0, |\n", "2", "2"),
        ("[packages.acme]\npublic = |\n", "false", "false"),
        ("[[packages.acme.private]]\n|", "plugins", "plugins = "),
        ("[packages.acme]\nprivate = [{ |", "directory", "directory = "),
        ("[packages.acme]\nprivate = [{ plugins = |", "true", "true"),
        ('[[packages.acme.ignores]]\nrule = "|"\n', "stale-pyc", "stale-pyc"),
        ("[packages.acme.deb]\nstrategy = |", "native", '"native"'),
    ],
)
def test_what_can_be_written_is_proposed(text: str, label: str, inserted: str) -> None:
    assert labels(text)[label] == inserted


@pytest.mark.parametrize("text", ["[pack|", "# strategy|", "[packages.acme]\nnothing = |", "[nothing]\n|", "a b|"])
def test_nothing_is_proposed_where_nothing_can_be(text: str) -> None:
    assert labels(text) == {}


def test_keys_that_are_written_are_not_proposed() -> None:
    proposed = labels('[packages.acme]\nstrategy = "direct"\n|')
    assert "strategy" not in proposed
    assert "levels" in proposed


def test_proposals_stay_within_the_table_of_a_project() -> None:
    assert labels("[project]\n|", PROJECT) == {}
    assert "strategy" in labels("[tool.pkgtools]\n|", PROJECT)


def test_a_key_is_explained() -> None:
    found = explain_at(*reversed_arguments('[packages.acme]\nstrat|egy = "direct"\n', MANIFEST))
    assert found is not None
    assert "**Who compiles, and when**" in found[1]
    assert 'Default: `"trigger"`' in found[1]
    assert explain_at(*reversed_arguments("# not|hing\n", MANIFEST)) is None


PIECES = st.sampled_from(
    [
        "[",
        "]",
        "[[",
        "packages",
        ".",
        "acme",
        "=",
        '"',
        "'''",
        "{",
        "}",
        ",",
        "\n",
        " ",
        "ä",
        "𝄞",
        "strategy",
        "0",
        "#",
        "\x00",
        "\ud800",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.integers(0, 5), st.integers(0, 40))
def test_any_text_is_answered(text: str, line: int, column: int) -> None:
    """Each thing that is found lies within the document."""
    lines = text.split("\n")
    for place in read_spans(text).entries.values():
        for span in (place.key, place.value):
            for row, at in span:
                assert 0 <= row <= len(lines)
                assert at <= max(map(len, lines))
    find_faults(text, Path("/nowhere") / MANIFEST)
    propose(text, MANIFEST, Position(line, column))
    explain_at(text, MANIFEST, Position(line, column))


def test_work_grows_with_the_faults(tmp_path: Path) -> None:
    """Not with the faults times the entries."""
    work = []
    for number in (50, 200):
        text = "[packages.acme]\n" + "".join(f"unknown{n} = {n}\n" for n in range(number))
        work.append(calls(partial(find_faults, text, tmp_path / MANIFEST)))
    assert work[1] < 8 * work[0]
