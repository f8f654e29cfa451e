# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Make a staged tree what its package shall ship: the generated payload, and bytecode where the build makes it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.model.manifest import BadSource
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.policy.layout import pyc_name

from .build_root import Order, byte_compile, read_exclude

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.facts import Interpreter


_DIRECTORY = 0o755
_ERRORS = {BadSource.REPORT: "warn", BadSource.FAIL: "error", BadSource.IGNORE: "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """Sources of one package that one interpreter compiles at build time."""

    interpreter: Interpreter
    """The interpreter of this machine that compiles them."""
    paths: tuple[InstalledPath, ...]
    """Directories as installed."""
    levels: tuple[int, ...]
    """Optimization levels; with `sourceless` the first one alone is shipped."""
    mode: InvalidationMode
    """The invalidation mode of the pycs."""
    exclude: tuple[str, ...]
    """Regular expressions for the start of whole installed paths."""
    bad_source: BadSource
    """What a source is that doesn't compile."""
    own: bool = False
    """It's the package's own, and has no rights of root."""
    sourceless: bool
    """Each pyc takes the place of its source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What compiling a staged tree came to."""

    messages: tuple[str, ...]
    """What is wrong with sources that don't compile, one each, where that isn't an error."""
    dropped: tuple[str, ...]
    """The sources that made place for their bytecode, as installed."""


def write_payload(tree: Path, files: Iterable[tuple[InstalledPath, bytes, int]]) -> list[str]:
    """Put files, each a path, its content and its mode, where the package ships them; return the paths.

    Raises UsageError for a symbolic link on the way, which may lead out of the tree.
    """
    written: list[str] = []
    for path, content, mode in files:
        target = tree / path[1:]
        require_no_link(tree, path)
        make_directories(target.parent)
        target.write_bytes(content)
        target.chmod(mode)
        written.append(path)
    return written


def make_directories(path: Path) -> None:
    """Make a directory and those above it where they are missing, with the mode in which packages ship them."""
    if not path.is_dir():
        make_directories(path.parent)
        path.mkdir()
        path.chmod(_DIRECTORY)


def require_no_link(tree: Path, path: str) -> None:
    """Raise UsageError if a path in the tree goes through a symbolic link, or is one: it may lead out of the tree."""
    where = tree
    for name in path.strip("/").split("/"):
        where /= name
        if where.is_symlink():
            raise UsageError(f"{where} is a symbolic link to {where.readlink()}: write the directory itself")


def compile_staged(tree: Path, work: Compilation, epoch: int | None) -> Staged:
    """Compile as rpm's builds do: reproducibly, no source's time being later than `epoch` (SOURCE_DATE_EPOCH, seconds).

    Raises UsageError if sources don't compile that must, EnvironmentFault if it could not be done, OSError.
    """
    order = Order(
        root=str(tree.absolute()),
        paths=work.paths,
        interpreter=work.interpreter.path,
        own=work.own,
        levels=work.levels,
        exclude=tuple(map(read_exclude, work.exclude)),
        errors=_ERRORS[work.bad_source],
        mode=work.mode,
        not_after=epoch,
        workers=len(os.sched_getaffinity(0)),
    )
    done = byte_compile(order)
    said = "".join(f"\n{message}" for message in done.messages)
    if done.exit == 1:
        raise UsageError(f"sources that don't compile; bad-source = 'report' lets them pass:{said}")
    if done.exit:
        raise EnvironmentFault(f"the tree couldn't be compiled:{said}")
    messages = () if work.bad_source is BadSource.IGNORE else done.messages
    return Staged(messages=messages, dropped=tuple(_drop_sources(tree, work)) if work.sourceless else ())


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
