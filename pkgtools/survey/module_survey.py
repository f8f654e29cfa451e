# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what the names of a package's files say of its Python modules."""

from __future__ import annotations

from dataclasses import dataclass, field
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.fitting import version_served
from pkgtools.config.values import wrong_directory
from pkgtools.model.asked_versions import range_of_dependencies
from pkgtools.model.manifest import Strategy
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, is_public, parse_pyc_name
from pkgtools.runtime.policy.sources import is_source
from pkgtools.runtime.policy.version_range import ANY_VERSION, VersionRange

from .applications import Standing, judge, private_roots
from .bundled import own_interpreter_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pkgtools.model.package import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is known of one package."""

    name: str
    """The package's or project's name, as it is written there."""
    strategy: Strategy = Strategy.TRIGGER
    """The one that the package seems to follow now."""
    python: VersionRange = ANY_VERSION
    """The range of versions that it asks for."""
    levels: tuple[int, ...] = (0,)
    """The optimization levels of the bytecode that it ships; 0 if it ships none."""
    public: bool = True
    """It has public modules, or nothing is known."""
    private: tuple[InstalledPath, ...] = ()
    """The topmost directories with modules that interpreters don't search."""
    interpreters: tuple[tuple[InstalledPath, InstalledPath], ...] = ()
    """Those of them that have an interpreter of the package's own, each with it."""
    ranges: Mapping[InstalledPath, str] = field(default_factory=dict)
    """The versions that those are declared for whose declaration is known; empty for any."""
    doubtful: tuple[InstalledPath, ...] = ()
    """Those of them that haven't the package's name: another program may read them."""
    left_out: tuple[str, ...] = ()
    """Such directories that a manifest can't name."""
    sources: int = 0
    """Modules as sources."""
    cached: int = 0
    """Pycs that lie in the caches of their sources."""
    sourceless: int = 0
    """Pycs in the place of sources."""

    @property
    def decided(self) -> bool:
        """Whether the strategy can be written down: sourceless needs to know its version."""
        return self.strategy is not Strategy.SOURCELESS or self.python.exact


def survey(package: Package) -> Survey:
    """Look through a package's names."""
    files = {one.path for one in package.files if not one.is_directory}
    sources = {path for path in files if is_source(basename(path))}
    pycs = [path for path in files if path.endswith(".pyc")]
    sourceless = {path for path in pycs if not _is_cached(path) and path[:-1] not in sources}
    levels = [level for path in pycs if (level := _level(path, sources)) is not None]
    modules = {InstalledPath(dirname(path)) for path in sources | sourceless}
    public = any(is_public(directory) for directory in modules)
    judged = judge(package.name, _executables(package, sources | sourceless))
    roots = private_roots(judged, Standing.OWN, Standing.POSSIBLE)
    private = tuple(root for root in roots if root.isprintable() and not wrong_directory(root))
    strategy = Strategy.SHIPPED if levels else Strategy.TRIGGER
    if len(sourceless) > len(sources):
        strategy = Strategy.SOURCELESS
    return Survey(
        name=package.name,
        strategy=strategy,
        python=_asked_by(package, modules),
        levels=tuple(sorted({0, *levels})) if strategy is Strategy.SHIPPED else (0,),
        public=public or not private,
        private=private,
        interpreters=tuple(_interpreters(package, private, modules)),
        doubtful=tuple(root for root in private_roots(judged, Standing.POSSIBLE) if root in private),
        left_out=tuple(root for root in roots if root not in private),
        sources=len(sources),
        cached=len(levels),
        sourceless=len(sourceless),
    )


def _interpreters(
    package: Package, private: Iterable[InstalledPath], modules: set[InstalledPath]
) -> Iterator[tuple[InstalledPath, InstalledPath]]:
    files = {one.path: one for one in package.files}
    for root in private:
        own = own_interpreter_of(root, modules, files)
        if own is not None:
            yield root, own


def _executables(package: Package, modules: set[InstalledPath]) -> dict[InstalledPath, bool]:
    """Return the modules outside of import paths, each with whether it is executable."""
    files = (one for one in package.files if one.path in modules and not is_public(InstalledPath(dirname(one.path))))
    return {one.path: bool(one.permissions & 0o111) for one in files}


def _is_cached(path: str) -> bool:
    return basename(dirname(path)) == CACHE_DIRECTORY


def _level(path: InstalledPath, sources: set[InstalledPath]) -> int | None:
    """Return the level of a pyc that lies in the cache of a source of the package."""
    parsed = parse_pyc_name(basename(path)) if _is_cached(path) else None
    if parsed is None or parsed.level not in {"", "1", "2"}:
        return None
    source = f"{dirname(dirname(path)).rstrip('/')}/{parsed.stem}.py"
    return int(parsed.level or 0) if source in sources else None


def _asked_by(package: Package, directories: Iterable[InstalledPath]) -> VersionRange:
    """Return what the dependencies ask for, else the version whose library the modules lie in, if it is one."""
    asked = range_of_dependencies(package.dependencies)
    if asked != ANY_VERSION:
        return asked
    found = {version for directory in directories if (version := version_served(directory))}
    return VersionRange.only(found.pop()) if len(found) == 1 else ANY_VERSION
