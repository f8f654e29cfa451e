# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Snippets of scripts that take things away stand in the opposite order, those of scripts that add in the given one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.debhelper.debhelper_files import Files

SCRIPTS = {"preinst": "first second", "postinst": "first second", "prerm": "second first", "postrm": "second first"}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("last", [False, True], ids=["where-it-belongs", "last"])
def test_order_of_snippets(script: str, last: bool, tmp_path: Path) -> None:
    (tmp_path / "debian").mkdir()
    files = Files(top=tmp_path, package="foo")
    files.add_snippet(script, "first\n")
    files.add_snippet(script, "second\n", last=last)
    text = (tmp_path / f"debian/foo.{script}.debhelper").read_text()
    snippets = [line for line in text.splitlines() if not line.startswith("#")]
    assert snippets == ("first second" if last else SCRIPTS[script]).split()
