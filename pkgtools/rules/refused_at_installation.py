# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""refused-at-installation: what the runtime will refuse or skip on every system that the package is installed on."""

from __future__ import annotations

import stat
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import is_compile_setting
from pkgtools.bytecode.fitting import version_served
from pkgtools.check.rule import PACKAGES, SYSTEMS, Hit, fixable, rule
from pkgtools.check.trusted import OTHERS_WRITE, refused_above, why_refused
from pkgtools.model.edits import SetMode
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import DropInFacts
from pkgtools.runtime.facts import InstalledPath, Reason
from pkgtools.runtime.policy.admin import FILE, parse_admin_policy
from pkgtools.runtime.policy.configuration import PRIVATE, PrivateDirectory, is_drop_in, parse_drop_in
from pkgtools.runtime.policy.layout import fits, is_public, pyc_name, third_party_base
from pkgtools.runtime.policy.sources import is_below, is_source
from pkgtools.runtime.pythons import CPYTHON, RELEASED_MAGICS, cache_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.check.trusted import Refusal
    from pkgtools.model.edits import Edit
    from pkgtools.model.package import File


_PAGE = Page(
    what=(
        "Something that pkgtools-compile and the triggers of pkgtools-runtime refuse or skip: a directory that others "
        "can change above modules, a registration that can't be read or trusted, a module that is a link or no "
        "regular file, a name that leaves no room for the pyc's."
    ),
    why=(
        "Nothing is compiled there, on any system. Who installs the package sees the message, and can't help it.\n\n"
        "Each finding has the reason code that the runtime reports. Looked at are directories of interpreters' "
        "packages and those that the package registers in /usr/share/pkgtools/private.d. Of a system: registrations, "
        "exclusions in /usr/share/python3/bcep and /etc/pkgtools/bytecode.conf."
    ),
    example=(
        "compile||/opt/acme^M   in /usr/share/pkgtools/private.d/acme.conf, written with DOS line ends\n"
        "/usr/lib/python3/dist-packages/acme/settings.py -> /etc/acme/settings.py"
    ),
    fix=(
        "Directories: root's, and writable by root alone. Registrations: text with Unix line ends, 0644, root's. A "
        "linked module works, and is compiled at each start; ship the file itself if that matters. Keep names of "
        "modules at or below 236 bytes."
    ),
    references=("pkgtools-compile(1)", "pkgtools-trigger(8)", "PEP 3147"),
)


_NEWEST = max(RELEASED_MAGICS)
_KINDS = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


@fixable("takes the right to write to directories and registrations from all but their owner")
@rule(title="will be refused or skipped at installation", severity=Severity.ERROR, kinds=PACKAGES | SYSTEMS, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield directories on the way, registrations, and what is called like a module and won't be compiled.

    Of a system: registrations and the administrator's settings; its directories and modules have rules of their own.
    """
    if subject.package.kind in SYSTEMS:
        for file in subject.package.files:
            if is_compile_setting(file.path):
                yield from _registration(subject, file)
        return
    registered = _registered(subject)
    yield from _directories(subject, registered)
    for file in subject.package.files:
        if is_drop_in(file.path):
            yield from _registration(subject, file)
        elif is_source(basename(file.path)) and _base(file.path, registered):
            yield from _module(subject, file)


def _registered(subject: Subject) -> tuple[InstalledPath, ...]:
    """Return the directories that the package registers, as the runtime reads it."""
    entries = (entry for file in subject.package.files for _, entry in _entries(file))
    return tuple(entry.directory for entry in entries if isinstance(entry, PrivateDirectory))


def _entries(file: File) -> Iterator[tuple[int, object]]:
    if isinstance(file.facts, DropInFacts):
        yield from parse_drop_in(file.facts.text, ours=dirname(file.path) == PRIVATE)


def _base(path: InstalledPath, registered: tuple[InstalledPath, ...]) -> InstalledPath | None:
    """Return the directory that the runtime compiles a module in; None if it doesn't by itself."""
    return third_party_base(path) or next((one for one in registered if is_below(path, one)), None)


def _directories(subject: Subject, registered: tuple[InstalledPath, ...]) -> Iterator[Hit]:
    """Yield directories above modules; what modules-writable-by-others says of their own isn't said twice."""
    found: dict[InstalledPath, Refusal] = {}
    own = set()
    for file in subject.modules:
        if base := _base(file.path, registered):
            own.add(dirname(file.path))
            found |= refused_above(subject, file.path, base)
    for path, why in sorted(found.items()):
        is_foreign = why.reason is Reason.NOT_ROOT_OWNED
        if path not in own or (is_foreign and not is_public(path)):
            severity = Severity.ERROR if is_foreign else Severity.DANGER
            edits = _closed(subject.files[path])
            yield Hit(text=f"{why.text}: nothing below is compiled", path=path, severity=severity, edits=edits)


def _closed(file: File) -> tuple[Edit, ...]:
    """Return what takes the right to write from all but the owner."""
    mode = file.permissions
    return (SetMode(path=file.path, old=mode, new=mode & ~OTHERS_WRITE),) if mode & OTHERS_WRITE else ()


def _registration(subject: Subject, file: File) -> Iterator[Hit]:
    """Yield what is wrong with a file that says what to compile, or what not to."""
    code = (Reason.BAD_DROP_IN if is_drop_in(file.path) else Reason.BAD_SETTING).value
    above = refused_above(subject, file.path, InstalledPath("/"))  # no settings are read below a sticky directory
    if file.is_symlink:
        yield Hit(text=f"a link isn't read: put the file itself there ({code})", path=file.path)
    elif not file.is_regular:
        yield Hit(text=f"it isn't a regular file ({code})", path=file.path)
    elif why := why_refused(subject, file):
        yield Hit(text=f"{why.text}, so it isn't read ({code})", path=file.path, edits=_closed(file))
    elif above:
        path, why = next(iter(above.items()))
        told = f"{path}: {why.text}, so it isn't read ({code})"
        yield Hit(text=told, path=file.path, edits=_closed(subject.files[path]))
    severity = Severity.WARNING if subject.package.kind in SYSTEMS else None
    for number, text in _bad_lines(file):
        yield Hit(text=f"{text} ({code})", path=file.path, line=number, severity=severity)
    if is_drop_in(file.path) and isinstance(file.facts, DropInFacts) and "\r\n" in file.facts.text:
        text = "lines end with a carriage return, which py3compile and older runtimes don't read: write LF alone"
        yield Hit(text=text, path=file.path, severity=Severity.INFO)


def _bad_lines(file: File) -> Iterator[tuple[int | None, object]]:
    """Yield number and fault of each line that the runtime passes over."""
    if file.path == FILE and isinstance(file.facts, DropInFacts):
        yield from ((None, one.detail) for one in parse_admin_policy(file.facts.text).problems)
        return
    if is_drop_in(file.path):
        yield from ((number, entry) for number, entry in _entries(file) if isinstance(entry, Exception))


def _module(subject: Subject, file: File) -> Iterator[Hit]:
    """Yield a file with the name of a module that is skipped."""
    if file.is_symlink:
        text = f"a link to {file.link}, which isn't followed: compiled at each start ({Reason.SYMLINK.value})"
        yield Hit(text=text, path=file.path, severity=Severity.INFO)
    elif not file.is_regular:
        what = _KINDS.get(stat.S_IFMT(file.mode), "not a regular file")
        severity = Severity.INFO if file.is_directory else Severity.WARNING
        text = f"{what} with the name of a module ({Reason.NOT_A_REGULAR_FILE.value})"
        yield Hit(text=text, path=file.path, severity=severity)
    elif hit := _too_long(file.path):
        text, severity = hit
        yield Hit(text=f"{text} ({Reason.NAME_TOO_LONG.value})", path=file.path, severity=severity)


def _too_long(path: InstalledPath) -> tuple[str, Severity] | None:
    """Say whether the pyc's name is too long, for the longest tag of an interpreter that serves the directory."""
    version = version_served(path) or _NEWEST
    stem, tag = basename(path).removesuffix(".py"), cache_tag(CPYTHON, version)
    if not fits(pyc_name(stem, tag, 0)):
        return "its pyc's name would be longer than 255 bytes: it is compiled at each start", Severity.WARNING
    if not fits(pyc_name(stem, tag, 2)):
        return "its pyc's name would be longer than 255 bytes with python3 -O: compiled at each start", Severity.INFO
    return None
