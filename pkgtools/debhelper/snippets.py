# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a package gets besides its files: dh_python3's calls, or what the templates of `pkgtools generate` say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .compat import RUNTIME_DIRECTORY, CompatScripts, compat_scripts, update_script
from .files import read_optional

if TYPE_CHECKING:
    from .control import Binary
    from .depends import Demand
    from .files import Files
    from .main import Build

_AUTOSCRIPTS = Path("/usr/share/debhelper/autoscripts")
_COMPILE = "if command -v py3compile >/dev/null 2>&1; then\n\tpy3compile -p #PACKAGE# #ARGS#\nfi\n"
_CLEAN = "if command -v py3clean >/dev/null 2>&1; then\n\tpy3clean -p #PACKAGE# #ARGS#\nfi\n"


class Snippets(Protocol):
    """What a package gets, whichever way it is made."""

    @property
    def relations(self) -> tuple[str, ...]:
        """Return relations to what the scripts call."""
        ...

    @property
    def actions(self) -> tuple[str, ...]:
        """Say what will be added, in a few words each."""
        ...

    def install(self, files: Files) -> None:
        """Put it where debhelper finds it. Raises PkgtoolsError, OSError."""
        ...


def plan_snippets(build: Build, binary: Binary, demand: Demand) -> Snippets:
    """Say what a package gets. Raises PkgtoolsError."""
    if build.options.compat:
        return Archive(
            package=binary.name,
            qualified=binary.name if binary.is_independent else f"{binary.name}:{build.architecture().name}",
            scripts=compat_scripts(demand, build.options),
            compile_all=build.options.compile_all,
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
    actions: tuple[str, ...] = ()

    def install(self, files: Files) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The calls of py3compile and py3clean that packages in Debian's archive have."""

    package: str
    qualified: str
    """With the architecture, for a package that has one."""
    scripts: CompatScripts
    compile_all: bool

    @property
    def relations(self) -> tuple[str, ...]:
        """Return relations to interpreters of extension modules whose version isn't in their name."""
        return self.scripts.relations

    @property
    def actions(self) -> tuple[str, ...]:
        """Say which calls will be added."""
        return tuple(f"postinst: py3compile -p {self.qualified} {words}".rstrip() for words in self.scripts.compile)

    def install(self, files: Files) -> None:
        """Add the calls to postinst and prerm, and the update at a change of the default interpreter."""
        if not self.scripts.compile:
            return
        template = read_optional(_AUTOSCRIPTS / "postinst-py3compile") or _COMPILE
        text = "".join(f"\n{self._filled(template, words)}" for words in self.scripts.compile)
        files.add_snippet("postinst", text)
        clean = self._filled(read_optional(_AUTOSCRIPTS / "prerm-py3clean") or _CLEAN, "")
        files.add_snippet("prerm", f"\n{clean}", last=True)
        if self.scripts.updates:
            path = f"{RUNTIME_DIRECTORY}/{self.package}.rtupdate"
            there = read_optional(files.tree / path)
            text = update_script(self.package, self.scripts.updates, there, compile_all=self.compile_all)
            files.install(path, text, mode=0o755)

    def _filled(self, template: str, words: str) -> str:
        """Put names into an autoscript, as dh_installdeb does."""
        package = "-p #PACKAGE#" if not (self.compile_all and words) else ""
        return template.replace("-p #PACKAGE#", package).replace("#PACKAGE#", self.qualified).replace("#ARGS#", words)
