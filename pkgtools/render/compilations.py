# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a build compiles of a staged tree, by the plan for its package: for the strategies shipped and sourceless."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.build.stage import Compilation, require_no_link
from pkgtools.model.manifest import Family, Strategy
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.policy.version_range import parse_version_range
from pkgtools.runtime.pythons import CPYTHON_NAME, CPYTHON_STEM, SHARED_NAME
from pkgtools.runtime.system.interpreters import describe, find_interpreters
from pkgtools.runtime.system.own_interpreter import describe_without_rights
from pkgtools.runtime.system.trust import Tree
from pkgtools.runtime.system.user_namespace import is_root

from .patterns import private_pattern, public_pattern
from .script_plan import treatment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.runtime.facts import Interpreter

    from .script_plan import ScriptPlan

_LINKS = 40
_PUBLIC = re.compile(rf"usr/lib(?:32|64)?/(?:{CPYTHON_NAME}|{SHARED_NAME})")


def plan_compilations(plan: ScriptPlan, tree: Path) -> tuple[Compilation, ...]:
    """Say what is compiled at build time, for which of this machine's interpreters; looks at the tree's directories.

    Raises EnvironmentFault where an interpreter that is needed isn't installed, UsageError for a directory that is a
    symbolic link, or that is for another version than bytecode without sources is made for.
    """
    if not plan.is_built:
        return ()
    package = plan.package
    found = []
    if package.public and (libraries := tuple(_libraries(tree))):
        patterns = tuple(public_pattern(pattern) for pattern in package.exclude)
        for library in libraries:
            interpreter = _interpreter(_version_of(plan, library))
            found.append(_compilation(plan, interpreter, (library,), patterns))
    existing = [one for one in package.private if (tree / one.directory[1:]).is_dir()]
    for (versions, _, own), alike in groupby(sorted(existing, key=treatment), treatment):
        same = list(alike)
        for one in same:
            require_no_link(tree, one.directory)
        patterns = tuple(
            private_pattern(one.directory, pattern) for one in same for pattern in (*package.exclude, *one.exclude)
        )
        interpreter = _own_interpreter(tree, own) if own else _interpreter(versions or package.python)
        work = _compilation(plan, interpreter, tuple(one.directory for one in same), patterns)
        found.append(replace(work, own=bool(own)))
    return tuple(found)


def _version_of(plan: ScriptPlan, library: InstalledPath) -> str:
    """Return the version whose interpreter compiles a public directory: its own, else the manifest's."""
    own = library.rpartition("/")[2].removeprefix(CPYTHON_STEM)
    if "." not in own:
        return plan.package.python
    if plan.strategy is Strategy.SOURCELESS and own != plan.package.python:
        raise UsageError(
            f"{library} is there, but packages.{plan.package.key} is for Python {plan.package.python} only"
        )
    return own


def _libraries(tree: Path) -> Iterator[InstalledPath]:
    for above in ("usr/lib", "usr/lib32", "usr/lib64"):
        if (tree / above).is_symlink() or (tree / "usr").is_symlink():
            continue
        for path in sorted((tree / above).glob(f"{SHARED_NAME}*")):
            if _PUBLIC.fullmatch(f"{above}/{path.name}") and path.is_dir() and not path.is_symlink():
                yield InstalledPath(f"/{above}/{path.name}")


def _interpreter(versions: str) -> Interpreter:
    """Return the interpreter of this machine that runs modules for some versions. Raises EnvironmentFault."""
    tree = Tree("/", frozenset({0}))
    try:
        chosen = find_interpreters(tree, remember=False).one_of(parse_version_range(versions))
    finally:
        tree.close()
    if not chosen:
        raise EnvironmentFault(
            f"no Python {versions or '3'} in /usr/bin to compile with: install it where packages are built"
        )
    return chosen[0]


def _own_interpreter(tree: Path, path: str) -> Interpreter:
    """Return an interpreter of the package's own: from the tree, else as it is installed. Raises EnvironmentFault."""
    program = _program(tree, path)
    found = (describe_without_rights if is_root() else describe)(InstalledPath(str(program)))
    if found is None:
        raise EnvironmentFault(
            f"{program} doesn't run here without root's rights: put it into the tree, or install it where packages are "
            "built, and let every user read it"
        )
    return found


def _program(tree: Path, path: str) -> Path:
    """Return where a program lies: links lead on within the tree, and out of it to what is installed."""
    for _ in range(_LINKS):
        staged = tree / path[1:]
        if not staged.is_symlink():
            return staged.absolute() if staged.is_file() else Path(path)
        path = os.path.normpath(Path(path).parent / staged.readlink())
    raise UsageError(f"{path}: too many links: name the program itself")


def _compilation(
    plan: ScriptPlan, interpreter: Interpreter, paths: tuple[InstalledPath, ...], exclude: tuple[str, ...]
) -> Compilation:
    mode = plan.package.invalidation
    if plan.strategy is Strategy.SOURCELESS:
        mode = InvalidationMode.UNCHECKED_HASH  # nothing is there to compare with
    elif plan.family is Family.ALPM and mode is InvalidationMode.TIMESTAMP:
        mode = InvalidationMode.CHECKED_HASH  # makepkg gives all files the time of SOURCE_DATE_EPOCH afterwards
    return Compilation(
        interpreter=interpreter,
        paths=paths,
        levels=plan.package.levels,
        mode=mode,
        exclude=exclude,
        bad_source=plan.package.bad_source,
        sourceless=plan.strategy is Strategy.SOURCELESS,
    )
