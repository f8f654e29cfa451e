# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The one place where a staged tree is edited: by descriptor, through no link, and never outside of the tree.

A file of several names is copied before it changes: its other names may be those of the build, or outside of the tree.
"""

from __future__ import annotations

import errno
import os
import stat
from posixpath import basename, dirname
from typing import TYPE_CHECKING, assert_never

from pkgtools.model.edits import Recompile, RemoveEmptyDirectory, RemoveFile, ReplaceLine, SetMode
from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.errors import Refused, UsageError, said
from pkgtools.runtime.facts import InstalledPath, Ownership, Policy, Status
from pkgtools.runtime.policy.layout import parse_pyc_name
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.safefs import (
    TemporaryFiles,
    open_directory,
    open_file,
    publish,
    remove_empty_directory,
    remove_file,
)
from pkgtools.runtime.system.trust import Tree, mount_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pkgtools.model.edits import Edit
    from pkgtools.runtime.facts import Interpreter

_TOP = InstalledPath("/")
_ROOT = 0
_LEVELS = {"": 0, "1": 1, "2": 2}
_LARGEST = 1 << 28
"""Bytes of a file that is copied."""


def _no_interpreter(_tag: str) -> Interpreter | None:
    return None


class StagedTree:
    """A staged tree that is open to be edited."""

    def __init__(self, top: Path, interpreter_of: Callable[[str], Interpreter | None] = _no_interpreter) -> None:
        """Open it; `interpreter_of` returns an interpreter of this machine by its cache tag.

        Raises UsageError for a tree that this user must not edit, OSError.
        """
        self._uid = os.geteuid()
        self._interpreter_of = interpreter_of
        if self._uid == _ROOT:
            _require_roots(top)
        self._tree = Tree(str(top.absolute()), frozenset({self._uid}), any_directory=True)
        try:
            self._mount = mount_of(self._tree.open(_TOP, _TOP))
            if self._uid == _ROOT:
                _require_same(top, self._tree)
        except BaseException:  # raised again: no descriptor is left behind
            self._tree.close()
            raise

    def close(self) -> None:
        """Give up all descriptors."""
        self._tree.close()

    def can_compile(self, edit: Recompile) -> bool:
        """Whether this machine has the interpreter of a pyc, and its optimization level is one that exists."""
        name = parse_pyc_name(basename(edit.path))
        return name is not None and name.level in _LEVELS and self._interpreter_of(name.tag) is not None

    def has(self, path: InstalledPath) -> bool:
        """Whether the tree has something of this name."""
        return self._tree.exists(path)

    def problem_of(self, edit: Edit) -> str:
        """Say why an edit can't be made, as far as a look shows; empty if it can."""
        try:
            self._look(edit, self._open(edit.path))
        except (Refused, OSError) as error:
            return _words(error)
        return ""

    def make(self, edit: Edit) -> str:
        """Make an edit, and say why it wasn't made; empty if it was."""
        try:
            directory = self._open(edit.path)
            self._look(edit, directory)
            self._make(edit, directory, basename(edit.path))
        except (Refused, OSError) as error:
            return _words(error)
        return ""

    def _open(self, path: InstalledPath) -> int:
        """Return a descriptor of the directory that a name is in; it belongs to root where root works."""
        above = InstalledPath(dirname(path))
        descriptor = self._tree.open(_TOP, above)
        if mount_of(descriptor) != self._mount:
            raise OSError(errno.EXDEV, "is on another file system than the tree")
        if self._uid == _ROOT:
            self._require_own(os.fstat(descriptor), f"its directory {above}")
        return descriptor

    def _require_own(self, found: os.stat_result, what: str) -> None:
        """Raise PermissionError for what another user owns: root must not change it, and others can't."""
        if found.st_uid != self._uid:
            raise PermissionError(errno.EPERM, f"{what} belongs to user {found.st_uid}: run this as that user")

    def _look(self, edit: Edit, directory: int) -> None:
        """Raise OSError where the tree isn't any more what the edit was planned for."""
        name = basename(edit.path)
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        is_directory = stat.S_ISDIR(found.st_mode)
        match edit:
            case RemoveFile():
                is_planned = not is_directory
            case Recompile():
                is_planned = stat.S_ISREG(found.st_mode)
                self._open(InstalledPath(dirname(edit.path)))
            case RemoveEmptyDirectory():
                is_planned = is_directory
            case SetMode(old=old):
                is_planned = (is_directory or stat.S_ISREG(found.st_mode)) and stat.S_IMODE(found.st_mode) == old
                self._require_own(found, "it")
            case ReplaceLine(old=line):
                is_planned = _first_line(directory, name) == line
                self._require_own(found, "it")
            case _:
                assert_never(edit)
        if not is_planned:
            raise OSError(errno.ESTALE, "has changed since it was looked at: run this again")
        if not isinstance(edit, SetMode) and not os.access(".", os.W_OK, dir_fd=directory, effective_ids=True):
            raise PermissionError(errno.EACCES, f"its directory {dirname(edit.path)} can't be written")

    def _make(self, edit: Edit, directory: int, name: str) -> None:
        match edit:
            case RemoveFile():
                remove_file(directory, name)
            case RemoveEmptyDirectory():
                if not remove_empty_directory(directory, name):
                    raise OSError(errno.ENOTEMPTY, "is not empty")
                self._tree.forget(_TOP, edit.path)
            case SetMode(new=mode):
                self._set_mode(edit.path, directory, mode)
            case ReplaceLine(old=old, new=new):
                self._rewrite(edit.path, directory, old, new, None)
            case Recompile():
                self._compile(edit)
            case _:
                assert_never(edit)

    def _set_mode(self, path: InstalledPath, directory: int, mode: int) -> None:
        name = basename(path)
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            self._rewrite(path, directory, b"", b"", mode)
            return
        is_directory = stat.S_ISDIR(found.st_mode)
        descriptor = (open_directory if is_directory else open_file)(directory, name)
        try:
            opened = os.fstat(descriptor)
            self._require_own(opened, "it")
            if not is_directory and opened.st_nlink > 1:
                raise OSError(errno.ESTALE, "has got a second name meanwhile: run this again")
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)

    def _compile(self, edit: Recompile) -> None:
        """Compile by the runtime, which writes whole files by descriptor; the new pyc gets its source's time."""
        name = parse_pyc_name(basename(edit.path))
        interpreter = self._interpreter_of(name.tag) if name is not None else None
        if name is None or interpreter is None:
            raise OSError(errno.ENOENT, "this machine has no interpreter for it")
        directory, source = InstalledPath(dirname(dirname(edit.path))), f"{name.stem}.py"
        ours = interpreter._replace(inside=False)  # nothing that lies in the tree is started
        wanted = Wanted(_TOP, directory, (source,), (ours,), (_LEVELS[name.level],))
        settings = CompileSettings(edit.mode, durable=False, forks=False, reuse=False)
        report = Report("compile")
        compile_wanted(self._tree, [wanted], CompileRun(Policy(edit.mode, force=True), settings, sweep=False), report)
        for one in report.outcomes:
            if one.status not in {Status.COMPILED, Status.LINKED}:
                raise OSError(errno.EINVAL, ": ".join(part for part in (one.reason.value, one.detail) if part))
        time = os.stat(source, dir_fd=self._tree.open(_TOP, directory), follow_symlinks=False).st_mtime_ns
        cache = self._tree.open(_TOP, InstalledPath(dirname(edit.path)))
        os.utime(basename(edit.path), ns=(time, time), dir_fd=cache, follow_symlinks=False)

    def _rewrite(self, path: InstalledPath, directory: int, old: bytes, new: bytes, mode: int | None) -> None:
        """Put a copy in a file's place that begins otherwise or has another mode; owner and time are kept."""
        name = basename(path)
        descriptor = open_file(directory, name)
        temporaries = TemporaryFiles()
        try:
            found = os.fstat(descriptor)
            self._require_own(found, "it")
            content = _read(descriptor, found.st_size)
            if not content.startswith(old):
                raise OSError(errno.ESTALE, "has changed since it was looked at: run this again")
            bits = stat.S_IMODE(found.st_mode) if mode is None else mode
            owner = Ownership(bits, found.st_uid, found.st_gid)
            _require_plain(descriptor)
            rest = content[len(old) :].lstrip(b"\r") if old else content
            copy = temporaries.write(path, directory, new + rest, owner)
            times = (found.st_atime_ns, found.st_mtime_ns)
            os.utime(copy.name, ns=times, dir_fd=directory, follow_symlinks=False)
            publish(directory, copy, name)
        finally:
            temporaries.release(lambda _path: directory)
            os.close(descriptor)


def _require_roots(top: Path) -> None:
    """Raise UsageError where root would edit what another user owns, or could exchange meanwhile."""
    owner = top.stat().st_uid
    if owner != _ROOT:
        text = f"{top} belongs to user {owner}, and root repairs only its own trees: run this as that user"
        raise UsageError(f"{text}, as by `setpriv --reuid={owner} --clear-groups`")
    system = Tree()
    try:
        system.open(*_twice(top))
    except Refused as error:
        text = f"{top}: others than root could exchange it meanwhile: {error.path}: {error.detail}"
        raise UsageError(text) from error
    finally:
        system.close()


def _require_same(top: Path, tree: Tree) -> None:
    """Raise UsageError if a directory that is open isn't the one that root may edit."""
    system = Tree()
    try:
        is_same = os.path.samestat(os.fstat(system.open(*_twice(top))), os.fstat(tree.open(_TOP, _TOP)))
    finally:
        system.close()
    if not is_same:
        raise UsageError(f"{top} has been exchanged meanwhile: run this again")


def _twice(top: Path) -> tuple[InstalledPath, InstalledPath]:
    """Return a base, and the directory at or below it that is meant: itself."""
    path = InstalledPath(str(top.absolute()))
    return path, path


def _require_plain(descriptor: int) -> None:
    """Raise OSError for a file with ACLs, capabilities or other attributes, which a copy would lose."""
    try:
        names = os.listxattr(descriptor)
    except OSError:  # ENOTSUP
        return
    if lost := [name for name in names if name != "security.selinux"]:
        raise OSError(errno.EPERM, f"has extended attributes ({', '.join(lost)}): repair it by hand")


def _first_line(directory: int, name: str) -> bytes:
    descriptor = open_file(directory, name)
    try:
        return os.read(descriptor, 4096).partition(b"\n")[0].rstrip(b"\r")
    finally:
        os.close(descriptor)


def _read(descriptor: int, size: int) -> bytes:
    if size > _LARGEST:
        raise OSError(errno.EFBIG, f"has more than {_LARGEST} bytes")
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        return stream.read(_LARGEST)


def _words(error: Refused | OSError) -> str:
    return f"{error.path}: {error.detail}" if isinstance(error, Refused) else said(error)
