# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""One package of an archive: fetched, compared with its digest, judged; the same on one process and on a cluster."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools import __version__
from pkgtools.check.one_package import CheckTask, check_package, compilers_of, rules_for
from pkgtools.report.json import finding_as_dict
from pkgtools.report.wording import visible
from pkgtools.runtime.errors import EnvironmentFault, PkgtoolsError, said
from pkgtools.trial.order import TrialOrder

from .listed import MirrorFault
from .mirror import copy, mirror_at
from .package_done import Done, PackageOutcome
from .trying import judge_of_trial, tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.model.finding import CheckVerdict

    from .listed import ListedPackage
    from .mirror import Mirror


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageWork:
    """What is to be done with one package; it travels to other processes and machines."""

    mirror: str
    """The mirror's address."""
    package: ListedPackage
    """The package, and where it is."""
    task: CheckTask | TrialOrder
    """What it is checked for, or how its life is played."""
    judge: str
    """What the result has to depend on, as `judge_of` gives it."""


@cache
def judge_of(task: CheckTask | TrialOrder) -> str:
    """Return a digest of all that a result depends on beside the package: version, rules, task, interpreters, root."""
    if isinstance(task, TrialOrder):
        return judge_of_trial(task)
    pythons = [(one.implementation, one.release, one.magic.hex()) for one in compilers_of(task.pythons).interpreters]
    rules = [rule.facts.id for rule in rules_for(task)]
    said = (__version__, task.persona.value, rules, task.compile_all, sorted(set(pythons)))
    return sha256(repr(said).encode()).hexdigest()


def do(work: PackageWork) -> Done:
    """Fetch and judge one package; whatever is wrong with it is an outcome, also that we fail because of it.

    Raises EnvironmentFault where the copy can't be written: no other package could be.
    """
    if judge_of(work.task) != work.judge:
        return Done(
            outcome=PackageOutcome.OTHER_JUDGE,
            reason=f"the worker has pkgtools {__version__}, or other interpreters than who gave it the work",
        )
    file = work.package.file
    with tempfile.TemporaryDirectory(prefix="pkgtools-archive-") as where:
        path = Path(where, f"package.{work.package.kind.value}")
        try:
            with path.open("w+b") as stream:
                copy(_mirror(work.mirror), file, stream)
        except MirrorFault as error:
            return Done(outcome=PackageOutcome.UNFETCHED, reason=visible(str(error)), is_away=error.may_pass)
        except OSError as error:
            raise EnvironmentFault(f"{file.name} can't be copied to {where}: {said(error)}") from error
        try:
            return _judged(path, work)
        except PkgtoolsError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug, or too little memory, ends no run over 60,000 packages
            failed = f"{file.name}: pkgtools failed, please report it: {type(error).__name__}: {error}"
            return Done(outcome=PackageOutcome.UNREADABLE, reason=visible(failed))


def _judged(path: Path, work: PackageWork) -> Done:
    name = work.package.file.name
    if isinstance(work.task, TrialOrder):
        return tried(path, work.task, name)
    return _done(check_package(path, task=work.task), lambda text: text.replace(str(path), name))


@cache
def _mirror(address: str) -> Mirror:
    return mirror_at(address)


def _done(verdict: CheckVerdict, named: Callable[[str], str]) -> Done:
    """Return what is kept of a verdict; `named` puts the package's name into texts for that of the copy."""
    if verdict.error:
        return Done(outcome=PackageOutcome.UNREADABLE, reason=named(verdict.error))
    findings = []
    for one in verdict.findings:
        document = finding_as_dict(one)
        findings.append({**document, "text": named(one.text)})
    coverage = verdict.coverage
    counts = (coverage.pycs, coverage.compared, coverage.sources or 0, coverage.compiled) if coverage else (0, 0, 0, 0)
    return Done(
        outcome=PackageOutcome.CHECKED, findings=tuple(findings), counts=counts, notes=tuple(map(named, verdict.notes))
    )
