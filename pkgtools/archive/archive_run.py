# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A run over an archive: its index is written down, and each package that is new, or was not read, is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault, UsageError

from .debian_packages import packages_of
from .debian_release import DebianSuite
from .listed import NotThere
from .mirror import mirror_at
from .package_done import Done, PackageOutcome
from .rpm_repository import RpmRepository
from .store import RunKey
from .work import PackageWork, do, judge_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pkgtools.check.one_package import CheckTask
    from pkgtools.trial.order import TrialOrder

    from .listed import ArchiveIndex, ListedPackage
    from .store import Run, Store

    Spread = Callable[[Callable[[PackageWork], Done], Iterable[PackageWork]], Iterator[tuple[PackageWork, Done | None]]]
    """Does each work by a function, wherever that runs, and yields it with what came of it, in the works' order.

    None: the process that was at it died, three times.
    """


_MOST_AWAY = 20
"""Packages in a row for which a mirror doesn't answer before it is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOrder:
    """What was asked for."""

    mirror: str
    """A directory or an address of HTTP."""
    suite: str
    """Of a Debian archive; empty for a repository of RPM packages."""
    components: tuple[str, ...]
    """Empty: all."""
    architectures: tuple[str, ...]
    """Empty: the only one that there is."""
    keyring: Path | None
    """None: no signature is asked for."""
    task: CheckTask | TrialOrder
    """What each package is checked for, or how its life is played."""
    job: str
    """`check`, `verify` or `try`."""


def begin(store: Store, order: ArchiveOrder) -> Run:
    """Read the index of a mirror, and write down what it lists, unless that was done before.

    Raises MirrorFault, UsageError, EnvironmentFault.
    """
    mirror = mirror_at(order.mirror)
    components, architectures = order.components, order.architectures
    packages: Callable[[], Iterator[ListedPackage]]
    if order.suite:
        suite = DebianSuite(mirror, order.suite, order.keyring)
        components = _chosen("component", components, suite.components())
        architectures = _one_of("architecture", architectures, suite.architectures())
        index = suite.index

        def packages() -> Iterator[ListedPackage]:
            return packages_of(suite, components, architectures)

    else:
        try:
            repository = RpmRepository(mirror, order.keyring)
        except NotThere as error:
            raise UsageError(f"{error}; name the --suite of a Debian archive") from error
        index, packages = repository.index, repository.packages
    run = store.begin(
        _key(order, mirror.address, index, components, architectures),
        date=index.date,
        signed_by=index.signed_by,
        notes=index.notes,
    )
    if not run.is_planned:
        store.plan(run, packages())
    return store.run(run.number)


def go_on(store: Store, run: Run, order: ArchiveOrder, spread: Spread) -> Iterator[Done]:
    """Do what is left of a run, and yield what came of each package once it is in the store.

    Raises EnvironmentFault where the mirror doesn't answer any more: each package would take minutes to say so.
    """
    away = 0
    left = store.left(run)
    works = (
        PackageWork(mirror=run.key.mirror, package=store.package(number), task=order.task, judge=run.key.judge)
        for number in left
    )
    for number, (work, done) in zip(left, spread(do, works), strict=True):
        kept = done or Done(
            outcome=PackageOutcome.KILLED, reason=f"each process that read {work.package.file.name} died"
        )
        if kept.outcome is PackageOutcome.OTHER_JUDGE:
            raise UsageError(f"{work.package.file.name}: {kept.reason}")
        store.keep(run, number, kept)
        yield kept
        away = away + 1 if kept.is_away else 0
        if away == _MOST_AWAY:
            text = (
                f"{away} packages in a row could not be fetched, the last because of {kept.reason}; run it again later"
            )
            raise EnvironmentFault(text)
    store.end(run)


def _key(
    order: ArchiveOrder, address: str, index: ArchiveIndex, components: tuple[str, ...], architectures: tuple[str, ...]
) -> RunKey:
    return RunKey(
        mirror=address,
        suite=order.suite,
        components=" ".join(components),
        architectures=" ".join(architectures),
        job=order.job,
        judge=judge_of(order.task),
        indexed=index.digest,
    )


def _chosen(what: str, asked: tuple[str, ...], there: tuple[str, ...]) -> tuple[str, ...]:
    """Return what was asked for, or all. Raises UsageError for what isn't there."""
    wrong = [one for one in asked if one not in there]
    if wrong:
        raise UsageError(f"the suite has no {what} {wrong[0]}: it has {', '.join(there)}")
    return asked or there


def _one_of(what: str, asked: tuple[str, ...], there: tuple[str, ...]) -> tuple[str, ...]:
    """Return what was asked for, or the only one beside `all`. Raises UsageError."""
    real = tuple(one for one in there if one != "all")
    if not asked and len(real) != 1:
        raise UsageError(f"the suite has the {what}s {', '.join(real)}: choose by --arch")
    return _chosen(what, asked, there) if asked else real
