# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which pycs a system's own settings ask for, and which of them are not there.

The runtime's functions decide, from what the system's files say: the administrator's settings, registrations,
exclusions, and the programs in /usr/bin by their names. PyPy is left out: the name of its
program does not have its version.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import BATCH_REPORT
from pkgtools.model.package import BatchFacts, DropInFacts
from pkgtools.readers.system.installed_pythons import as_interpreters, is_python
from pkgtools.runtime.facts import InstalledPath, Interpreter, Reason, SourceFile
from pkgtools.runtime.policy.admin import DEBIAN_FILE, FILE, AdminPolicy, parse_admin_policy
from pkgtools.runtime.policy.configuration import DropIns, drop_ins_of, is_drop_in
from pkgtools.runtime.policy.layout import fits, library_served, targets_of
from pkgtools.runtime.policy.selection import Wish, select_for_batch, want
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.system.all_interpreters import Installed
from pkgtools.runtime.system.interpreters import BIN
from pkgtools.runtime.system.merged_usr import MERGED, names_in

from .named_interpreters import NamedInterpreters
from .subject import source_facts
from .trusted import is_roots, refused_above, why_refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pkgtools.model.package import File, Package
    from pkgtools.runtime.compile.observe import Wanted
    from pkgtools.runtime.facts import BytecodeTarget, Outcome
    from pkgtools.runtime.policy.configuration import PrivateDirectory
    from pkgtools.runtime.policy.sources import Directory

    from .subject import Subject

PYTHON2 = "Python 2"
"""Why a source can't be compiled that only Python 2 understands, by its text."""
_LOCAL = "/usr/local/"
"""What the administrator installs: the triggers leave it alone, and it may have interpreters of its own."""
_SETTINGS_BASE = InstalledPath("/")
"""No settings are read below a sticky directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedBytecode:
    """The pycs that the settings ask for in one directory, public or registered."""

    path: InstalledPath
    """The directory: the dist-packages or site-packages directory, or the registered one."""
    modules: Mapping[tuple[Interpreter, int], int]
    """How many modules are to have a pyc, for each interpreter and optimization level."""
    missing: tuple[BytecodeTarget, ...]
    """Those that are not there, of sources that nothing is known to be wrong with."""
    obstacles: Mapping[InstalledPath, str]
    """Sources without a pyc that can't be compiled, each with the reason: one of the runtime's codes, or PYTHON2."""

    @property
    def is_local(self) -> bool:
        """Whether the administrator installs there, and no package manager: below /usr/local."""
        return self.path.startswith(_LOCAL)


def expected_bytecode(subject: Subject) -> list[ExpectedBytecode]:
    """Return what a system's settings ask for, directory by directory; nothing where they switch compiling off."""
    settings = audited_settings(subject)
    if not settings.policy.compile:
        return []
    wanted, _ = _decided(subject, settings)
    by_base: dict[InstalledPath, list[Wanted]] = {}
    for one in wanted:
        by_base.setdefault(one.base, []).append(one)
    existing = frozenset(
        (pyc.source.path, pyc.name.tag, pyc.name.level)
        for pyc in subject.cached
        if pyc.source is not None and pyc.name is not None
    )
    failures = dict(_failures(subject))
    return [_looked_at(subject, base, by_base[base], existing, failures) for base in sorted(by_base)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A registered directory with modules that no interpreter of the system runs."""

    directory: InstalledPath
    """As it is registered."""
    modules: int
    """How many."""
    why: str
    """Which interpreter they need, and what is known of it."""
    is_certain: bool
    """Whether it is known that there is none; else nothing says what the one is that the registration names."""


def not_served(subject: Subject) -> Iterator[Unserved]:
    """Yield each registered directory for which the system has no interpreter."""
    settings = audited_settings(subject)
    _, skipped = _decided(subject, settings)
    # what lies in a library is told of that library, whatever directory around it is registered
    paths = [
        one.path
        for one in skipped
        if one.reason is Reason.NOT_SERVED and library_served(InstalledPath(dirname(one.path))) is None
    ]
    for entry in settings.drop_ins.private:
        number = sum(is_below(path, name) for path in paths for name in settings.drop_ins.names_of(entry.directory))
        if number:
            why, is_certain = _why_not_served(subject, entry)
            yield Unserved(directory=entry.directory, modules=number, why=why, is_certain=is_certain)


def _why_not_served(subject: Subject, entry: PrivateDirectory) -> tuple[str, bool]:
    """Say which interpreter a registration needs, and whether it is certain that there is none."""
    if not entry.python:
        return f"Python {entry.versions}, and no interpreter in {BIN} is one of these", True
    own = NamedInterpreters(subject).of(entry)
    if isinstance(own, Interpreter):
        return f"Python {entry.versions}, and {own.path} is {own.version[0]}.{own.version[1]}", True
    return f"{own.path}: {own.detail}", is_python(entry.python)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedSettings:
    """What the files of a system say of compiling."""

    policy: AdminPolicy
    """The administrator's settings."""
    drop_ins: DropIns
    """Registrations and exclusions."""


def audited_settings(subject: Subject) -> AuditedSettings:
    """Read the settings of a system as the runtime does: those files alone that only root can write."""
    files = [file for file in subject.package.files if isinstance(file.facts, DropInFacts)]
    texts = {file.path: file.facts.text for file in files if isinstance(file.facts, DropInFacts)}
    read = {path: text for path, text in texts.items() if _is_trusted(subject, subject.files[path])}
    merged = [[f"/{top}", f"/usr/{top}"] for top in MERGED if f"/{top}" not in subject.files]
    drop_ins = ((path, text) for path, text in sorted(read.items()) if is_drop_in(path))
    policy = parse_admin_policy(read.get(FILE, ""), read.get(DEBIAN_FILE, ""))
    return AuditedSettings(policy=policy, drop_ins=drop_ins_of(drop_ins, names_in(merged)).excluding(policy.excluded))


def _is_trusted(subject: Subject, file: File) -> bool:
    above = refused_above(subject, file.path, _SETTINGS_BASE)
    return file.is_regular and why_refused(subject, file) is None and not above


def _decided(subject: Subject, settings: AuditedSettings) -> tuple[list[Wanted], list[Outcome]]:
    """Say which interpreters each source is for, and which sources are for none."""
    directories = list(_directories(subject, settings.drop_ins))
    wish = Wish(levels=settings.policy.levels)
    wanted: list[Wanted] = []
    skipped: list[Outcome] = []
    for programs, is_local in (((BIN,), False), ((f"{_LOCAL}bin", BIN), True)):
        here = [one for one in directories if one.path.startswith(_LOCAL) is is_local]
        installed = _installed(subject.package, programs).supporting(settings.policy.interpreters)
        found = want(here, wish, settings.drop_ins, installed._replace(own=NamedInterpreters(subject)))
        wanted += found[0]
        skipped += found[1]
    return wanted, skipped


def _directories(subject: Subject, drop_ins: DropIns) -> tuple[Directory, ...]:
    """Return the directories of sources that are public, the interpreters' own libraries left out, or registered."""
    left = subject.package.left_alone.union(one.package for one in drop_ins.left)
    sources = (file.path for file in subject.sources if file.package.partition(":")[0] not in left)
    return select_for_batch(sources, drop_ins)


def _installed(package: Package, directories: Iterable[str]) -> Installed:
    """Return the CPythons in some directories, those of the first one first."""
    found = [
        interpreter
        for directory in directories
        for interpreter in as_interpreters(one.path for one in package.pythons if dirname(one.path) == directory)
    ]
    unsupported = {one.path for one in package.pythons if not one.is_supported}
    found = [one._replace(is_supported=one.path not in unsupported) for one in found]
    defaults = {one.path for one in package.pythons if one.is_default}
    return Installed(tuple(found), next((one for one in found if one.path in defaults), None), ())


def _failures(subject: Subject) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield source, interpreter and reason of what the last batch could not compile and did not change since."""
    report = subject.files.get(BATCH_REPORT)
    if report is None or not isinstance(report.facts, BatchFacts) or not _is_trusted(subject, report):
        return
    for source, interpreter, reason in report.facts.failures:
        file = subject.files.get(InstalledPath(source))
        if file is not None and file.mtime_ns <= report.mtime_ns:
            yield (source, interpreter), reason


def _looked_at(
    subject: Subject,
    base: InstalledPath,
    wanted: Iterable[Wanted],
    existing: frozenset[tuple[InstalledPath, str, str]],
    failures: Mapping[tuple[str, str], str],
) -> ExpectedBytecode:
    modules: Counter[tuple[Interpreter, int]] = Counter()
    missing: list[BytecodeTarget] = []
    obstacles: dict[InstalledPath, str] = {}
    for one in wanted:
        refused = refused_above(subject, InstalledPath(f"{one.directory}/"), base)
        reason = next(iter(refused.values())).reason.value if refused else ""
        for name in one.names:
            for target in targets_of(SourceFile(base, one.directory, name), one.interpreters, one.levels):
                modules[target.interpreter, target.level] += 1
                path = target.source.path
                if (path, target.interpreter.cache_tag, str(target.level or "")) in existing:
                    continue
                known = failures.get((path, target.interpreter.path), "")
                if why := reason or known or _obstacle(subject, subject.files[path], target):
                    obstacles[path] = why
                else:
                    missing.append(target)
    return ExpectedBytecode(path=base, modules=modules, missing=tuple(missing), obstacles=obstacles)


def _obstacle(subject: Subject, source: File, target: BytecodeTarget) -> str:
    """Return why a source can't be compiled, or its pyc not be written; empty if nothing speaks against it."""
    facts = source_facts(source)
    if not fits(target.name):
        return Reason.NAME_TOO_LONG.value
    cache = subject.files.get(target.directory)
    if cache is not None and not cache.is_directory:
        reason = Reason.SYMLINK if cache.is_symlink else Reason.NOT_A_DIRECTORY
        return reason.value
    if not is_roots(subject, source) and source.mode & 0o044 != 0o044:
        return Reason.OWNER_CANNOT_READ.value
    if facts is None:
        return ""
    version = "{}.{}".format(*target.interpreter.version)
    refusal = next((one.reason for one in facts.refusals if one.version == version), "")
    return PYTHON2 if facts.python2 or facts.is_suspect else refusal
