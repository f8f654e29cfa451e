# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""dpkg-deb: maintainer scripts and triggers as they lie in DEBIAN/ (Debian Policy 6, deb-triggers(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family, Hook
from pkgtools.render.generated import PROGRAM, GeneratedFile, below
from pkgtools.render.packaging_target import SHIPPED, PackagingTarget
from pkgtools.render.script_plan import plan_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.render.generated import Job
    from pkgtools.render.script_plan import ScriptPlan

SCRIPTS = {
    "preinst": Hook.PRE_INSTALL,
    "postinst": Hook.POST_INSTALL,
    "prerm": Hook.PRE_REMOVE,
    "postrm": Hook.POST_REMOVE,
}
"""Maintainer script -> the manifest's word for it."""

_INTERPRETERS = ("/usr/share/binfmts", "/usr/share/python3/debian_defaults")
"""What pythonX.Y-minimal ships a file in, and what changes with the default interpreter."""


def files(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield a folder for each package: DEBIAN/, lines for its control file, and what it ships below root/."""
    for package in packages:
        plan = plan_scripts(package, Family.DEB)
        for script, hook in SCRIPTS.items():
            template = f"deb/{script}.sh.j2"
            if text := job.script(template, plan, hook):
                path = f"{package.key}/DEBIAN/{script}"
                yield GeneratedFile(path=path, content=text.encode(), mode=PROGRAM, template=template)
        if named := interests(plan):
            yield job.text(f"{package.key}/DEBIAN/triggers", "deb/triggers.j2", plan, interests=named)
        if plan.depends:
            yield job.text(f"{package.key}/control", "deb/control.j2", plan)
        yield from below(f"{package.key}/root", job.payload(plan))


def interests(plan: ScriptPlan) -> tuple[str, ...]:
    """Return the file triggers that wake the package's postinst: an interpreter comes or goes, or a plugin."""
    return (*(_INTERPRETERS if plan.watches_interpreters else ()), *plan.plugins)


TARGET = PackagingTarget(
    name="deb",
    family=Family.DEB,
    files=files,
    names=("{key}/DEBIAN/", "{key}/control", *SHIPPED),
    scripts=SCRIPTS,
)
