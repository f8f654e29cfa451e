# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The table of Pythons: names, libraries and tags, and that they agree with the interpreters that there are."""

from __future__ import annotations

import re
import subprocess

import pytest

from pkgtools.runtime.pythons import (
    CPYTHON,
    FREE_THREADED,
    GRAALPY,
    GRAALPY_TAG,
    LIBRARY_NAME,
    PYPY,
    PYTHON2,
    RELEASED_MAGICS,
    SERVED,
    TAG,
    Implementation,
    PythonVersion,
    cache_tag,
    is_cache_tag,
    is_interpreter_name,
    library_of,
    parse_python_name,
    tag_version,
    tags_by_name,
    version_of_magic,
)
from tests.runtime.interpreters import Found
from tests.runtime.python_names import names_in_lists

NAMES: list[tuple[str, Implementation | None, PythonVersion | None]] = [
    ("python3", CPYTHON, None),
    ("python3.11", CPYTHON, (3, 11)),
    ("platform-python3.6", CPYTHON, (3, 6)),
    ("python3.13t", FREE_THREADED, (3, 13)),
    ("python2.7", PYTHON2, (2, 7)),
    ("python2.7t", None, None),
    ("pypy3", PYPY, None),
    ("pypy3.10", PYPY, (3, 10)),
    ("pypy3.10t", None, None),
    ("graalpy", GRAALPY, None),
    ("graalpy25.0", GRAALPY, None),
    ("python", None, None),
    ("python3.11-config", None, None),
    ("python3.11\n", None, None),
    ("python4.0", None, None),
    ("pypy", None, None),
]


@pytest.mark.parametrize(("name", "kind", "version"), NAMES, ids=[repr(one[0]) for one in NAMES])
def test_a_name_says_what_it_is(name: str, kind: Implementation | None, version: PythonVersion | None) -> None:
    found = parse_python_name(name)
    assert (found and found.implementation, found and found.version) == (kind, version)


@pytest.mark.parametrize("name", ["python3.9", "python3.14t", "pypy3", "pypy3.11", "graalpy"])
def test_interpreters_are_known_by_their_names(name: str) -> None:
    assert is_interpreter_name(name)


@pytest.mark.parametrize("name", ["python3", "python2.7", "python3.11-config", "python3-config", "perl"])
def test_links_and_other_programs_are_no_interpreters(name: str) -> None:
    assert not is_interpreter_name(name)


@pytest.mark.parametrize(
    ("path", "prefix", "name", "packages"),
    [
        ("/usr/lib/python3/dist-packages/a/b.py", "/usr", "python3", "/usr/lib/python3/dist-packages"),
        ("/lib/python3/dist-packages", "", "python3", "/lib/python3/dist-packages"),
        ("/usr/lib64/python3.13t/site-packages/a.py", "/usr", "python3.13t", "/usr/lib64/python3.13t/site-packages"),
        ("/usr/local/lib/python3.11/os.py", "/usr/local", "python3.11", ""),
        ("/opt/a\nb/lib/pypy3.10/site-packages", "/opt/a\nb", "pypy3.10", "/opt/a\nb/lib/pypy3.10/site-packages"),
        ("/usr/lib/python3/dist-packages-extra/a.py", "/usr", "python3", ""),
        ("/usr/lib/python3.9/x/lib/python3.8/y.py", "/usr/lib/python3.9/x", "python3.8", ""),
        ("/usr/lib/python3/x/lib/python3.8/lib/python3/y.py", "/usr/lib/python3/x", "python3.8", ""),
        ("/usr/lib/python3/dist-packages/x/lib/python3/y.py", "/usr", "python3", "/usr/lib/python3/dist-packages"),
    ],
)
def test_a_path_lies_in_a_library(path: str, prefix: str, name: str, packages: str) -> None:
    found = library_of(path)
    assert found is not None
    assert (found.prefix, str(found.python), found.packages) == (prefix, name, packages)
    assert path.startswith(found.path)


@pytest.mark.parametrize(
    "path", ["/usr/lib/python3.11-extra/x", "/usr/lib/foo/python3.11/x", "/usr/library/python3", "/usr/lib/python3\n"]
)
def test_other_paths_lie_in_none(path: str) -> None:
    assert library_of(path) is None


@pytest.mark.parametrize("kind", SERVED, ids=lambda kind: kind.title)
def test_names_tags_and_patterns_of_an_implementation_agree(kind: Implementation) -> None:
    for minor in (kind.first, kind.newest):
        version = kind.major, minor
        tag = cache_tag(kind, version)
        assert is_cache_tag(tag)
        assert re.fullmatch(TAG, tag)
        assert tag_version(tag) == version
        name = f"{kind.stem}{kind.major}.{minor}{kind.abi}"
        assert name in names_in_lists()
        assert re.fullmatch(LIBRARY_NAME, name)
        assert tags_by_name(name) == (tag,)
        assert str(parse_python_name(name)) == name


def test_both_builds_of_a_version_have_one_tag() -> None:
    assert tags_by_name("python3.13t") == tags_by_name("python3.13") == ("cpython-313",)


@pytest.mark.parametrize("tag", ["graalpy253-313", "graalpython-38"])
def test_tags_of_graalpy_are_known_as_such(tag: str) -> None:
    assert re.fullmatch(GRAALPY_TAG, tag)
    assert not is_cache_tag(tag)


def test_what_is_refused_says_why_and_has_no_tags() -> None:
    assert GRAALPY.refusal
    assert tags_by_name("graalpy") == tags_by_name("python2.7") == ()


def test_magic_numbers_are_those_of_the_interpreter(other_interpreter: Found) -> None:
    ask = "import sys; print(sys.implementation.name, sys.implementation.cache_tag, *sys.version_info[:2])"
    argv = [other_interpreter.program, "-I", "-c", ask]
    name, tag, *numbers = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    version = int(numbers[0]), int(numbers[1])
    kind = next(one for one in SERVED if one.name == name)
    assert cache_tag(kind, version) == tag
    assert version_of_magic(other_interpreter.magic) == (version if kind is CPYTHON else None)
    if kind is CPYTHON and version in RELEASED_MAGICS:
        assert other_interpreter.magic == RELEASED_MAGICS[version]


@pytest.mark.parametrize(
    ("first", "last", "version"),
    [
        (3000, 3131, (3, 0)),
        (3140, 3151, (3, 1)),
        (3160, 3189, (3, 2)),
        (3190, 3230, (3, 3)),
        (3250, 3310, (3, 4)),
        (3320, 3351, (3, 5)),
        (3360, 3379, (3, 6)),
        (3390, 3394, (3, 7)),
        (3400, 3413, (3, 8)),
        (3420, 3425, (3, 9)),
        (3430, 3439, (3, 10)),
        (3450, 3495, (3, 11)),
        (3500, 3531, (3, 12)),
        (3550, 3571, (3, 13)),
        (3600, 3627, (3, 14)),
        (50823, 50823, (2, 7)),
        (62211, 62211, (2, 7)),
    ],
)
def test_first_and_last_magic_number_of_each_version(first: int, last: int, version: tuple[int, int]) -> None:
    """Source: the comments in CPython's importlib/_bootstrap_external.py and pycore_magic_number.h."""
    for number in (first, last):
        assert version_of_magic(number.to_bytes(2, "little") + b"\r\n") == version
