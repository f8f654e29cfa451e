# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""fpm: scripts that serve dpkg and rpm alike, and a file of options that names them (fpm.readthedocs.io)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family, Hook
from pkgtools.render.generated import PROGRAM, GeneratedFile, below
from pkgtools.render.packaging_target import SHIPPED, PackagingTarget
from pkgtools.render.quoting import quote_rpm
from pkgtools.render.script_plan import plan_scripts
from pkgtools.runtime.errors import UsageError

from . import deb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.render.generated import Job
    from pkgtools.render.script_plan import ScriptPlan

SCRIPTS = {
    "before-install": Hook.PRE_INSTALL,
    "after-install": Hook.POST_INSTALL,
    "before-remove": Hook.PRE_REMOVE,
    "after-remove": Hook.POST_REMOVE,
}
"""fpm's option for a script -> the manifest's word for it."""
_MACRO = re.compile(r"%(?:[%{(\[*#?!:-]|[A-Z0-9_]|[a-z]\w)\w*")
"""What rpm may expand; single small letters, as in formats of printf(1) and date(1), aren't macros."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    words: tuple[str, ...]


def files(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield a folder for each package: scripts, fpm.options for --fpm-options-file, what it ships below root/.

    Raises UsageError for a package that dpkg and rpm are to treat differently.
    """
    for package in packages:
        plan = plan_scripts(package, Family.DEB)
        _require_equal(package)
        provenance = job.render("common/provenance.j2", plan).strip()
        # the file has no comments; rpm's spec file has, where fpm puts this as it is
        options = [_Option(words=("--rpm-tag", quote_rpm(provenance)))]
        for script, hook in SCRIPTS.items():
            template = f"fpm/{script}.sh.j2"
            if text := job.script(template, plan, hook):
                path = f"{package.key}/{script}"
                _require_no_macro(path, text)
                options.append(_Option(words=(f"--{script}", f"{job.output}/{path}")))
                yield GeneratedFile(path=path, content=text.encode(), mode=PROGRAM, template=template)
        options += [_Option(words=("--deb-interest-noawait", one)) for one in deb.interests(plan)]
        options += [_Option(words=("--directories", directory)) for directory in plan.directories]
        options += [_Option(words=("--depends", one)) for one in _requires(plan)]
        yield job.text(f"{package.key}/fpm.options", "fpm/options.j2", plan, options=options)
        yield from below(f"{package.key}/root", job.payload(plan))


def _require_equal(package: DeclaredPackage) -> None:
    of_deb, of_rpm = package.variants[Family.DEB], package.variants[Family.RPM]
    if of_deb != of_rpm:
        raise UsageError(
            f"packages.{package.key}: one script of fpm's serves deb and rpm, so both need the same name, strategy and "
            "depends: use the targets deb and rpm, or nfpm"
        )
    for snippet in package.snippets:
        if len({Family.DEB, Family.RPM} & snippet.families) == 1:
            raise UsageError(f"{snippet.origin}: one script of fpm's serves deb and rpm: name both families or none")


def _require_no_macro(path: str, text: str) -> None:
    if found := _MACRO.search(text):
        raise UsageError(
            f"{path}: fpm writes this script into a spec file as it is, where rpm expands {found[0]!r}: "
            "write `$(printf '\\045')` for the percent sign, or use the targets deb and rpm, or nfpm"
        )


def _requires(plan: ScriptPlan) -> tuple[str, ...]:
    """Return what both families know by the same name; fpm's input says which Python."""
    return tuple(one for one in plan.requires if one == "pkgtools-runtime")


TARGET = PackagingTarget(
    name="fpm",
    family=Family.RPM,
    files=files,
    names=("{key}/fpm.options", "{key}/before-", "{key}/after-", *SHIPPED),
    scripts=SCRIPTS,
)
