# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools status`: how the caches of public and registered directories stand, looked at and not touched."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from pkgtools.readers.programs import as_interpreters
from pkgtools.readers.rootfs import RootDirectory
from pkgtools.report.wording import visible
from pkgtools.runtime.admin import read_admin_policy
from pkgtools.runtime.batch import find_places
from pkgtools.runtime.dropins import read_drop_ins
from pkgtools.runtime.facts import InstalledPath, Outcome, Policy, Reason, Status
from pkgtools.runtime.filelist import walk
from pkgtools.runtime.interpreters import BIN, Installed, find_interpreters
from pkgtools.runtime.layout import is_public
from pkgtools.runtime.observe import Look, observe
from pkgtools.runtime.plan import plan_compile
from pkgtools.runtime.record import Record
from pkgtools.runtime.report import line
from pkgtools.runtime.selection import Wish, want
from pkgtools.runtime.trust import Tree

from .output import print_table
from .running import ends_with_status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.admin import AdminPolicy
    from pkgtools.runtime.observe import Wanted

_EPILOG = """\b
Examples:
  pkgtools status                        all public and registered directories
  pkgtools status /usr/share/foo         one directory
  pkgtools status --root /srv/image --json

\b
Exit status: 0 no pyc is missing or known to be wrong, 1 some are, 2 it could not be found out.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryStatus:
    """How the pycs of one directory stand."""

    directory: str
    """As the installed system sees it."""
    kind: str
    """`public` or `private`."""
    sources: int
    """Files that ought to have pycs."""
    fresh: int
    """Pycs that are there and right."""
    not_looked_into: int
    """Pycs with the right header whose content the record does not know: other tools made them, or it was lost."""
    wanting: dict[str, int]
    """Pycs that are missing or known to be wrong, counted by reason code."""
    refused: dict[str, int]
    """Sources and directories that are skipped or refused, counted by reason code."""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, metavar="[DIRECTORY]...")
@click.option("--root", default="/", metavar="DIR", help="The system lies in DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@ends_with_status
def status(paths: tuple[str, ...], root: str, as_json: bool) -> int:
    """Show how many pycs are there and right, and what is wrong with the others."""
    found, problems = _look(root, paths)
    if as_json:
        said = [line(one) for one in problems]
        directories = [_as_dict(one) for one in found]
        click.echo(json.dumps({"version": 1, "directories": directories, "problems": said}, indent=1))
    else:
        if found:
            print_table(_table(found))
        for one in problems:
            click.echo(f"pkgtools status: {line(one)}", err=True)
    if any(one.status in {Status.ERROR, Status.REFUSED} for one in problems):
        return 2
    return int(any(one.wanting or one.refused for one in found))


def _look(root: str, paths: tuple[str, ...]) -> tuple[list[DirectoryStatus], list[Outcome]]:
    """Return how the directories stand, and what kept others from being found."""
    tree = Tree(str(Path(root).absolute()), frozenset({0, os.geteuid()}))
    drop_ins = read_drop_ins(tree)
    installed = _installed(tree)
    policy = read_admin_policy(tree)
    bases: Iterable[InstalledPath] = [InstalledPath(str(Path(path).absolute())) for path in paths]
    problems = [*drop_ins.problems, *installed.problems, *policy.problems]
    if not paths:
        places = find_places(tree, drop_ins.directories())
        bases = (*places.public, *places.private)
        problems += places.problems
    found = []
    for base in bases:
        if paths and not tree.exists(base):
            problems.append(_missing(base, "no such file or directory"))
            continue
        walked = walk(tree, [base])
        problems += _serious(walked.problems, base if paths else None)
        wanted, skipped = want(walked.directories, Wish(levels=policy.levels), drop_ins, installed)
        if paths or wanted or walked.problems or skipped:
            refusals = Counter(outcome.reason.value for outcome in (*walked.problems, *skipped))
            found.append(_status_of(tree, base, wanted, refusals, policy))
    if not (found or problems):
        detail = "no public or registered directory here has modules: name a directory"
        problems.append(_missing(InstalledPath("/"), detail))
    tree.close()
    return found, problems


def _serious(found: Iterable[Outcome], named: InstalledPath | None) -> Iterator[Outcome]:
    """Yield the problems of a walk that leave the answer open: errors, and that the named directory is refused."""
    for one in found:
        if one.path == named and one.reason is Reason.NOT_A_DIRECTORY:
            yield one._replace(detail="name the directory that it lies in")
        elif one.status is Status.ERROR or one.path == named:
            yield one


def _missing(path: InstalledPath, detail: str) -> Outcome:
    return Outcome(Status.ERROR, Reason.NO_SOURCE, path, detail=detail)


def _installed(tree: Tree) -> Installed:
    """Find the interpreters of the system; those of another root directory are known by their names, and not run."""
    if tree.root == "/":
        return find_interpreters(tree, remember=False)
    system = RootDirectory(Path(tree.root))
    try:
        paths = [InstalledPath(f"{BIN}/{name}") for name in system.names(BIN)]
        default = system.link(InstalledPath(f"{BIN}/python3"))
    finally:
        system.close()
    found = as_interpreters(paths)
    return Installed(found, next((one for one in found if basename(one.path) == basename(default)), None), ())


def _status_of(
    tree: Tree, base: InstalledPath, wanted: list[Wanted], refusals: Counter[str], policy: AdminPolicy
) -> DirectoryStatus:
    seen = observe(tree, wanted, Look(Record(tree), policy.mode))
    plan = plan_compile(seen, Policy(policy.mode), tree.uid, tree.gid)
    wanting = Counter(work.reason.value for job in plan.jobs for work in job.works)
    wanting.update(cache.to_repair.value for cache in plan.directories if cache.to_repair)
    unread = wanting.pop(Reason.UNRECORDED.value, 0)
    refusals.update(outcome.reason.value for outcome in plan.settled)
    return DirectoryStatus(
        directory=base,
        kind="public" if is_public(base) else "private",
        sources=sum(len(one.names) for one in wanted),
        fresh=plan.fresh,
        not_looked_into=unread,
        wanting=dict(sorted(wanting.items())),
        refused=dict(sorted(refusals.items())),
    )


def _as_dict(one: DirectoryStatus) -> dict[str, object]:
    return {
        "directory": one.directory,
        "kind": one.kind,
        "sources": one.sources,
        "fresh": one.fresh,
        "not_looked_into": one.not_looked_into,
        "wanting": one.wanting,
        "refused": one.refused,
    }


def _table(found: list[DirectoryStatus]) -> Table:
    table = Table(title="Python caches")
    table.add_column("directory")
    table.add_column("kind")
    table.add_column("sources", justify="right")
    table.add_column("fresh", justify="right")
    table.add_column("not looked into", justify="right")
    table.add_column("wanting")
    table.add_column("skipped or refused")
    for one in found:
        numbers = map(str, (one.sources, one.fresh, one.not_looked_into))
        table.add_row(Text(visible(one.directory)), one.kind, *numbers, _counts(one.wanting), _counts(one.refused))
    return table


def _counts(by_reason: dict[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in by_reason.items()) or "-"


COMMAND = status
