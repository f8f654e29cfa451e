# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Repairs of `check --fix`: planned on the model of a staged tree, made by descriptor, and looked at again."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pkgtools.build.editing import StagedTree
from pkgtools.check.edit_plan import EditingMeans, diff_of, plan_edits
from pkgtools.check.one_package import check_package, compilers_of, judged, read_checked
from pkgtools.model.edits import Recompile, RemoveEmptyDirectory, RemoveFile, ReplaceLine
from pkgtools.model.finding import CheckVerdict, Repair, RepairResult
from pkgtools.readers.package import is_staged
from pkgtools.readers.package_kinds import kind_of_package
from pkgtools.readers.system.nested import is_system
from pkgtools.runtime.errors import PkgtoolsError, UsageError, in_words

from .package_pool import find_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pkgtools.check.edit_plan import PlannedEdit
    from pkgtools.check.one_package import CheckTask
    from pkgtools.model.edits import Edit
    from pkgtools.runtime.facts import InstalledPath, Interpreter


_ROUNDS = 3
"""So often what a repair brought to light is repaired in the same run."""
_UPSTREAM = "is upstream's text: change it by a patch in debian/patches"


def require_trees(paths: Iterable[Path]) -> None:
    """Raise UsageError for what can't be repaired, before anything is changed. Raises OSError."""
    for path in paths:
        if path.is_dir():
            _require_tree(path)
            StagedTree(path).close()
        elif os.path.lexists(path):
            _refuse(path, "a package" if kind_of_package(path) else "a file")


def fix_tree(path: Path, task: CheckTask, announce: Callable[[CheckVerdict], None], *, dry_run: bool) -> CheckVerdict:
    """Judge a staged tree, repair it and judge it again until nothing is left that can be repaired.

    `announce` gets a verdict with what is planned, before it is done; `dry_run`: the verdict says what would be done.
    """
    done: list[Repair] = []
    try:
        for _ in range(_ROUNDS):
            verdict, repairs = _fixed_once(path, task, announce, dry_run=dry_run)
            new = [one for one in repairs if one not in done]
            done += new
            if verdict is not None:
                return replace(verdict, repairs=tuple(done))
            if all(one.result is RepairResult.LEFT for one in new):
                break
    except (PkgtoolsError, OSError) as error:
        return CheckVerdict(origin=str(path), error=in_words(error), repairs=tuple(done))
    return replace(check_package(path, task=task), repairs=tuple(done))


def _require_tree(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        is_packing = (path / "DEBIAN").is_dir()
        if path.samefile("/") or (is_system(descriptor) and not is_packing):
            raise UsageError(f"{path} is an installed system: `pkgtools audit --fix` repairs its bytecode")
    finally:
        os.close(descriptor)
    if (path / "oci-layout").exists():
        _refuse(path, "an image")
    if not (is_staged(path) or _is_source(path)) and find_packages([str(path)]).has_pool:
        _refuse(path, "a directory of packages")


def _refuse(path: Path, what: str) -> None:
    wanted = "a staged tree or a source package"
    remedy = "repair what it is built from, such as debian/PACKAGE or a build root, and build it again"
    raise UsageError(f"{path} is {what}, and --fix needs {wanted}: {remedy}")


def _is_source(path: Path) -> bool:
    return (path / "debian" / "control").is_file()


def _fixed_once(
    path: Path, task: CheckTask, announce: Callable[[CheckVerdict], None], *, dry_run: bool
) -> tuple[CheckVerdict | None, list[Repair]]:
    """Plan and repair once; return the verdict, None where something was done that has to be looked at, and repairs."""
    package = read_checked(path, compile_all=task.compile_all, pythons=task.pythons)
    tree = StagedTree(path, partial(_interpreter_of, task.pythons))
    try:
        means = EditingMeans(problem_of=partial(_problem, tree, _is_source(path)), can_compile=tree.can_compile)
        plan = plan_edits(package, partial(judged, task=task), means)
        left = [_left(one, text) for one, text in plan.left]
        planned = [_repair(RepairResult.PLANNED, one) for one in plan.edits]
        if dry_run or not planned:
            return plan.verdict, [*planned, *left]
        announce(replace(plan.verdict, repairs=tuple(planned)))
        made = [_made(tree, one) for one in plan.edits]
    finally:
        tree.close()
    return None, [*made, *left]


def _problem(tree: StagedTree, is_source: bool, edit: Edit) -> str:
    if is_source and isinstance(edit, ReplaceLine) and not edit.path.startswith("/debian/"):
        return _UPSTREAM
    return tree.problem_of(edit)


def _interpreter_of(pythons: tuple[InstalledPath, ...], tag: str) -> Interpreter | None:
    return compilers_of(pythons).of_tag(tag)


def _made(tree: StagedTree, planned: PlannedEdit) -> Repair:
    """Make an edit, and return what came of it: of a source that doesn't compile the runtime removes the pyc."""
    problem = tree.make(planned.edit)
    match planned.edit:
        case Recompile(path=path) if problem and not tree.has(path):
            return replace(_left(planned, problem), result=RepairResult.REMOVED)
        case _ if problem:
            return _left(planned, problem)
        case RemoveFile() | RemoveEmptyDirectory():
            return _repair(RepairResult.REMOVED, planned)
        case Recompile():
            return _repair(RepairResult.COMPILED, planned)
        case _:
            return _repair(RepairResult.REPAIRED, planned)


def _left(planned: PlannedEdit, problem: str) -> Repair:
    return replace(_repair(RepairResult.LEFT, planned), text=f"{problem}; wanted: {planned.text}")


def _repair(result: RepairResult, planned: PlannedEdit) -> Repair:
    return Repair(result=result, path=planned.edit.path, text=planned.text, diff=diff_of(planned.edit))
