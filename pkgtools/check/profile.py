# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a package's bytecode in a few lines: where modules are, who compiles them, who cleans, with which modes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.headers import header_of
from pkgtools.model.asked_versions import range_of_dependencies
from pkgtools.model.manifest import Strategy
from pkgtools.model.package import DropInFacts, Kind, PycFacts
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.configuration import drop_ins_of, is_drop_in
from pkgtools.runtime.policy.layout import is_public, third_party_base
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.pythons import SHARED_NAME, library_of, outermost_library_of
from pkgtools.shell.compilers import CompilerCommand, cleaning, compiling, depends_on_runtime
from pkgtools.survey.applications import Standing, judge, private_roots

from .rule import PACKED
from .subject import Subject, arrange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from pkgtools.model.package import File, Package
    from pkgtools.runtime.policy.configuration import DropIns, PrivateDirectory
    from pkgtools.runtime.policy.version_range import VersionRange

_EMBEDDED = "pkgtools.pyz"
_RUNTIME = InstalledPath("/usr/share/pkgtools/triggers/run.py")
"""Is there where pkgtools-runtime is."""
_WITHOUT_TRIGGERS = frozenset({Kind.APK, Kind.ALPM})
"""For their systems pkgtools-runtime has no triggers."""
_WITHOUT_FILE_TRIGGERS = _WITHOUT_TRIGGERS | {Kind.DEB}
"""What goes is not told to triggers there."""
_NATIVE = frozenset({"py3compile", "pypy3compile", "pycompile"})
_OURS = "pkgtools-compile"


class Agent(Enum):
    """Who compiles, or takes bytecode away."""

    SCRIPT = "script"  # a maintainer script or scriptlet of the package
    SCRIPTS = "scripts of packages"  # those of a system's packages, by the distribution's own tool
    TRIGGERS = "triggers"  # those of pkgtools-runtime
    BUILD = "build"  # that of the package, which ships pycs
    PACKAGE_MANAGER = "package manager"  # it owns the shipped pycs


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One way in which bytecode comes or goes."""

    by: Agent
    """Who does it."""
    script: str = ""
    """The script's name, as `postinst`; empty for others."""
    line: int | None = None
    """The script's line, from 1."""
    command: str = ""
    """What stands there."""

    @property
    def text(self) -> str:
        """The same in words: `postinst:7: py3compile -p acme`."""
        return f"{self.script}:{self.line}: {self.command}" if self.by is Agent.SCRIPT else _IN_WORDS[self.by]


_IN_WORDS = {
    Agent.SCRIPTS: "the scripts of its packages, by py3compile and py3clean",
    Agent.TRIGGERS: "the triggers of pkgtools-runtime",
    Agent.BUILD: "the build, which shipped pycs",  # their number would be a difference between any two versions
    Agent.PACKAGE_MANAGER: "the package manager, which owns the shipped pycs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Importers:
    """Which interpreters import from a directory."""

    program: str
    """Of one version, as `python3.11`; `python3` for any; a path where the package has one of its own."""
    every: bool
    """All interpreters of the kind search it; else one does, which runs the program."""
    versions: str
    """The range that was asked for, as `3.9-`; empty for any."""

    @property
    def text(self) -> str:
        """The same in words: `every python3`, `python3.11`, `one python3, 3.9-`."""
        number = "" if self.program != SHARED_NAME else "every " if self.every else "one "
        return f"{number}{self.program}{', ' if self.versions else ''}{self.versions}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A directory with modules in it or below it."""

    path: InstalledPath
    """A directory of public modules, a registered one, or the topmost one of other private modules."""
    is_public: bool
    """Interpreters search it by themselves."""
    served: Importers
    """Which interpreters import from it."""
    modules: int
    """How many sources and sourceless pycs lie in it, at any depth."""
    registration: InstalledPath
    """The file that has the runtime compile it, as /usr/share/pkgtools/private.d/acme.conf; empty if none does."""


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
    """How many pycs have this tag, level and mode."""
    size: int
    """Bytes in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeCount:
    """How many files of one kind have the same owner, group and mode."""

    what: str
    """`sources`, `pycs` or `cache directories`."""
    number: int
    """How many of them."""
    owner: str
    """The user's name, else the number."""
    group: str
    """The group's name, else the number."""
    mode: str
    """The permission bits, as `0644`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What there is to know of a package's bytecode at a glance."""

    strategy: Strategy
    """The one that it seems to follow."""
    python: VersionRange
    """The range of versions that its dependencies ask for."""
    places: tuple[Place, ...]
    """Public directories first, sorted by path within both kinds."""
    bytecode: tuple[Bytecode, ...]
    """The pycs that it ships or a system has, sorted by tag, level and mode."""
    compiles: tuple[Agency, ...]
    """Who compiles; may be empty."""
    cleans: tuple[Agency, ...]
    """Who takes bytecode away."""
    modes: tuple[ModeCount, ...]
    """Owner, group and mode of sources, pycs and cache directories."""


def profile(package: Package) -> Profile:
    """Describe a package or system."""
    subject = arrange(package)
    compiles, cleans = list(compiling(subject.commands)), list(cleaning(subject.commands))
    places = tuple(_places(subject))
    return Profile(
        strategy=_strategy(subject, compiles, cleans),
        python=range_of_dependencies(package.dependencies),
        places=places,
        bytecode=tuple(_bytecode(subject)),
        compiles=(*map(_agency, compiles), *_compiled_by_others(subject, places)),
        cleans=(*map(_agency, cleans), *_cleaned_by_others(subject, places)),
        modes=tuple(_modes(subject)),
    )


def _strategy(subject: Subject, compiles: list[CompilerCommand], cleans: list[CompilerCommand]) -> Strategy:
    if subject.package.kind is Kind.ROOT:
        return _strategy_of_system(subject)
    if left := _drop_ins(subject).left:
        return Strategy(left[0].strategy)
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


def _strategy_of_system(subject: Subject) -> Strategy:
    """Return the one that most packages of a system follow, by who compiles there."""
    if _RUNTIME in subject.files:
        return Strategy.TRIGGER
    if subject.package.compiler in _NATIVE:
        return Strategy.NATIVE
    return Strategy.SHIPPED if any(pyc.file.package for pyc in subject.cached) else Strategy.NONE


def _is_direct(subject: Subject, compiles: list[CompilerCommand]) -> bool:
    """Whether the package compiles what it ships by our tool; in its own trigger it may do so for others' plugins."""
    works = [work for work in compiles if work.tool == _OURS]
    return any(not subject.package.triggers or work.is_about(subject.package.name) for work in works)


def _places(subject: Subject) -> Iterator[Place]:
    directories = {InstalledPath(dirname(file.path)) for file in subject.modules}
    public = {_public_base(one) for one in directories if is_public(one)}
    registered = {one.directory: one for one in _drop_ins(subject).private}
    rest = {
        one.path: bool(one.permissions & 0o111)
        for one in subject.modules
        if not is_public(above := InstalledPath(dirname(one.path)))
        and not any(is_below(above, top) or above == top for top in registered)
    }
    roots = private_roots(judge(subject.package.name, rest), Standing.OWN, Standing.POSSIBLE)
    asked = range_of_dependencies(subject.package.dependencies)
    private = {*registered, *roots}
    counts = _modules_below(subject, public | private)
    for path in (*sorted(public), *sorted(private)):
        entry = registered.get(path)
        yield Place(
            path=path,
            is_public=path in public,
            served=_served(path, entry.versions if entry else asked, entry, is_public=path in public),
            modules=counts[path],
            registration=entry.file if entry else InstalledPath(""),
        )


def _public_base(directory: InstalledPath) -> InstalledPath:
    """Return the directory for packages, or the library, in which a public directory lies."""
    library = outermost_library_of(directory)
    return InstalledPath(library.packages or library.path) if library else directory


def _modules_below(subject: Subject, places: AbstractSet[InstalledPath]) -> Counter[InstalledPath]:
    """Count modules by the innermost place in which they lie."""
    counts: Counter[InstalledPath] = Counter()
    for directory, number in Counter(dirname(file.path) for file in subject.modules).items():
        place = directory
        while place not in places and place != "/":
            place = dirname(place)
        counts[InstalledPath(place)] += number
    return counts


def _drop_ins(subject: Subject) -> DropIns:
    """Read the drop-ins of the package or system, whoever could write those."""
    files = [file for file in subject.package.files if isinstance(file.facts, DropInFacts) and is_drop_in(file.path)]
    texts = [(file.path, file.facts.text) for file in files if isinstance(file.facts, DropInFacts)]
    return drop_ins_of(sorted(texts), lambda path: [path])


def _served(path: InstalledPath, asked: VersionRange, entry: PrivateDirectory | None, *, is_public: bool) -> Importers:
    if entry is not None and entry.python:
        return Importers(program=entry.python, every=False, versions=asked.asked)
    library = library_of(path)
    if library and library.is_versioned:
        return Importers(program=str(library.python), every=False, versions="")
    if is_public:
        return Importers(program=str(library.python) if library else SHARED_NAME, every=True, versions="")
    return Importers(program=SHARED_NAME, every=False, versions=asked.asked)


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
    return header.mode.value if facts and (header := header_of(facts)) else ""


def _agency(work: CompilerCommand) -> Agency:
    command = work.command
    return Agency(by=Agent.SCRIPT, script=command.script, line=command.line, command=command.text)


def _compiled_by_others(subject: Subject, places: tuple[Place, ...]) -> Iterator[Agency]:
    is_served = subject.package.kind not in _WITHOUT_TRIGGERS and _has_triggers(subject)
    if is_served and any(one.registration or third_party_base(one.path) == one.path for one in places):
        yield Agency(by=Agent.TRIGGERS)
    elif _is_native_system(subject):
        yield Agency(by=Agent.SCRIPTS)
    if (subject.cached or subject.loose) and subject.package.kind is not Kind.ROOT:
        yield Agency(by=Agent.BUILD)


def _cleaned_by_others(subject: Subject, places: tuple[Place, ...]) -> Iterator[Agency]:
    if subject.package.kind not in _WITHOUT_FILE_TRIGGERS and places and _has_triggers(subject):
        yield Agency(by=Agent.TRIGGERS)
    elif _is_native_system(subject):
        yield Agency(by=Agent.SCRIPTS)
    if (subject.cached or subject.loose) and subject.package.kind in PACKED:
        yield Agency(by=Agent.PACKAGE_MANAGER)


def _is_native_system(subject: Subject) -> bool:
    return subject.package.kind is Kind.ROOT and subject.package.compiler in _NATIVE


def _has_triggers(subject: Subject) -> bool:
    """Whether the triggers of pkgtools-runtime are at work where the package is installed, or in the system."""
    return depends_on_runtime(subject.package) or _RUNTIME in subject.files


def _modes(subject: Subject) -> Iterator[ModeCount]:
    caches = [one for one in subject.caches.values() if one is not None]
    for what, files in (
        ("sources", subject.sources),
        ("pycs", [pyc.file for pyc in (*subject.cached, *subject.loose)]),
        ("cache directories", caches),
    ):
        yield from _modes_of(what, files)


def _modes_of(what: str, files: Iterable[File]) -> Iterator[ModeCount]:
    counts = Counter((_name(f.user, f.uid), _name(f.group, f.gid), f.permissions) for f in files)
    for (owner, group, mode), number in counts.most_common():
        yield ModeCount(what=what, number=number, owner=owner, group=group, mode=f"{mode:04o}")


def _name(name: str, number: int | None) -> str:
    return name or str(number)
