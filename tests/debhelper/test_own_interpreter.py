# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""dh_pkgtools registers a declared interpreter, and wants no Python of the distribution for its modules."""

from __future__ import annotations

import shutil

import pytest

from tests.debhelper.source_tree import SourceTree

MANIFEST = """strategy = "{strategy}"
[packages.foo]
public = false
[[packages.foo.private]]
directory = "/opt/foo"
{interpreter}
"""
OWN = 'interpreter = "/opt/foo/bin/python3.13"'


@pytest.mark.parametrize("strategy", ["trigger", "direct"])
@pytest.mark.parametrize(
    ("interpreter", "line", "wants_python"),
    [(OWN, "compile-for||/opt/foo|/opt/foo/bin/python3.13", False), ("", "compile||/opt/foo", True)],
    ids=["own", "distribution-s"],
)
def test_declared_interpreter(tree: SourceTree, strategy: str, interpreter: str, line: str, wants_python: bool) -> None:
    manifest = MANIFEST.format(strategy=strategy, interpreter=interpreter)
    shutil.rmtree(tree.top / "debian/foo")  # the fixture's public module
    tree.write({"debian/foo/opt/foo/app/m.py": "", "debian/pkgtools.toml": manifest})
    tree.good("-pfoo")
    drop_in = tree.top / "debian/foo/usr/share/pkgtools/private.d/foo.conf"
    assert drop_in.read_text().splitlines()[-1] == line
    substvars = (tree.top / "debian/foo.substvars").read_text()
    assert ("python3:any" in substvars) is wants_python
