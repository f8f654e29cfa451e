# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""compiled-but-not-cleaned: a script compiles, and none cleans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.model.package_scripts import ScriptKind
from pkgtools.shell.compilers import BYTECODE, cleaning, compiling, is_of_interpreter, places_of, removes_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.compilers import CompilerCommand

_AT_INSTALL = frozenset({ScriptKind.PRE_INSTALL, ScriptKind.POST_INSTALL})
_AT_REMOVAL = frozenset({ScriptKind.PRE_REMOVE, ScriptKind.POST_REMOVE})
_PAGE = Page(
    what="A package compiles when it is installed, and no script of it takes the caches away when it goes.",
    why=(
        "The package manager doesn't know of files that a script made. They stay for ever, and the directories that "
        "they are in, too; `import acme` then finds such a directory and takes it for a namespace package, where "
        "it should say that there is no acme."
    ),
    example="# postinst, and there is no prerm\npy3compile -p acme /usr/share/acme",
    fix=(
        "Debian: `py3clean -p PACKAGE` or `pkgtools-clean -p PACKAGE` in prerm. rpm: the same in `%preun` where "
        "`$1` is 0, or name the pycs as `%ghost` in `%files`. Alpine: in pre-deinstall; Arch Linux: in a hook."
    ),
    references=("Debian Policy 6.8", "py3clean(1)", "pkgtools-clean(1)"),
)


@rule(title="compiles, and never cleans", severity=Severity.ERROR, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield the first command that compiles, if nothing cleans what it makes."""
    if is_of_interpreter(subject.package):
        return  # its packages clean for one another
    kinds = {script.name: script.kind for script in subject.package.scripts}
    triggers = {one.script.name for one in subject.package.triggers if one.script}
    at_removal = {name for name, kind in kinds.items() if kind in _AT_REMOVAL} | triggers
    cleans = [work for work in cleaning(subject.commands) if work.command.script in at_removal]
    if any(map(_is_about_bytecode, cleans)) or (subject.package.kind is Kind.RPM and subject.cached):
        return
    removed = places_of(cleans)
    sources = tuple(file.path for file in subject.sources)
    for work in compiling(subject.commands):
        command = work.command
        places = work.places or (sources if work.is_about(subject.package.name) else ())
        is_removed = places and all(map(removed.hold, places))
        if kinds.get(command.script) in _AT_INSTALL and not is_removed:
            yield Hit(text=f"nothing removes what this makes: {command.text}", script=command.script, line=command.line)
            return


def _is_about_bytecode(clean: CompilerCommand) -> bool:
    """Whether a clean takes bytecode away, and not whole directories of whatever."""
    return not removes_tree(clean.command.words) or BYTECODE.search(clean.command.text) is not None
