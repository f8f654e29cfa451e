# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""script-sets-cache-prefix: a script or a unit moves bytecode to where no other program looks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.bytecode.settings import PREFIX
from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import SettingsFacts
from pkgtools.shell.compilers import compiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.commands import Command


_EXPORTS = frozenset({"export", "declare", "typeset"})
_OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - it's the others who write there
_PAGE = Page(
    what=(
        "A maintainer script compiles with PYTHONPYCACHEPREFIX set, or a unit or another file of settings sets it or "
        "PYTHONDONTWRITEBYTECODE."
    ),
    why=(
        "With a prefix Python reads and writes bytecode below it and nowhere else. What a script compiles under it "
        "programs don't find, and py3clean and pkgtools-clean don't remove. A service with a prefix doesn't use what "
        "was compiled when the package was installed; whoever can write below the prefix decides what it runs.\n\n"
        "Where writing is turned off, each start of a service compiles what is not compiled yet. In a "
        "maintainer script that is of no harm: py3compile and compileall write none the less."
    ),
    example="# acme.service\nEnvironment=PYTHONPYCACHEPREFIX=/tmp/acme",
    fix=(
        "Drop the setting: bytecode that is compiled at installation needs none. For a tree that can't be written use "
        "the strategy cache-prefix, by which pkgtools-compile fills the directory, as root."
    ),
    references=(
        "https://docs.python.org/3/using/cmdline.html#envvar-PYTHONPYCACHEPREFIX",
        "pkgtools-compile(1), --cache-prefix",
    ),
)


@rule(title="moves bytecode elsewhere", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each setting that holds where something compiles, or where a service runs."""
    works = list(compiling(subject.commands))
    filled = {word for work in works for word in work.command.words}
    is_filled = any(word.startswith("--cache-prefix") for word in filled)
    compile_in = {work.command.script for work in works}
    compilers = {id(work.command) for work in works}
    for command in subject.commands:
        prefix = _prefix_of(command)
        holds = command.script in compile_in if command.program in _EXPORTS else id(command) in compilers
        if prefix and holds and not is_filled:
            text = f"what is compiled under {PREFIX}={prefix} lies where no program looks for it"
            yield Hit(text=text, script=command.script, line=command.line, severity=_severity(prefix))
    for file in subject.package.files:
        for setting in file.facts.settings if isinstance(file.facts, SettingsFacts) else ():
            if setting.value and not (setting.name == PREFIX and is_filled):
                yield Hit(
                    text=f"sets {setting.name}={setting.value}",
                    path=file.path,
                    line=setting.line,
                    severity=_severity(setting.value) if setting.name == PREFIX else Severity.INFO,
                )


def _prefix_of(command: Command) -> str:
    """Return the prefix that a command exports, or that is set for it alone."""
    words = (*command.assignments, *command.words)
    return next((word.partition("=")[2] for word in words if word.startswith(f"{PREFIX}=")), "")


def _severity(prefix: str) -> Severity | None:
    is_open = any(prefix == one or prefix.startswith(f"{one}/") for one in _OPEN_TO_ALL)
    return Severity.DANGER if is_open else None
