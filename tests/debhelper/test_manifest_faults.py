# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What dh_pkgtools says of a manifest that a maintainer has mistyped."""

from __future__ import annotations

import pytest

from tests.debhelper.source_tree import SourceTree

MISSPELT = "packages.foo.private[0].directory: /srv/foo/lb has no modules in the package"


def manifest(directory: str, more: str = "") -> str:
    return f'[packages.foo]\npublic = false\n\n[[packages.foo.private]]\ndirectory = "{directory}"\n{more}'


def test_each_fault_of_a_manifest_is_a_line(tree: SourceTree) -> None:
    tree.control()
    tree.write({"debian/pkgtools.toml": manifest("/srv/foo").replace("directory", "directry")})
    done = tree.call()
    assert (done.exit, done.printed) == (2, "")
    assert [line.partition("private[0]")[0] for line in done.said.splitlines()] == [
        "dh_pkgtools: error: debian/pkgtools.toml: packages.foo."
    ] * 2


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        (manifest("/srv/foo/lb"), True),
        (manifest("/srv/foo"), False),
        (manifest("/srv/foo/lb", "plugins = true\n"), False),
    ],
)
def test_declared_directory_without_modules_is_noted(text: str, noted: bool, tree: SourceTree) -> None:
    tree.control()
    tree.write({"debian/pkgtools.toml": text, "debian/foo/srv/foo/lib/deep/x.py": ""})
    assert (MISSPELT in tree.good().said) == noted


@pytest.mark.parametrize("argument", ["--compat=dh_python3", "/usr/share/foo"])
def test_declared_directories_count_only_where_the_manifest_does(argument: str, tree: SourceTree) -> None:
    tree.control()
    tree.write({"debian/pkgtools.toml": manifest("/srv/foo/lb"), "debian/foo/srv/foo/lib/x.py": ""})
    assert MISSPELT not in tree.good(argument).said
