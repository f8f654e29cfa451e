# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Requirements are taken apart as `packaging` does it, and what is wrong is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PackagingRequirement
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.utils import canonicalize_name

from pkgtools.debhelper.pep508 import LONGEST, Limit, NoRequirementError, canonical, is_valid, parse

GOOD = (
    "a", "A.B-c_d", "aa>=1", "aa >= 1.0 , <2", "aa(>=1,<2)", "aa (>=1)", "aa[x]", "aa[x,y]>=1", "aa [x, y] >=1", "aa[]",
    "aa>=1;python_version<'3'", "aa ; python_version<'3'", "aa[x]; extra=='y'", "aa @ https://example.org/aa.whl",
    "aa@https://example.org/aa.whl", "aa[x] @ git+https://example.org/aa#egg=aa",
    "aa @ file:///tmp/aa ; os_name=='posix'",
    "aa===1.0-weird", "aa==1.*", "aa!=1.4.*", "aa~=1.4", "aa>=1!2.0", "aa==1.0+local.1", "aa>=1.0rc1", "aa>=1.0.dev1",
    "aa>=1.0.post1", "aa>=1.0-1", "aa>=v1.0", "aa>=1.0.RC1", "3d", "aa >1, !=1.2, <3, >=1.1, !=2.0",
)  # fmt: skip
BAD = (
    ("", "begin"), (" ", "begin"), ("[x]", "begin"), (";", "begin"), (">=1", "begin"), (")))", "begin"),
    ("-r other.txt", "begin"), ("./directory", "begin"), ("é", "begin"), ("aa[x", "follow"),
    ("aa[>=1]", "list of extras"),
    ("aa[x y]", "list of extras"), ("aa @", "URL"), ("aa @ a b", "URL"), ("aa;", "semicolon"), ("aa ; ", "semicolon"),
    ("aa\0>=1", "control"), ("aa\x1b", "control"), ("git+https://example.org/aa#egg=aa", "follow"),
    ("https://example.org/aa", "follow"), ("aa/bb", "follow"), ("a" * (LONGEST + 1), "characters"),
    ("aa>=" + "1" * 1_000_000, "characters"),
)  # fmt: skip
COMPLAINTS = (
    ("aa>=", ">="), ("aa 1.0", "1.0"), ("aa>=1.0.*", "1.0.*"), ("aa~=1", "~="), ("aa>=1.0+local", "+local"),
    ("aa=1.0", "=1.0"), ("aa=>1.0", "=>1.0"), ("aa>=1.0 <2", "1.0 <2"), ("aa>=1.0dev-r123", "1.0dev-r123"),
    ("aa(>=1", "(>=1"), ("aa>=1)", "1)"), ("aa>=1,,<2", "''"), ("aa==1.*.*", "1.*.*"), ("aa<>1", "<>1"),
    ("aa==1.0.dev1.*", "dev"), ("aa ==1.0+x.*", "+x"), ("aa>=latest", "latest"),
)  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_good_requirements_are_read_as_packaging_reads_them(text: str) -> None:
    ours, theirs = parse(text), PackagingRequirement(text)
    assert canonical(ours.name) == canonicalize_name(theirs.name)
    assert set(ours.extras) == theirs.extras
    assert ours.url == (theirs.url or "")
    assert bool(ours.marker) == bool(theirs.marker)
    assert not ours.complaint
    assert {Specifier(operator + version) for operator, version in ours.limits} == set(theirs.specifier)


@pytest.mark.parametrize(("text", "reason"), BAD, ids=[repr(text[:40]) for text, _ in BAD])
def test_what_names_no_distribution_is_refused(text: str, reason: str) -> None:
    with pytest.raises(NoRequirementError, match=reason):
        parse(text)


@pytest.mark.parametrize(("text", "part"), COMPLAINTS, ids=[text for text, _ in COMPLAINTS])
def test_wrong_limits_leave_the_name(text: str, part: str) -> None:
    parsed = parse(text)
    assert parsed.name == "aa"
    assert parsed.limits == ()
    assert part in parsed.complaint
    with pytest.raises(InvalidRequirement):
        PackagingRequirement(text)


def test_limits_keep_the_order_of_the_text() -> None:
    assert parse("aa>1,<2,>=1.2,!=1.4").limits == (
        Limit(">", "1"),
        Limit("<", "2"),
        Limit(">=", "1.2"),
        Limit("!=", "1.4"),
    )


@given(st.text(alphabet="aA1.0-_+!*[](),;@<>=~ '\"vrcpostdevé\t\n\0", max_size=30))
@settings(max_examples=500)
def test_what_packaging_accepts_is_accepted(text: str) -> None:
    try:
        theirs = PackagingRequirement(text)
    except InvalidRequirement:
        theirs = None
    try:
        ours = parse(text)
    except NoRequirementError:
        ours = None
    if ours is None:
        # packaging lets names end with an underscore, PEP 508 doesn't; nobody needs tabs and line ends
        assert theirs is None or theirs.name.endswith("_") or set(text) & {"\n", "\0"}
    elif theirs is not None and not theirs.url:
        assert canonical(ours.name) == canonicalize_name(theirs.name)
        assert not ours.complaint
        assert {Specifier(operator + version) for operator, version in ours.limits} == set(theirs.specifier)


@given(
    st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~="]),
    st.from_regex(
        r"v?([01]!)?[0-2](\.[0-2]){0,2}"
        r"([-_.]?(a|beta|rc|c|pre)[-_.]?1?)?(\.?post1|-1|\.rev)?"
        r"([._-]?dev1?)?(\+[a-z]1)?(\.\*)?",
        fullmatch=True,
    ),
)  # fmt: skip
@settings(max_examples=500)
def test_versions_are_allowed_as_packaging_allows_them(operator: str, version: str) -> None:
    try:
        Specifier(operator + version)
    except InvalidSpecifier:
        assert not is_valid(Limit(operator, version))
    else:
        assert is_valid(Limit(operator, version))
