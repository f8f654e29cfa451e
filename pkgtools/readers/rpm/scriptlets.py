# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The scriptlets, triggers and dependencies of an RPM header (rpm-spec(5), rpm-tags(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pkgtools.model.package_scripts import Script, ScriptKind, Trigger
from pkgtools.readers.unreadable import UnreadablePackage

from .tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .header_values import RpmHeader

_LESS, _GREATER, _EQUAL = 1 << 1, 1 << 2, 1 << 3  # RPMSENSE_*
_MOMENTS = {1 << 16: "in", 1 << 17: "un", 1 << 18: "postun", 1 << 25: "prein"}
"""RPMSENSE_TRIGGER* -> the end of the directive's name."""
_SHELL = ("/bin/sh",)

_SCRIPTS = (
    ("%pretrans", ScriptKind.PRE_INSTALL, Tag.PRETRANS, Tag.PRETRANSPROG),
    ("%pre", ScriptKind.PRE_INSTALL, Tag.PREIN, Tag.PREINPROG),
    ("%post", ScriptKind.POST_INSTALL, Tag.POSTIN, Tag.POSTINPROG),
    ("%preun", ScriptKind.PRE_REMOVE, Tag.PREUN, Tag.PREUNPROG),
    ("%postun", ScriptKind.POST_REMOVE, Tag.POSTUN, Tag.POSTUNPROG),
    ("%posttrans", ScriptKind.POST_INSTALL, Tag.POSTTRANS, Tag.POSTTRANSPROG),
    ("%preuntrans", ScriptKind.PRE_REMOVE, Tag.PREUNTRANS, Tag.PREUNTRANSPROG),
    ("%postuntrans", ScriptKind.POST_REMOVE, Tag.POSTUNTRANS, Tag.POSTUNTRANSPROG),
    ("%verifyscript", ScriptKind.OTHER, Tag.VERIFYSCRIPT, Tag.VERIFYSCRIPTPROG),
)


class _Family(NamedTuple):
    """The tags of one kind of trigger."""

    prefix: str
    scripts: Tag
    programs: Tag
    names: Tag
    indexes: Tag
    flags: Tag
    versions: Tag | None


_FAMILIES = (
    _Family(
        "%trigger",
        Tag.TRIGGERSCRIPTS,
        Tag.TRIGGERSCRIPTPROG,
        Tag.TRIGGERNAME,
        Tag.TRIGGERINDEX,
        Tag.TRIGGERFLAGS,
        Tag.TRIGGERVERSION,
    ),
    _Family(
        "%filetrigger",
        Tag.FILETRIGGERSCRIPTS,
        Tag.FILETRIGGERSCRIPTPROG,
        Tag.FILETRIGGERNAME,
        Tag.FILETRIGGERINDEX,
        Tag.FILETRIGGERFLAGS,
        None,
    ),
    _Family(
        "%transfiletrigger",
        Tag.TRANSFILETRIGGERSCRIPTS,
        Tag.TRANSFILETRIGGERSCRIPTPROG,
        Tag.TRANSFILETRIGGERNAME,
        Tag.TRANSFILETRIGGERINDEX,
        Tag.TRANSFILETRIGGERFLAGS,
        None,
    ),
)


def read_scripts(header: RpmHeader) -> tuple[Script, ...]:
    """Return the scriptlets; one that is only a program has an empty text. Raises UnreadablePackage."""
    found = []
    for name, kind, body, program in _SCRIPTS:
        if body in header or program in header:
            interpreter = tuple(header.texts(program)) or _SHELL
            found.append(Script(name=name, kind=kind, interpreter=interpreter, text=header.text(body)))
    return tuple(found)


def read_triggers(header: RpmHeader, path: Path) -> tuple[Trigger, ...]:
    """Return the triggers and file triggers, each with its script. Raises UnreadablePackage."""
    return tuple(trigger for family in _FAMILIES for trigger in _triggers(header, family, path))


def _triggers(header: RpmHeader, family: _Family, path: Path) -> Iterator[Trigger]:
    """Gather the names that lead to the same script at the same moment."""
    names, flags = _conditions(header, family, path), header.numbers(family.flags)
    indexes = header.numbers(family.indexes)
    scripts, programs = header.texts(family.scripts), header.texts(family.programs)
    if not len(names) == len(flags) == len(indexes):
        raise UnreadablePackage(path, f"its header has fewer values of {family.flags.name} than names, or more")
    found: dict[tuple[int, int], list[str]] = {}
    for name, flag, index in zip(names, flags, indexes, strict=True):
        moment = next((bit for bit in _MOMENTS if flag & bit), 0)
        if index >= len(scripts) or not moment:
            raise UnreadablePackage(path, f"one of its triggers ({family.prefix}...) has no script or no moment")
        found.setdefault((index, moment), []).append(name)
    for (index, moment), conditions in sorted(found.items()):
        directive = family.prefix + _MOMENTS[moment]
        program = (programs[index],) if index < len(programs) else _SHELL
        yield Trigger(
            directive=directive,
            names=tuple(conditions),
            script=Script(name=directive, kind=ScriptKind.TRIGGER, interpreter=program, text=scripts[index]),
        )


def _conditions(header: RpmHeader, family: _Family, path: Path) -> Sequence[str]:
    if family.versions is None:
        return header.texts(family.names)
    return tuple(_relations(header, family.names, family.versions, family.flags, path))


def read_dependencies(header: RpmHeader, path: Path) -> tuple[str, ...]:
    """Return what a package requires. Raises UnreadablePackage."""
    return tuple(_relations(header, Tag.REQUIRENAME, Tag.REQUIREVERSION, Tag.REQUIREFLAGS, path))


def _relations(header: RpmHeader, names: Tag, versions: Tag, flags: Tag, path: Path) -> Iterator[str]:
    every = header.texts(names)
    of_each = header.texts(versions) if versions in header else [""] * len(every)
    bits = header.numbers(flags) if flags in header else [0] * len(every)
    if not len(every) == len(of_each) == len(bits):
        raise UnreadablePackage(path, f"its header has fewer values of {versions.name} than names, or more")
    for name, version, flag in zip(every, of_each, bits, strict=True):
        signs = ((_LESS, "<"), (_GREATER, ">"), (_EQUAL, "="))
        sign = "".join(one for bit, one in signs if flag & bit)
        yield f"{name} {sign} {version}" if sign and version else name
