# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What comes after `||` and ends the script all the same tolerates nothing."""

from __future__ import annotations

import pytest

from pkgtools.model.package_scripts import Script, ScriptKind
from pkgtools.shell.commands import read_commands


@pytest.mark.parametrize(
    ("text", "tolerated"),
    [
        ("a || false", False),
        ("a || exit", False),
        ("a || exit 3", False),
        ("a || return", False),
        ("a || return 1", False),
        ("a || return 0", True),
        ("a || true", True),
    ],
)
def test_failure_that_is_passed_on_is_not_tolerated(text: str, tolerated: bool) -> None:
    script = Script(name="postinst", kind=ScriptKind.POST_INSTALL, interpreter=("/bin/sh",), text=f"set -e\n{text}\n")
    assert [one.is_tolerated for one in read_commands(script) if one.program == "a"] == [tolerated]
