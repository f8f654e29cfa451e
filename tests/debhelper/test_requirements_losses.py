# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Whatever a requirement is, it becomes relations or a note with its file and line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508Parts

from pkgtools.debhelper.records import Field, Origin
from pkgtools.debhelper.requirements.requirements import Requirement, translate, translate_each
from pkgtools.debhelper.supported_pythons import Dialect
from tests.lab.work import examples

from .oracle import ORIGIN, make_context, make_installed, translated

PLAIN = make_context()
PACKAGING = "the first line of what packaging says"

LOSSES = (
    ("nonesuch", "nonesuch python3-nonesuch", ()),
    ("python-thing", "python-thing python3-thing", ()),
    ("aa @ https://example.org/x.whl", "https://example.org", ("python3-aa",)),
    ("aa[x,y]>=1", "extra x, y", ("python3-aa (>= 1)",)),
    ("aa>=1.0.*", PACKAGING, ("python3-aa",)),
    ("aa>=latest", PACKAGING, ("python3-aa",)),
    ("aa; nonesuch == 'x'", PACKAGING, ()),
    ("aa; python_version", PACKAGING, ()),
    ("aa; os_name ~= 'x'", "marker can't be evaluated", ()),
    ("aa; (((", PACKAGING, ()),
    ("aa;", PACKAGING, ()),
    (")))", PACKAGING, ()),
    ("aa\0", PACKAGING, ()),
    ("x" * 1_000_000, "1000000 characters", ()),
    ("aa; " + "(" * 3000, "parentheses", ()),
    ("aa; " + "(" * 3000 + "os_name == 'x'" + ")" * 3000, "characters", ()),
    ("two", "python3-one, python3-two", ()),
    ("aa>=1" + "0" * 3900 + "; python_version < '3.8' and nonesuch", PACKAGING, ()),
    ("cc===weird", "deb-version", ("python3-cc",)),
    ("cc===" + "x" * 3000, "deb-version", ("python3-cc",)),
    ("cc>=" + "x" * 3000, PACKAGING, ("python3-cc",)),
    ("cc " + "x" * 3000, PACKAGING, ("python3-cc",)),
    ("cc[" + "x " * 1000 + "]", PACKAGING, ()),
)


def words(text: str) -> str:
    with pytest.raises(InvalidRequirement) as told:
        Pep508Parts(text)
    return str(told.value).split("\n", 1)[0]


@pytest.mark.parametrize(("text", "part", "relations"), LOSSES, ids=[repr(text[:40]) for text, _, _ in LOSSES])
def test_what_is_lost_is_told(text: str, part: str, relations: tuple[str, ...]) -> None:
    rules = "# comment\naa python3-aa; PEP440\ncc python3-cc; PEP440\n"
    context = make_context(rules, owners={"two": ("python3-one", "python3-two")})
    requirement = Requirement(origin=ORIGIN, text=text)
    for rule in context.names.rules("aa"):
        assert rule.origin.file == "debian/py3dist-overrides"
    result = translate([requirement], make_installed(context))
    assert result.by_field.get(Field.DEPENDS, ()) == relations
    (note,) = result.notes
    assert note.origin == ORIGIN
    assert note.loss
    assert (words(text) if part == PACKAGING else part) in note.text
    assert "\n" not in note.text
    assert len(note.text) < 500


def test_what_differs_between_architectures_is_told() -> None:
    context = make_context(architecture="all")
    text = "aa; platform_machine == 'x86_64'"
    result = translated(text, context)
    assert result.by_field == {Field.DEPENDS: ("python3-aa",)}
    assert [(note.loss, note.text) for note in result.notes] == [
        (
            True,
            f"platform_machine isn't the same everywhere: {text!r} is a dependency everywhere",
        )
    ]


@pytest.mark.parametrize("text", ["enum34", "nonesuch @ https://example.org/x.whl"])
def test_what_no_python_of_the_release_wants_is_not_lost(text: str) -> None:
    for dialect in Dialect:
        context = make_context(dialect=dialect)
        lowest = f"{context.default.major}.{context.default.minor}"
        never = f"{text} ; python_version < '{lowest}'"
        always = f"{text} ; python_version < '{lowest}.9' or python_version >= '{lowest}'"
        assert [one.loss for one in translated(never, context).notes] == []
        assert any(one.loss for one in translated(always, context).notes)


def test_the_maintainers_own_rule_settles_extras_and_urls() -> None:
    assert translated("aa[x] @ https://example.org/aa.whl", PLAIN).notes == ()


def test_a_wrong_limit_that_nobody_would_keep_is_no_loss() -> None:
    (note,) = translated("bb>=latest", PLAIN).notes
    assert not note.loss
    assert "'bb>=latest' is taken for any version" in note.text


def test_translations_tell_what_became_of_each() -> None:
    requirements = [
        Requirement(origin=Origin(file="f", line=line), text=text)
        for line, text in enumerate(("aa", "zz", "aa; os_name=='nt'"))
    ]
    found = translate_each(requirements, PLAIN)
    assert [(one.requirement.origin.line, one.relations, len(one.notes)) for one in found] == [
        (0, ((Field.DEPENDS, "python3-aa"),), 0),
        (1, (), 1),
        (2, (), 0),
    ]


@given(st.text(max_size=80), st.sampled_from(["", "aa", "aa>=", "aa; ", "aa[", "aa @ "]))
@settings(max_examples=examples(500))
def test_garbage_becomes_notes(text: str, head: str) -> None:
    result = translated(head + text, PLAIN)
    for relation in result.by_field.get(Field.DEPENDS, ()):
        assert all(" " <= character <= "~" for character in relation)
