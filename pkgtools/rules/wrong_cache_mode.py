# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""wrong-cache-mode: a cache directory or pyc whose permission bits are not those of its source."""

from __future__ import annotations

import stat
from collections import defaultdict
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.repairs import recompile
from pkgtools.check.rule import EVERYTHING, Hit, rule
from pkgtools.check.trusted import is_bytecode_writable
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import File, Kind
from pkgtools.runtime.facts import InstalledPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Pyc, Subject


_PAGE = Page(
    what=(
        "A cache directory or pyc can be written by others than its owner, or not be read by those who read the source."
    ),
    why=(
        "Who can write a pyc decides what runs: an interpreter looks at the header and runs the rest, root's "
        "interpreter too. Who can read a source that others can't must be the only one to read its pyc. And a "
        "pyc that can't be read is compiled anew at each start."
    ),
    example=(
        "drwxrwxrwx root/root ./usr/share/acme/__pycache__/\n"
        "-rw-rw-r-- root/root ./usr/share/acme/__pycache__/m.cpython-311.pyc"
    ),
    fix=(
        "0755 for the directory and 0644 for pycs, unless the source is for fewer eyes; never a write bit for "
        "group or other. Set umask 022 before compiling, or let `pkgtools-compile` do it, whose modes don't "
        "depend on it."
    ),
    references=(
        "PEP 3147",
        "pkgtools-compile(1)",
    ),
)


_READABLE = 0o444


@rule(title="wrong mode of a cache", severity=Severity.ERROR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield cache directories and pycs with a wrong mode."""
    readers: dict[str, int] = defaultdict(int)
    for pyc in subject.cached:
        readers[dirname(pyc.file.path)] |= pyc.source.permissions if pyc.source and pyc.source.is_regular else 0
    for directory in subject.caches.values():
        if directory is not None:
            yield from _of_directory(subject, directory, readers[directory.path])
    for pyc in subject.cached:
        yield from _of_pyc(subject, pyc)


def _severity(subject: Subject, file: File) -> Severity | None:
    """Return how bad it is that others can write; the runtime mends what no package owns."""
    is_packaged = subject.package.kind is Kind.ROOT and file.package != ""
    return Severity.DANGER if file.permissions & 0o002 or is_packaged else None


def _of_directory(subject: Subject, file: File, readers: int) -> Iterator[Hit]:
    mode = file.permissions
    repair = recompile(subject, file.path)
    above = subject.files.get(InstalledPath(dirname(file.path)))
    if is_bytecode_writable(subject, file):
        text = f"mode {mode:04o}: others can put bytecode here"
        yield Hit(text=text, path=file.path, severity=_severity(subject, file), repair=repair)
    elif mode & 0o500 != 0o500 or mode & 0o050 not in {0, 0o050} or mode & 0o005 not in {0, 0o005}:
        yield Hit(text=f"mode {mode:04o}: not to be read", path=file.path, severity=Severity.WARNING, repair=repair)
    elif above is not None and above.is_directory and above.permissions & readers & _READABLE & ~mode:
        text = f"mode {mode:04o}: not for all who read the sources; their directory has {above.permissions:04o}"
        yield Hit(text=text, path=file.path, severity=Severity.WARNING, repair=repair)


def _of_pyc(subject: Subject, pyc: Pyc) -> Iterator[Hit]:
    file, mode, repair = pyc.file, pyc.file.permissions, recompile(subject, pyc.file.path)
    if not file.is_regular or file.is_ghost:
        return
    if is_bytecode_writable(subject, file):
        text = f"mode {mode:04o}: others can change it"
        yield Hit(text=text, path=file.path, severity=_severity(subject, file), repair=repair)
    elif pyc.source is not None and stat.S_ISREG(pyc.source.mode):
        wanted = pyc.source.permissions & _READABLE
        if mode & _READABLE & ~wanted:
            text = f"mode {mode:04o}: others can read it than its source, which has {pyc.source.permissions:04o}"
            yield Hit(text=text, path=file.path, repair=repair)
        elif wanted & ~mode:
            text = f"mode {mode:04o}: not for all who read the source, which has {pyc.source.permissions:04o}"
            yield Hit(text=text, path=file.path, severity=Severity.WARNING, repair=repair)
