# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a package's bytecode in a few lines: where modules are, who compiles them, who cleans, with which modes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Strategy
from pkgtools.model.package import Kind, PycFacts
from pkgtools.readers.fitting import version_served
from pkgtools.readers.headers import header_of
from pkgtools.readers.ranges import range_of_dependencies
from pkgtools.readers.roots import private_roots
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.layout import is_public, third_party_base

from .compilers import Work, cleaning, compiling, depends_on_runtime
from .subject import Subject, arrange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import File, Package

_EMBEDDED = "pkgtools.pyz"
_NATIVE = frozenset({"py3compile", "pypy3compile", "pycompile"})
_OURS = "pkgtools-compile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A directory with modules in it or below it."""

    path: InstalledPath
    is_public: bool
    """Interpreters search it by themselves."""
    served: str
    """Which interpreters import from it: `every python3`, `python3.11`, `one python3, 3.9-`."""
    modules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytecode:
    """Pycs of one tag and level."""

    tag: str
    """As `cpython-311`; empty for pycs in the place of sources."""
    level: str
    """Empty for level 0."""
    mode: str
    """How import finds out that they are stale, in PEP 552's words; empty where the header doesn't say."""
    pycs: int
    size: int
    """Bytes in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What there is to know of a package's bytecode at a glance."""

    strategy: Strategy
    """The one that it seems to follow."""
    python: str
    """The range of versions that its dependencies ask for; empty if they don't."""
    places: tuple[Place, ...]
    bytecode: tuple[Bytecode, ...]
    compiles: tuple[str, ...]
    """Who compiles: `postinst:7: py3compile -p acme`; empty if nobody does."""
    cleans: tuple[str, ...]
    """Who takes bytecode away."""
    scripts: tuple[str, ...]
    """Names of maintainer scripts and scriptlets, each with what runs it."""
    triggers: tuple[str, ...]
    modes: tuple[str, ...]
    """Owner, group and mode of sources, pycs and cache directories, with their number."""


def profile(package: Package) -> Profile:
    """Describe a package or system."""
    subject = arrange(package)
    compiles, cleans = list(compiling(subject.commands)), list(cleaning(subject.commands))
    return Profile(
        strategy=_strategy(subject, compiles, cleans),
        python=range_of_dependencies(package.dependencies),
        places=tuple(_places(subject)),
        bytecode=tuple(_bytecode(subject)),
        compiles=(*map(_said, compiles), *_compiled_by_others(subject)),
        cleans=(*map(_said, cleans), *_cleaned_by_others(subject)),
        scripts=tuple(f"{one.name} ({' '.join(one.interpreter) or 'no interpreter'})" for one in package.scripts),
        triggers=tuple(f"{one.directive} {' '.join(one.names)}" for one in package.triggers),
        modes=tuple(_modes(subject)),
    )


def _strategy(subject: Subject, compiles: list[Work], cleans: list[Work]) -> Strategy:
    tools = {work.tool for work in compiles}
    if any(basename(path) == _EMBEDDED for path in subject.files):
        return Strategy.STANDALONE
    if any(word.startswith("--cache-prefix") for work in compiles for word in work.command.words):
        return Strategy.CACHE_PREFIX
    if len(subject.loose) > len(subject.sources):
        return Strategy.SOURCELESS
    if subject.cached:
        return Strategy.SHIPPED
    if _is_direct(subject, compiles):
        return Strategy.DIRECT
    if tools & _NATIVE:
        return Strategy.NATIVE
    if depends_on_runtime(subject.package) or any(work.tool == "pkgtools-clean" for work in cleans):
        return Strategy.TRIGGER
    return Strategy.NONE


def _is_direct(subject: Subject, compiles: list[Work]) -> bool:
    """Whether the package compiles what it ships by our tool; in its own trigger it may do so for others' plugins."""
    works = [work for work in compiles if work.tool == _OURS]
    return any(not subject.package.triggers or work.is_about(subject.package.name) for work in works)


def _places(subject: Subject) -> Iterator[Place]:
    directories = {InstalledPath(dirname(file.path)) for file in subject.modules}
    public = {third_party_base(one) or one for one in directories if is_public(one)}
    for path in (*sorted(public), *private_roots(one for one in directories if not is_public(one))):
        number = sum(file.path.startswith(f"{path}/") for file in subject.modules)
        served = _served(path, range_of_dependencies(subject.package.dependencies), is_public=path in public)
        yield Place(path=path, is_public=path in public, served=served, modules=number)


def _served(path: InstalledPath, asked: str, *, is_public: bool) -> str:
    version = version_served(f"{path}/")
    if version is not None:
        return f"python{version[0]}.{version[1]}"
    if is_public:
        return "every pypy3" if "/pypy" in path else "every python3"
    return f"one python3, {asked}" if asked else "one python3"


def _bytecode(subject: Subject) -> Iterator[Bytecode]:
    number: Counter[tuple[str, str, str]] = Counter()
    size: Counter[tuple[str, str, str]] = Counter()
    for pyc in (*subject.cached, *subject.loose):
        key = (pyc.name.tag if pyc.name else "", pyc.name.level if pyc.name else "", _mode_of(pyc.facts))
        number[key] += 1
        size[key] += pyc.file.size
    for key in sorted(number):
        tag, level, mode = key
        yield Bytecode(tag=tag, level=level, mode=mode, pycs=number[key], size=size[key])


def _mode_of(facts: PycFacts | None) -> str:
    header = header_of(facts) if facts else None
    return header.mode.value if header else ""


def _said(work: Work) -> str:
    return f"{work.command.script}:{work.command.line}: {work.command.text}"


def _compiled_by_others(subject: Subject) -> Iterator[str]:
    if depends_on_runtime(subject.package) and any(third_party_base(one.path) for one in subject.sources):
        yield "the triggers of pkgtools-runtime"
    if (subject.cached or subject.loose) and subject.package.kind is not Kind.ROOT:
        yield "the build, which shipped pycs"  # their number would be a difference between any two versions


def _cleaned_by_others(subject: Subject) -> Iterator[str]:
    is_rpm = subject.package.kind is Kind.RPM
    if is_rpm and depends_on_runtime(subject.package) and any(third_party_base(one.path) for one in subject.sources):
        yield "the triggers of pkgtools-runtime"
    if (subject.cached or subject.loose) and subject.package.kind in {Kind.RPM, Kind.DEB}:
        yield f"{'rpm' if is_rpm else 'dpkg'}, which owns the shipped pycs"


def _modes(subject: Subject) -> Iterator[str]:
    caches = [one for one in subject.caches.values() if one is not None]
    for what, files in (
        ("sources", subject.sources),
        ("pycs", [pyc.file for pyc in (*subject.cached, *subject.loose)]),
        ("cache directories", caches),
    ):
        yield from _modes_of(what, files)


def _modes_of(what: str, files: Iterable[File]) -> Iterator[str]:
    counts = Counter((f"{_name(f.user, f.uid)}:{_name(f.group, f.gid)}", f.permissions) for f in files)
    for (owner, mode), number in counts.most_common():
        yield f"{what}: {number} of {owner} {mode:04o}"


def _name(name: str, number: int | None) -> str:
    return name or str(number)
