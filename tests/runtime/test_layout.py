# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Names and places, against importlib and a reference written out here."""

from __future__ import annotations

import importlib.util
import sys
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath, Interpreter
from pkgtools.runtime.policy.layout import (
    cache_directory_of,
    is_public,
    library_served,
    parse_pyc_name,
    parse_temporary_name,
    pyc_name,
    servers_of_library,
    third_party_base,
)
from pkgtools.runtime.policy.version_range import VersionRange, parse_version_range
from pkgtools.runtime.pythons import tag_version

TAG = sys.implementation.cache_tag or ""
STEMS = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]) | st.sampled_from(".\n[]*-"),
    min_size=1,
    max_size=12,
).filter(lambda stem: stem not in {".", ".."} and stem.strip("."))
TAGS = st.sampled_from([TAG, "cpython-36", "cpython-314", "pypy39", "pypy310"])
LEVELS = st.sampled_from([0, 1, 2])


@given(stem=STEMS, level=LEVELS)
def test_t19_t20_names_are_those_of_importlib(stem: str, level: int) -> None:
    source = f"/opt/app/{stem}.py"
    ours = f"{cache_directory_of(InstalledPath('/opt/app'))}/{pyc_name(stem, TAG, level)}"
    assert ours == importlib.util.cache_from_source(source, optimization=level or "")


@given(stem=STEMS, tag=TAGS, level=LEVELS)
def test_t19_t20_name_is_taken_apart_as_it_was_made(stem: str, tag: str, level: int) -> None:
    found = parse_pyc_name(pyc_name(stem, tag, level))
    assert found is not None
    assert (found.stem, found.tag, found.level) == (stem, tag, str(level or ""))


@given(stem=STEMS, tag=TAGS, level=LEVELS, number=st.integers(0, 2**63))
def test_t11_temporary_of_a_killed_import_is_known(stem: str, tag: str, level: int, number: int) -> None:
    found = parse_temporary_name(f"{pyc_name(stem, tag, level)}.{number}")
    assert found is not None
    assert (found.stem, found.tag) == (stem, tag)


@given(name=st.text(max_size=30))
def test_t18_only_names_that_an_interpreter_makes_are_pycs(name: str) -> None:
    found = parse_pyc_name(name)
    if found is not None:
        level = f".opt-{found.level}" if found.level else ""
        assert name == f"{found.stem}.{found.tag}{level}.pyc"
        assert found.stem
        assert found.level == "" or found.level.isalnum()


def test_t12_central_cache_is_laid_out_as_importlib_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", "/var/cache/python")
    directory = cache_directory_of(InstalledPath("/opt/app/pkg"), InstalledPath("/var/cache/python"))
    assert f"{directory}/{pyc_name('m', TAG, 1)}" == importlib.util.cache_from_source(
        "/opt/app/pkg/m.py", optimization=1
    )


VERSIONS = [(2, 7), (3, 0), (3, 6), (3, 9), (3, 10), (3, 11), (3, 12), (3, 20), (4, 0)]
BOUNDS = [None, (3, 6), (3, 9), (3, 10), (3, 11)]


def _text(version: tuple[int, int] | None) -> str:
    return "" if version is None else f"{version[0]}.{version[1]}"


@pytest.mark.parametrize(("least", "below"), list(product(BOUNDS, BOUNDS)))
def test_range_holds_its_least_and_not_its_end(least: tuple[int, int] | None, below: tuple[int, int] | None) -> None:
    text = f"{_text(least)}-{_text(below)}"
    if least and below and below < least:
        with pytest.raises(UsageError, match="below"):
            parse_version_range(text)
        return
    parsed = parse_version_range(text)
    expected = [v for v in VERSIONS if (least is None or v >= least) and (below is None or v < below)]
    assert [version for version in VERSIONS if version in parsed] == expected


@pytest.mark.parametrize("version", VERSIONS, ids=_text)
def test_single_version_is_that_one(version: tuple[int, int]) -> None:
    parsed = parse_version_range(_text(version))
    assert [other for other in VERSIONS if other in parsed] == [version]


BAD_RANGES = ["3", "3.", ".9", "3.9.1", "3.9--", "--3.9", "-3.9-", "3.9-3", "a", "3.x", " 3.9", "3.9 ", "3.9-3.10-3.11"]


@pytest.mark.parametrize("text", [*BAD_RANGES, ">=3.9", "3,9", "\u0663.\u0661\u0661", "3.9\n"])
def test_bad_range_is_a_usage_error_that_names_it(text: str) -> None:
    with pytest.raises(UsageError, match="version range"):
        parse_version_range(text)


@given(text=st.text("0123456789.-", max_size=12))
def test_any_range_is_parsed_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_version_range(text), VersionRange)
    except UsageError:
        assert text != "-"


@pytest.mark.parametrize(
    ("tag", "version"),
    [("cpython-311", (3, 11)), ("cpython-39", (3, 9)), ("pypy39", (3, 9)), ("pypy310", (3, 10)), ("cpython-3", None)],
)
def test_t19_tag_tells_its_version(tag: str, version: tuple[int, int] | None) -> None:
    assert tag_version(tag) == version


def _interpreter(implementation: str, minor: int) -> Interpreter:
    name = f"/usr/bin/{'python3.' + str(minor) if implementation == 'cpython' else 'pypy3'}"
    tag = f"{'cpython-' if implementation == 'cpython' else 'pypy'}3{minor}"
    return Interpreter(InstalledPath(name), implementation, (3, minor), tag, b"abcd")


C9, C11, P9 = _interpreter("cpython", 9), _interpreter("cpython", 11), _interpreter("pypy", 9)
T13 = _interpreter("cpython", 13)._replace(path=InstalledPath("/usr/bin/python3.13t"), abi="t", is_shared=False)
C13 = _interpreter("cpython", 13)
PLACES = [
    ("/usr/lib/python3/dist-packages", (C9, C11, P9), True),
    ("/usr/lib/python3/dist-packages/pkg/sub", (C9, C11, P9), True),
    ("/usr/lib/python3.11/dist-packages", (C11,), True),
    ("/usr/lib/python3.11/site-packages/x", (C11,), True),
    ("/usr/lib/python3.11", (C11,), True),
    ("/usr/lib/python3.1/dist-packages", (), True),
    ("/usr/lib64/python3.9/site-packages", (C9,), True),
    ("/usr/lib/pypy3/dist-packages", (P9,), True),
    ("/usr/lib/pypy3.9/x", (P9,), True),
    ("/usr/local/lib/python3.11/dist-packages", (C11,), True),
    ("/lib/python3/dist-packages", (C9, C11, P9), True),
    ("/usr/lib/python2.7/dist-packages", (), True),
    ("/usr/lib/python3.11t/site-packages", (), True),
    ("/usr/lib/pypy3.10/site-packages", (), True),
    ("/usr/lib/graalpy25.0/modules", (), True),
    ("/opt/acme/lib/python3.11/site-packages", (C11,), False),
    ("/opt/acme/lib/python3.14/site-packages", (), False),
    ("/opt/acme/lib64/pypy3.9/site-packages", (P9,), False),
    ("/usr/lib/python3-extra", (), False),
    ("/usr/lib/python3.11-extra/x", (), False),
    ("/usr/share/foo", (), False),
    ("/usr/lib/foo/python3.11", (), False),
    ("/opt/usr/lib/python3/dist-packages", (), False),
    ("/usr/library/python3", (), False),
]


@pytest.mark.parametrize(("directory", "servers", "public"), PLACES, ids=[place[0] for place in PLACES])
def test_directory_serves_its_interpreters(directory: str, servers: tuple[Interpreter, ...], public: bool) -> None:
    assert is_public(InstalledPath(directory)) is public
    library = library_served(InstalledPath(directory))
    assert (servers_of_library(library, (C9, C11, P9)) if library else ()) == servers


@pytest.mark.parametrize(
    ("directory", "servers"),
    [
        ("/usr/lib64/python3.13t/site-packages", (T13,)),
        ("/usr/lib64/python3.13/site-packages", (C13,)),
        ("/usr/lib/python3/dist-packages", (C9, C13)),
        ("/opt/acme/lib/python3.13t/site-packages", (T13,)),
    ],
)
def test_a_build_without_the_global_lock_has_a_library_of_its_own(
    directory: str, servers: tuple[Interpreter, ...]
) -> None:
    library = library_served(InstalledPath(directory))
    assert library is not None
    assert servers_of_library(library, (C9, C13, T13)) == servers


@pytest.mark.parametrize(
    ("installed", "servers"), [((T13,), ()), ((T13._replace(is_shared=True),), (T13._replace(is_shared=True),))]
)
def test_it_serves_the_shared_directory_if_it_searches_it(
    installed: tuple[Interpreter, ...], servers: tuple[Interpreter, ...]
) -> None:
    library = library_served(InstalledPath("/usr/lib/python3/dist-packages"))
    assert library is not None
    assert servers_of_library(library, installed) == servers


def test_one_of_two_builds_makes_the_pycs_of_both() -> None:
    library = library_served(InstalledPath("/usr/lib/python3/dist-packages"))
    assert library is not None
    assert servers_of_library(library, (C13, T13._replace(is_shared=True))) == (C13,)


BASES = [
    ("/usr/lib/python3/dist-packages/a/b.py", "/usr/lib/python3/dist-packages"),
    ("/usr/lib/python3.11/site-packages/a.py", "/usr/lib/python3.11/site-packages"),
    ("/usr/lib/python3/dist-packages-extra/a.py", None),
    ("/usr/lib/python3.11/os.py", None),
    ("/opt/lib/python3/dist-packages/a.py", None),
]


@pytest.mark.parametrize(("path", "base"), BASES, ids=[base[0] for base in BASES])
def test_base_of_third_party_modules(path: str, base: str | None) -> None:
    assert third_party_base(InstalledPath(path)) == base
