# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A marker holds for a Python exactly where `packaging` says so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from pkgtools.debhelper.requirements.markers import Facts, MarkerVerdict, Point, VersionSpan, judge, machines
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.model.pep508 import RequirementError, read_marker
from tests.lab.work import examples

FACTS = Facts(machines=("x86_64",), oldest=Minor(3, 1))
ALWAYS = (VersionSpan(first=None, end=None),)
FIXED = {
    "os_name": "posix",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_version": "6.1",
    "implementation_name": "cpython",
    "extra": "",
}
WORDS = ("os_name", "sys_platform", "platform_system", "platform_machine", "implementation_name")
COMPARISONS = st.one_of(
    st.builds(
        "{} {} '{}'".format,
        st.sampled_from(["python_version", "python_full_version", "implementation_version"]),
        st.sampled_from(["<", "<=", "==", "!=", ">=", ">", "~=", "==="]),
        st.sampled_from(["3.5", "3.8", "3.8.0", "3.8.3", "3.11", "3.12.1", "3.20", "4.0", "2.7"]),
    ),
    st.builds("'{}' {} python_version".format, st.sampled_from(["3.5", "3.11"]),
    st.sampled_from(["<", "<=", "==", ">"])),
    st.builds(
        "{} {} '{}'".format,
        st.sampled_from(["python_version", "python_full_version"]),
        st.sampled_from(["in", "not in"]),
        st.sampled_from(["3.5 3.6 3.7", "3.12", "2.7, 3.4", "3.8.1,3.8.2"]),
    ),
    st.builds("python_version {} '{}.*'".format, st.sampled_from(["==", "!="]), st.sampled_from(["3", "3.8", "2"])),
    st.builds(
        "{} {} '{}'".format,
        st.sampled_from(WORDS),
        st.sampled_from(["==", "!=", "in", "not in"]),
        st.sampled_from(["posix", "nt", "linux", "win32", "Linux", "Darwin", "x86_64", "aarch64", "cpython", "pypy"]),
    ),
    st.builds("extra == '{}'".format, st.sampled_from(["test", "x"])),
)  # fmt: skip
MARKERS = st.recursive(
    COMPARISONS,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=5,
)
POINTS = [Point(3, minor, patch) for minor in range(1, 26) for patch in (0, 1, 2, 3, 4, 7, 12)]
POINTS += [Point(4, 0, 0), Point(4, 1, 2)]


def judged(texts: tuple[str, ...], extras: tuple[str, ...], facts: Facts) -> MarkerVerdict:
    return judge([read_marker(text) if text else None for text in texts], extras, facts)


def environment(point: Point, extra: str = "") -> dict[str, str]:
    short = f"{point.major}.{point.minor}"
    full = f"{short}.{point.patch}"
    python = {"python_version": short, "python_full_version": full, "implementation_version": full}
    return FIXED | python | {"extra": extra}


def is_in(point: Point, spans: tuple[VersionSpan, ...]) -> bool:
    return any((not span.first or point >= span.first) and (not span.end or point < span.end) for span in spans)


@given(MARKERS, st.sampled_from([(), ("test",), ("test", "x")]))
@settings(max_examples=examples(400))
def test_spans_hold_what_packaging_says(text: str, extras: tuple[str, ...]) -> None:
    marker = Marker(text)
    spans = judged((text,), ("", *extras), FACTS).spans
    for point in POINTS:
        expected = any(marker.evaluate(environment(point, extra)) for extra in ("", *extras))
        assert is_in(point, spans) == expected, point.text


SPANS = (
    ("", ALWAYS),
    ("python_version >= '2.7'", ALWAYS),
    ("python_version < '3'", ()),
    ("python_version >= '3.8'", (VersionSpan(first=Point(3, 8, 0), end=None),)),
    ("python_version < '3.8'", (VersionSpan(first=None, end=Point(3, 8, 0)),)),
    ("python_version <= '3.8'", (VersionSpan(first=None, end=Point(3, 9, 0)),)),
    ("python_version == '3.8'", (VersionSpan(first=Point(3, 8, 0), end=Point(3, 9, 0)),)),
    (
        "python_version != '3.8'",
        (VersionSpan(first=None, end=Point(3, 8, 0)), VersionSpan(first=Point(3, 9, 0), end=None)),
    ),
    ("python_full_version > '3.8.1'", (VersionSpan(first=Point(3, 8, 2), end=None),)),
    ("python_full_version == '3.8.1'", (VersionSpan(first=Point(3, 8, 1), end=Point(3, 8, 2)),)),
    ("python_version < '4'", (VersionSpan(first=None, end=Point(4, 0, 0)),)),
    ("python_version in '3.7 3.8'", (VersionSpan(first=Point(3, 7, 0), end=Point(3, 9, 0)),)),
    ("python_version >= '3.8' and sys_platform == 'linux'", (VersionSpan(first=Point(3, 8, 0), end=None),)),
    ("python_version >= '3.8' and sys_platform != 'linux'", ()),
    ("python_version >= '3.8' or sys_platform == 'linux'", ALWAYS),
)


@pytest.mark.parametrize(("text", "spans"), SPANS, ids=[text or "none" for text, _ in SPANS])
def test_spans(text: str, spans: tuple[VersionSpan, ...]) -> None:
    assert judged((text,), ("",), FACTS).spans == spans


def test_a_section_and_its_line_have_to_hold_both() -> None:
    verdict = judged(("python_version >= '3.8' or os_name == 'nt'", "python_version < '3.10'"), ("",), FACTS)
    assert verdict.spans == (VersionSpan(first=Point(3, 8, 0), end=Point(3, 10, 0)),)


@pytest.mark.parametrize(
    ("text", "spans", "doubt"),
    [
        ("platform_machine == 'x86_64'", ALWAYS, "platform_machine"),
        ("platform_machine != 'x86_64'", ALWAYS, "platform_machine"),
        ("platform_machine == 'vax'", (), ""),
        ("platform_machine != 'vax'", ALWAYS, ""),
        ("platform_machine in 'x86_64 aarch64'", ALWAYS, "platform_machine"),
        ("platform_machine == 's390x' and python_version < '3.8'", (VersionSpan(first=None, end=Point(3, 8, 0)),),
         "platform_machine"),
        ("platform_release >= '5.10'", ALWAYS, "platform_release"),
    ],
)  # fmt: skip
def test_what_differs_between_systems_is_told(text: str, spans: tuple[VersionSpan, ...], doubt: str) -> None:
    verdict = judged((text,), ("",), Facts(machines=machines("all", independent=True), oldest=Minor(3, 1)))
    assert (verdict.spans, verdict.doubt) == (spans, doubt)


def test_a_package_of_one_architecture_knows_its_machine() -> None:
    facts = Facts(machines=machines("arm64", independent=False), oldest=Minor(3, 1))
    assert judged(("platform_machine == 'aarch64'",), ("",), facts).spans == ALWAYS
    assert judged(("platform_machine == 'x86_64'",), ("",), facts).spans == ()


def test_an_architecture_that_nobody_knows_is_its_own_machine() -> None:
    assert machines("z80", independent=False) == ("z80",)


@pytest.mark.parametrize("extra", ["Foo_Bar", "foo-bar", "foo.bar", "FOO__BAR"])
def test_extras_are_compared_by_their_canonical_names(extra: str) -> None:
    assert judged((f"extra == '{extra}'",), ("", "foo-bar"), FACTS).spans == ALWAYS
    assert judged((f"extra == '{extra}' and os_name in 'posix'",), ("", "foo-bar"), FACTS).spans == ALWAYS


@pytest.mark.parametrize("extra", ["3d", "2", "1.0", "v1"])
def test_extras_may_look_like_versions(extra: str) -> None:
    assert judged((f"extra == '{extra}'",), ("",), FACTS).spans == ()
    assert judged((f"extra == '{extra}'",), ("", extra), FACTS).spans == ALWAYS


HOSTILE = (
    "nonesuch == 'x'", "python_version", "python_version <", "== '3'", "python_version == 3.8", "os_name == 'a' and",
    "os_name == 'a' xor os_name == 'b'", "((((", "('a' == 'b'", "os_name == 'posix' -- ", "os_name == \"posix'",
    "'a' < 'b'",
    "(" * 3000 + "os_name == 'x'" + ")" * 3000, "python_version ~= 'abc'", "sys_platform ~= 'linux'", "\x00",
    "é == 'x'",
    "os_name == 'a') or (os_name == 'posix'", "extra in 'a b' and (", "python_version < '9' * 9",
    "'x' in extras and 'y' in", "dependency_groups == 'x' and",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:40]) for text in HOSTILE])
def test_what_is_no_marker_is_refused(text: str) -> None:
    with pytest.raises(RequirementError):
        judged((text,), ("",), FACTS)


@given(st.text(alphabet="()'\" <>=!~andorinotpython_versionextra3.8\0\n", max_size=60))
@settings(max_examples=examples(300))
def test_garbage_is_judged_or_refused(text: str) -> None:
    try:
        judged((text,), ("", "x"), FACTS)
    except RequirementError as refusal:
        message = str(refusal)
    else:
        return
    assert "\n" not in message
