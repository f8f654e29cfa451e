# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The runtime is going to be removed: what would be left behind for ever goes with it.

A package whose own prerm cleans keeps its bytecode: nothing would bring it back.
"""

from __future__ import annotations

from pkgtools.runtime.clean.job import CleanChoice, CleanRun, clean_places
from pkgtools.runtime.clean.observe import CleanPlace
from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.configuration import read_drop_ins
from pkgtools.runtime.policy.sources import SUFFIX, problem, walk
from pkgtools.runtime.record import STATE
from pkgtools.runtime.system.dpkg_lists import file_lists, read_prerm
from pkgtools.runtime.system.dpkg_records import Diverted, diversions

from .choices import made_and_left
from .everything import public_directories
from .known_packages import KnownPackages
from .prerms import WITHOUT_US, cleaned_by
from .serving import part_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.policy.admin import AdminPolicy
    from pkgtools.runtime.policy.configuration import DropIns
    from pkgtools.runtime.report import Report
    from pkgtools.runtime.system.trust import Tree


def remove_all(tree: Tree, policy: AdminPolicy, *, dry_run: bool, report: Report) -> None:
    """Remove what batches made, everywhere; what its package removes itself stays if packages are to be compiled."""
    drop_ins = read_drop_ins(tree)
    public, problems = public_directories(tree)
    known = KnownPackages(tree)
    registered = known.last.registrations if known.last else ()
    before = (InstalledPath(row[1]) for row in registered)
    found = walk(tree, (*public, *dict.fromkeys((*drop_ins.directories(), *before))))
    report.add_all((*drop_ins.problems, *problems, *found.problems, *([known.problem] if known.problem else [])))
    kept = _cleaned_by_their_packages(tree, drop_ins) if policy.compile else {}
    places = [CleanPlace(d.base, d.path, kept.get(d.path, frozenset())) for d in found.directories if d.has_cache]
    clean_places(tree, places, CleanChoice(made_and_left, recorded=True), CleanRun(dry_run=dry_run), report)
    known.close()
    if dry_run:
        return
    try:
        known.remove()
    except (Refused, OSError) as error:
        report.add_new(problem(STATE, error))


def _cleaned_by_their_packages(tree: Tree, drop_ins: DropIns) -> dict[str, frozenset[str]]:
    """Return the sources, without `.py`, that packages clean up after themselves, by their directories."""
    try:
        lists = file_lists(tree)
        where = Diverted(diversions(tree) if lists else (), drop_ins.names_of)
        sources = [
            source
            for name in (lists.identities if lists else ())
            for source in cleaned_by(name, read_prerm(tree, name), part_of(tree, name, where).sources, WITHOUT_US)
        ]
    except (Refused, OSError):  # dpkg's files can't be read: nothing is known of who cleans
        return {}
    found: dict[str, set[str]] = {}
    for source in sources:
        for path in drop_ins.names_of(source):
            directory, _, name = path.rpartition("/")
            found.setdefault(directory, set()).add(name[: -len(SUFFIX)])
    return {directory: frozenset(stems) for directory, stems in found.items()}
