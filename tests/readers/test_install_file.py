# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The functions of an install file of Arch Linux, each with what it calls, in the lines where they stand."""

from __future__ import annotations

import pytest

from pkgtools.model.package_scripts import ScriptKind
from pkgtools.readers.alpm.install_file import read_install_file
from pkgtools.shell.commands import read_commands

TEXT = """# an example
DIR=/usr/share/acme
_clean() {
  rm -rf "$DIR/__pycache__"
}
_unused() {
  umask 000
}

post_install() {
  pkgtools-compile "$DIR"
}
post_upgrade() { post_install "$1"; }

function pre_remove()
{
  _clean
}
post_remove() (
  rmdir "$DIR"
)
"""


def commands(text: str) -> list[tuple[str, int, str]]:
    found = read_install_file(text.encode())
    return [(one.script, one.line, one.text) for script in found for one in read_commands(script)]


def test_commands_belong_to_the_functions_that_pacman_calls() -> None:
    assert commands(TEXT) == [
        ("post_install", 11, "pkgtools-compile $DIR"),
        ("post_upgrade", 13, "post_install $1"),
        ("pre_remove", 4, "rm -rf $DIR/__pycache__"),
        ("post_remove", 20, "rmdir $DIR"),
        (".INSTALL", 7, "umask 000"),
    ]


def test_kinds() -> None:
    found = {one.name: one.kind for one in read_install_file(TEXT.encode())}
    assert found == {
        "post_install": ScriptKind.POST_INSTALL,
        "post_upgrade": ScriptKind.POST_INSTALL,
        "pre_remove": ScriptKind.PRE_REMOVE,
        "post_remove": ScriptKind.POST_REMOVE,
        ".INSTALL": ScriptKind.OTHER,
    }


NOTHING_LOST = {
    "no end": "post_install() {\n  rm -r /a\n",
    "indented": "  post_install() {\n  rm -r /a\n  }\n",
    "another one begins": "post_install() {\n  true\npre_remove() {\n  rm -r /a\n}\n",
    "outside": "rm -r /a\npost_install() {\n  true\n}\n",
    "behind the last one": "post_install() {\n  true\n}\nrm -r /a\n",
    "defined twice": "post_install() {\n  rm -r /a\n}\npost_install() {\n  true\n}\n",
    "calls itself": "post_install() {\n  post_install; _a\n}\n_a() {\n  _a; rm -r /a\n}\n",
    "three hundred functions": "".join(f"f{number}() {{\n  true\n}}\n" for number in range(300)) + "rm -r /a\n",
    "not UTF-8": "post_install() {\n  echo \udce9; rm -r /a\n}\n",
}


@pytest.mark.parametrize("text", NOTHING_LOST.values(), ids=NOTHING_LOST)
def test_no_command_is_lost(text: str) -> None:
    scripts = read_install_file(text.encode("utf-8", "surrogateescape"))
    assert any("rm -r /a" in one.text for one in scripts)


def test_nothing_is_no_script() -> None:
    assert read_install_file(b"") == ()
    assert read_install_file(b"# only a comment\n\n") == ()
