# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""debhelper: files for debian/, and a makefile to be included in debian/rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family
from pkgtools.render.generated import TEXT, GeneratedFile, below
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.render.script_plan import plan_scripts
from pkgtools.runtime.errors import UsageError

from .deb import SCRIPTS, interests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.render.generated import Job
    from pkgtools.render.script_plan import ScriptPlan


_DEBHELPER = "#DEBHELPER#"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    plan: ScriptPlan
    payload: bool
    requires: str


def files(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield PACKAGE.SCRIPT, PACKAGE.triggers, what packages ship below PACKAGE.root/, and pkgtools.mk.

    The makefile is for all packages of the manifest, whichever are asked for. Raises UsageError for a snippet that
    debhelper would change.
    """
    for plan in (plan_scripts(package, Family.DEB) for package in packages):
        _require_no_token(plan)
        for script, hook in SCRIPTS.items():
            template = f"debhelper/{script}.sh.j2"
            if text := job.script(template, plan, hook):
                path = f"{plan.name}.{script}"
                yield GeneratedFile(path=path, content=text.encode(), mode=TEXT, template=template)
        if named := interests(plan):
            yield job.text(f"{plan.name}.triggers", "deb/triggers.j2", plan, interests=named)
        yield from below(f"{plan.name}.root", job.payload(plan))
    if steps := tuple(_steps(job)):
        yield job.text("pkgtools.mk", "debhelper/pkgtools.mk.j2", steps[0].plan, steps=steps)


def _steps(job: Job) -> Iterator[_Step]:
    for package in job.manifest.packages:
        plan = plan_scripts(package, Family.DEB)
        payload = bool(plan.drop_in or plan.embedded)
        if payload or plan.depends or plan.is_built:
            requires = f"pkgtools:Depends={', '.join(plan.depends)}" if plan.depends else ""
            yield _Step(plan=plan, payload=payload, requires=requires)


def _require_no_token(plan: ScriptPlan) -> None:
    for snippet in plan.package.snippets:
        if plan.family in snippet.families and _DEBHELPER in snippet.text:
            raise UsageError(f"{snippet.origin}: it has {_DEBHELPER} in it, which debhelper would replace there, too")


TARGET = PackagingTarget(
    name="debhelper",
    family=Family.DEB,
    files=files,
    names=("{name}.",),  # not the folders beside them, in which debhelper puts packages together
    scripts=SCRIPTS,
    base="debhelper/script.sh.j2",
)
