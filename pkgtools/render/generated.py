# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the targets have in common: a file to be, a template with the values that all of them get, the payload."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pkgtools import __version__
from pkgtools.model.manifest import When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import Hook, Manifest
    from pkgtools.runtime.facts import InstalledPath

    from .script_plan import ScriptPlan
    from .templates import Templates

TEXT = 0o644
PROGRAM = 0o755


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedFile:
    """A file to be written below the output directory."""

    path: str
    """Relative, with slashes."""
    content: bytes
    """All bytes of the file."""
    mode: int
    """Permission bits: 0644 or 0755."""
    template: str
    """The template that it was rendered from, or what else it is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A manifest, the templates, and where the output will lie."""

    manifest: Manifest
    """The manifest that all files are generated from."""
    templates: Templates
    """Our templates, with the packager's own in the place of those of the same name."""
    output: str
    """The output directory as seen from the manifest's project directory, for files that name others."""

    def render(self, template: str, plan: ScriptPlan, **values: object) -> str:
        """Render a template with what every template gets: plan, origin, version."""
        return self.templates.render(template, plan=plan, origin=self.manifest.origin, version=__version__, **values)

    def text(self, path: str, template: str, plan: ScriptPlan, **values: object) -> GeneratedFile:
        """Make a file of a template."""
        text = self.render(template, plan, **values)
        return GeneratedFile(path=path, content=text.encode(), mode=TEXT, template=template)

    def script(self, template: str, plan: ScriptPlan, hook: Hook, **values: object) -> str | None:
        """Render a script; None where neither the plan nor the packager has anything for it to do.

        A template of the packager's own has, if it makes something else than ours would. `FOLDER/SCRIPT.sh.j2` has its
        main part in `FOLDER/main/SCRIPT.sh.j2`.
        """
        folder, _, name = template.rpartition("/")
        before = tuple(plan.package.snippets_of(plan.family, hook, When.BEFORE))
        after = tuple(plan.package.snippets_of(plan.family, hook, When.AFTER))
        main = f"{folder.replace('debhelper', 'deb')}/main/{name}"
        script = self.render(template, plan, main=main, before=before, after=after, **values)
        if before or after or self.render(main, plan, **values).strip():
            return script
        ours = self.render(f"pkgtools/{template}", plan, main=main, before=before, after=after, **values)
        return script if script != ours else None

    def payload(self, plan: ScriptPlan) -> Iterator[tuple[InstalledPath, GeneratedFile]]:
        """Yield what the package has to ship: where, and the file, its path relative to the system's root."""
        if plan.drop_in:
            path = plan.drop_in_path
            yield path, self.text(path[1:], "common/private.conf.j2", plan)
        if plan.embedded:
            provenance = self.render("common/provenance.j2", plan).strip().removeprefix("# ")
            content = _embedded(provenance)
            yield (
                plan.embedded,
                GeneratedFile(path=plan.embedded[1:], content=content, mode=PROGRAM, template="runtime"),
            )


@cache
def _embedded(provenance: str) -> bytes:
    from .pyz import build_pyz  # noqa: PLC0415 - one strategy of eight needs it, and dh_pkgtools starts often

    return build_pyz(provenance)


def below(folder: str, files: Iterator[tuple[InstalledPath, GeneratedFile]]) -> Iterator[GeneratedFile]:
    """Move a payload below a folder of the output."""
    for _, file in files:
        yield GeneratedFile(path=f"{folder}/{file.path}", content=file.content, mode=file.mode, template=file.template)
