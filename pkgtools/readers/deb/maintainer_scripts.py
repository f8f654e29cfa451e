# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: Debian's maintainer scripts (Policy 6) and the files that declare triggers (deb-triggers(5))."""

from __future__ import annotations

from pkgtools.model.package_scripts import Script, ScriptKind, Trigger, interpreter_of

SCRIPT_KINDS = {
    "preinst": ScriptKind.PRE_INSTALL,
    "postinst": ScriptKind.POST_INSTALL,
    "prerm": ScriptKind.PRE_REMOVE,
    "postrm": ScriptKind.POST_REMOVE,
    "config": ScriptKind.OTHER,
}
"""The maintainer scripts, by the names of their files."""
_LARGEST_SCRIPT = 1 << 20
_LARGEST_FILE = 16 << 20
"""The md5sums of 100,000 files have ten million bytes."""


def largest(name: str) -> int:
    """Return how many bytes a file of the control archive may have; larger ones are not read, in part neither."""
    return _LARGEST_SCRIPT if name in SCRIPT_KINDS else _LARGEST_FILE


def read_script(name: str, content: bytes) -> Script:
    """Read a maintainer script."""
    text = content.decode("utf-8", "surrogateescape")
    return Script(name=name, kind=SCRIPT_KINDS[name], interpreter=interpreter_of(text), text=text)


def parse_triggers(content: bytes) -> tuple[Trigger, ...]:
    """Read a file of trigger directives; lines that are none are left out."""
    lines = (line.partition("#")[0].split() for line in content.decode("utf-8", "surrogateescape").splitlines())
    return tuple(Trigger(directive=words[0], names=(words[1],)) for words in lines if len(words) == 2)
