# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what is wrong after a step, by what was seen before the package came, before the step and after it."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from pkgtools.model.finding import Severity
from pkgtools.model.trial import LifeStep, PycChange, TrialCheck, TrialFault

from .sight import is_bytecode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pkgtools.model.trial import ImportTrial

    from .sight import SeenFile, Sight

RESTORED = frozenset({LifeStep.REINSTALL, LifeStep.FAILED_UPGRADE, LifeStep.FULL_DISK, LifeStep.KILLED})
"""Steps after which the bytecode is that of the version that was installed before."""
_OF_OTHERS = frozenset(
    {
        *(LifeStep.INTERPRETER_ADDED, LifeStep.DEFAULT_CHANGED, LifeStep.INTERPRETER_REMOVED),
        *(LifeStep.RUNTIME_ADDED, LifeStep.POLICY_OFF, LifeStep.POLICY_ON, LifeStep.RUNTIME_REMOVED),
    }
)
"""Steps that bring and take what isn't the package's."""
_KEPT_BY_MANAGERS = re.compile(
    r"/(?:etc/(?:ld\.so\.cache|mtab|resolv\.conf|\.pwd\.lock|(?:passwd|group|g?shadow|sub[ug]id)-)|root|srv/pkgtools-try|var/(?:backups|tmp|log|mail|run|lock)"
    r"|var/cache/(?:apt|debconf|ldconfig|man|fontconfig)|var/lib/(?:apt|dpkg|rpm|dnf|pkgtools|systemd|ucf|alternatives))(?:/|$)"
)
"""What package managers and useradd(8) write for themselves, and what no package is asked to take away."""
_SYSTEM = re.compile(r"/(?:usr|opt|bin|sbin|lib\w*)(?:/|$)")
_WARNING = re.compile(r"(?:(?:dpkg(?:-\w+)?|rpm|update-alternatives): (?:warning|error)|warning|error)[:,]")
"""How the line of a warning begins."""
_WARNING_WITHIN = re.compile(r"Traceback \(most recent|: not found$|command not found|not empty so not removed")
_HARMLESS = re.compile(r"dpkg: warning: (?:downgrading |force-|overriding problem|ignoring request to remove)")
_NEVER_MEANT = (
    *("SyntaxError", "IndentationError", "TabError", "UnicodeDecodeError", "PermissionError", "EOFError"),
    *("ValueError: bad marshal", "the interpreter ended", "it took", "no answer"),
)
"""How errors begin that no module is to end with; others may come of a missing module, or of a program's arguments."""
_MOST_OF_A_KIND = 50


@dataclass(slots=True, kw_only=True)
class Memory:
    """What is remembered from one step to the next."""

    start: Sight
    """Before the package came."""
    installed: Mapping[str, tuple[int, tuple[int, int]]] = field(default_factory=dict)
    """Mode and owner of the bytecode that installing the package makes."""
    others: set[str] = field(default_factory=set)
    """Paths that came in a step in which another package was installed or removed."""
    told: set[tuple[str, str]] = field(default_factory=set)
    """Check and path, or text, of what was said of an earlier step."""
    imported: set[str] = field(default_factory=set)
    """Modules that could be imported once."""

    def new(self, faults: Iterator[TrialFault]) -> tuple[TrialFault, ...]:
        """Return what wasn't said yet, worst first."""
        found = []
        for one in faults:
            key = (one.check, one.path or one.text)
            if key not in self.told:
                self.told.add(key)
                found.append(one)
        return tuple(sorted(found, key=lambda one: (-one.severity.rank, one.check, one.path)))


def changes_of(before: Sight, after: Sight) -> tuple[PycChange, ...]:
    """Return the pycs that came, changed or went, sorted by path."""
    old, new = before.pycs(), after.pycs()
    found = []
    for path in sorted({*old, *new}):
        if old.get(path) == new.get(path):
            continue
        change = "gone" if path not in new else "changed" if path in old else "new"
        seen = new.get(path) or old[path]
        by = "package" if path in (before if change == "gone" else after).owners else _by(before, after)
        found.append(
            PycChange(
                change=change,
                path=path,
                by=by,
                mode=f"{stat.S_IMODE(seen.mode):04o}",
                owner=f"{seen.owner[0]}:{seen.owner[1]}",
                mtime=seen.mtime_ns // 1_000_000_000,
            )
        )
    return tuple(found)


def _by(before: Sight, after: Sight) -> str:
    return "pkgtools-runtime" if after.batch != before.batch and after.batch else "scripts"


def judge_step(
    step: LifeStep, memory: Memory, before: Sight, after: Sight, imports: Sequence[ImportTrial]
) -> Iterator[TrialFault]:
    """Yield what is wrong after a step that succeeded, whether it was said before or not."""
    known = {(one.rule.id, one.path) for one in (*memory.start.findings, *before.findings)}
    for finding in after.findings:
        if (finding.rule.id, finding.path) not in known and finding.severity is not Severity.INFO:
            yield TrialFault(check=finding.rule.id, severity=finding.severity, text=finding.text, path=finding.path)
    if step in {LifeStep.REMOVE, LifeStep.PURGE}:
        yield from _left_behind(step, memory, after)
    if step not in _OF_OTHERS:
        yield from _others_changed(memory, before, after)
    if step in RESTORED:
        yield from _not_restored(step, memory, after)
    yield from _imports(memory, imports)


def remember(step: LifeStep, memory: Memory, before: Sight, after: Sight) -> None:
    """Keep what later steps are compared with."""
    if step in _OF_OTHERS:
        memory.others |= {path for path in after.files if path not in before.files and not is_bytecode(path)}
    if step in {LifeStep.INSTALL, LifeStep.UPGRADE, LifeStep.DOWNGRADE}:
        memory.installed = shape(memory, after)


def shape(memory: Memory, sight: Sight) -> dict[str, tuple[int, tuple[int, int]]]:
    """Return mode and owner of the bytecode that wasn't there before the package came."""
    return {path: (one.mode, one.owner) for path, one in sight.bytecode().items() if path not in memory.start.files}


def warnings_of(output: str) -> Iterator[TrialFault]:
    """Yield the warnings in what the package manager and scripts said."""
    lines = (line.rstrip() for line in output.split("\n"))
    found = (line.strip() for line in lines if _WARNING.match(line) or _WARNING_WITHIN.search(line))
    for line in islice(found, _MOST_OF_A_KIND):
        if not _HARMLESS.match(line):
            yield TrialFault(check=TrialCheck.WARNED.value, severity=Severity.WARNING, text=line[:300])


def _left_behind(step: LifeStep, memory: Memory, after: Sight) -> Iterator[TrialFault]:
    left = [path for path in sorted(after.files) if _is_left(step, memory, path)]
    holding = {path.rpartition("/")[0] for path in left}
    number = 0
    for path in left:
        if path in holding:
            continue  # it is left because of what it holds
        number += 1
        if number <= _MOST_OF_A_KIND:
            what = "bytecode" if is_bytecode(path) else "a directory" if after.files[path].is_directory else "a file"
            text = f"{what} is left after the {'removal' if step is LifeStep.REMOVE else 'purge'}"
            yield TrialFault(check=TrialCheck.LEFT_BEHIND.value, severity=Severity.ERROR, text=text, path=path)
    if number > _MOST_OF_A_KIND:
        text = f"{number - _MOST_OF_A_KIND} more files are left"
        yield TrialFault(check=TrialCheck.LEFT_BEHIND.value, severity=Severity.ERROR, text=text)


def _is_left(step: LifeStep, memory: Memory, path: str) -> bool:
    if path in memory.start.files or path in memory.others or _KEPT_BY_MANAGERS.match(path):
        return False
    return step is not LifeStep.REMOVE or is_bytecode(path)


def _others_changed(memory: Memory, before: Sight, after: Sight) -> Iterator[TrialFault]:
    number = 0
    for path, was in memory.start.files.items():
        now = after.files.get(path)
        if now == was or now == before.files.get(path) or not _SYSTEM.match(path):
            continue
        number += 1
        if number <= _MOST_OF_A_KIND:
            text = (
                "was there before the package, and is gone"
                if now is None
                else f"is of another package: {_how(was, now)}"
            )
            yield TrialFault(check=TrialCheck.OTHERS_CHANGED.value, severity=Severity.ERROR, text=text, path=path)


def _how(was: SeenFile, now: SeenFile) -> str:
    if stat.S_IFMT(was.mode) != stat.S_IFMT(now.mode):
        return "it is of another type"
    if was.mode != now.mode:
        return f"its mode was {stat.S_IMODE(was.mode):04o} and is {stat.S_IMODE(now.mode):04o}"
    if was.owner != now.owner:
        return f"its owner was {was.owner[0]}:{was.owner[1]} and is {now.owner[0]}:{now.owner[1]}"
    return "it was written again"


def _not_restored(step: LifeStep, memory: Memory, after: Sight) -> Iterator[TrialFault]:
    now = shape(memory, after)
    for path in sorted({*now, *memory.installed}):
        if now.get(path) == memory.installed.get(path):
            continue
        text = (
            "is missing"
            if path not in now
            else "isn't made by installing"
            if path not in memory.installed
            else "differs"
        )
        yield TrialFault(
            check=TrialCheck.NOT_RESTORED.value,
            severity=Severity.ERROR,
            text=f"{text} after the step {step.value}",
            path=path,
        )


def _imports(memory: Memory, imports: Sequence[ImportTrial]) -> Iterator[TrialFault]:
    for one in imports:
        if one.error:
            is_broken = one.module in memory.imported or one.error.startswith(_NEVER_MEANT)
            severity = Severity.ERROR if is_broken else Severity.WARNING
            text = f"{one.module}: {one.error}"
            yield TrialFault(check=TrialCheck.IMPORT_FAILED.value, severity=severity, text=text[:300])
        else:
            memory.imported.add(one.module)
            if one.has_cache and not one.from_cache:
                text = f"{one.module}: import compiles it again, though there is a pyc"
                yield TrialFault(check=TrialCheck.NOT_FROM_CACHE.value, severity=Severity.ERROR, text=text)
