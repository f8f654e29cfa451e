# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""pacman: two hooks of libalpm (alpm-hooks(5)), one that compiles and one that cleans, and a file for install=."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family, Hook, Snippet, When
from pkgtools.render.generated import below
from pkgtools.render.packaging_target import SHIPPED, PackagingTarget
from pkgtools.render.quoting import quote_sh
from pkgtools.render.script_plan import plan_nameless, plan_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.render.generated import GeneratedFile, Job
    from pkgtools.render.script_plan import ScriptPlan

HOOKS = "usr/share/libalpm/hooks"
SCRIPTS = {
    "pre_install": Hook.PRE_INSTALL,
    "post_install": Hook.POST_INSTALL,
    "pre_upgrade": Hook.PRE_INSTALL,
    "post_upgrade": Hook.POST_INSTALL,
    "pre_remove": Hook.PRE_REMOVE,
    "post_remove": Hook.POST_REMOVE,
}
"""Function of an install file -> the manifest's word for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Function:
    name: str
    snippets: tuple[Snippet, ...]


def files(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield a folder for each package: the hooks and what else it ships below root/, NAME.install for snippets."""
    for package in packages:
        plan = plan_scripts(package, Family.ALPM)
        root = f"{package.key}/root"
        if calls := plan_nameless(plan):
            for kind in ("compile", "clean"):
                commands = job.render(f"alpm/{kind}.sh.j2", plan, calls=calls).strip().rstrip(";")
                commands = f"[ -x {quote_sh(calls.clean_listed.program)} ] || exit 0; {commands}"
                path = f"{root}/{HOOKS}/{plan.name}-pkgtools-{kind}.hook"
                yield job.text(path, f"alpm/{kind}.hook.j2", plan, commands=commands)
        if functions := tuple(_functions(plan)):
            yield job.text(f"{package.key}/{plan.name}.install", "alpm/install.j2", plan, functions=functions)
        yield from below(root, job.payload(plan))


def _functions(plan: ScriptPlan) -> Iterator[_Function]:
    for name, hook in SCRIPTS.items():
        snippets = [each for when in When for each in plan.package.snippets_of(plan.family, hook, when)]
        if snippets:
            yield _Function(name=name, snippets=tuple(snippets))


TARGET = PackagingTarget(
    name="alpm",
    family=Family.ALPM,
    files=files,
    names=("{key}/{name}.install", "{key}/root/usr/share/libalpm/hooks/", *SHIPPED),
    scripts=SCRIPTS,
)
