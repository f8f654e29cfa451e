# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""nfpm: scripts for each packager, and a block of YAML that names them (nfpm.goreleaser.com/docs/configuration)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family, Hook, Strategy
from pkgtools.render.generated import PROGRAM, GeneratedFile
from pkgtools.render.packaging_target import SHIPPED, PackagingTarget
from pkgtools.render.script_plan import plan_nameless, plan_scripts

from . import alpm, apk, deb, rpm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.render.generated import Job
    from pkgtools.render.script_plan import ScriptPlan

_PACKAGERS = {Family.DEB: "deb", Family.RPM: "rpm", Family.APK: "apk", Family.ALPM: "archlinux"}
_SCRIPTS: Mapping[Family, Mapping[str, Hook]] = {
    Family.DEB: deb.SCRIPTS,
    Family.RPM: rpm.SCRIPTLETS,
    Family.APK: apk.SCRIPTS,
    Family.ALPM: alpm.SCRIPTS,
}
_KEYS = {
    Hook.PRE_INSTALL: "preinstall",
    Hook.POST_INSTALL: "postinstall",
    Hook.PRE_REMOVE: "preremove",
    Hook.POST_REMOVE: "postremove",
}
_UPGRADES = {
    "pre-upgrade": "preupgrade",
    "pre_upgrade": "preupgrade",
    "post-upgrade": "postupgrade",
    "post_upgrade": "postupgrade",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Script:
    key: str
    """nfpm's name for it."""
    source: str
    """Where nfpm finds it."""
    file: GeneratedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    source: str
    path: str
    """As the installed system sees it."""
    packager: str
    """Empty: all."""
    mode: int
    file: GeneratedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Directory:
    path: str
    """As the installed system sees it."""
    packager: str
    """Empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Packager:
    name: str
    requires: tuple[str, ...]
    scripts: tuple[_Script, ...]
    upgrades: tuple[_Script, ...]
    """Those for which nfpm has keys under this packager only."""


def files(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield a folder for each package: nfpm.yaml, scripts/PACKAGER/, and what it ships below root*/."""
    for package in packages:
        plans = {family: plan_scripts(package, family) for family in _PACKAGERS}
        packagers = tuple(_packager(job, plan) for plan in plans.values())
        contents = tuple(_contents(job, tuple(plans.values())))
        for one in packagers:
            yield from (script.file for script in (*one.scripts, *one.upgrades))
        yield from (one.file for one in contents)
        yield job.text(
            f"{package.key}/nfpm.yaml",
            "nfpm/nfpm.yaml.j2",
            plans[Family.DEB],
            packagers=packagers,
            contents=contents,
            directories=tuple(_directories(plans)),
            interests=deb.interests(plans[Family.DEB]),
            notes=tuple(_notes(plans)),
        )


def _packager(job: Job, plan: ScriptPlan) -> _Packager:
    name = _PACKAGERS[plan.family]
    folder = plan.family.value
    calls = plan_nameless(plan)
    scripts = []
    for script, hook in _SCRIPTS[plan.family].items():
        template = f"{folder}/{script}.sh.j2"
        text = job.script(template, plan, hook, calls=calls)
        if not text:
            continue
        if not text.startswith("#!"):
            text = f"#!/bin/sh\n{text}"
        path = f"{plan.package.key}/scripts/{name}/{script}"
        file = GeneratedFile(path=path, content=text.encode(), mode=PROGRAM, template=template)
        scripts.append(_Script(key=_UPGRADES.get(script, _KEYS[hook]), source=f"{job.output}/{path}", file=file))
    return _Packager(
        name=name,
        requires=plan.depends,
        scripts=tuple(one for one in scripts if one.key in _KEYS.values()),
        upgrades=tuple(one for one in scripts if one.key not in _KEYS.values()),
    )


def _contents(job: Job, plans: tuple[ScriptPlan, ...]) -> Iterator[_Content]:
    """Yield what is shipped: once if it is the same for all packagers, else for each."""
    payloads = [tuple(job.payload(plan)) for plan in plans]
    same = all(payload == payloads[0] for payload in payloads)
    for plan, payload in zip(plans[:1] if same else plans, payloads, strict=False):
        packager = "" if same else _PACKAGERS[plan.family]
        folder = f"{plan.package.key}/root" + (f"-{packager}" if packager else "")
        for path, file in payload:
            moved = replace(file, path=f"{folder}/{file.path}")
            source = f"{job.output}/{moved.path}"
            yield _Content(source=source, path=path, packager=packager, mode=file.mode, file=moved)


def _directories(plans: Mapping[Family, ScriptPlan]) -> Iterator[_Directory]:
    """Yield the directories of what is shipped, each once where it is all packagers'."""
    for path in dict.fromkeys(path for plan in plans.values() for path in plan.directories):
        owners = [_PACKAGERS[family] for family, plan in plans.items() if path in plan.directories]
        for packager in [""] if len(owners) == len(plans) else owners:
            yield _Directory(path=path, packager=packager)


def _notes(plans: Mapping[Family, ScriptPlan]) -> Iterator[str]:
    """Yield what nfpm can't do, and what has to be done beside it."""
    for family, plan in plans.items():
        name = _PACKAGERS[family]
        if plan.is_built:
            yield f"{name}: run `pkgtools stage --target nfpm TREE` on the staged tree before nfpm packs it."
        if plan.strategy is Strategy.NATIVE and family is not Family.DEB:
            yield f"{name}: its modules stay uncompiled: distributions compile while they build, and nfpm doesn't."
        if plan.watches_interpreters and family is not Family.DEB:
            yield f"{name}: nfpm has no file triggers, so a new interpreter finds no bytecode until the next upgrade."


TARGET = PackagingTarget(
    name="nfpm",
    family=Family.RPM,
    files=files,
    names=("{key}/nfpm.yaml", "{key}/scripts/", "{key}/root-", *SHIPPED),
)
