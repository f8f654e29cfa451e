# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Make a staged tree what its package shall ship: the generated payload, and bytecode where the build makes it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pkgtools
from pkgtools.model.manifest import BadSource, Family, Strategy
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.interpreters import find_interpreters
from pkgtools.runtime.layout import parse_version_range, pyc_name
from pkgtools.runtime.trust import Tree

from .output import make_directories
from .patterns import private_pattern, public_pattern
from .plan import treatment
from .programs import run_ours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.facts import Interpreter

    from .job import GeneratedFile
    from .plan import ScriptPlan

_PUBLIC = re.compile(r"usr/lib(?:32|64)?/python3(?:\.\d+)?")
_COMPILE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pkgtools.rpmbuild.bytecompile import main; main()"
"""As `python -m` does, but for the working directory, which is no place to take programs from."""

_ERRORS = {BadSource.REPORT: "warn", BadSource.FAIL: "error", BadSource.IGNORE: "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """Sources of one package that one interpreter compiles at build time."""

    interpreter: Interpreter
    paths: tuple[InstalledPath, ...]
    """Directories as installed."""
    levels: tuple[int, ...]
    mode: InvalidationMode
    exclude: tuple[str, ...]
    """Regular expressions for the start of whole installed paths."""
    bad_source: BadSource
    """What a source is that doesn't compile."""
    sourceless: bool
    """Each pyc takes the place of its source."""


def write_payload(tree: Path, files: Iterable[tuple[InstalledPath, GeneratedFile]]) -> list[str]:
    """Put files where the package ships them and return their paths as installed.

    Raises UsageError for a symbolic link on the way, which may lead out of the tree.
    """
    written: list[str] = []
    for path, file in files:
        target = tree / path[1:]
        require_no_link(tree, path)
        make_directories(target.parent)
        target.write_bytes(file.content)
        target.chmod(file.mode)
        written.append(path)
    return written


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
    for (versions, _), alike in groupby(sorted(existing, key=treatment), treatment):
        same = list(alike)
        for one in same:
            require_no_link(tree, one.directory)
        patterns = tuple(
            private_pattern(one.directory, pattern) for one in same for pattern in (*package.exclude, *one.exclude)
        )
        interpreter = _interpreter(versions or package.python)
        found.append(_compilation(plan, interpreter, tuple(one.directory for one in same), patterns))
    return tuple(found)


def require_no_link(tree: Path, path: str) -> None:
    """Raise UsageError if a path in the tree goes through a symbolic link, or is one: it may lead out of the tree."""
    where = tree
    for name in path.strip("/").split("/"):
        where /= name
        if where.is_symlink():
            raise UsageError(f"{where} is a symbolic link to {where.readlink()}: write the directory itself")


def _version_of(plan: ScriptPlan, library: InstalledPath) -> str:
    """Return the version whose interpreter compiles a public directory: its own, else the manifest's."""
    own = library.rpartition("/")[2].removeprefix("python")
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
        for path in sorted((tree / above).glob("python3*")):
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


def compile_staged(tree: Path, work: Compilation) -> list[str]:
    """Compile as rpm's builds do: reproducibly, SOURCE_DATE_EPOCH heeded; what is wrong goes to standard error.

    Returns the sources that made place for their bytecode, as installed. Raises UsageError if sources don't compile
    that must, EnvironmentFault if it could not be done.
    """
    library = str(Path(pkgtools.__file__).parent.parent)
    argv = [sys.executable, "-P", "-c", _COMPILE, library, f"--root={tree.absolute()}"]
    argv += [f"--interpreter={work.interpreter.path}", f"--levels={','.join(map(str, work.levels))}"]
    argv += [f"--invalidation-mode={work.mode.value}", f"--errors={_ERRORS[work.bad_source]}"]
    argv += [f"--exclude={pattern}" for pattern in work.exclude]
    silent = subprocess.PIPE if work.bad_source is BadSource.IGNORE else None
    done = run_ours([*argv, "--", *work.paths], errors=silent)
    status = done.returncode
    if status == 1:
        raise UsageError("sources that don't compile, see above; bad-source = 'report' lets them pass")
    if status:
        raise EnvironmentFault(f"the tree couldn't be compiled{f': {done.stderr}' if silent else ', see above'}")
    return _drop_sources(tree, work) if work.sourceless else []


def _drop_sources(tree: Path, work: Compilation) -> list[str]:
    """Put each pyc in the place of its source and return the sources that went, as installed (PEP 3147).

    A source that has none, being excluded or bad, stays.
    """
    gone = []
    for directory in work.paths:
        for source in sorted((tree / directory[1:]).rglob("*.py")):
            name = pyc_name(source.stem, work.interpreter.cache_tag, work.levels[0])
            cache = source.parent / "__pycache__"
            if source.is_symlink() or cache.is_symlink() or not (cache / name).is_file():
                continue
            (cache / name).replace(source.with_suffix(".pyc"))
            source.unlink()
            gone.append(f"/{source.relative_to(tree)}")
            if not any(cache.iterdir()):
                cache.rmdir()
    return gone
