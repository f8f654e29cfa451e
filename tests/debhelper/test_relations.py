# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Version limits accept what upstream's specifiers accept; Python's versions are said in three ways, with one sense."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pkgtools.debhelper.requirements.markers import Point, VersionSpan
from pkgtools.debhelper.requirements.pydist import parse_rules
from pkgtools.debhelper.requirements.relations import (
    Spelling,
    limit_relations,
    needed,
    with_pythons,
)
from pkgtools.debhelper.supported_pythons import Dialect, Minor, Pythons
from tests.lab.work import examples

from .oracle import demands, python_packages

NUMBERS = st.sampled_from([0, 1, 2, 3, 9, 10])
RELEASES = st.lists(NUMBERS, min_size=1, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))
EPOCHS = st.sampled_from(["", "", "", "1!"])
FINALS = st.builds("{}{}".format, EPOCHS, RELEASES)
PRE_RELEASES = st.builds(
    "{}{}".format, FINALS, st.sampled_from(["a1", "b2", "rc1", "rc10", ".dev3", "a1.dev1", "alpha4", "c3", "pre2"])
)
PLAIN = st.builds("{}{}".format, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), FINALS)
COMPATIBLE = st.builds("~={}.{}".format, FINALS, NUMBERS)
WILD = st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), FINALS)
SPECIFIERS = st.lists(st.one_of(PLAIN, COMPATIBLE, WILD), min_size=1, max_size=4).map(",".join)
REVISIONS = st.sampled_from(["", "-1", "-1.1", "-10+b1", "+dfsg-1", "+ds1-2", "-0ubuntu1"])
SPELLING = Spelling()


def accepts(specifiers: str, debian: str) -> bool:
    relations = tuple(limit_relations("python3-aa", SpecifierSet(specifiers), SPELLING))
    return not demands(relations, {"python3-aa": debian})


def upstream_accepts(specifiers: str, version: str) -> bool:
    """Whether PEP 440 has a version among the specified ones; packaging before 26 forgets epochs for `~=`."""
    known = SpecifierSet(specifiers)
    epochs = {Version(one.version).epoch for one in known if one.operator == "~="}
    return epochs <= {Version(version).epoch} and known.contains(version, prereleases=True)


def is_shorter_zero(version: str, specifiers: str) -> bool:
    """Whether upstream writes a version with fewer zeroes than a specifier: 1 for 1.0, which Debian sorts apart."""
    parsed = Version(version)
    for one in SpecifierSet(specifiers):
        bound = Version(one.version.removesuffix(".*"))
        size = len(parsed.release)
        if parsed.epoch == bound.epoch and bound.release[:size] == parsed.release and len(bound.release) > size:
            return True
    return False


def is_near(version: str, specifiers: str) -> bool:
    """Whether a pre-release is one of a version that a specifier names, or of what comes right after it."""
    base = Version(Version(version).base_version)
    for one in SpecifierSet(specifiers):
        bound = Version(one.version.removesuffix(".*"))
        cut = bound.release[:-1] if one.operator == "~=" else bound.release
        following = (*cut[:-1], cut[-1] + 1)
        for release in (bound.release, following):
            size = min(len(release), len(base.release))
            same = bound.epoch == base.epoch and release[:size] == base.release[:size]
            if same and not any(release[size:]) and not any(base.release[size:]):
                return True
    return False


@given(SPECIFIERS, FINALS, REVISIONS)
@example("<=1.0", "1.0", "-1")
@example("==1.0", "1.0.0", "-1")
@example("!=1.4", "1.4", "+dfsg-1")
@example(">1", "1.0", "-1")
@example("==4.2.*", "4.2", "-1")
@settings(max_examples=examples(1500))
def test_final_releases_are_told_apart_exactly(specifiers: str, version: str, revision: str) -> None:
    assume(not is_shorter_zero(version, specifiers))
    assert accepts(specifiers, SPELLING.spell(version) + revision) == upstream_accepts(specifiers, version)


@given(SPECIFIERS, PRE_RELEASES, REVISIONS)
@settings(max_examples=examples(1000))
def test_pre_releases_of_other_versions_are_told_apart_exactly(specifiers: str, version: str, revision: str) -> None:
    assume(not is_shorter_zero(version, specifiers) and not is_near(version, specifiers))
    assert accepts(specifiers, SPELLING.spell(version) + revision) == upstream_accepts(specifiers, version)


@given(st.sampled_from([">=", "<=", "==", "!=", ">"]), PRE_RELEASES, FINALS, REVISIONS)
@settings(max_examples=examples(600))
def test_limits_that_are_pre_releases_tell_final_releases_apart(
    operator: str, limit: str, version: str, revision: str
) -> None:
    assume(not is_shorter_zero(version, operator + limit))
    expected = SpecifierSet(operator + limit).contains(version)
    assert accepts(operator + limit, SPELLING.spell(version) + revision) == expected


@pytest.mark.parametrize(
    ("specifier", "version", "accepted"),
    [
        # PEP 440 shuts out pre-releases of an upper limit; `<< 2` lets them in, as dh_python3's does
        ("<2", "2~rc1-1", True),
        ("~=1.4", "2~rc1-1", True),
        ("==1.*", "2~rc1-1", True),
        # and counts 1.0.post1 as 1.0 where it is below a limit; Debian sorts it after 1.0.9
        (">1.0", "1.0.post1-1", True),
        ("==1.0", "1.0.post1-1", False),
        ("<1.0.1", "1.0.post1-1", False),
        (">=1.0", "1.0.post1-1", True),
        (">=1.0.post1", "1.0-1", False),
        (">=1.0.post1", "1.0.post1-1", True),
        (">=1.0.post1", "1.0.post2-1", True),
        ("==1.0.post1", "1.0.post1-1", True),
        ("==1.0.post1", "1.0.post2-1", False),
        # upstream has to write as many zeroes as in its specifier
        (">=1.0", "1-1", False),
        # a local version is Debian's own addition
        ("==1.0", "1.0+git2026-1", True),
        ("==1.0+x", "1.0+x-1", True),
        ("==1.0+x", "1.0-1", False),
        ("===1.0", "1.0-1", True),
        ("===1.0", "1.0.0-1", False),
        ("===1.0", "1.0.1-1", False),
        ("==1.0rc1", "1.0~rc1-1", True),
        ("==1.0rc1", "1.0~rc2-1", False),
        ("==1.0rc1", "1.0-1", False),
    ],
)
def test_the_edges_of_the_order(specifier: str, version: str, accepted: bool) -> None:
    assert accepts(specifier, version) == accepted


LIMITS = (
    (">=1.0", ("x (>= 1.0)",)),
    ("<2", ("x (<< 2)",)),
    (">1", ("x (>= 1.0.0.1~)",)),
    ("<=1.4", ("x (<< 1.4.0.1~)",)),
    ("<=1.4.2", ("x (<< 1.4.2.1~)",)),
    ("<=1.4.2.3", ("x (<< 1.4.2.3.1~)",)),
    ("==1.4", ("x (>= 1.4)", "x (<< 1.4.0.1~)")),
    ("===1.4", ("x (>= 1.4)", "x (<< 1.4.~)")),
    ("!=1.4", ("x (<< 1.4) | x (>= 1.4.0.1~)",)),
    ("==1.*", ("x (>= 1)", "x (<< 2)")),
    ("==1.9.*", ("x (>= 1.9)", "x (<< 1.10)")),
    ("!=1.4.*", ("x (<< 1.4) | x (>= 1.5)",)),
    ("~=2.1", ("x (>= 2.1)", "x (<< 3)")),
    ("~=2.1.3", ("x (>= 2.1.3)", "x (<< 2.2)")),
    ("~=2.1.3.4", ("x (>= 2.1.3.4)", "x (<< 2.1.4)")),
    ("~=2.1a1", ("x (>= 2.1~a1)", "x (<< 3)")),
    ("~=2.1.post3", ("x (>= 2.1.post3)", "x (<< 3)")),
    ("~=1!2.1", ("x (>= 1:2.1)", "x (<< 1:3)")),
    ("==1!2.*", ("x (>= 1:2)", "x (<< 1:3)")),
    ("==1!2", ("x (>= 1:2)", "x (<< 1:2.0.0.1~)")),
    (">=1!2.0", ("x (>= 1:2.0)",)),
    (">=v1.0", ("x (>= 1.0)",)),
    ("==v1.*", ("x (>= 1)", "x (<< 2)")),
    ("==v1.4.*", ("x (>= 1.4)", "x (<< 1.5)")),
    (">1,<2,>=1.2,!=1.4", ("x (>= 1.0.0.1~)", "x (>= 1.2)", "x (<< 1.4) | x (>= 1.4.0.1~)", "x (<< 2)")),
)


@pytest.mark.parametrize(("specifiers", "relations"), LIMITS, ids=[text for text, _ in LIMITS])
def test_limits(specifiers: str, relations: tuple[str, ...]) -> None:
    assert tuple(limit_relations("x", SpecifierSet(specifiers), SPELLING)) == relations


SPELLED = (
    ("1.0", "1.0"), ("1.0.dev3", "1.0~dev3"), ("1.0dev3", "1.0~dev3"), ("1.0a1", "1.0~a1"), ("1.0b2", "1.0~b2"),
    ("1.0rc1", "1.0~rc1"), ("1.0c1", "1.0~c1"), ("1.0.rc1", "1.0~rc1"), ("1.0-rc1", "1.0~rc1"), ("1.0_rc_1", "1.0~rc1"),
    ("1.0RC1", "1.0~rc1"), ("1.0alpha4", "1.0~alpha4"), ("1.3.alpha4", "1.3~alpha4"), ("1.0beta", "1.0~beta"),
    ("1.0preview1", "1.0~preview1"), ("1.0pre1", "1.0~pre1"), ("1.0.post1", "1.0.post1"), ("1.0-1", "1.0.post1"),
    ("1.0rev2", "1.0rev2"), ("1.0a1.dev2", "1.0~a1~dev2"), ("1.0.post1.dev2", "1.0.post1~dev2"), ("1!2.0", "1:2.0"),
    ("1!2.0rc1", "1:2.0~rc1"), ("1.0+abc", "1.0+abc"), ("1.0+a-b_c", "1.0+a.b.c"), ("1.0rc1+rc1", "1.0~rc1+rc1"),
     ("v2", "2"),
)  # fmt: skip


@pytest.mark.parametrize(("upstream", "debian"), SPELLED, ids=[one for one, _ in SPELLED])
def test_spelling(upstream: str, debian: str) -> None:
    assert SPELLING.spell(upstream) == debian


RULED = (
    ("aa xx; PEP386", "1.0rc1", "1.0~rc1"),
    ("aa xx; PEP440", "1.0.dev3", "1.0~dev3"),
    ("aa xx; PEP440", "1!2.0", "1:2.0"),
    ("aa xx; s/^/1:/", "2.0", "1:2.0"),
    # without a standard, the rules are all that the maintainer wants
    ("aa xx; s/^/1:/", "2.0rc1", "1:2.0rc1"),
    ("aa xx; PEP440 s/^/1:/", "2.0rc1", "1:2.0~rc1"),
    ("aa xx; PEP440 s/rc/~rc/", "2.0rc1", "2.0~rc1"),
    ("aa xx; s/c//gi", "1.C2betac", "1.2beta"),
    ("aa xx; PEP386 s/^/1:/; s/-foo//g; s:([A-Z]):+$1:", "5-fooa1.2beta3-fooD", "1:5~a1.2~beta3+D"),
    ("aa xx; y,b,1,", "a.b", None),
    ("aa xx; tr/a-c/1-3/ s/$/+dfsg/", "a.b", "1.2+dfsg"),
    ("aa xx; s/^/1:/", "1!2.0", None),
    ("aa xx; s/.*//", "1.0", None),
    ("aa xx; s/$/)/", "1.0", None),
)


@pytest.mark.parametrize(("line", "upstream", "debian"), RULED, ids=[f"{one} {two}" for one, two, _ in RULED])
def test_spelling_by_rules(line: str, upstream: str, debian: str | None) -> None:
    (rule,), notes = parse_rules(line, "file")
    assert not notes
    spelling = Spelling(rule.rewrites, tilde=rule.standard is not None)
    if debian is None:
        with pytest.raises(ValueError, match=r"deb-version\(7\)"):
            spelling.spell(upstream)
    else:
        assert spelling.spell(upstream) == debian


def test_alternatives_have_the_limit_each() -> None:
    relations = tuple(limit_relations("a | b", SpecifierSet(">=1,!=2"), SPELLING))
    assert relations == ("a (>= 1) | b (>= 1)", "a (<< 2) | a (>= 2.0.0.1~) | b (<< 2) | b (>= 2.0.0.1~)")


@pytest.mark.parametrize(
    ("newest", "dialect"),
    [
        (Minor(3, 9), Dialect.DEFAULT),
        (Minor(3, 11), Dialect.DEFAULT),
        (Minor(3, 13), Dialect.SUPPORTED),
        (Minor(3, 14), Dialect.SUPPORTED_FIRST),
    ],
)
def test_a_distribution_has_its_dialect(newest: Minor, dialect: Dialect) -> None:
    assert Pythons(default=Minor(3, 9), supported=(Minor(3, 9), newest)).dialect is dialect


def span(first: tuple[int, int] | None, end: tuple[int, int] | None) -> VersionSpan:
    return VersionSpan(first=Point(*first, 0) if first else None, end=Point(*end, 0) if end else None)


PYTHONS = (
    ((span(None, None),), "", ("x",), ("x",), ("x",)),
    ((), "", (), (), ()),
    (
        (span((3, 12), None),), "'3.12'",
        ("x | python3 (<< 3.12)",), ("x | python3-supported-max (<< 3.12)",), ("x | python3-supported-max (<< 3.12)",),
    ),
    (
        (span((3, 13), None),), "'3.12'",
        ("x | python3 (<< 3.13)",), ("x | python3-supported-max (<= 3.12)",), ("x | python3-supported-max (<= 3.12)",),
    ),
    (
        (span(None, (3, 12)),), "'3.12'",
        ("x | python3 (>> 3.12)",), ("x | python3-supported-min (>= 3.12)",), ("python3-supported-min (>= 3.12) | x",),
    ),
    (
        (span(None, (3, 13)),), "'3.12'",
        ("x | python3 (>> 3.13)",), ("x | python3-supported-min (>> 3.12)",), ("python3-supported-min (>> 3.12) | x",),
    ),
    (
        (span((3, 12), (3, 13)),), "'3.12'",
        ("x | python3 (<< 3.12) | python3 (>> 3.13)",),
        ("x | python3-supported-max (<< 3.12) | python3-supported-min (>= 3.13)",),
        ("x | python3-supported-max (<< 3.12) | python3-supported-min (>= 3.13)",),
    ),
    (
        (span(None, (3, 12)), span((3, 13), None)), "'3.12'",
        ("x | python3 (>> 3.12)", "x | python3 (<< 3.13)"),
        ("x | python3-supported-min (>= 3.12)", "x | python3-supported-max (<= 3.12)"),
        ("x | python3-supported-min (>= 3.12)", "x | python3-supported-max (<= 3.12)"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(("spans", "text", "default", "supported", "first"), PYTHONS)
def test_pythons(
    spans: tuple[VersionSpan, ...],
    text: str,
    default: tuple[str, ...],
    supported: tuple[str, ...],
    first: tuple[str, ...],
) -> None:
    assert tuple(with_pythons("x", spans, text, Dialect.DEFAULT)) == default
    assert tuple(with_pythons("x", spans, text, Dialect.SUPPORTED)) == supported
    assert tuple(with_pythons("x", spans, text, Dialect.SUPPORTED_FIRST)) == first


@given(
    st.lists(st.integers(11, 20), min_size=1, max_size=6, unique=True).map(sorted),
    st.booleans(),
    st.sampled_from(list(Dialect)),
    st.integers(9, 22),
    st.integers(0, 3),
)
@settings(deadline=None)
def test_any_union_of_spans_is_said(limits: list[int], begins: bool, dialect: Dialect, lowest: int, more: int) -> None:
    lowest = max(lowest, dialect.floor.minor)
    edges = [None, *((3, minor) for minor in limits), None] if begins else [*((3, minor) for minor in limits), None]
    pairs = zip(edges[::2], edges[1::2], strict=False)
    spans = needed((span(first, end) for first, end in pairs), dialect)
    supported = range(lowest, lowest + (more if dialect is not Dialect.DEFAULT else 0) + 1)
    installed = python_packages(f"3.{lowest}.2-1", f"3.{lowest}", f"3.{supported[-1]}")
    points = [Point(3, minor, 0) for minor in supported]
    wanted = any(
        (not one.first or point >= one.first) and (not one.end or point < one.end) for one in spans for point in points
    )
    assert demands(with_pythons("x", spans, "", dialect), installed) == wanted
    assert not demands(with_pythons("x", spans, "", dialect), installed | {"x": "1"})
