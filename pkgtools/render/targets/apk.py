# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Alpine: scripts and a trigger as abuild takes them (apk-package(5)), and lines for the APKBUILD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family, Hook
from pkgtools.render.generated import PROGRAM, GeneratedFile, below
from pkgtools.render.packaging_target import SHIPPED, PackagingTarget
from pkgtools.render.script_plan import plan_nameless, plan_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.render.generated import Job

SCRIPTS = {
    "pre-install": Hook.PRE_INSTALL,
    "post-install": Hook.POST_INSTALL,
    "pre-upgrade": Hook.PRE_INSTALL,
    "post-upgrade": Hook.POST_INSTALL,
    "pre-deinstall": Hook.PRE_REMOVE,
    "post-deinstall": Hook.POST_REMOVE,
}
"""Script -> the manifest's word for it."""


def files(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield a folder for each package: NAME.SCRIPT, NAME.trigger, APKBUILD.inc, what it ships below root/."""
    for package in packages:
        plan = plan_scripts(package, Family.APK)
        calls = plan_nameless(plan)
        scripts = []
        for script, hook in SCRIPTS.items():
            template = f"apk/{script}.sh.j2"
            if text := job.script(template, plan, hook, calls=calls):
                scripts.append(f"{plan.name}.{script}")
                path = f"{package.key}/{plan.name}.{script}"
                yield GeneratedFile(path=path, content=text.encode(), mode=PROGRAM, template=template)
        watched: tuple[str, ...] = ()
        if calls and calls.compile_directories:
            watched = ("/usr/bin", *plan.plugins)
            text = job.render(
                "apk/trigger.sh.j2", plan, main="apk/main/trigger.sh.j2", before=(), after=(), calls=calls
            )
            path = f"{package.key}/{plan.name}.trigger"
            yield GeneratedFile(path=path, content=text.encode(), mode=PROGRAM, template="apk/trigger.sh.j2")
        values = {"scripts": scripts, "watched": watched}
        yield job.text(f"{package.key}/APKBUILD.inc", "apk/APKBUILD.inc.j2", plan, **values)
        yield from below(f"{package.key}/root", job.payload(plan))


TARGET = PackagingTarget(
    name="apk",
    family=Family.APK,
    files=files,
    names=("{key}/APKBUILD.inc", "{key}/{name}.pre-", "{key}/{name}.post-", "{key}/{name}.trigger", *SHIPPED),
    scripts=SCRIPTS,
)
