# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the edits that repair a staged tree, and what the rules will say of it then.

The edits of all findings are carried out on the model of the tree, which is judged again: a first line that changes
makes its pyc stale, and a cache directory that becomes empty goes.
"""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, replace
from posixpath import basename, dirname
from typing import TYPE_CHECKING, assert_never

from pkgtools.model.distribution import InstallerFacts
from pkgtools.model.edits import Recompile, RemoveEmptyDirectory, RemoveFile, ReplaceLine, SetMode
from pkgtools.model.package import ProgramFacts, SourceFacts
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pkgtools.model.edits import Edit
    from pkgtools.model.finding import CheckVerdict
    from pkgtools.model.package import FileFacts, Package

    Judge = Callable[[Package], CheckVerdict]
    """Applies the rules, without what the maintainer accepts."""
    _Key = tuple[InstalledPath, type[Edit]]

_ROUNDS = 5
"""So often the model is judged again; one does, unless a rule's edit brings about what another one finds."""
_REMOVALS = (RemoveFile, RemoveEmptyDirectory)
_SORTS = (SetMode, ReplaceLine, Recompile, RemoveFile, RemoveEmptyDirectory)
"""In this order edits are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEdit:
    """One edit, and the rules on whose behalf it is made."""

    edit: Edit
    """What is done."""
    rules: tuple[str, ...]
    """Their ids, sorted."""

    @property
    def text(self) -> str:
        """Say what is done and why, on one line."""
        return f"{describe(self.edit)}, for {' and '.join(self.rules)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditingMeans:
    """What of a plan can be done where it is to be done."""

    problem_of: Callable[[Edit], str]
    """Says why an edit can't be made; empty if it can."""
    can_compile: Callable[[Recompile], bool]
    """Whether there is an interpreter for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPlan:
    """What is done to a tree, in this order."""

    edits: tuple[PlannedEdit, ...]
    """At most one of each sort for a file; what a directory holds goes before it."""
    left: tuple[tuple[PlannedEdit, str], ...]
    """What can't be done, each with the reason."""
    verdict: CheckVerdict
    """What the rules say of the tree when all is done."""


def plan_edits(package: Package, judge: Judge, means: EditingMeans) -> EditPlan:
    """Plan what repairs all findings of a staged tree for which a rule knows what to do."""
    planned: dict[_Key, PlannedEdit] = {}
    left: dict[_Key, tuple[PlannedEdit, str]] = {}
    verdict = judge(package)
    for _ in range(_ROUNDS):
        wanted = {key: one for key, one in _wanted(verdict, means).items() if key not in left}
        whole = {key: _continued(planned.get(key), one) for key, one in wanted.items()}
        left |= {key: (one, text) for key, one in whole.items() if (text := means.problem_of(one.edit))}
        possible = list(_possible(package, [one.edit for key, one in wanted.items() if key not in left]))
        if not possible:
            break
        planned |= {_key(edit): whole[_key(edit)] for edit in possible}
        package = applied(package, possible)
        verdict = judge(package)
    gone = {path for path, sort in planned if sort in _REMOVALS}
    edits = [one for (path, sort), one in planned.items() if sort in _REMOVALS or path not in gone]
    return EditPlan(edits=tuple(sorted(edits, key=_order)), left=tuple(left.values()), verdict=verdict)


def describe(edit: Edit) -> str:
    """Say what an edit does, without its path."""
    match edit:
        case RemoveFile():
            return "remove it"
        case RemoveEmptyDirectory():
            return "remove the directory, which is empty then"
        case SetMode(old=old, new=new):
            return f"mode {old:04o} becomes {new:04o}"
        case ReplaceLine(old=old, new=new):
            return f"{_text(old)} becomes {_text(new)}"
        case Recompile():
            return "compile it again"
        case _:
            assert_never(edit)


def diff_of(edit: Edit) -> str:
    """Return a change of text as a unified diff of its first line; empty for other edits."""
    if not isinstance(edit, ReplaceLine):
        return ""
    before, after = ([f"{_text(line)}\n"] for line in (edit.old, edit.new))
    return "".join(difflib.unified_diff(before, after, f"a{edit.path}", f"b{edit.path}"))


def applied(package: Package, edits: Iterable[Edit]) -> Package:
    """Return the package as it is when edits have been made."""
    files = {file.path: file for file in package.files}
    for edit in edits:
        file = files[edit.path]
        match edit:
            case RemoveFile() | RemoveEmptyDirectory():
                del files[edit.path]
            case SetMode(old=old, new=new):
                files[edit.path] = replace(file, mode=file.mode & ~old | new)
            case ReplaceLine(old=old_line, new=line):
                size = file.size + len(line) - len(old_line)
                files[edit.path] = replace(file, size=size, facts=_facts(file.facts, line, size))
            case Recompile():
                files[edit.path] = replace(file, facts=None)
            case _:
                assert_never(edit)
    return replace(package, files=tuple(files.values()))


def _facts(facts: FileFacts | None, line: bytes, size: int) -> FileFacts | None:
    """Return what is known of a file with another first line; the hashes of its content are not."""
    match facts:
        case SourceFacts():
            return replace(facts, first_line=line, size=size, hashes=())
        case ProgramFacts():
            return replace(facts, first_line=line)
        case InstallerFacts():
            return replace(facts, installer=line.decode())
        case _:
            return facts


def _wanted(verdict: CheckVerdict, means: EditingMeans) -> dict[_Key, PlannedEdit]:
    """Return the edits of all findings, and those of cache directories that they may leave empty."""
    rules: dict[Edit, set[str]] = {}
    for finding in verdict.findings:
        for edit in finding.edits:
            is_for_removal = isinstance(edit, Recompile) and not means.can_compile(edit)
            rules.setdefault(RemoveFile(path=edit.path) if is_for_removal else edit, set()).add(finding.rule.id)
    for edit, names in tuple(rules.items()):
        above = InstalledPath(dirname(edit.path))
        if isinstance(edit, RemoveFile) and basename(above) == CACHE_DIRECTORY:
            rules.setdefault(RemoveEmptyDirectory(path=above), set()).update(names)
    return {_key(edit): PlannedEdit(edit=edit, rules=tuple(sorted(names))) for edit, names in rules.items()}


def _key(edit: Edit) -> _Key:
    return edit.path, type(edit)


def _possible(package: Package, edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits of files that are there, one removal for each, and of directories that will be empty."""
    there = {file.path for file in package.files}
    held = Counter(dirname(path) for path in there)
    for edit in sorted(edits, key=_rank):
        if edit.path not in there or (isinstance(edit, RemoveEmptyDirectory) and held[edit.path]):
            continue
        if isinstance(edit, RemoveFile | RemoveEmptyDirectory):
            there.remove(edit.path)
            held[dirname(edit.path)] -= 1
        yield edit


def _continued(earlier: PlannedEdit | None, later: PlannedEdit) -> PlannedEdit:
    """Return one edit for two of one sort that follow each other."""
    if earlier is None:
        return later
    edit, begin = later.edit, earlier.edit
    match edit, begin:
        case (SetMode(), SetMode()):
            edit = replace(edit, old=begin.old)
        case (ReplaceLine(), ReplaceLine()):
            edit = replace(edit, old=begin.old)
        case _:
            pass
    return PlannedEdit(edit=edit, rules=tuple(sorted({*earlier.rules, *later.rules})))


def _order(planned: PlannedEdit) -> tuple[int, int, str]:
    return _rank(planned.edit)


def _rank(edit: Edit) -> tuple[int, int, str]:
    """Order edits: modes of directories come first, directories that go last, the deepest of them before others."""
    is_directory = isinstance(edit, RemoveEmptyDirectory)
    return _SORTS.index(type(edit)), -edit.path.count("/") if is_directory else 0, edit.path


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")
