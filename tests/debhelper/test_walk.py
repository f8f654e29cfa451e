# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""How much of the code one has to read to follow a requirement from METADATA to the substvars file."""

from __future__ import annotations

import sys
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType

from pkgtools.debhelper.binary_package import process
from pkgtools.debhelper.main import parse
from pkgtools.debhelper.source_package import prepare

from .source_tree import ENVIRONMENT, INFO, SourceTree, metadata

MOST = 20


def test_requirement_goes_through_few_modules_to_its_substvar(tmp_path: Path) -> None:
    tree = SourceTree(top=tmp_path)
    tree.control()
    tree.write({INFO: metadata("a>=2; python_version < '3.12'"), "debian/py3dist-overrides": "a python3-a; PEP440\n"})
    build = prepare(tmp_path, parse([], ENVIRONMENT), ENVIRONMENT)
    visited: set[str] = set()

    def visit(frame: FrameType, event: str, _argument: object) -> None:
        # a function that somebody wrote: not the body of a class or a module, nor what dataclass() makes
        written = frame.f_code.co_flags & CO_OPTIMIZED and frame.f_code.co_filename != "<string>"
        if event == "call" and written:
            visited.add(frame.f_globals.get("__name__", ""))

    sys.setprofile(visit)
    try:
        process(build, build.control.binaries[0])
    finally:
        sys.setprofile(None)
    assert tree.substvars() == {"pkgtools:Depends": {"python3-a (>= 2) | python3-supported-min (>= 3.12)"}}
    # pkgtools.runtime has what all of the project stands on: the tables of Pythons, ranges of versions
    ours = sorted(name for name in visited if name.startswith("pkgtools.") and not name.startswith("pkgtools.runtime."))
    assert "pkgtools.debhelper.requirements.requirements" in ours
    assert len(ours) <= MOST, ours
