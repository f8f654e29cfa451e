# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Work that is done as a directory's owner has none of the groups that root has."""

from __future__ import annotations

import pytest

from tests.runtime.sandbox import APP, Sandbox, pyc_of

FRED, GROUP = 65531, 65530


@pytest.mark.parametrize("mode", [0o640, 0o644], ids=oct)
def test_source_for_a_group_of_roots_is_not_read_for_the_owner(mode: int, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/__init__.py", owner=(FRED, FRED))
    roots = sandbox.write(f"{APP}/roots.py", "value = 'secret'\n", mode=mode, owner=(0, GROUP))
    sandbox.directory(APP, 0o755, (FRED, FRED))
    ran = sandbox.compile("--as-owner", APP, wrapper=("/usr/bin/setpriv", f"--groups={GROUP}", "--"))
    assert sandbox.exists(pyc_of(f"{APP}/__init__.py"))
    assert sandbox.exists(pyc_of(roots)) == (mode == 0o644)
    assert ran.status == (0 if mode == 0o644 else 2)
