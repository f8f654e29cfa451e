# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""How commands and outputs of tutorials are read and compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.transcript import Step, is_like, steps_of

PAGE = """\
Text with `# this`.

```console
# cat > x <<'END'
# not a command
END
# make \\
    all
built
...
```

```sh
# not run
```
"""


def test_commands_have_their_here_documents_and_outputs(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert steps_of(page) == [
        Step(command="cat > x <<'END'\n# not a command\nEND", output=""),
        Step(command="make \\\n    all", output="built\n..."),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("", "", True),
        ("", "noise", False),
        ("...", "", True),
        ("...", "one\ntwo", True),
        ("one\n...\nfour", "one\ntwo\nthree\nfour", True),
        ("one\n...\nfour", "one\ntwo\nthree", False),
        ("took ... s", "took 1.5 s", True),
        ("took ... s", "took 1.5\n s", False),
        ("a.b", "axb", False),
    ],
)
def test_dots_stand_for_what_is_left_out(shown: str, printed: str, expected: bool) -> None:
    assert is_like(shown, printed) is expected
