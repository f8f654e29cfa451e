# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Requirements are read by `packaging`, within bounds, and what it can't read is said in its words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement

from pkgtools.model.pep508 import (
    DEEPEST,
    LONGEST,
    RequirementError,
    TolerantRequirement,
    holds,
    read_marker,
    read_requirement,
    read_tolerantly,
)
from tests.lab.work import examples

GOOD = (
    "a", "A.B-c_d", "aa>=1", "aa >= 1.0 , <2", "aa(>=1,<2)", "aa (>=1)", "aa[x]", "aa[x,y]>=1", "aa [x, y] >=1", "aa[]",
    "aa>=1;python_version<'3'", "aa ; python_version<'3'", "aa[x]; extra=='y'", "aa @ https://example.org/aa.whl",
    "aa@https://example.org/aa.whl", "aa[x] @ git+https://example.org/aa#egg=aa",
    "aa @ file:///tmp/aa ; os_name=='posix'",
    "aa===1.0-weird", "aa==1.*", "aa!=1.4.*", "aa~=1.4", "aa>=1!2.0", "aa==1.0+local.1", "aa>=1.0rc1", "aa>=1.0.dev1",
    "aa>=1.0.post1", "aa>=1.0-1", "aa>=v1.0", "aa>=1.0.RC1", "3d", "aa >1, !=1.2, <3, >=1.1, !=2.0",
)  # fmt: skip
BAD = (
    "", " ", "[x]", ";", ">=1", ")))", "-r other.txt", "./directory", "é", "aa[x", "aa[>=1]", "aa[x y]", "aa @",
    "aa @ a b", "aa;", "aa ; ", "aa\0", "aa\x1b", "git+https://example.org/aa#egg=aa", "https://example.org/aa",
    "aa/bb", "aa\0>=1", "aa; nonesuch == 'x'", "aa>=1; python_version", "aa>=1.0.*; (os_name == 'x'",
)  # fmt: skip
UNBOUND = (
    ("a" * (LONGEST + 1), f"{LONGEST + 1} characters"),
    ("aa>=" + "1" * 1_000_000, "1000004 characters"),
    ("aa>=1; " + "(" * (DEEPEST + 1) + "os_name == 'x'" + ")" * (DEEPEST + 1), f"more than {DEEPEST} parentheses"),
    ("aa" + "(" * (DEEPEST + 1), f"more than {DEEPEST} parentheses"),
)
TOLERATED = (
    "aa>=", "aa 1.0", "aa>=1.0.*", "aa~=1", "aa>=1.0+local", "aa=1.0", "aa=>1.0", "aa>=1.0 <2", "aa>=1.0dev-r123",
    "aa(>=1", "aa>=1)", "aa>=1,,<2", "aa==1.*.*", "aa<>1", "aa==1.0.dev1.*", "aa ==1.0+x.*", "aa>=latest",
    "aa (>=1.0.*)", " aa >=1.0.*",
)  # fmt: skip


def words(text: str) -> str:
    """Return what packaging says of a requirement."""
    with pytest.raises(InvalidRequirement) as told:
        Requirement(text)
    return str(told.value).split("\n", 1)[0]


@pytest.mark.parametrize("text", GOOD)
def test_good_requirements_are_without_complaint(text: str) -> None:
    assert read_tolerantly(text) == (read_requirement(text), "")
    assert read_requirement(text) == Requirement(text)


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_what_names_no_distribution_is_refused_in_the_words_of_packaging(text: str) -> None:
    for read in (read_requirement, read_tolerantly):
        with pytest.raises(RequirementError) as told:
            read(text)
        assert str(told.value) == words(text)


@pytest.mark.parametrize(("text", "reason"), UNBOUND, ids=[reason for _, reason in UNBOUND])
def test_what_is_too_large_is_not_parsed(text: str, reason: str) -> None:
    for read in (read_requirement, read_tolerantly, read_marker):
        with pytest.raises(RequirementError, match=reason):
            read(text)


@pytest.mark.parametrize("marker", ["", "; os_name == 'posix'"], ids=["alone", "with a marker"])
@pytest.mark.parametrize("text", TOLERATED, ids=repr)
def test_wrong_versions_leave_the_name_and_the_marker(text: str, marker: str) -> None:
    parts, complaint = read_tolerantly(text + marker)
    assert (parts.name, str(parts.specifier)) == ("aa", "")
    assert str(parts.marker or "") == marker.removeprefix("; ").replace("'", '"')
    assert complaint == words(text + marker)
    with pytest.raises(RequirementError):
        read_requirement(text + marker)


def test_wrong_versions_leave_the_extras() -> None:
    assert read_tolerantly("aa [x, y] >=1.0.*").parts == Requirement("aa[x,y]")


def their_reading(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except (SyntaxError, ValueError):
        return None


def our_reading(text: str) -> TolerantRequirement | str:
    try:
        return read_tolerantly(text)
    except RequirementError as refusal:
        return str(refusal)


@given(st.text(alphabet="aA1.0-_+!*[](),;@<>=~ '\"\\xvrcpostdev\xe9\t\n\0", max_size=30))
@settings(max_examples=examples(500))
def test_garbage_is_read_or_refused(text: str) -> None:
    theirs, ours = their_reading(text), our_reading(text)
    if isinstance(ours, str):
        assert theirs is None
        assert "\n" not in ours
    else:
        assert ours.parts == theirs if theirs else ours.complaint


@pytest.mark.parametrize("text", ["", "(", "os_name", "os_name == 'x' or", "os_name == 'x' xor"], ids=repr)
def test_what_is_no_marker_is_refused_in_the_words_of_packaging(text: str) -> None:
    with pytest.raises(RequirementError) as told:
        read_marker(text)
    assert str(told.value) == words(f"any;{text}")


@pytest.mark.parametrize("text", ["os_name == '\\x'", "os_name == '\0'"], ids=repr)
def test_string_that_python_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(RequirementError):
        read_marker(text)


def test_marker_that_compares_what_has_no_order_is_an_error() -> None:
    with pytest.raises(RequirementError, match="can't be evaluated"):
        holds(read_marker("os_name ~= 'x'"), {"os_name": "posix"})
