# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""First lines of scripts: which are rewritten, which stay, which name an interpreter."""

from __future__ import annotations

import pytest

from pkgtools.debhelper.tree.shebang_lines import LENGTH, parse_first_line, rewritten
from tests.debhelper.trees import Content, Link, Script, ordered

LINES = {
    b"#!/usr/bin/env python3\r\n1\r\n": b"#! /usr/bin/python3\n1\r\n",
    b"#!/usr/bin/python3\r\n1\r\n": b"#! /usr/bin/python3\n1\r\n",
    b"#!/usr/bin/env python3": b"#! /usr/bin/python3\n",
    b"#!/usr/bin/env -S python3 -E\n": b"#! /usr/bin/python3 -E\n",
    b"#!/usr/bin/env -S python3 -E -s\n": b"#! /usr/bin/env -S /usr/bin/python3 -E -s\n",
    b"#!/usr/bin/env python3-dbg\n": b"#! /usr/bin/python3-dbg\n",
    b"#!/usr/bin/env python3\nPK\x03\x04\0\0": b"#! /usr/bin/python3\nPK\x03\x04\0\0",
    b"#!/" + b"x" * 300 + b"/bin/python3.11\n": b"#! /usr/bin/python3.11\n",
    b"#!/opt/python3/bin/python3 -u\n": b"#! /usr/bin/python3 -u\n",
}
STAY = (
    *(b"#!/usr/bin/python3\n", b"#! /usr/bin/python3 -s\n", b"#!/usr/bin/python3.11 -E\n", b"#!/usr/bin/python3-dbg"),
    *(b"#!/usr/bin/env -i python3\n", b"#!/usr/bin/env -S A=1 python3 -E\n", b"#!/usr/bin/env -S -u X python3\n"),
    b"#! /usr/bin/env -S /usr/bin/python3 -E -s\n",
)
OTHERS = (
    *(b"", b"#!", b"\n", b"\xef\xbb\xbf#!/usr/bin/env python3\n", b"#!/usr/bin/env pypy3\n", b"#!/bin/sh\n'''exec' p"),
    *(
        b"#!/opt/python3/bin/ruby\n",
        b"#!/usr/bin/python3.11-intel64\n",
        b"#!/usr/bin/python2\n",
        b"#!/usr/bin/python4\n",
    ),
    *(b"#!/usr/bin/python3\0\n", b"#!/usr/bin/env python3 " + b"x" * LENGTH, b"import a\n#!/usr/bin/python3\n"),
    b"#!\n/usr/bin/python3\n",
)


@pytest.mark.parametrize(("before", "after"), LINES.items(), ids=lambda line: repr(line[:40]))
def test_lines_that_are_rewritten(before: bytes, after: bytes) -> None:
    line = parse_first_line(before[:LENGTH])
    assert line is not None
    assert rewritten(before, line, "") == after
    again = parse_first_line(after[:LENGTH])
    assert again is not None
    assert rewritten(after, again, "") is None


@pytest.mark.parametrize("text", STAY, ids=repr)
def test_lines_that_stay_name_an_interpreter(text: bytes) -> None:
    line = parse_first_line(text)
    assert line is not None
    assert rewritten(text, line, "") is None
    assert line.shebang.version.startswith("3")


@pytest.mark.parametrize("text", OTHERS, ids=lambda text: repr(text[:40]))
def test_lines_of_others(text: bytes) -> None:
    assert parse_first_line(text[:LENGTH]) is None


def test_script_behind_a_linked_directory_is_found() -> None:
    files: dict[str, Content] = {
        "usr/bin/a": Link("../share/foo/../foo/run"),
        "usr/share/foo": Link("../lib/foo"),
        "usr/lib/foo/run": Script("#!/usr/bin/env python3\n"),
        "usr/bin/loop": Link("loop"),
        "usr/bin/out": Link("../../../../etc/x"),
    }
    after, found = ordered(files)
    assert after["usr/lib/foo/run"] == "#! /usr/bin/python3\n"
    assert len(found.public.shebangs) == 1
