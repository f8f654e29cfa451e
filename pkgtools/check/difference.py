# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what changes for bytecode, scripts, triggers and modes from one package to another, of any two kinds."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from pkgtools.model.package import PycFacts, SourceFacts
from pkgtools.model.package_scripts import ScriptKind
from pkgtools.runtime.policy.layout import third_party_base

from .profile import profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import File, Package
    from pkgtools.model.package_scripts import Script, Trigger
    from pkgtools.runtime.facts import InstalledPath

    from .profile import Agency


class Aspect(Enum):
    """What a change is about."""

    PACKAGE = "package"
    COMPILATION = "compilation"
    BYTECODE = "bytecode"
    MODULES = "modules"
    MODES = "modes"
    SCRIPTS = "scripts"
    TRIGGERS = "triggers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is different."""

    aspect: Aspect
    """Under which heading it is shown."""
    where: str
    """A path, a script's name or a property."""
    old: str
    """Empty where it is new."""
    new: str
    """Empty where it is gone."""
    texts: tuple[str, str] | None = None
    """The whole of both, of scripts."""


_PUBLIC = "(public)"
"""Stands for the directory of public modules, which is another in each family."""
_NAMES = {
    ScriptKind.PRE_INSTALL: "pre-install",
    ScriptKind.POST_INSTALL: "post-install",
    ScriptKind.PRE_REMOVE: "pre-remove",
    ScriptKind.POST_REMOVE: "post-remove",
}
"""Scripts of different families are compared by when they run."""


def differences(old: Package, new: Package) -> Iterator[Change]:
    """Yield what is different, aspect by aspect, sorted by place within each."""
    yield from _of_packages(old, new)
    before, after = profile(old), profile(new)
    for where, first, second in (
        ("strategy", before.strategy.value, after.strategy.value),
        ("versions of Python", before.python.asked or "any", after.python.asked or "any"),
    ):
        yield from _change(Aspect.COMPILATION, where, first, second)
    same_kind = old.family is new.family
    if same_kind:
        yield from _of_lines(
            Aspect.COMPILATION, "compiles", map(_agency, before.compiles), map(_agency, after.compiles)
        )
        yield from _of_lines(Aspect.COMPILATION, "cleans", map(_agency, before.cleans), map(_agency, after.cleans))
    yield from sorted(_of_files(old, new), key=lambda one: list(Aspect).index(one.aspect))
    yield from _of_scripts(old, new, same_kind=same_kind)
    yield from _of_lines(Aspect.TRIGGERS, "triggers", map(_trigger, old.triggers), map(_trigger, new.triggers))


def _of_packages(old: Package, new: Package) -> Iterator[Change]:
    yield from _change(Aspect.PACKAGE, "kind", old.kind.value, new.kind.value)
    yield from _change(Aspect.PACKAGE, "name", old.name, new.name)
    yield from _change(Aspect.PACKAGE, "version", old.version, new.version)


def _change(aspect: Aspect, where: str, old: str, new: str) -> Iterator[Change]:
    if old != new:
        yield Change(aspect=aspect, where=where, old=old, new=new)


def _of_lines(aspect: Aspect, where: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Change]:
    """Yield lines that came or went."""
    before, after = set(old), set(new)
    yield from (Change(aspect=aspect, where=where, old=one, new="") for one in sorted(before - after))
    yield from (Change(aspect=aspect, where=where, old="", new=one) for one in sorted(after - before))


def _agency(agency: Agency) -> str:
    """Return who does it, without the number of a line, which moves when others do."""
    return f"{agency.script}: {agency.command}" if agency.script else agency.text


def _trigger(trigger: Trigger) -> str:
    return f"{trigger.directive} {' '.join(trigger.names)}"


def _of_files(old: Package, new: Package) -> Iterator[Change]:
    is_same = old.family is new.family
    named = (lambda path: path) if is_same else _neutral
    before = {named(one.path): one for one in old.files if _is_about_modules(one)}
    after = {named(one.path): one for one in new.files if _is_about_modules(one)}
    for path in sorted(before.keys() | after.keys()):
        first, second = before.get(path), after.get(path)
        aspect = _aspect_of(first or second)
        is_moved = not is_same and path.startswith(_PUBLIC)  # then its code names another file
        yield from _change(aspect, path, _content(first, is_moved=is_moved), _content(second, is_moved=is_moved))
        if first is not None and second is not None:
            yield from _change(Aspect.MODES, path, _owner_and_mode(first), _owner_and_mode(second))


def _neutral(path: InstalledPath) -> str:
    """Name a public file in the same way for all families: their interpreters search different directories."""
    base = third_party_base(path)
    return f"{_PUBLIC}{path.removeprefix(base)}" if base else path


def _is_about_modules(file: File) -> bool:
    return isinstance(file.facts, (SourceFacts, PycFacts)) or (file.is_directory and file.path.endswith("/__pycache__"))


def _aspect_of(file: File | None) -> Aspect:
    return Aspect.MODULES if file is not None and isinstance(file.facts, SourceFacts) else Aspect.BYTECODE


def _content(file: File | None, *, is_moved: bool) -> str:
    match file.facts if file else None:
        case SourceFacts() as source:
            return f"source, {source.size} bytes, CRC {source.crc:08x}"
        case PycFacts() as pyc:
            code = "" if is_moved else f", code {pyc.body_digest[:16]}"
            return f"pyc, header {pyc.header.hex()}{code}"
        case _:
            return "directory" if file else ""


def _owner_and_mode(file: File) -> str:
    owner = "root" if file.uid == 0 else file.user or str(file.uid)
    group = "root" if file.gid == 0 else file.group or str(file.gid)
    return f"{owner}:{group} {file.permissions:04o}"


def _of_scripts(old: Package, new: Package, *, same_kind: bool) -> Iterator[Change]:
    before = {one.name if same_kind else _moment(one): one.text for one in old.scripts}
    after = {one.name if same_kind else _moment(one): one.text for one in new.scripts}
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        if first is None or second is None or not same_kind:
            changes = _change(Aspect.SCRIPTS, name, _lines(first), _lines(second))
        else:
            changes = _change(Aspect.SCRIPTS, name, *_unlike(first.splitlines(), second.splitlines()))
        yield from (replace(one, texts=(first or "", second or "")) for one in changes)


def _unlike(old: list[str], new: list[str]) -> tuple[str, str]:
    """Return the lines that went and those that came. In time that doesn't explode, as that of `difflib.ndiff` can."""
    gone: list[str] = []
    come: list[str] = []
    for tag, first, last, start, stop in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            gone += old[first:last]
            come += new[start:stop]
    return "\n".join(gone), "\n".join(come)


def _moment(script: Script) -> str:
    """Return when a script runs, in words of all families; some have scripts of their own for upgrades."""
    name = _NAMES.get(script.kind, script.name)
    return name.replace("install", "upgrade") if "upgrade" in script.name else name


def _lines(text: str | None) -> str:
    return "" if text is None else f"{text.count(chr(10)) or 1} lines"
