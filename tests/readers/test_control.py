# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Control files are read as python-debian reads them, and what it makes sense of in no way is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from debian.deb822 import Deb822
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.readers.deb.binary_control import PackageFields, parse_control, read_source_control
from pkgtools.readers.deb.control_paragraphs import LARGEST
from pkgtools.readers.unreadable import UnreadablePackage

PATH = Path("x.deb")
names = st.sampled_from(["Version", "Depends", "Pre-Depends", "Architecture", "Origin", "Description", "X-Other"])
words = st.text(alphabet="abc,|() .:=<>~+-#\t", max_size=12).map(str.strip)
values = st.lists(words, min_size=1, max_size=4).map(lambda lines: "\n ".join(line or "." for line in lines))


@given(st.dictionaries(names, values), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "# a comment\n"]))
def test_paragraph_is_read_as_python_debian_reads_it(fields: dict[str, str], end: str, comment: str) -> None:
    text = comment + "".join(f"{name}: {value}\n" for name, value in {"Package": "acme", **fields}.items())
    expected = Deb822(text)
    found = parse_control(text.replace("\n", end).encode(), PATH)
    depends = ",".join((expected.get("Pre-Depends", ""), expected.get("Depends", ""))).split(",")
    assert found == PackageFields(
        name="acme",
        version=" ".join(expected.get("Version", "").split()),
        architecture=" ".join(expected.get("Architecture", "").split()),
        origin=" ".join(expected.get("Origin", "").split()),
        dependencies=tuple(one for one in (" ".join(one.split()) for one in depends) if one),
    )


REFUSED = {
    "nothing": (b"", "no field Package"),
    "no package": (b"Version: 1\n", "no field Package"),
    "no field": (b"Package: acme\nnonsense\n", "line 2: 'nonsense' isn't a field"),
    "twice": (b"Package: acme\nPackage: other\n", "line 2: Package is here twice, before at line 1"),
    "twice in other letters": (b"Package: acme\npackage: other\n", "line 2: package is here twice"),
    "two paragraphs": (b"Package: acme\n\nPackage: other\n", "more than one paragraph"),
    "no text": (b"Package: acme\nDescription: \xff\n", "line 2: it isn't UTF-8"),
    "continued before anything": (b" x\nPackage: acme\n", "line 1: 'x' continues no field"),
    "continued behind an empty line": (b"Package: acme\n\n x\n", "line 3: 'x' continues no field"),
    "no name": (b"Package: acme\n: x\n", "line 2: ': x' isn't a field"),
    "a name with a hyphen in front": (b"-Package: acme\n", "line 1: '-Package: acme' isn't a field"),
    "huge": (b"Package: acme\nDescription: " + b"x" * LARGEST, f"more than {LARGEST} bytes"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UnreadablePackage, match=message):
        parse_control(content, PATH)


def test_blanks_may_stand_before_a_colon_as_for_dpkg() -> None:
    found = parse_control(b"Package : acme\nVersion\t: 1\nDepends: a (= 1 :2)\n", PATH)
    assert (found.name, found.version, found.dependencies) == ("acme", "1", ("a (= 1 :2)",))


def test_only_line_feeds_end_lines() -> None:
    found = parse_control("Package: acme\nVersion: 1\vOrigin: a\x85Section: b\u2028Depends: c\n".encode(), PATH)
    assert (found.origin, found.dependencies) == ("", ())


def test_source_package_has_its_binary_packages(tmp_path: Path) -> None:
    control = tmp_path / "control"
    control.write_text(
        "Source: acme\nX-Python3-Version: >= 3.9, << 3.13\n\n"
        "Package: acme\nDepends: foo,\n bar\n\n\nPackage: acme-doc\n"
    )
    supported = ("python3 (>= 3.9)", "python3 (<< 3.13)")
    assert [(one.name, one.dependencies) for one in read_source_control(control)] == [
        ("acme", ("foo", "bar", *supported)),
        ("acme-doc", supported),
    ]


def test_source_package_that_is_huge_is_refused(tmp_path: Path) -> None:
    control = tmp_path / "control"
    control.write_bytes(b"Source: acme\n\nPackage: acme\n" + b"# x\n" * (LARGEST // 4))
    with pytest.raises(UnreadablePackage, match=f"more than {LARGEST} bytes"):
        read_source_control(control)


def test_recommendations_are_no_dependencies() -> None:
    found = parse_control(b"Package: acme\nRecommends: a, b\nSuggests: c | d\n", PATH)
    assert (found.dependencies, found.recommendations) == ((), ("a", "b", "c | d"))
