# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Doing a piece of work as the owner of a directory that isn't root's, with that owner's rights and no more."""

from __future__ import annotations

import marshal
import os
from typing import TYPE_CHECKING, TypeVar

from .errors import PkgtoolsError
from .facts import InstalledPath, Outcome, Reason, Status
from .processes import wait
from .trust import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

Thing = TypeVar("Thing")


def split_by_owner(
    tree: Tree, things: list[Thing], directory_of: Callable[[Thing], InstalledPath]
) -> tuple[list[Thing], dict[tuple[int, int], list[Thing]]]:
    """Set apart what lies in directories of somebody whom the tree doesn't trust, by user and group."""
    trusted: list[Thing] = []
    strangers: dict[tuple[int, int], list[Thing]] = {}
    owners: dict[InstalledPath, tuple[int, int]] = {}
    for thing in things:
        directory = directory_of(thing)
        if directory not in owners:
            owners[directory] = tree.owner_of(directory)
        owner = owners[directory]
        (trusted if owner[0] in tree.trusted else strangers.setdefault(owner, [])).append(thing)
    return trusted, strangers


def as_owner(
    tree: Tree, owner: tuple[int, int], work: Callable[[Tree, Callable[[Outcome], None]], int | None]
) -> tuple[int, list[Outcome]]:
    """Run `work` in a child process that has become `owner` and return its result (0 for None) and what it reported.

    The child trusts root's directories and the owner's. Its death is an outcome, no error.
    """
    output, child_output = os.pipe()
    process = os.fork()
    if process == 0:
        _work_in_child(tree.root, owner, work, child_output)
    os.close(child_output)
    with open(output, "rb") as stream:
        data = stream.read()
    status = wait(process)
    if status != 0 or not data:
        detail = f"the process of user {owner[0]} ended with status {status}"
        return 0, [Outcome(Status.ERROR, Reason.IO_ERROR, InstalledPath(tree.root), detail=detail)]
    result, reported = marshal.loads(data)  # noqa: S302 - from our own child
    return result, [Outcome(Status(fields[0]), Reason(fields[1]), *fields[2:]) for fields in reported]


def _work_in_child(
    root: str, owner: tuple[int, int], work: Callable[[Tree, Callable[[Outcome], None]], int | None], output: int
) -> None:
    status = 1
    try:
        os.setgroups([])
        os.setgid(owner[1])
        os.setuid(owner[0])
        outcomes: list[Outcome] = []
        try:
            result = work(Tree(root, frozenset({0, owner[0]})), outcomes.append)
        except (PkgtoolsError, OSError) as error:
            result = 0
            outcomes.append(Outcome(Status.ERROR, Reason.IO_ERROR, InstalledPath(root), detail=str(error)))
        with open(output, "wb") as stream:
            stream.write(marshal.dumps((result or 0, [(o.status.value, o.reason.value, *o[2:]) for o in outcomes])))
        status = 0
    finally:
        os._exit(status)
