# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""modules-writable-by-others: sources that others than root can change."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.repairs import in_system, reinstall
from pkgtools.check.rule import EVERYTHING, Hit, fixable, rule
from pkgtools.check.trusted import OTHERS_WRITE, is_open_to_roots_group, is_roots, owner_of, why_writable
from pkgtools.model.edits import SetMode
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.package import File


_PAGE = Page(
    what=(
        "A source, or a directory of modules, can be written by everybody or by a group, or belongs to the account of "
        "whoever built the package, or lies in an interpreter's path and isn't root's."
    ),
    why=(
        "Whoever can write there decides what runs when root imports the module. pkgtools-compile refuses "
        "such directories: nothing in them is compiled. A number above 999 is some person on the target, or the next "
        "one to get an account.\n\n"
        "Debian's group staff is a group like any other: who is in it isn't root. Where only root's own group may "
        "write, as after a build with umask 002, modules are compiled; that is a warning."
    ),
    example=(
        "drwxrwxrwx root/root ./usr/share/acme/plugins/\n"
        "drwxrwsr-x root/staff ./usr/local/lib/python3.11/dist-packages/acme/"
    ),
    fix=(
        "Ship modules 0644 in directories 0755, as root's: `dpkg-deb --root-owner-group`. Plugins of users belong into "
        "their own directories."
    ),
    references=(
        "Debian Policy 9.2.2 and 10.9",
        "pkgtools-compile(1)",
    ),
)


_BY_NUMBER = frozenset({Kind.DEB, Kind.APK, Kind.ALPM})
"""Packages that name accounts by their numbers, too; rpm knows names alone."""
_FIRST_OF_PEOPLE = 1000
"""Accounts of people begin there (Debian Policy 9.2.2)."""


@fixable("takes the right to write from all but the owner")
@rule(title="modules that others can write", severity=Severity.DANGER, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield sources and their directories; for what root's group can write, each directory once."""
    directories = {InstalledPath(dirname(file.path)) for file in subject.modules}
    wanted = [*subject.modules, *(subject.files[path] for path in sorted(directories) if path in subject.files)]
    by_roots_group: dict[InstalledPath, list[File]] = {}
    for file in wanted:
        if _is_of_builder(subject, file):
            text = f"belongs to account {file.uid}{_named(file)}, which is a person's"
            yield Hit(text=text, path=file.path, repair=_chown(subject, file))
        elif _is_public(file) and not is_roots(subject, file):
            text = f"belongs to user {owner_of(file)}, and interpreters find it by themselves"
            yield Hit(text=text, path=file.path, repair=_chown(subject, file))
        elif file.is_ghost or not (file.is_regular or file.is_directory):
            continue
        elif text := why_writable(subject, file):
            edits = (SetMode(path=file.path, old=file.permissions, new=file.permissions & ~OTHERS_WRITE),)
            yield Hit(text=text, path=file.path, repair=_chmod(subject, file), edits=edits)
        elif is_open_to_roots_group(subject, file):
            place = file.path if file.is_directory else InstalledPath(dirname(file.path))
            by_roots_group.setdefault(place, []).append(file)
    for place, files in sorted(by_roots_group.items()):
        yield Hit(text=_of_roots_group(files), path=place, severity=Severity.WARNING)


def _is_of_builder(subject: Subject, file: File) -> bool:
    """Whether a package is as its builder's account made it; of a system it matters what packages own."""
    kind = subject.package.kind
    is_packaged = kind in _BY_NUMBER or (kind is Kind.ROOT and file.package != "")
    return is_packaged and file.uid is not None and file.uid >= _FIRST_OF_PEOPLE


def _named(file: File) -> str:
    return f" ({file.user})" if file.user else ""


def _is_public(file: File) -> bool:
    return is_public(file.path if file.is_directory else InstalledPath(dirname(file.path)))


def _chown(subject: Subject, file: File) -> str:
    if subject.package.kind is not Kind.ROOT:
        return ""
    return reinstall(subject.package, file) or in_system(subject.package, "chown", "root:", file.path)


def _chmod(subject: Subject, file: File) -> str:
    """Return the command that takes the right to write; nothing where it isn't the mode that gives it."""
    if subject.package.kind is not Kind.ROOT or not file.permissions & OTHERS_WRITE:
        return ""
    return in_system(subject.package, "chmod", f"{file.permissions & ~OTHERS_WRITE:04o}", file.path)


def _of_roots_group(files: list[File]) -> str:
    modes = " and ".join(sorted({f"{file.permissions:04o}" for file in files}))
    modules = sum(not file.is_directory for file in files)
    here = [f"{modules} module{'s' if modules > 1 else ''} in it"] if modules else []
    what = " and ".join(["it"] * any(file.is_directory for file in files) + here)
    return f"mode {modes}: root's group can write to {what}"
