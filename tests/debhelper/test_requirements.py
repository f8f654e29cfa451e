# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""From a requirement to relations: the package is demanded exactly where the marker holds."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from pkgtools.debhelper.records import Field
from pkgtools.debhelper.requirements.markers import Point
from pkgtools.debhelper.requirements.requirements import Requirement, translate
from pkgtools.debhelper.supported_pythons import Dialect, Minor
from tests.lab.work import examples

from .oracle import ORIGIN, demands, depends, make_context, python_packages, translated
from .test_markers import MARKERS, environment

PLAIN = make_context()
MINORS = MARKERS.filter(lambda text: "full" not in text and "implementation_version" not in text)

RIGHT = (
    # what dh_python3 7 gets wrong
    ('aa; sys_platform != "linux"', ()),
    ('aa; python_version >= "3.8" and sys_platform == "linux"', ("python3-aa | python3 (<< 3.8)",)),
    ('aa; "3.8" <= python_version', ("python3-aa | python3 (<< 3.8)",)),
    ('aa; python_version not in "3.8 3.9"', ("python3-aa | python3 (>> 3.8)", "python3-aa | python3 (<< 3.10)")),
    ('aa; "linux" in sys_platform', ("python3-aa",)),
    ("aa>=1!2.0", ("python3-aa (>= 1:2.0)",)),
    ("aa>=1.0.dev3", ("python3-aa (>= 1.0~dev3)",)),
    # what it gets right
    ("aa", ("python3-aa",)),
    ("AA", ("python3-aa",)),
    ("aa>=1.0", ("python3-aa (>= 1.0)",)),
    ("aa (>=1.0)", ("python3-aa (>= 1.0)",)),
    ("aa~=2.1", ("python3-aa (>= 2.1)", "python3-aa (<< 3)")),
    ("bb>=1.0", ("python3-bb",)),
    ('aa; python_version < "3.8"', ("python3-aa | python3 (>> 3.8)",)),
    ('aa; python_version <= "3.8"', ("python3-aa | python3 (>> 3.9)",)),
    ('aa; python_version > "3.8"', ("python3-aa | python3 (<< 3.9)",)),
    ('aa; python_version >= "3.8"', ("python3-aa | python3 (<< 3.8)",)),
    ('aa; python_version == "3.8"', ("python3-aa | python3 (<< 3.8) | python3 (>> 3.9)",)),
    ('aa; python_version < "3"', ()),
    ('aa; python_version >= "3"', ("python3-aa",)),
    ('aa; python_version > "3"', ("python3-aa",)),
    ('aa; python_version >= "2.7"', ("python3-aa",)),
    ('aa; python_full_version < "3.8.1"', ("python3-aa | python3 (>> 3.8.1)",)),
    ('aa; python_full_version >= "3.8.1"', ("python3-aa | python3 (<< 3.8.1)",)),
    ('aa; python_full_version >= "3.8"', ("python3-aa | python3 (<< 3.8.0)",)),
    ('aa; python_full_version == "3.8.1"', ("python3-aa | python3 (<< 3.8.1) | python3 (>> 3.8.2)",)),
    ('aa>=1,<2; python_version < "3.8"', ("python3-aa (>= 1) | python3 (>> 3.8)",
     "python3-aa (<< 2) | python3 (>> 3.8)")),
    ('aa; python_version >= "3.8" and python_version < "4.0"', ("python3-aa | python3 (<< 3.8) | python3 (>> 4.0)",)),
    ('aa; python_version == "3.8.*"', ("python3-aa | python3 (<< 3.8) | python3 (>> 3.9)",)),
    ('aa; os_name == "nt"', ()),
    ('aa; os_name == "posix"', ("python3-aa",)),
    ('aa; platform_machine == "x86_64"', ("python3-aa",)),
    ('aa; platform_machine == "aarch64"', ()),
    ('aa; platform_python_implementation != "PyPy"', ("python3-aa",)),
    ('aa; platform_python_implementation == "PyPy"', ()),
    ('aa; extra == "x"', ()),
    ('aa; extra != "x"', ("python3-aa",)),
    ('aa; python_version < "3.8" or python_version >= "3.10"', ("python3-aa | python3 (>> 3.8)",
     "python3-aa | python3 (<< 3.10)")),
    ('aa; (python_version == "3.8" or python_version == "3.10") and os_name == "posix"',
     ("python3-aa | python3 (<< 3.8) | python3 (>> 3.9)", "python3-aa | python3 (<< 3.10) | python3 (>> 3.11)")),
)  # fmt: skip


@pytest.mark.parametrize(("text", "relations"), RIGHT, ids=[text for text, _ in RIGHT])
def test_requirements(text: str, relations: tuple[str, ...]) -> None:
    result = translated(text, PLAIN)
    assert result.by_field.get(Field.DEPENDS, ()) == relations
    assert result.notes == ()


@given(MINORS, st.integers(1, 24), st.sampled_from(["", ">=1", "==1.*", "!=2"]))
@settings(max_examples=examples(300))
def test_a_package_is_demanded_exactly_where_the_marker_holds(text: str, minor: int, limits: str) -> None:
    installed = python_packages(f"3.{minor}.2-1")
    relations = depends(f"aa{limits}; {text}", PLAIN)
    holds = Marker(text).evaluate(environment(Point(3, minor, 2)))
    assert demands(relations, installed) == holds
    assert not demands(relations, installed | {"python3-aa": "1.5-1"})


@given(
    MARKERS,
    st.integers(1, 24),
    st.sampled_from([0, 1, 2, 3, 4, 9]),
    st.sampled_from(["-1", "-1+b1", "-0ubuntu1", "+ds-1"]),
)
@settings(max_examples=examples(300))
def test_full_versions_count_too(text: str, minor: int, patch: int, revision: str) -> None:
    installed = python_packages(f"3.{minor}.{patch}{revision}")
    relations = depends(f"aa; {text}", PLAIN)
    assert demands(relations, installed) == Marker(text).evaluate(environment(Point(3, minor, patch)))


@given(MINORS, st.integers(1, 24), st.sampled_from(["a7", "b2", "rc1"]))
@example("python_version < '3.8.0'", 8, "a7")
@settings(max_examples=examples(200))
def test_a_pre_release_of_python_is_of_its_minor_version(text: str, minor: int, tag: str) -> None:
    installed = python_packages(f"3.{minor}.0~{tag}-1")
    assert demands(depends(f"aa; {text}", PLAIN), installed) == Marker(text).evaluate(environment(Point(3, minor, 0)))


@given(
    MINORS,
    st.sampled_from([Dialect.SUPPORTED, Dialect.SUPPORTED_FIRST]),
    st.integers(11, 24),
    st.integers(0, 3),
    st.integers(0, 3),
)
@settings(max_examples=examples(300))
def test_with_several_pythons_one_that_needs_it_is_enough(
    text: str, dialect: Dialect, lowest: int, more: int, default: int
) -> None:
    supported = range(lowest, lowest + more + 1)
    installed = python_packages(f"3.{min(lowest + default, supported[-1])}.4-1", f"3.{lowest}", f"3.{supported[-1]}")
    marker = Marker(text)
    holds = any(marker.evaluate(environment(Point(3, minor, 0))) for minor in supported)
    assert demands(depends(f"aa; {text}", make_context(dialect=dialect)), installed) == holds


@given(MARKERS, st.sampled_from([Dialect.SUPPORTED, Dialect.SUPPORTED_FIRST]), st.integers(11, 24), st.integers(0, 4))
@example("python_full_version <= '3.11'", Dialect.SUPPORTED_FIRST, 11, 0)
@example("python_full_version < '3.11.3'", Dialect.SUPPORTED_FIRST, 11, 2)
@settings(max_examples=examples(300))
def test_with_one_python_all_dialects_are_exact(text: str, dialect: Dialect, minor: int, patch: int) -> None:
    installed = python_packages(f"3.{minor}.{patch}-1")
    relations = depends(f"aa; {text}", make_context(dialect=dialect))
    assert demands(relations, installed) == Marker(text).evaluate(environment(Point(3, minor, patch)))


NAMES: tuple[tuple[str, str, dict[str, tuple[str, ...]], tuple[str, ...]], ...] = (
    ("cc", "cc python3-cc (>= 1), python3-cc (<< 2)", {}, ("python3-cc (>= 1)", "python3-cc (<< 2)")),
    ("cc>=3", "cc python3-cc (>= 1), python3-cc (<< 2)", {}, ("python3-cc (>= 1)", "python3-cc (<< 2)")),
    ("cc>=3; python_version<'3.8'", "cc python3-c, python3-d (>= 1)", {}, ("python3-c | python3 (>> 3.8)",
     "python3-d (>= 1) | python3 (>> 3.8)")),
    ("cc>=3", "cc python3-c | python3-d; PEP440", {}, ("python3-c (>= 3) | python3-d (>= 3)",)),
    ("cc>=3", "cc", {}, ()),
    ("cc", "cc python3-cc | python3 (>= 3.4)", {}, ("python3-cc | python3 (>= 3.4)",)),
    ("cc>=3", "cc python3-cc; s/^/1:/", {}, ("python3-cc (>= 1:3)",)),
    ("Foo.Bar_baz", "foo-bar-BAZ python3-foo", {}, ("python3-foo",)),
    ("cc", "", {"cc": ("python3-cc",)}, ("python3-cc",)),
    ("cc>=3", "", {"cc": ("python3-cc",)}, ("python3-cc",)),
    ("cc", "cc 2.7 python-cc\ncc 3.0- python3-cc", {}, ("python3-cc",)),
    ("cc", "cc -3.2 python3-old\ncc 3.2- python3-cc; PEP440", {}, ("python3-cc",)),
    ("cc", "cc 3.2 python3-old", {"cc": ("python3-cc",)}, ("python3-cc",)),
    ("cc", "cc python3-first\ncc python3-second", {}, ("python3-first",)),
)  # fmt: skip


@pytest.mark.parametrize(("text", "rules", "owners", "relations"), NAMES)
def test_names(text: str, rules: str, owners: dict[str, tuple[str, ...]], relations: tuple[str, ...]) -> None:
    result = translated(text, make_context(rules, owners=owners))
    assert result.by_field.get(Field.DEPENDS, ()) == relations
    assert result.notes == ()


@pytest.mark.parametrize(
    ("python", "relation"), [(Minor(3, 1), "python3-old"), (Minor(3, 4), "python3-cc"), (None, "python3-cc")]
)
def test_rules_are_those_of_the_python_that_metadata_are_for(python: Minor | None, relation: str) -> None:
    context = make_context("cc -3.2 python3-old\ncc 3.2- python3-cc")
    requirement = Requirement(origin=ORIGIN, text="cc", python=python)
    assert translate([requirement], context).by_field == {Field.DEPENDS: (relation,)}


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        ("bb>=1.0", ("python3-bb (>= 1.0)",)),
        ("bb>=1.0rc1,<2", ("python3-bb (>= 1.0~rc1)", "python3-bb (<< 2)")),
        ("cc>=1.0", ("python3-cc (>= 1.0)",)),
        ("bb", ("python3-bb (>= 3)",)),
    ],
)
def test_upstream_versions_are_kept_where_asked_for(text: str, relations: tuple[str, ...]) -> None:
    context = make_context(accept=True, owners={"cc": ("python3-cc",)}, build_depends={"python3-bb": ">= 3"})
    assert depends(text, context) == relations


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        ("bb", ("python3-bb (>= 3)",)),
        ("bb>=1", ("python3-bb (>= 3)",)),
        ("bb; python_version<'3.8'", ("python3-bb (>= 3) | python3 (>> 3.8)",)),
        ("aa>=1", ("python3-aa (>= 1)",)),
        ("aa", ("python3-aa (>= 4)",)),
        ("cc", ("python3-cc",)),
        ("dd", ("python3-dd",)),
    ],
)
def test_limits_of_build_depends_are_kept(text: str, relations: tuple[str, ...]) -> None:
    limits = {"python3-aa": ">= 4", "python3-bb": ">= 3", "python3-cc": "", "python3-dd": ">= 5"}
    rules = "aa python3-aa; PEP440\nbb python3-bb\ncc python3-cc\n"
    assert depends(text, make_context(rules, build_depends=limits, owners={"dd": ("python3-dd",)})) == relations


SECTIONS = {Field.DEPENDS: ("d",), Field.RECOMMENDS: ("r", "R.2"), Field.SUGGESTS: ("s", "d")}
EXTRAS: tuple[tuple[str, dict[Field, tuple[str, ...]]], ...] = (
    ("aa; extra == 'd'", {Field.DEPENDS: ("python3-aa",)}),
    ("aa; extra == 'r'", {Field.RECOMMENDS: ("python3-aa",)}),
    ("aa; extra == 'r-2'", {Field.RECOMMENDS: ("python3-aa",)}),
    ("aa; extra == 's'", {Field.SUGGESTS: ("python3-aa",)}),
    ("aa; extra == 'other'", {}),
    ("aa; extra == 'r' or extra == 's'", {Field.RECOMMENDS: ("python3-aa",)}),
    ("aa; extra == 'r' and os_name == 'nt'", {}),
    ("aa; extra == 'r' and python_version < '3.8'", {Field.RECOMMENDS: ("python3-aa | python3 (>> 3.8)",)}),
    ("aa; python_version < '3.8' and extra == 'r'", {Field.RECOMMENDS: ("python3-aa | python3 (>> 3.8)",)}),
    (
        "aa; extra == 'r' or python_version < '3.8'",
        {Field.DEPENDS: ("python3-aa | python3 (>> 3.8)",), Field.RECOMMENDS: ("python3-aa",)},
    ),
    ("aa", {Field.DEPENDS: ("python3-aa",)}),
)


@pytest.mark.parametrize(("text", "by_field"), EXTRAS, ids=[text for text, _ in EXTRAS])
def test_extras_go_to_the_fields_of_their_sections(text: str, by_field: dict[Field, tuple[str, ...]]) -> None:
    assert translated(text, make_context(sections=SECTIONS)).by_field == by_field


@pytest.mark.parametrize(
    ("extra", "marker", "by_field"),
    [
        ("r", "", {Field.RECOMMENDS: ("python3-aa",)}),
        ("R_2", "", {Field.RECOMMENDS: ("python3-aa",)}),
        ("", "python_version < '3.8'", {Field.DEPENDS: ("python3-aa | python3 (>> 3.8)",)}),
        ("s", "python_version < '3.8'", {Field.SUGGESTS: ("python3-aa | python3 (>> 3.8)",)}),
        ("s", "os_name == 'nt'", {}),
        ("other", "", {}),
    ],
)
def test_sections_of_requires_txt(extra: str, marker: str, by_field: dict[Field, tuple[str, ...]]) -> None:
    requirement = Requirement(origin=ORIGIN, text="aa", extra=extra, marker=marker)
    assert translate([requirement], make_context(sections=SECTIONS)).by_field == by_field


def test_options_name_their_field() -> None:
    requirements = [Requirement(origin=ORIGIN, text="aa", field=field) for field in (Field.SUGGESTS, Field.RECOMMENDS)]
    assert translate(requirements, PLAIN).by_field == {
        Field.SUGGESTS: ("python3-aa",),
        Field.RECOMMENDS: ("python3-aa",),
    }


def test_own_extras_ask_for_their_requirements() -> None:
    texts = ("foo[r]; extra == 'd'", "aa; extra == 'r'", "FOO[d]; extra == 'all'", "bb; extra == 'x'", "foo>=1")
    requirements = [Requirement(origin=ORIGIN, text=text, owner="Foo") for text in texts]
    context = make_context("aa python3-aa\nbb python3-bb\nfoo python3-foo", sections={Field.SUGGESTS: ("all",)})
    assert translate(requirements, context).by_field == {Field.SUGGESTS: ("python3-aa",)}


@pytest.mark.parametrize(
    "text", ["foo[x", "foo[x]; nonesuch", "foo[x y]", "foo[x]; extra == 's' and python_version ~= 'abc'"]
)
def test_garbage_about_oneself_is_told_once(text: str) -> None:
    requirement = Requirement(origin=ORIGIN, text=text, owner="foo")
    (note,) = translate([requirement], make_context(sections=SECTIONS)).notes
    assert note.loss


def test_each_relation_is_there_once_in_order() -> None:
    requirements = [Requirement(origin=ORIGIN, text=text) for text in ("bb", "aa>=2", "bb", "aa>=1", "aa>=2")]
    assert translate(requirements, PLAIN).by_field == {
        Field.DEPENDS: ("python3-bb", "python3-aa (>= 2)", "python3-aa (>= 1)")
    }
