# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The PyDist format, and what is wrong with a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.debhelper.requirements.pydist import PydistRule, Standard, parse_rules
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.policy.version_range import ANY_VERSION, VersionRange
from tests.lab.work import examples

FALLBACK = Path("/usr/share/dh-python/dist/cpython3_fallback")


def rule_of(line: str) -> PydistRule:
    (rule,), notes = parse_rules(line, "debian/foo.pydist")
    assert notes == ()
    return rule


LINES = (
    ("six", "six", "", None),
    ("six python3-six", "six", "python3-six", None),
    ("six python3-six; PEP386", "six", "python3-six", Standard.PEP386),
    ("six python3-six ;PEP440", "six", "python3-six", Standard.PEP440),
    ("six python3-six;", "six", "python3-six", None),
    ("\tsix\t python3-six  ", "six", "python3-six", None),
    ("Foo.Bar__baz python3-foo", "foo-bar-baz", "python3-foo", None),
    ("2ping 2ping", "2ping", "2ping", None),
    ("SQLAlchemy python3-a (>= 0.5), python3-a (<< 0.6)", "sqlalchemy", "python3-a (>= 0.5), python3-a (<< 0.6)", None),
    ("jinja2 python3-jinja2 | python3 (>= 3.0)", "jinja2", "python3-jinja2 | python3 (>= 3.0)", None),
    ("aa python3-aa:any", "aa", "python3-aa:any", None),
    ("argparse python3 (>= 3.2)", "argparse", "python3 (>= 3.2)", None),
)  # fmt: skip


@pytest.mark.parametrize(("line", "name", "relation", "standard"), LINES, ids=[line for line, *_ in LINES])
def test_lines(line: str, name: str, relation: str, standard: Standard | None) -> None:
    rule = rule_of(line)
    assert (rule.name, rule.relation, rule.standard, rule.versions) == (name, relation, standard, ANY_VERSION)
    assert rule.rewrites == ()


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("3.1", VersionRange.between(Minor(3, 1), Minor(3, 1))),
        ("3.10", VersionRange.between(Minor(3, 10), Minor(3, 10))),
        ("3.1-", VersionRange.between(Minor(3, 1), None)),
        ("3.1-3.12", VersionRange.between(Minor(3, 1), Minor(3, 12))),
        ("-3.4", VersionRange.between(None, Minor(3, 4))),
    ],
)
@pytest.mark.parametrize("rest", ["", " python3-aa", " python3-aa; PEP386"])
def test_ranges(text: str, versions: VersionRange, rest: str) -> None:
    rule = rule_of(f"aa {text}{rest}")
    assert rule.versions == versions
    assert rule.relation == ("python3-aa" if rest else "")


REWRITES = (
    ("s/^/2:/", "1.0", "2:1.0"),
    ("s/alpha/~alpha/ s/^/1:/", "1.0alpha1", "1:1.0~alpha1"),
    ("s/alpha/~alpha/;s/^/1:/", "1.0alpha1", "1:1.0~alpha1"),
    ("s/alpha/~alpha/; s/^/1:/;", "1.0alpha1", "1:1.0~alpha1"),
    ("s/1/2/", "1.1", "2.1"),
    ("s/1/2/g", "1.1", "2.2"),
    ("s/A/b/", "1.a", "1.a"),
    ("s/A/b/i", "1.a", "1.b"),
    ("s/ a # comment /b/x", "1.a", "1.b"),
    ("s,1,2,", "1.1", "2.1"),
    (r"s/a\/b/c/", "a/b", "c"),
    (r"s|a\.b|c|", "a.b", "c"),
    (r"s/(\d+)\.(\d+)/$2.$1/", "1.2", "2.1"),
    (r"s/(\d+)\.(\d+)/\2.\1/", "1.2", "2.1"),
    (r"s/1/\./", "1", "."),
    ("s:([A-Z]):+$1:", "1D", "1+D"),
    ("s/x//", "1x", "1"),
    ("tr/xy/ab/", "x.y", "a.b"),
    ("y,z,Z,", "z", "Z"),
    ("tr/a-c/A-C/", "abcd", "ABCd"),
    ("tr/abc/x/", "abc", "xxx"),
    ("tr/a//", "a", "a"),
    ("tr/-/./", "1-2", "1.2"),
    ("tr/aa/bc/", "a", "b"),
    ("s/1/2/ tr/2/3/ y/3/4/", "1", "4"),
)


@pytest.mark.parametrize(("text", "version", "result"), REWRITES, ids=[text for text, *_ in REWRITES])
@pytest.mark.parametrize("standard", ["", "PEP440 ", "PEP386; "])
def test_rewrites(text: str, version: str, result: str, standard: str) -> None:
    for rewrite in rule_of(f"aa python3-aa; {standard}{text}").rewrites:
        version = rewrite.apply(version)
    assert version == result


WRONG = (
    ("python3-aa (>= 1)", "'(>= 1)' isn't a relation"),
    ("_aa python3-aa", "isn't a PyDist rule"),
    ("é python3-é", "isn't a PyDist rule"),
    ("aa Python3-aa", "'Python3-aa' isn't a relation"),
    ("aa python3-aa (>= 1", "isn't a relation"),
    ("aa python3-aa (> 1)", "isn't a relation"),
    ("aa python3-aa python3-bb", "isn't a relation"),
    ("aa python3-aa,", "'' isn't a relation"),
    ("aa python3-aa || python3-bb", "'' isn't a relation"),
    ("aa ${python3:Depends}", "isn't a relation"),
    ("aa 3.4-3.2 python3-aa", "3.2 is below 3.4"),
    ("aa python3-aa; PEP999", "'PEP999' isn't a rule"),
    ("aa python3-aa; PEP386x", "'PEP386x' isn't a rule"),
    ("aa python3-aa; pep386", "isn't a rule"),
    ("aa python3-aa; s/a/b", "lacks a '/'"),
    ("aa python3-aa; s/a", "lacks a '/'"),
    ("aa python3-aa; s", "isn't a rule"),
    ("aa python3-aa; s/(/b/", "regular expression '('"),
    ("aa python3-aa; s/a{99999999999}/b/", "regular expression"),
    ("aa python3-aa; s/a/b/q", "flag 'q'"),
    ("aa python3-aa; s/a/$1/", "invalid group reference"),
    ("aa python3-aa; tr/a/b/d", "flags"),
    ("aa python3-aa; m/a/", "isn't a rule"),
    ("aa python3-aa\0", "isn't a relation"),
    ("aa " + "x" * 100_000 + "|", "isn't a relation"),
)


@pytest.mark.parametrize(("line", "part"), WRONG, ids=[line[:40] for line, _ in WRONG])
def test_what_is_wrong_is_told_with_its_line(line: str, part: str) -> None:
    rules, notes = parse_rules(f"# comment\n\n{line}\nbb python3-bb\n", "debian/foo.pydist")
    assert [rule.name for rule in rules] == ["bb"]
    (note,) = notes
    assert str(note.origin) == "debian/foo.pydist:3"
    assert note.loss
    assert part in note.text
    assert len(note.text) < 300


def test_rules_have_their_lines() -> None:
    rules, _ = parse_rules("# a\naa\n\nbb python3-bb\r\naa python3-aa", "file")
    assert [(rule.name, rule.origin.line, rule.relation) for rule in rules] == [
        ("aa", 2, ""),
        ("bb", 4, "python3-bb"),
        ("aa", 5, "python3-aa"),
    ]


@given(st.text(alphabet="ab1.-_(),|;: /$\\tryspPEP386440~>=<\t\n\0é[]", max_size=40))
@settings(max_examples=examples(500))
def test_any_text_gives_rules_or_notes(text: str) -> None:
    rules, notes = parse_rules(text, "file")
    assert len(rules) + len(notes) <= text.count("\n") + 1


@pytest.mark.skipif(not FALLBACK.is_file(), reason="dh-python isn't installed")
def test_the_list_of_dh_python_is_understood() -> None:
    rules, notes = parse_rules(FALLBACK.read_text("utf-8"), str(FALLBACK))
    assert len(rules) > 5000
    # names of dh-python 5's that begin with an underscore: PEP 508 has none
    assert len(notes) < 5
