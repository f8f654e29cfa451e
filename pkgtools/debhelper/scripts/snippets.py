# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a package gets besides its files: dh_python3's calls, or what the templates of `pkgtools generate` say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pkgtools.debhelper.debhelper_files import read_optional
from pkgtools.debhelper.requirements.depends import named_versions, private_extensions
from pkgtools.runtime.policy.version_range import VersionRange
from pkgtools.runtime.pythons import CPYTHON_STEM

if TYPE_CHECKING:
    from pkgtools.debhelper.debhelper_files import Files
    from pkgtools.debhelper.records import Modules
    from pkgtools.debhelper.requirements.depends import Demand
    from pkgtools.debhelper.source_control import Binary
    from pkgtools.debhelper.source_package import Build, HelperOptions
    from pkgtools.runtime.facts import InstalledPath

RUNTIME_DIRECTORY = "usr/share/python3/runtime.d"
_AUTOSCRIPTS = Path("/usr/share/debhelper/autoscripts")
_COMPILE = "if command -v py3compile >/dev/null 2>&1; then\n\tpy3compile -p #PACKAGE# #ARGS#\nfi\n"
_CLEAN = "if command -v py3clean >/dev/null 2>&1; then\n\tpy3clean -p #PACKAGE# #ARGS#\nfi\n"


class Snippets(Protocol):
    """What a package gets, whichever way it is made."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what the maintainer should know of the choice that was made."""
        ...

    @property
    def relations(self) -> tuple[str, ...]:
        """Return relations to what the scripts call."""
        ...

    @property
    def actions(self) -> tuple[str, ...]:
        """Say what will be added, in a few words each."""
        ...

    def install(self, files: Files) -> tuple[str, ...]:
        """Put it where debhelper finds it; return what the maintainer should know. Raises PkgtoolsError, OSError."""
        ...


def plan_snippets(build: Build, binary: Binary, demand: Demand) -> Snippets:
    """Say what a package gets. Raises PkgtoolsError."""
    if build.options.compat:
        return ArchiveCalls(
            package=binary.name,
            qualified=binary.name if binary.is_independent else f"{binary.name}:{build.architecture().name}",
            scripts=compat_scripts(demand, build.options),
            options=build.options,
        )
    modules = (demand.found.public, *demand.found.private.values())
    if not any(one.compile for one in modules) and build.declared(binary.name) is None:
        return Nothing()
    from .scripts import plan_templates  # noqa: PLC0415 - jinja2 is needed for packages with modules only

    return plan_templates(build, binary, demand)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """A package without modules."""

    relations: tuple[str, ...] = ()
    """Always empty: no script calls anything."""
    notes: tuple[str, ...] = ()
    """Always empty: nothing is chosen."""
    actions: tuple[str, ...] = ()
    """Always empty: nothing is added."""

    def install(self, _files: Files) -> tuple[str, ...]:
        """Do nothing."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCalls:
    """The calls of py3compile and py3clean that packages in Debian's archive have."""

    package: str
    """The binary package's name."""
    qualified: str
    """With the architecture, for a package that has one."""
    scripts: CompatScripts
    """The calls' arguments, private directories to update, and relations."""
    options: HelperOptions
    """The options of the call; of them only --compile-all changes the scripts' text."""
    notes: tuple[str, ...] = ()
    """Always empty: py3compile decides when to compile."""

    @property
    def relations(self) -> tuple[str, ...]:
        """Return relations to interpreters of extension modules whose version isn't in their name."""
        return self.scripts.relations

    @property
    def actions(self) -> tuple[str, ...]:
        """Say which calls will be added."""
        return tuple(f"postinst: py3compile -p {self.qualified} {words}".rstrip() for words in self.scripts.compile)

    def install(self, files: Files) -> tuple[str, ...]:
        """Add the calls to postinst and prerm, and the update at a change of the default interpreter."""
        if not self.scripts.compile:
            return ()
        template = read_optional(_AUTOSCRIPTS / "postinst-py3compile") or _COMPILE
        text = "".join(f"\n{self._filled(template, words)}" for words in self.scripts.compile)
        files.add_snippet("postinst", text)
        clean = self._filled(read_optional(_AUTOSCRIPTS / "prerm-py3clean") or _CLEAN, "")
        files.add_snippet("prerm", f"\n{clean}", last=True)
        if self.scripts.updates:
            path = f"{RUNTIME_DIRECTORY}/{self.package}.rtupdate"
            there = read_optional(files.tree / path)
            text = update_script(self.package, self.scripts.updates, there, compile_all=self.options.compile_all)
            files.install(path, text, mode=0o755)
        return ()

    def _filled(self, template: str, words: str) -> str:
        """Put names into an autoscript, as dh_installdeb does."""
        package = "-p #PACKAGE#" if not (self.options.compile_all and words) else ""
        return template.replace("-p #PACKAGE#", package).replace("#PACKAGE#", self.qualified).replace("#ARGS#", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatScripts:
    """What a package's scripts call, as words for the shell after `py3compile -p PACKAGE`."""

    compile: tuple[str, ...]
    """One entry for the public modules, empty or a range, and one for each private directory."""
    updates: tuple[tuple[InstalledPath, str], ...]
    """Private directories that are compiled again when the default interpreter changes, each with its options."""
    relations: tuple[str, ...]
    """Further relations to an interpreter."""


def compat_scripts(demand: Demand, options: HelperOptions) -> CompatScripts:
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
            relations.append(f"{CPYTHON_STEM}{versions}")
        compile_calls.append(" ".join(filter(None, (_word(directory), _option(versions)))) + patterns)
        updates.append((directory, f"{_option(_update_versions(demand, modules))}{patterns}"))
    return CompatScripts(compile=tuple(compile_calls), updates=tuple(updates), relations=tuple(relations))


def _word(directory: str) -> str:
    """Return a directory as a word of the shell; dh_python3 never quotes."""
    return directory if re.fullmatch(r"[\w@%+=:,./-]+", directory, re.ASCII) else _quoted(directory)


def _quoted(pattern: str) -> str:
    return "'" + pattern.replace("'", r"'\''") + "'"


def _option(versions: VersionRange | None) -> str:
    return f"-V {versions}" if versions is not None else ""


def _asked(demand: Demand) -> VersionRange | None:
    return demand.versions if demand.versions is not None and demand.versions.asked else None


def _versions(demand: Demand, modules: Modules, options: HelperOptions) -> VersionRange | None:
    """Return the versions for postinst: of extension modules, else of the only script's, else the maintainer's."""
    named = sorted(named_versions(modules.shebangs))
    if modules.untagged_extensions:
        asked = _asked(demand)
        if asked is not None and asked.exact:
            return asked
        return VersionRange.only(named[0] if named else demand.pythons.default)
    if modules.extension_versions:
        return VersionRange.between(min(modules.extension_versions), max(modules.extension_versions))
    if not options.ignore_shebangs and len(named) == 1:
        return VersionRange.only(named[0])
    return _asked(demand)


def _update_versions(demand: Demand, modules: Modules) -> VersionRange | None:
    """Return the versions for the update at a change of the default interpreter."""
    built_for = private_extensions(demand, modules)
    named = sorted(named_versions(modules.shebangs))
    if built_for is not None and modules.extension_versions:
        return VersionRange.between(*built_for)
    if len(named) == 1:
        return VersionRange.only(named[0])
    if modules.untagged_extensions:
        return VersionRange.only(demand.pythons.default)
    return demand.versions


def update_script(
    package: str, updates: tuple[tuple[InstalledPath, str], ...], there: str | None, *, compile_all: bool
) -> str:
    """Return a file for /usr/share/python3/runtime.d: one that the package has already gets what it lacks."""
    named = "" if compile_all else f"-p {package}"
    text = "#! /bin/sh\nset -e" if there is None else there
    for directory, options in updates:
        lines = ("", 'if [ "$1" = rtupdate ]; then', f"\tpy3clean {named} {_word(directory)}")
        # python3's postinst runs these: one bad module must not leave it unconfigured
        block = "\n".join((*lines, f"\tpy3compile {named} {options} {_word(directory)} || true", "fi"))
        if block not in text:
            text += f"\n{block}"
    return text
