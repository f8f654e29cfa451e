# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""debhelper: files for debian/, and a makefile to be included in debian/rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family
from pkgtools.render.job import TEXT, GeneratedFile, below
from pkgtools.render.plan import plan_scripts

from .deb import SCRIPTS, interests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import Package
    from pkgtools.render.job import Job
    from pkgtools.render.plan import ScriptPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    plan: ScriptPlan
    payload: bool
    requires: str


def files(job: Job, packages: tuple[Package, ...]) -> Iterator[GeneratedFile]:
    """Yield PACKAGE.SCRIPT, PACKAGE.triggers, what packages ship below PACKAGE.root/, and pkgtools.mk."""
    plans = [plan_scripts(package, Family.DEB) for package in packages]
    steps = []
    for plan in plans:
        for script, hook in SCRIPTS.items():
            template = f"debhelper/{script}.sh.j2"
            if text := job.script(template, plan, hook):
                path = f"{plan.name}.{script}"
                yield GeneratedFile(path=path, content=text.encode(), mode=TEXT, template=template)
        if named := interests(plan):
            yield job.text(f"{plan.name}.triggers", "deb/triggers.j2", plan, interests=named)
        payload = tuple(below(f"{plan.name}.root", job.payload(plan)))
        yield from payload
        if payload or plan.requires or plan.is_built:
            requires = f"pkgtools:Depends={', '.join(plan.requires)}" if plan.requires else ""
            steps.append(_Step(plan=plan, payload=bool(payload), requires=requires))
    if steps:
        yield job.text("pkgtools.mk", "debhelper/pkgtools.mk.j2", plans[0], steps=steps)
