# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Maintainer scripts, triggers and payload of a package, from the templates that `pkgtools generate` renders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pkgtools import __version__
from pkgtools.build.build_root import read_epoch
from pkgtools.config.build import draft_package
from pkgtools.config.tables import Table
from pkgtools.config.text_files import NO_FILES
from pkgtools.debhelper.debhelper_files import Files, read_optional
from pkgtools.debhelper.requirements.depends import after, named_versions
from pkgtools.model.manifest import (
    DeclaredDirectory,
    DeclaredPackage,
    Family,
    Manifest,
    Strategy,
    When,
)
from pkgtools.render.generated import Job
from pkgtools.render.script_plan import plan_scripts
from pkgtools.render.targets.deb import SCRIPTS, TARGET, interests
from pkgtools.render.templates import Templates
from pkgtools.runtime.facts import InstalledPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pkgtools.debhelper.requirements.depends import Demand
    from pkgtools.debhelper.source_control import Binary
    from pkgtools.debhelper.source_package import Build, HelperOptions
    from pkgtools.render.script_plan import ScriptPlan

ORIGIN = "debian/control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a package gets besides its files, rendered."""

    plan: ScriptPlan
    """What the templates were rendered for: calls, drop-in and strategy."""
    snippets: Mapping[str, str]
    """Maintainer script -> shell lines."""
    triggers: tuple[str, ...]
    """Lines for the package's triggers."""
    payload: tuple[tuple[InstalledPath, bytes, int], ...]
    """Files to be shipped: path, content, mode."""
    named: tuple[InstalledPath, ...]
    """Private directories with options of their own: later calls that don't name them leave them alone."""
    epoch: int | None
    """SOURCE_DATE_EPOCH (seconds); None where it isn't set."""

    started: str
    """What of the package is started before the triggers run, where that decided the strategy; else empty."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Say why the strategy isn't the usual one."""
        if not self.started:
            return ()
        why = f"{self.started} may run its modules before the triggers have compiled them"
        return (f"strategy direct: {why}; --strategy or the manifest choose another",)

    @property
    def relations(self) -> tuple[str, ...]:
        """Return relations to what the scripts call."""
        return self.plan.requires

    @property
    def actions(self) -> tuple[str, ...]:
        """Say what will be added, in a few words each."""
        return (
            *(f"{script}: strategy {self.plan.strategy.value}" for script in self.snippets),
            *(f"trigger: {line}" for line in self.triggers),
            *(f"ship {path}" for path, _, _ in self.payload),
        )

    def install(self, files: Files) -> tuple[str, ...]:
        """Put all where debhelper finds it; compile where the build does, and return what is wrong with sources.

        Raises PkgtoolsError, OSError.
        """
        for script, text in self.snippets.items():
            files.add_snippet(script, text, __version__)
        files.add_triggers(self.triggers)
        for path, content, mode in self.payload:
            there = read_optional(files.tree / path[1:]) if path == self.plan.drop_in_path else None
            files.install(path, content if there is None else merged(there, content.decode()), mode)
        files.remember_private(self.named)
        if not self.plan.is_built:
            return ()
        from pkgtools.build.stage import compile_staged  # noqa: PLC0415 - few need it
        from pkgtools.render.compilations import plan_compilations  # noqa: PLC0415 - few need it

        works = plan_compilations(self.plan, files.tree)
        return tuple(text for work in works for text in compile_staged(files.tree, work, self.epoch).messages)


def merged(before: str, now: str) -> str:
    """Return a drop-in with the lines of earlier calls for directories that this one says nothing of."""
    lines = now.removesuffix("\n").split("\n")
    said = {_place(line) for line in lines}
    earlier = before.removesuffix("\n").split("\n")
    kept = [line for line in earlier if line and not line.startswith("#") and _place(line) not in said]
    return "".join(f"{line}\n" for line in [*lines, *kept])


def _place(line: str) -> str:
    """Return the directory of a line: `compile|RANGE|DIRECTORY`, `exclude|RANGE|DIRECTORY|REGEX`."""
    return line.split("|")[2] if line.count("|") > 1 else ""


def plan_package(
    demand: Demand, options: HelperOptions, declared: DeclaredPackage | None, done: frozenset[str] = frozenset()
) -> DeclaredPackage:
    """Describe a package as a manifest would, from what was found in it and what the manifest says of it.

    Private directories that earlier calls have named, with options of their own, are left out: they are `done`.
    """
    strategy = options.strategy or (Strategy.DIRECT if is_direct_for(demand, options, declared) else Strategy.TRIGGER)
    package = declared or _default(demand.package, strategy)
    if options.strategy is not None or strategy is Strategy.DIRECT:
        variants = {family: replace(one, strategy=strategy) for family, one in package.variants.items()}
        package = replace(package, variants=variants)
    there = {one.directory for one in package.private}
    found = tuple(
        DeclaredDirectory(
            directory=directory,
            versions=private_versions(demand, directory),
            exclude=options.exclude,
            plugins=options.compile_all,
        )
        for directory, modules in sorted(demand.found.private.items())
        if modules.compile and directory not in there and (options.private or directory not in done)
    )
    public = demand.found.public.compile or (declared is not None and declared.public)
    python = package.python
    if package.variants[Family.DEB].strategy is Strategy.SOURCELESS and not python:
        python = str(demand.pythons.default)
    return replace(package, public=public, private=(*package.private, *found), python=python)


def is_direct_for(demand: Demand, options: HelperOptions, declared: DeclaredPackage | None) -> bool:
    """Whether a package that is started before the triggers run, and chose nothing, is compiled in its own postinst."""
    is_chosen = options.strategy is not None or (declared is not None and declared.variants[Family.DEB].is_chosen)
    return bool(demand.started) and not is_chosen


def _default(name: str, strategy: Strategy) -> DeclaredPackage:
    """Return the package of a manifest that says no more than how it is compiled."""
    document = {"packages": {name: {"strategy": strategy.value}}}
    return draft_package(name, Table(document), NO_FILES, []).package


def private_versions(demand: Demand, directory: InstalledPath) -> str:
    """Return the versions that may run a private directory: of its extension modules, of its script, as asked for."""
    modules = demand.found.private[directory]
    named = sorted(named_versions(modules.shebangs))
    if modules.extension_versions:
        oldest, newest = min(modules.extension_versions), max(modules.extension_versions)
        return str(oldest) if oldest == newest else f"{oldest}-{after(newest)}"
    if len(named) == 1:
        return str(named[0])
    if modules.untagged_extensions:
        return str(demand.pythons.default)
    return demand.versions.asked if demand.versions is not None else ""


def plan_templates(build: Build, binary: Binary, demand: Demand) -> Rendered:
    """Render what a package gets. Raises UsageError."""
    done = Files(top=build.top, package=binary.name).private()
    declared = build.declared(binary.name)
    package = plan_package(demand, build.options, declared, done)
    manifest = build.manifest or Manifest(origin=ORIGIN, directory=str(build.top), packages=())
    job = Job(manifest=manifest, templates=Templates(stand_ins=dict(TARGET.stand_ins())), output="debian")
    plan = plan_scripts(package, Family.DEB)
    return Rendered(
        plan=plan,
        snippets=dict(_snippets(job, plan)),
        triggers=tuple(f"interest-noawait {name}" for name in interests(plan)),
        payload=tuple((path, file.content, file.mode) for path, file in job.payload(plan)),
        named=build.options.private,
        epoch=read_epoch(build.environment.get("SOURCE_DATE_EPOCH")),
        started=demand.started if is_direct_for(demand, build.options, declared) else "",
    )


def _snippets(job: Job, plan: ScriptPlan) -> Iterator[tuple[str, str]]:
    for script, hook in SCRIPTS.items():
        before, after = (tuple(plan.package.snippets_of(plan.family, hook, when)) for when in When)
        text = "".join(
            (
                job.render("common/snippets.sh.j2", plan, snippets=before, side="before"),
                job.render(f"deb/main/{script}.sh.j2", plan),
                job.render("common/snippets.sh.j2", plan, snippets=after, side="after"),
            )
        )
        if text.strip():
            yield script, text.strip() + "\n"
