# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools init` names the interpreter that a package brings with a library, and none that is the distribution's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.test_init import only, run

MODULE = "/opt/acme/lib/python3.13/site-packages/m.py"
PROGRAM = "/opt/acme/bin/python3.13"


def _tree(top: Path, files: Mapping[str, str]) -> Path:
    """Make a tree; what has a text that begins with `->` is a link to what follows."""
    for path, text in {MODULE: "", "/usr/share/doc/acme/README": "", **files}.items():
        place = Path(f"{top}/acme{path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("->"):
            place.symlink_to(text.removeprefix("->"))
        else:
            place.write_text(text)
            place.chmod(0o755 if "/bin/" in path else 0o644)
    return top / "acme"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({PROGRAM: "ELF"}, PROGRAM, id="bundled"),
        pytest.param({PROGRAM: "->python3", "/opt/acme/bin/python3": "ELF"}, PROGRAM, id="link-beside-it"),
        pytest.param({"/opt/acme/bin/python3": "ELF"}, "/opt/acme/bin/python3", id="general-name"),
        pytest.param({PROGRAM: "->/opt/python/bin/python3.13"}, PROGRAM, id="venv-of-a-vendor-s"),
        pytest.param({PROGRAM: "->/usr/bin/python3.13"}, None, id="venv-of-the-distribution-s"),
        pytest.param({PROGRAM: "->python", "/opt/acme/bin/python": "->/usr/bin/python3"}, None, id="venv-by-two-links"),
        pytest.param({}, None, id="none"),
        pytest.param({"/opt/acme/bin/python3.12": "ELF"}, None, id="another-version"),
        pytest.param(
            {PROGRAM: "ELF", "/opt/acme/v/bin/python3.12": "ELF", "/opt/acme/v/lib/python3.12/site-packages/m.py": ""},
            None,
            id="two",
        ),
    ],
)
def test_interpreter_beside_a_library(tmp_path: Path, files: Mapping[str, str], expected: str | None) -> None:
    done = run(_tree(tmp_path, files))
    assert (done.exit_code, done.stderr) == (0, "")
    (private,) = only(done.stdout).private
    assert private.interpreter == expected
