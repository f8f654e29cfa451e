# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Expressions about Pythons outside of the table are found, sentences and names from the table are not."""

from __future__ import annotations

import ast

import pytest

from tools.house.pythons import expressions

FOUND = {
    "regular expression": 'X = re.compile(r"python3\\.\\d+")',
    "of bytes": 'X = re.compile(rb"#!/usr/bin/(?:python|pypy)")',
    "alternative": 'X = r"(?:pypy|python)[\\d.]*"',
    "glob": 'X = top.glob("python3*")',
    "library": 'X = "/usr/lib/python3"',
    "relative library": 'X = "usr/lib64/pypy3.10"',
    "program": 'X = "/usr/bin/python3"',
    "directory of modules": 'X = ("dist-packages", "site-packages")',
    "implementation": 'X = name == "cpython"',
    "tag": 'X = f"cpython-{major}{minor}"',
    "built name": 'X = f"/usr/bin/python{version}"',
    "level": 'X = f"{tag}.opt-{level}"',
}
LEFT = {
    "docstring": '"""As /usr/lib/python3.11/dist-packages."""',
    "page of a rule": 'X = Page(example="/usr/lib/python3/dist-packages/a.py")',
    "sentence": 'X = "modules in dist-packages are for /usr/bin/python3, and others"',
    "package": 'X = "python3-docutils"',
    "from the table": 'X = re.compile(rf"/usr/lib/{LIBRARY_NAME}/{PACKAGES_NAME}")',
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_expression_is_found(text: str) -> None:
    assert list(expressions(ast.parse(text)))


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_for_people_or_from_the_table_is_left_alone(text: str) -> None:
    assert list(expressions(ast.parse(text))) == []
