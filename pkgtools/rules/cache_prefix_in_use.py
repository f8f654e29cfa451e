# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""cache-prefix-in-use: a setting that moves bytecode elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.bytecode.settings import PREFIX
from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.check.trusted import is_bytecode_writable, is_roots
from pkgtools.model.finding import Page, Persona, Severity
from pkgtools.model.package import Setting
from pkgtools.readers.system.bytecode_settings import named_directories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="The configuration of the system sets PYTHONPYCACHEPREFIX or PYTHONDONTWRITEBYTECODE.",
    why=(
        "Bytecode beside the sources isn't used where a prefix is set: what was compiled at installation is "
        "in vain, and what lies below the prefix runs. Whoever can write there decides what everybody runs. "
        "Without writing, every start compiles what wasn't compiled before."
    ),
    example="PYTHONPYCACHEPREFIX=/var/cache/python in /etc/environment",
    fix=(
        "Nothing, if you mean it: compile into it with pkgtools-compile --cache-prefix, and let no user but "
        "root write there."
    ),
    references=(
        "https://docs.python.org/3/using/cmdline.html#envvar-PYTHONPYCACHEPREFIX",
        "pkgtools-compile(1)",
    ),
)


@rule(title="bytecode goes elsewhere", severity=Severity.INFO, persona=Persona.AUDITOR, kinds=SYSTEMS, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each setting."""
    for setting in subject.package.settings:
        text = f"sets {setting.name}={setting.value}"
        severity = Severity.DANGER if _is_writable(subject, setting) else None
        if severity:
            text += ", where others can write"
        yield Hit(text=text, path=setting.path, line=setting.line, severity=severity)


def _is_writable(subject: Subject, setting: Setting) -> bool:
    """Whether others can write where a prefix leads, or can make the directory that is missing there."""
    if setting.name != PREFIX:
        return False
    if setting.value.startswith(("/tmp", "/var/tmp", "/dev/shm")):  # noqa: S108 - it's the others who write there
        return True
    known = (subject.files.get(path) for path in reversed([*named_directories([setting])]))
    directory = next(filter(None, known), None)
    return directory is not None and (is_bytecode_writable(subject, directory) or not is_roots(subject, directory))
