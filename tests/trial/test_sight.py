# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is seen of a system: every name, without following links, who owns its bytecode, and what the rules find."""

from __future__ import annotations

import os
from pathlib import Path

from pkgtools.trial.sight import is_bytecode, look
from tests.readers.test_root import make
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, pyc

M = f"{PRIVATE}/m.py"


def test_files_links_and_bytecode(tmp_path: Path) -> None:
    top = make(tmp_path / "root", {M: SOURCE, cached(M): pyc(M), "/var/lib/pkgtools/trigger.json": "{}"})
    os.mkdir(top / "etc")
    os.symlink("/", top / "etc/loop")
    os.mkdir(top / "tmp")
    (top / "tmp/x").touch()
    sight = look(top)
    assert sight.files["/etc/loop"].link == "/"
    assert "/tmp/x" not in sight.files
    assert set(sight.pycs()) == {cached(M)}
    assert set(sight.bytecode()) == {cached(M), os.path.dirname(cached(M))}
    assert sight.bytes_used >= len(SOURCE)
    assert sight.batch == (top / "var/lib/pkgtools/trigger.json").stat().st_mtime_ns


def test_rules_of_audit_are_applied(tmp_path: Path) -> None:
    stale = f"{PUBLIC}/a.py"
    top = make(tmp_path / "root", {stale: SOURCE, cached(stale): pyc(stale, source="value = 2\n" * 3)})
    assert "stale-pyc" in {one.rule.id for one in look(top).findings}


def test_what_is_bytecode() -> None:
    assert [
        is_bytecode(f"/a/{name}") for name in ("m.pyc", "__pycache__", "__pycache__/x", "m.py", "__pycache__x")
    ] == [*(True, True, True, False, False)]
