# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Control files are read as python-debian reads them, and what it makes sense of in no way is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from debian.deb822 import Deb822
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.readers.control import Control, parse_control, read_source_control
from pkgtools.readers.errors import UnreadablePackage

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
    assert found == Control(
        name="acme",
        version=expected.get("Version", "").strip(),
        architecture=expected.get("Architecture", "").strip(),
        origin=expected.get("Origin", "").strip(),
        dependencies=tuple(one for one in (" ".join(one.split()) for one in depends) if one),
    )


REFUSED = {
    "nothing": b"",
    "no package": b"Version: 1\n",
    "no field": b"Package: acme\nnonsense\n",
    "twice": b"Package: acme\nPackage: other\n",
    "twice in other letters": b"Package: acme\npackage: other\n",
    "two paragraphs": b"Package: acme\n\nPackage: other\n",
    "no text": b"Package: acme\nDescription: \xff\n",
    "continued before anything": b" x\nPackage: acme\n",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadablePackage):
        parse_control(content, PATH)


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


def test_recommendations_are_no_dependencies() -> None:
    found = parse_control(b"Package: acme\nRecommends: a, b\nSuggests: c | d\n", PATH)
    assert (found.dependencies, found.recommendations) == ((), ("a", "b", "c | d"))
