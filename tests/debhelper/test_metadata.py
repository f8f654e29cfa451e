# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""METADATA, PKG-INFO and requires.txt give requirements with their lines."""

from __future__ import annotations

import email
from email.policy import compat32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.debhelper.records import Field
from pkgtools.debhelper.requirements.requirements import translate_each
from pkgtools.debhelper.requirements.upstream import (
    is_public,
    option_requirements,
    python_of,
    read_metadata,
    read_requires,
    rewritten,
)
from pkgtools.debhelper.supported_pythons import Minor
from tests.lab.work import examples

from .oracle import make_context

METADATA = "debian/foo/usr/lib/python3/dist-packages/foo-1.0.dist-info/METADATA"
REQUIRES = "debian/foo/usr/lib/python3/dist-packages/foo_bar-1.0.egg-info/requires.txt"


@pytest.mark.parametrize(
    ("file", "python", "public"),
    [
        (METADATA, None, True),
        ("debian/foo/usr/lib/python3.11/dist-packages/foo.egg-info", Minor(3, 11), True),
        ("usr/lib/python3.9/site-packages/x", Minor(3, 9), True),
        ("debian/foo/usr/share/foo/foo.egg-info/requires.txt", None, False),
        ("debian/foo/opt/usr/lib/python3/dist-packages/x", None, True),
        ("debian/foo/usr/lib/python2.7/dist-packages/x", None, False),
        ("debian/foo/usr/lib/python3x/x", None, False),
        ("requirements.txt", None, False),
    ],
)
def test_places(file: str, python: Minor | None, public: bool) -> None:
    assert (python_of(file), is_public(file)) == (python, public)


def texts(text: str) -> list[tuple[int, str]]:
    requirements, notes = read_metadata(text, METADATA)
    assert notes == ()
    return [(one.origin.line, one.text) for one in requirements]


HEADERS: tuple[tuple[str, list[tuple[int, str]]], ...] = (
    ("", []),
    ("Name: foo\nRequires-Dist: aa\nRequires-Dist: bb>=1\n", [(2, "aa"), (3, "bb>=1")]),
    ("requires-dist: aa\nREQUIRES-DIST:bb\n", [(1, "aa"), (2, "bb")]),
    ("Requires-Dist: aa\n >=1,\n\t<2\nName: foo\n", [(1, "aa >=1, <2")]),
    ("Name: foo\n\nRequires-Dist: aa\n", []),
    ("Name: foo\r\nRequires-Dist: aa\r\n\r\nRequires-Dist: bb\r\n", [(2, "aa")]),
    ("Description: long\n        |Requires-Dist: no\nRequires-Dist: aa\n", [(3, "aa")]),
    ("Description: a\n  Requires-Dist: no\nRequires-Dist: aa\n\nRequires-Dist: no\n", [(3, "aa")]),
    ("Requires: aa (>=1.0)\nRequires: bb\n", [(1, "aa (>=1.0)"), (2, "bb")]),
    ("Requires-Python: >=3.8\nRequires-External: libc\nProvides-Extra: x\nRequires-Dist: aa\n", [(4, "aa")]),
    ("Requires-Dist:\nRequires-Dist: aa", [(2, "aa")]),
    ("Summary: \udcff\nRequires-Dist: aa\n", [(2, "aa")]),
    ("Summary: a: b\nRequires-Dist: aa; python_version < '3'\n", [(2, "aa; python_version < '3'")]),
)


@pytest.mark.parametrize(("text", "expected"), HEADERS)
def test_headers(text: str, expected: list[tuple[int, str]]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(("text", "expected"), HEADERS)
def test_headers_are_those_that_the_email_module_sees(text: str, expected: list[tuple[int, str]]) -> None:
    message = email.message_from_string(text, policy=compat32)
    values = [" ".join(value.split()) for name in ("Requires", "Requires-Dist") for value in message.get_all(name, [])]
    assert [value for value in values if value] == [value for _, value in expected]


def test_a_line_that_is_no_header_ends_them_and_is_told() -> None:
    requirements, notes = read_metadata("Requires-Dist: aa\nwhat is this\nRequires-Dist: bb\n", METADATA)
    assert [one.text for one in requirements] == ["aa"]
    (note,) = notes
    assert (str(note.origin), note.loss) == (f"{METADATA}:2", True)
    assert "'what is this' isn't a header" in note.text


def test_requirements_know_their_owner_and_python() -> None:
    (one,), _ = read_metadata("Requires-Dist: aa\nName: Foo\n", METADATA.replace("python3", "python3.9"))
    assert (one.owner, one.python, one.field, one.extra) == ("Foo", Minor(3, 9), Field.DEPENDS, "")


def test_requires_txt() -> None:
    text = (
        "aa\n# comment\n\n bb>=1 \n[x]\ncc\n[:python_version < '3.8']\ndd\n[y:os_name=='nt']\nee # why\n[]\nff\n"
        "[ z ]\r\ngg\r\n"
    )
    requirements, notes = read_requires(text, REQUIRES)
    assert notes == ()
    assert [(one.origin.line, one.text, one.extra, one.marker) for one in requirements] == [
        (1, "aa", "", ""),
        (4, "bb>=1", "", ""),
        (6, "cc", "x", ""),
        (8, "dd", "", "python_version < '3.8'"),
        (10, "ee", "y", "os_name=='nt'"),
        (12, "ff", "", ""),
        (14, "gg", "z", ""),
    ]
    assert {one.owner for one in requirements} == {"foo_bar"}


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("[x", "a section"),
        ("[x y]", "a section"),
        ("[x:]", "a section"),
        ("[é]", "a section"),
        ("[x]y", "a section"),
        ("-r other.txt", "option of pip"),
        ("-e .", "option of pip"),
        ("--hash=sha256:abc", "option of pip"),
    ],
)
def test_what_is_no_section_and_no_requirement_is_told(line: str, part: str) -> None:
    requirements, notes = read_requires(f"aa\n{line}\nbb\n[x]\ncc\n", "requirements.txt")
    names = [one.text for one in requirements]
    assert names == (["aa", "cc"] if line.startswith("[") else ["aa", "bb", "cc"])
    (note,) = notes
    assert (str(note.origin), note.loss) == ("requirements.txt:2", True)
    assert part in note.text


def test_requirements_txt_as_pip_writes_it() -> None:
    text = "aa==1.0 \\\n    --hash=sha256:0 \\\n    --hash=sha256:1\nbb @ https://example.org/bb#egg=bb  # pinned\n#end"
    requirements, notes = read_requires(text, "requirements.txt")
    assert [one.text for one in requirements] == ["aa==1.0", "bb @ https://example.org/bb#egg=bb"]
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aa\nzz\n", "zz\n"),
        ("aa\n", ""),
        ("  zz  \naa", "zz\n"),
        ("# x\n\n[s]\naa\nzz\n", None),
        ("\n[s]\nzz\n", None),
        ("aa\n\n[s]\naa\n\n", "\n[s]\naa\n\n"),
        ("aa\r\nzz\r\n", "zz\n"),
        ("aa; os_name=='nt'\nzz\n", None),
        ("aa; python_version<'3.8'\nzz\n", "zz\n"),
        ("ignored\naa\n", "ignored\n"),
        ("", None),
    ],
)
def test_what_became_relations_leaves_requires_txt(text: str, expected: str | None) -> None:
    requirements, _ = read_requires(text, REQUIRES)
    found = translate_each(requirements, make_context("aa python3-aa\nignored\n"))
    assert rewritten(text, REQUIRES, found) == expected
    assert rewritten(text, REQUIRES.replace("bar", "other"), found) is None


def test_private_requires_txt_stays() -> None:
    requirements, _ = read_requires("aa\n", "debian/foo/usr/share/foo/foo.egg-info/requires.txt")
    found = translate_each(requirements, make_context())
    assert found[0].relations
    assert rewritten("aa\n", "debian/foo/usr/share/foo/foo.egg-info/requires.txt", found) is None


def test_options() -> None:
    (one,) = option_requirements(Field.RECOMMENDS, ["aa>=1"])
    assert (str(one.origin), one.text, one.field) == ("--recommends", "aa>=1", Field.RECOMMENDS)


@given(st.text(max_size=200), st.sampled_from([METADATA, REQUIRES]))
@settings(max_examples=examples(300))
def test_any_text_is_read(text: str, file: str) -> None:
    for read in (read_metadata, read_requires):
        requirements, notes = read(text, file)
        origins = [*(one.origin for one in requirements), *(one.origin for one in notes)]
        assert all(origin.line >= 1 for origin in origins)


def test_a_megabyte_of_garbage_is_read_quickly() -> None:
    for text in (
        "[" * 1_000_000,
        "a" * 1_000_000,
        " \n" * 500_000,
        "Requires-Dist: " + "x;" * 500_000,
        "#" * 1_000_000,
    ):
        for read in (read_metadata, read_requires):
            requirements, notes = read(text, REQUIRES)
            translate_each(requirements, make_context())
            assert all(len(note.text) < 500 for note in notes)


PIECES = st.sampled_from(
    [
        "Name: foo\n", "Requires-Dist: ", "Requires: ", "foo[x]", "aa", ">=1", "; ", "extra == 's'", " and ",
        " or ", "(", ")", "python_version < '3.8'", "python_version ~= 'x'", "[s:", "[s]", "[r]\n", "]", "\n",
        " ", "\0", "é", "# ",
        "-r x", "platform_machine == 'x86_64'", "sys_platform in", "'", '"', "nonesuch", "==1.*", "~=1",
        "<2", ",", "!=1.4",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=examples(1000))
def test_any_file_is_translated(text: str) -> None:
    sections = {Field.DEPENDS: ("x",), Field.RECOMMENDS: ("r",), Field.SUGGESTS: ("s",)}
    context = make_context(sections=sections, architecture="all")
    for read, file in ((read_metadata, METADATA), (read_requires, REQUIRES.replace("foo_bar", "foo"))):
        requirements, _ = read(text, file)
        for one in translate_each(requirements, context):
            assert all("\n" not in relation for _, relation in one.relations)
            assert all(note.origin.file == file and note.origin.line for note in one.notes)
