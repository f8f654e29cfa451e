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

from pkgtools.model.manifest import BadSource, Strategy
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.interpreters import find_interpreters
from pkgtools.runtime.layout import parse_version_range, pyc_name
from pkgtools.runtime.trust import Tree

from .plan import public_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.manifest import PrivateDirectory
    from pkgtools.runtime.facts import Interpreter

    from .job import GeneratedFile
    from .plan import ScriptPlan

_PUBLIC = re.compile(r"usr/lib(?:32|64)?/python3(?:\.\d+)?")


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
    strict: bool
    """A source that doesn't compile is an error."""


def write_payload(tree: Path, files: Iterable[tuple[InstalledPath, GeneratedFile]]) -> list[str]:
    """Put files where the package ships them and return their paths as installed."""
    written: list[str] = []
    for path, file in files:
        target = tree / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        target.chmod(file.mode)
        written.append(path)
    return written


def plan_compilations(plan: ScriptPlan, tree: Path) -> tuple[Compilation, ...]:
    """Say what is compiled at build time, for which of this machine's interpreters; looks at the tree's directories.

    Raises EnvironmentFault where an interpreter that is needed isn't installed.
    """
    if not plan.is_built:
        return ()
    package = plan.package
    found = []
    if package.public and (libraries := tuple(_libraries(tree))):
        patterns = tuple(public_pattern(pattern) for pattern in package.exclude)
        for library in libraries:
            version = package.python or library.rpartition("/")[2].removeprefix("python")
            interpreter = _interpreter(version if "." in version else "")
            found.append(_compilation(plan, interpreter, (library,), patterns))
    existing = [one for one in package.private if (tree / one.directory[1:]).is_dir()]
    for (versions, _), alike in groupby(sorted(existing, key=_treatment), _treatment):
        same = list(alike)
        patterns = tuple(_below(one, pattern) for one in same for pattern in (*package.exclude, *one.exclude))
        interpreter = _interpreter(versions or package.python)
        found.append(_compilation(plan, interpreter, tuple(one.directory for one in same), patterns))
    return tuple(found)


def _libraries(tree: Path) -> Iterator[InstalledPath]:
    for above in ("usr/lib", "usr/lib32", "usr/lib64"):
        for path in sorted((tree / above).glob("python3*")):
            if _PUBLIC.fullmatch(f"{above}/{path.name}") and path.is_dir() and not path.is_symlink():
                yield InstalledPath(f"/{above}/{path.name}")


def _treatment(one: PrivateDirectory) -> tuple[str, tuple[str, ...]]:
    return one.versions, one.exclude


def _below(one: PrivateDirectory, pattern: str) -> str:
    return pattern if pattern.startswith("/") else f"{re.escape(one.directory)}/(?:{pattern})"


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
    sourceless = plan.strategy is Strategy.SOURCELESS
    return Compilation(
        interpreter=interpreter,
        paths=paths,
        levels=plan.package.levels,
        # nothing is there to compare with
        mode=InvalidationMode.UNCHECKED_HASH if sourceless else plan.package.invalidation,
        exclude=exclude,
        strict=plan.package.bad_source is BadSource.FAIL,
    )


def compile_staged(tree: Path, work: Compilation) -> None:
    """Compile as rpm's builds do: reproducibly, SOURCE_DATE_EPOCH heeded; what is wrong goes to standard error.

    Raises UsageError if sources don't compile that must, EnvironmentFault if it could not be done.
    """
    argv = [sys.executable, "-m", "pkgtools.rpmbuild.bytecompile", f"--root={tree.absolute()}"]
    argv += [f"--interpreter={work.interpreter.path}", f"--levels={','.join(map(str, work.levels))}"]
    argv += [f"--invalidation-mode={work.mode.value}", f"--errors={'error' if work.strict else 'warn'}"]
    argv += [f"--exclude={pattern}" for pattern in work.exclude]
    status = subprocess.run([*argv, "--", *work.paths], check=False).returncode
    if status == 1:
        raise UsageError("sources that don't compile, see above; bad-source = 'report' lets them pass")
    if status:
        raise EnvironmentFault("the tree couldn't be compiled, see above")


def drop_sources(tree: Path, work: Compilation) -> list[str]:
    """Put each pyc in the place of its source and return the sources that went, as installed (PEP 3147).

    A source that has none, being excluded or bad, stays.
    """
    gone = []
    for directory in work.paths:
        for source in sorted((tree / directory[1:]).rglob("*.py")):
            name = pyc_name(source.stem, work.interpreter.cache_tag, work.levels[0])
            cache = source.parent / "__pycache__"
            if source.is_symlink() or not (cache / name).is_file():
                continue
            (cache / name).replace(source.with_suffix(".pyc"))
            source.unlink()
            gone.append(f"/{source.relative_to(tree)}")
            if not any(cache.iterdir()):
                cache.rmdir()
    return gone
