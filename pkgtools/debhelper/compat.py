# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the calls of py3compile and py3clean that dh_python3(1) puts into a package's scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .depends import named_versions, private_extensions
from .pythons import Range

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath

    from .depends import Demand
    from .options import Options
    from .records import Minor, Modules

RUNTIME_DIRECTORY = "usr/share/python3/runtime.d"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatScripts:
    """What a package's scripts call, as words for the shell after `py3compile -p PACKAGE`."""

    compile: tuple[str, ...]
    """One entry for the public modules, empty or a range, and one for each private directory."""
    updates: tuple[tuple[InstalledPath, str], ...]
    """Private directories that are compiled anew when the default interpreter changes, each with its options."""
    relations: tuple[str, ...]
    """Further relations to an interpreter."""


def compat_scripts(demand: Demand, options: Options) -> CompatScripts:
    """Say what dh_python3 would call."""
    compile_calls: list[str] = []
    updates: list[tuple[InstalledPath, str]] = []
    relations: list[str] = []
    if demand.found.public.compile:
        compile_calls.append(f"-V {demand.versions}" if demand.versions is not None else "")
    patterns = "".join(f" -X {_quoted(pattern)}" for pattern in options.exclude)
    for directory, modules in sorted(demand.found.private.items()):
        if not modules.compile:
            continue
        versions = _versions(demand, modules, options)
        if modules.untagged_extensions and versions is not None:
            relations.append(f"python{versions}")
        compile_calls.append(" ".join(filter(None, (_word(directory), _option(versions)))) + patterns)
        updates.append((directory, f"{_option(_update_versions(demand, modules))}{patterns}"))
    return CompatScripts(compile=tuple(compile_calls), updates=tuple(updates), relations=tuple(relations))


def _word(directory: str) -> str:
    """Return a directory as a word of the shell; dh_python3 never quotes."""
    return directory if re.fullmatch(r"[\w@%+=:,./-]+", directory, re.ASCII) else _quoted(directory)


def _quoted(pattern: str) -> str:
    return "'" + pattern.replace("'", r"'\''") + "'"


def _option(versions: Range | None) -> str:
    return f"-V {versions}" if versions is not None else ""


def _exactly(version: Minor) -> Range:
    return Range(first=version, end=version)


def _asked(demand: Demand) -> Range | None:
    return demand.versions if demand.versions is not None and not demand.versions.is_open else None


def _versions(demand: Demand, modules: Modules, options: Options) -> Range | None:
    """Return the versions for postinst: of extension modules, else of the only script's, else the maintainer's."""
    named = sorted(named_versions(modules.shebangs))
    if modules.untagged_extensions:
        asked = _asked(demand)
        if asked is not None and asked.first == asked.end:
            return asked
        return _exactly(named[0] if named else demand.pythons.default)
    if modules.extension_versions:
        return Range(first=min(modules.extension_versions), end=max(modules.extension_versions))
    if not options.ignore_shebangs and len(named) == 1:
        return _exactly(named[0])
    return _asked(demand)


def _update_versions(demand: Demand, modules: Modules) -> Range | None:
    """Return the versions for the update at a change of the default interpreter."""
    built_for = private_extensions(demand, modules)
    named = sorted(named_versions(modules.shebangs))
    if built_for is not None and modules.extension_versions:
        return built_for
    if len(named) == 1:
        return _exactly(named[0])
    if modules.untagged_extensions:
        return _exactly(demand.pythons.default)
    return demand.versions


def update_script(
    package: str, updates: tuple[tuple[InstalledPath, str], ...], there: str | None, *, compile_all: bool
) -> str:
    """Return a file for /usr/share/python3/runtime.d: one that the package has already gets what it lacks."""
    named = "" if compile_all else f"-p {package}"
    text = "#! /bin/sh\nset -e" if there is None else there
    for directory, options in updates:
        lines = ("", 'if [ "$1" = rtupdate ]; then', f"\tpy3clean {named} {_word(directory)}")
        block = "\n".join((*lines, f"\tpy3compile {named} {options} {_word(directory)}", "fi"))
        if block not in text:
            text += f"\n{block}"
    return text
