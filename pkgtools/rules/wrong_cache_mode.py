# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""wrong-cache-mode: a cache directory or pyc whose permission bits are not those of its source."""

from __future__ import annotations

import stat
from collections import defaultdict
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.repairs import recompile
from pkgtools.check.rule import EVERYTHING, Hit, fixable, rule
from pkgtools.check.trusted import OTHERS_WRITE, is_bytecode_writable
from pkgtools.model.edits import SetMode
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import File, Kind
from pkgtools.runtime.compile.pyc import cache_ownership, pyc_ownership
from pkgtools.runtime.facts import FileState, InstalledPath

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
        "pyc that can't be read is compiled again at each start."
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


@fixable("sets the mode that belongs to the source's")
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
    mode, severity = file.permissions, _severity(subject, file)
    above = subject.files.get(InstalledPath(dirname(file.path)))
    if is_bytecode_writable(subject, file):
        text = f"mode {mode:04o}: others can put bytecode here"
    elif mode & 0o500 != 0o500 or mode & 0o050 not in {0, 0o050} or mode & 0o005 not in {0, 0o005}:
        text, severity = f"mode {mode:04o}: not to be read", Severity.WARNING
    elif above is not None and above.is_directory and above.permissions & readers & _READABLE & ~mode:
        text = f"mode {mode:04o}: not for all who read the sources; their directory has {above.permissions:04o}"
        severity = Severity.WARNING
    else:
        return
    wanted = cache_ownership(_state(above), 0, 0).mode if above is not None else mode & ~OTHERS_WRITE | stat.S_IRWXU
    yield _hit(subject, file, text, severity, wanted)


def _state(directory: File) -> FileState:
    return FileState(directory.mode, 0, 0, 0, 0, 0, (0, 0))


def _of_pyc(subject: Subject, pyc: Pyc) -> Iterator[Hit]:
    file, mode = pyc.file, pyc.file.permissions
    if not file.is_regular or file.is_ghost:
        return
    source = pyc.source if pyc.source is not None and pyc.source.is_regular else None
    wanted = pyc_ownership(source.mode, 0, 0, 0).mode if source is not None else mode & ~OTHERS_WRITE
    if is_bytecode_writable(subject, file):
        text = f"mode {mode:04o}: others can change it"
        yield _hit(subject, file, text, _severity(subject, file), wanted)
    elif source is not None:
        readers = source.permissions & _READABLE
        if mode & _READABLE & ~readers:
            text = f"mode {mode:04o}: others can read it than its source, which has {source.permissions:04o}"
            yield _hit(subject, file, text, None, wanted)
        elif readers & ~mode:
            text = f"mode {mode:04o}: not for all who read the source, which has {source.permissions:04o}"
            yield _hit(subject, file, text, Severity.WARNING, wanted)


def _hit(subject: Subject, file: File, text: str, severity: Severity | None, wanted: int) -> Hit:
    return Hit(
        text=text,
        path=file.path,
        severity=severity,
        repair=recompile(subject, file.path),
        edits=(SetMode(path=file.path, old=file.permissions, new=wanted),) if wanted != file.permissions else (),
    )
