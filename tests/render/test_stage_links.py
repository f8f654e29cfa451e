# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A source that is a link, or whose cache is one, stays what it is, even where bytecode has its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.build.stage import Compilation, _drop_sources  # what compiles before it refuses such trees, too
from pkgtools.model.manifest import BadSource
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from tests.runtime.sandbox import HERE, TAG

APP = "usr/share/acme"


@pytest.mark.parametrize("kind", ["source", "cache"])
def test_link_is_no_source_and_no_cache(kind: str, tmp_path: Path) -> None:
    place = tmp_path / APP
    (place / "__pycache__").mkdir(parents=True)
    (place / "elsewhere").mkdir()
    (place / "sub").mkdir()
    for name in ("c", "link"):
        (place / f"__pycache__/{name}.{TAG}.pyc").write_text("bytecode")
    (place / "c.py").touch()
    if kind == "source":
        (place / "link.py").symlink_to("sub/d.py")
    else:
        (place / "sub/__pycache__").symlink_to("../elsewhere")
    (place / "sub/d.py").touch()
    (place / f"elsewhere/d.{TAG}.pyc").write_text("bytecode of another directory")
    before = {path for path in place.rglob("*") if path.name[0] != "c"}
    work = Compilation(
        interpreter=HERE,
        paths=(InstalledPath(f"/{APP}"),),
        levels=(0,),
        mode=InvalidationMode.UNCHECKED_HASH,
        exclude=(),
        bad_source=BadSource.REPORT,
        sourceless=True,
    )
    assert _drop_sources(tmp_path, work) == [f"/{APP}/c.py"]
    assert {path for path in place.rglob("*") if path.name[0] != "c"} == before
    assert (place / "c.pyc").read_text() == "bytecode"
