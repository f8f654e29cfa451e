# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the commands that put caches of a system right; packages are repaired by building them again.

What a package ships is its package manager's to put right: our commands don't touch it.
"""

from __future__ import annotations

import shlex
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.headers import header_of
from pkgtools.model.edits import Recompile, RemoveFile
from pkgtools.model.package import Kind, PackageManager
from pkgtools.readers.system.installed_pythons import python_of
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Reason
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, is_public, parse_pyc_name, parse_temporary_name
from pkgtools.runtime.pythons import tag_version
from pkgtools.runtime.system.interpreters import BIN
from pkgtools.runtime.system.packages import REINSTALL_BY_DPKG, REINSTALL_BY_RPM

from .places import is_debians
from .trusted import refused_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.edits import Edit
    from pkgtools.model.package import File, Package

    from .subject import Pyc, Subject

COMPILE, CLEAN = "pkgtools-compile", "pkgtools-clean"
"""The programs of repairs that `audit --fix` carries out."""
_LINK = "]("
"""What readers of SARIF take for a part of a link, and so must not stand in a message."""


def recompile(subject: Subject, path: str, *, force: bool = False) -> str:
    """Return the command that makes or mends a cache directory or a pyc in one; nothing for packages.

    Where there is no source, nothing compiles: the command removes what has lost its source.
    `force`: even where a look at the header finds nothing wrong.
    """
    return _command(subject, (COMPILE, "--verify") if force else (COMPILE,), InstalledPath(path))


def clean_orphans(subject: Subject, path: str) -> str:
    """Return the command that removes caches whose sources are gone; nothing for packages."""
    return _command(subject, (CLEAN, "--orphans"), InstalledPath(path))


def reinstall(package: Package, file: File) -> str:
    """Return the command that brings a packaged file back as its package ships it; nothing if that isn't known."""
    if file.manager is PackageManager.UNKNOWN:
        return ""
    by_rpm = REINSTALL_BY_RPM.get(package.installer, REINSTALL_BY_RPM["dnf"])
    command = by_rpm if file.manager is PackageManager.RPM else REINSTALL_BY_DPKG
    return in_system(package, *command, file.package)


def in_system(package: Package, *argv: str) -> str:
    """Return a command, for a shell, that acts on the system that was looked at.

    What is wrong with an image is for a process in it: the image itself can't be changed.
    """
    if package.origin == "/" or package.is_image:
        return for_shell(argv)
    origin = f"./{package.origin}" if package.origin.startswith("-") else package.origin
    if argv[0] in {COMPILE, CLEAN}:
        return for_shell((argv[0], "--root", origin, *argv[1:]))
    return for_shell(("chroot", origin, *argv))


def for_shell(argv: Iterable[str]) -> str:
    r"""Return a command to be pasted into a shell, in which all characters can be seen and a terminal obeys none.

    A word that has others is written as $'...' (bash, zsh, ksh, POSIX 2024), byte by byte where they are: an escaped
    copy of a quoted word, as '\x1b', would be the name of another file.
    """
    return " ".join(map(_word, argv))


def _word(word: str) -> str:
    if word.isprintable() and _LINK not in word:
        return shlex.quote(word)
    return "$'" + "".join(map(_in_quotes, word)) + "'"


def _in_quotes(character: str) -> str:
    if character.isprintable() and character not in "\\'(":
        return character
    # three octal digits end by themselves; of \x some shells take all hexadecimal digits that follow
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))


def remove_tag(package: Package, path: InstalledPath, tag: str) -> str:
    """Return the command that removes the caches of an interpreter that is gone beside a pyc of it."""
    version = tag_version(tag)
    return in_system(package, CLEAN, "-V", f"{version[0]}.{version[1]}", dirname(dirname(path))) if version else ""


def _of_another_interpreter(subject: Subject, path: InstalledPath) -> str:
    """Return the command for a pyc of an interpreter that `pkgtools-compile` doesn't compile for."""
    package, name = subject.package, parse_pyc_name(basename(path))
    served = frozenset(tag for one in package.pythons if dirname(one.path) == BIN for tag in one.tags)
    if name is None or not package.pythons or name.tag in served:
        return ""
    if python_of(package.pythons, path, name.tag) or not is_public(InstalledPath(dirname(path))):
        return in_system(package, "rm", "--", path)  # import compiles again, as its owner wants it
    return remove_tag(package, path, name.tag)


def renew(subject: Subject, pyc: Pyc) -> tuple[Edit, ...]:
    """Return what is done in a staged tree about a pyc of a cache directory that is worth nothing.

    It is compiled again, but for a Debian package, which is to have none, and where there is nothing to compile.
    """
    path = pyc.file.path
    has_source = pyc.name is not None and pyc.source is not None and pyc.source.is_regular
    if not has_source or is_debians(subject, path):
        return (RemoveFile(path=path),)
    header = header_of(pyc.facts) if pyc.facts is not None else None
    return (Recompile(path=path, mode=header.mode if header is not None else InvalidationMode.TIMESTAMP),)


def _is_orphan(subject: Subject, path: InstalledPath) -> bool:
    """Whether a pyc or temporary file has lost its source, or a cache directory has no source beside it."""
    if basename(path) == CACHE_DIRECTORY:
        return not any(dirname(one.path) == dirname(path) for one in subject.sources)
    source = subject.pairs.path_of(_pyc_of(path))
    return source is not None and source not in subject.files


def _is_compiled(subject: Subject, path: InstalledPath) -> bool:
    """Whether `pkgtools-compile` replaces or sweeps a path: a pyc of a regular source, or what it left itself."""
    if parse_temporary_name(basename(path)):
        return False
    source = subject.pairs.path_of(path)
    return source is None or subject.files[source].is_regular


def _pyc_of(path: InstalledPath) -> InstalledPath:
    """Return the pyc that an import's temporary file was to become; any other path as it is."""
    return InstalledPath(path.rpartition(".")[0]) if parse_temporary_name(basename(path)) else path


def _command(subject: Subject, command: tuple[str, ...], path: InstalledPath) -> str:
    package = subject.package
    if package.kind is not Kind.ROOT:
        return ""
    file = subject.files.get(path)
    if file is not None and file.package and not file.is_directory:
        return reinstall(package, file)
    if command[0] == COMPILE:
        if _is_orphan(subject, path):
            command = (CLEAN, "--orphans")
        elif not _is_compiled(subject, path):
            return in_system(package, "rm", "--", path)
        elif other := _of_another_interpreter(subject, path):
            return other
    return "; ".join((*_closing(subject, path), _program(subject, command, path)))


def _closing(subject: Subject, path: InstalledPath) -> Iterator[str]:
    """Yield the commands for root's directories above a cache to which others can write: in them nothing is done."""
    cache = path if basename(path) == CACHE_DIRECTORY else dirname(path)
    if basename(cache) != CACHE_DIRECTORY:
        return
    for above, why in sorted(refused_above(subject, InstalledPath(cache)).items()):
        if why.reason is Reason.WRITABLE_BY_OTHERS:
            yield close(subject.package, subject.files[above])


def close(package: Package, directory: File) -> str:
    """Return the command that takes the right to write to a directory from others than its owner."""
    commands = [("setfacl", "-b", directory.path)] if directory.has_acl else []
    commands.append(("chmod", "go-w", directory.path))
    return "; ".join(in_system(package, *command) for command in commands)


def _program(subject: Subject, command: tuple[str, ...], path: InstalledPath) -> str:
    package = subject.package
    in_cache = CACHE_DIRECTORY in {basename(path), basename(dirname(path))}
    if not in_cache and (prefix := subject.pairs.central_cache_of(path)):
        program, *options = command  # --orphans has the directory as its value
        below = dirname(path).removeprefix(prefix) or "/"
        return in_system(package, program, "--cache-prefix", prefix, *options, below)
    cache = path if basename(path) == CACHE_DIRECTORY else dirname(path)
    return in_system(package, *command, dirname(cache))
