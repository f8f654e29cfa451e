# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""rpmbuild: fragments of a spec file, for %include; for rpm itself and for two callers that run less of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family, Hook, When
from pkgtools.render.generated import below
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.render.script_plan import CLEAN, plan_nameless, plan_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.render.generated import GeneratedFile, Job
    from pkgtools.render.script_plan import ScriptPlan

SCRIPTLETS = {
    "pre": Hook.PRE_INSTALL,
    "post": Hook.POST_INSTALL,
    "preun": Hook.PRE_REMOVE,
    "postun": Hook.POST_REMOVE,
}
"""Scriptlet -> the manifest's word for it."""
_FRAGMENTS = ("preamble", "install", "scriptlets", "files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What runs transactions, and which scriptlets it runs."""

    target: str
    """The name that `--target` takes for it."""
    scriptlets: tuple[str, ...]
    """The scriptlets it runs, as in SCRIPTLETS; snippets for others are left out with a note."""
    after_transaction: str
    """The file trigger that compiles what others bring."""
    removes: bool
    """It runs file triggers before files go."""


_RPM = Caller(target="rpm", scriptlets=tuple(SCRIPTLETS), after_transaction="transfiletriggerin", removes=True)
# treecompose puts a tree together once and removes nothing from it
_OSTREE = Caller(target="rpm-ostree", scriptlets=("pre", "post"), after_transaction="transfiletriggerin", removes=False)
# one transaction for each package: triggers that come once per transaction come when the rest isn't there yet
_ZYPPER = Caller(target="zypper-classic", scriptlets=tuple(SCRIPTLETS), after_transaction="filetriggerin", removes=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scriptlet:
    """One section of a spec file."""

    section: str
    """As `post`, without the percent sign."""
    body: str
    """Its lines of POSIX sh."""
    flags: tuple[str, ...] = ()
    """What follows the package's name, such as `-P 50`."""
    prefixes: tuple[str, ...] = ()
    """Of a file trigger: what the paths of the files begin with."""


def files(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield for each package KEY.preamble.inc, .install.inc, .scriptlets.inc, .files.inc, and KEY.root/."""
    return _files(job, packages, _RPM)


def files_for_ostree(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield the same with nothing but what rpm-ostree runs: %pre, %post and %transfiletriggerin."""
    return _files(job, packages, _OSTREE)


def files_for_zypper_classic(job: Job, packages: tuple[DeclaredPackage, ...]) -> Iterator[GeneratedFile]:
    """Yield the same for a zypper that makes a transaction of each package."""
    return _files(job, packages, _ZYPPER)


def _files(job: Job, packages: tuple[DeclaredPackage, ...], caller: Caller) -> Iterator[GeneratedFile]:
    for package in packages:
        plan = plan_scripts(package, Family.RPM)
        payload = tuple(job.payload(plan))
        values = {
            "target": caller.target,
            "payload": tuple(path for path, _ in payload),
            "notes": tuple(_notes(plan, caller)),
            "scriptlets": (*_scriptlets(job, plan, caller), *_file_triggers(job, plan, caller)),
        }
        for fragment in _FRAGMENTS:
            yield job.text(f"{package.key}.{fragment}.inc", f"rpm/{fragment}.inc.j2", plan, **values)
        yield from below(f"{package.key}.root", iter(payload))


def _scriptlets(job: Job, plan: ScriptPlan, caller: Caller) -> Iterator[Scriptlet]:
    for name, hook in SCRIPTLETS.items():
        body = job.script(f"rpm/{name}.sh.j2", plan, hook)
        if body and name in caller.scriptlets:
            yield Scriptlet(section=name, body=body)


def _notes(plan: ScriptPlan, caller: Caller) -> Iterator[str]:
    """Yield what the packager wanted and the caller doesn't run."""
    for name, hook in SCRIPTLETS.items():
        if name not in caller.scriptlets:
            for when in When:
                for snippet in plan.package.snippets_of(plan.family, hook, when):
                    yield f"{caller.target} runs no {name}: {snippet.origin} is left out."


def _file_triggers(job: Job, plan: ScriptPlan, caller: Caller) -> Iterator[Scriptlet]:
    """Yield what runs for other packages' files. Prefixes are plain text for rpm, hence the slash at the end."""
    if plan.watches_interpreters:
        body = job.render("rpm/main/interpreter.sh.j2", plan)
        yield Scriptlet(section=caller.after_transaction, prefixes=("/usr/bin/",), body=body)
    if not plan.plugins:
        return
    nameless = plan_nameless(plan)
    prefixes = tuple(f"{directory}/" for directory in plan.plugins)
    body = job.render("rpm/main/plugins-in.sh.j2", plan)
    yield Scriptlet(section=caller.after_transaction, prefixes=prefixes, body=body)
    if caller.removes and nameless:
        program = plan.embedded or CLEAN
        body = job.render("rpm/main/plugins-out.sh.j2", plan, program=program, clean_listed=nameless.clean_listed)
        yield Scriptlet(section="filetriggerun", flags=("-P", "50"), prefixes=prefixes, body=body)


TARGET = PackagingTarget(
    name="rpm",
    family=Family.RPM,
    files=files,
    names=("{key}.",),
    scripts=SCRIPTLETS,
    base="rpm/scriptlet.sh.j2",
)
RPM_OSTREE = replace(TARGET, name="rpm-ostree", files=files_for_ostree, scripts={})
ZYPPER_CLASSIC = replace(TARGET, name="zypper-classic", files=files_for_zypper_classic, scripts={})
