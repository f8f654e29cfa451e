# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""debian/control: what is read, and which line is to blame."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.debhelper.source_control import read_control
from pkgtools.readers.deb.control_paragraphs import LARGEST
from pkgtools.runtime.errors import UsageError

GOOD = """\
# a comment
Source: foo
X-Python3-Version: >= 3.9
Build-Depends: debhelper-compat (= 13), python3-all-dev:any (>=3.9~),
 python3-bar (>= 1.2) [amd64] | python3-baz,
# another
 python3-qux (<< 2)
Build-Depends-Indep: python3-doc <!nodoc>

Package: python3-foo
Architecture: all
Depends: ${misc:Depends},
 ${python3:Depends}


Package: foo-data
Architecture: any
"""


def control(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "control"
    path.write_text(text)
    return path


def test_fields_are_read(tmp_path: Path) -> None:
    found = read_control(control(tmp_path, GOOD))
    assert found.source == "foo"
    assert found.pythons is not None
    assert (found.pythons.text, found.pythons.line) == (">= 3.9", 3)
    assert found.build_depends == {
        "debhelper-compat": "= 13",
        "python3-all-dev": ">= 3.9~",
        "python3-bar": "",
        "python3-baz": "",
        "python3-qux": "<< 2",
        "python3-doc": "",
    }
    one, other = found.binaries
    assert (one.name, one.is_independent, one.line) == ("python3-foo", True, 10)
    assert one.mentions("python3:Depends", "depends")
    assert not one.mentions("pkgtools:Depends", "depends")
    assert (other.name, other.is_independent) == ("foo-data", False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "control:1: ", id="empty"),
        pytest.param("Source: foo\n", "nothing to build", id="no binary package"),
        pytest.param("Package: foo\n\nPackage: bar\n", "control:1: ", id="no source"),
        pytest.param("Source: foo\nnonsense\n\nPackage: a\n", "control:2: 'nonsense'", id="no field"),
        pytest.param(" x\nSource: foo\n\nPackage: a\n", "control:1: ", id="continues nothing"),
        pytest.param("Source: foo\nSource: bar\n\nPackage: a\n", "control:2: Source is here twice", id="twice"),
        pytest.param("Source: foo\n\nPackage: a\n", "control:3: .*Architecture", id="no architecture"),
        pytest.param("Source: foo\n\nArchitecture: all\n", "control:3: .*Package", id="no name"),
        pytest.param(
            "Source: foo\n# x\nBuild-Depends: a,\n b c\n\nPackage: bar\nArchitecture: all\n",
            "control:3: 'b c' isn't a relation",
            id="no relation",
        ),
        pytest.param("Source: foo\n#" + "x" * LARGEST, "control:1: the file has more than", id="huge"),
    ],
)
def test_error_names_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_control(control(tmp_path, text))
