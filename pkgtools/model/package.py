# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A package, staged tree or installed system, as the readers found it: files, scripts, triggers and no opinion."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .distribution import DistributionFacts, InstallerFacts

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath

    from .package_scripts import Script, Trigger


class Kind(Enum):
    """What was read."""

    DEB = "deb"
    RPM = "rpm"
    APK = "apk"
    ALPM = "alpm"
    TREE = "tree"
    """What a build staged, not packed yet: owners and modes are not final."""
    ROOT = "root"
    """An installed system: `/`, a chroot, a mounted image or an image's tar."""


class PackageManager(Enum):
    """The package manager whose customs hold."""

    DPKG = "dpkg"
    RPM = "rpm"
    APK = "apk"
    ALPM = "alpm"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A checksum of a file's content, as the package or the package manager's database declares it."""

    algorithm: str
    """As hashlib names it, such as `md5` or `sha256`."""
    value: str
    """Lower-case hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """Why an interpreter doesn't compile a source."""

    version: str
    """The interpreter's, as `3.11`."""
    text: str
    """As the interpreter says it, with the line."""
    line: int | None
    """Counted from 1; None where it says none."""
    reason: str = "syntax-error"
    """The runtime's code for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What was found out about the content of a .py file."""

    size: int
    """Bytes."""
    first_line: bytes = b""
    """Its first line without the line's end, at most 255 bytes of it."""
    crc: int = 0
    """CRC-32 of its content."""
    hashes: tuple[tuple[bytes, bytes], ...] = ()
    """Magic number (4 bytes) of an interpreter and the source's hash (8 bytes) in its hash-based pycs (PEP 552)."""
    is_suspect: bool = False
    """By its text it may be for Python 2 or a template; a compiler has to say."""
    tried: tuple[str, ...] = ()
    """The versions of the interpreters that tried to compile it, as `3.11`."""
    faults: tuple[SyntaxFault, ...] = ()
    """One for each interpreter that refused it."""
    refusals: tuple[SyntaxFault, ...] = ()
    """Of a source without bytecode in a system: why interpreters do not compile it."""
    is_unfit: bool = False
    """No interpreter tried that the package is for: whether it compiles is not known."""
    beyond_minimal: tuple[str, ...] = ()
    """Modules of the standard library that it imports and python3-minimal lacks, as far as its text says."""
    python2: str = ""
    """What it is that the interpreters refused and Python 2 understands, such as `the print statement`."""


class CodeMatch(Enum):
    """What came of compiling a source again and comparing the code."""

    IDENTICAL = "identical"
    """Byte for byte."""
    EQUAL = "equal"
    """The same code, but for marks of what is referred to more than once (marshal's FLAG_REF) and order in sets."""
    DIFFERENT = "different"
    OTHER_RELEASE = "other-release"
    """It differs, and was made by another release of the same version, whose compiler may write other code."""
    STALE = "stale"
    """Its header says that it was made of another version of the source, and import would not take it."""
    NO_SOURCE = "no-source"
    """There is nothing to compare with."""
    UNCHECKED = "unchecked"
    """It could not be compared; `PycFacts.obstacle` says why."""


class Obstacle(Enum):
    """Why a pyc was not compared, or a source not compiled."""

    NO_INTERPRETER = "no-interpreter"
    """No interpreter of this machine loads the pyc, or is one that the source is for."""
    OTHER_RELEASE = "other-release"
    """It differs from what another release of its interpreter makes of the source."""
    UNREADABLE = "unreadable"
    """The pyc or its source is a link, too big, locked, or changed while it was read."""
    WORKER = "worker"
    """The interpreter crashed, took too long or too much memory over the source, or could not be started."""
    NOT_ASKED = "not-asked"
    """Only some of the pycs of a package are compared unless all are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PycFacts:
    """What was found out about the content of a pyc, without loading it."""

    size: int
    """Bytes, with the header."""
    header: bytes
    """The first 16 bytes; fewer if it is shorter."""
    first: bytes
    """The first byte that follows the header; empty if none does."""
    body_digest: str
    """SHA-256 of what follows the header, hexadecimal."""
    names_itself: bool
    """The path of its source, as the installed system sees it, stands in it as the file name of code."""
    filename: str
    """The file name that stands in its code in that path's stead, as far as the bytes say; else empty."""
    frame: str = ""
    """What is wrong with the frame of its code, in words: where marshal's format breaks off; empty if nothing is."""
    trailing: int = 0
    """Bytes behind its code, which import doesn't read."""
    match: CodeMatch | None = None
    """None as long as it isn't compared."""
    obstacle: Obstacle | None = None
    """Why it could not be compared: with UNCHECKED and OTHER_RELEASE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramFacts:
    """What was found out about a file that is neither source nor pyc and begins with #!."""

    first_line: bytes
    """The first line without the line's end, at most 255 bytes of it."""
    beyond_minimal: tuple[str, ...] = ()
    """As `SourceFacts.beyond_minimal`, of a program that Python runs."""
    launched_by: bytes = b""
    """The interpreter that a program which sh begins to run goes on with, as its second line names it; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropInFacts:
    """What was found out about a file that says what the runtime is to compile, and what not."""

    text: str
    """Its content, as far as the runtime reads it; surrogates for what isn't UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFacts:
    """What the report of the last batch of pkgtools-runtime says."""

    failures: tuple[tuple[str, str, str], ...]
    """Sources that could not be compiled, each with the interpreter's path and the reason code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A line of a system's configuration that changes where bytecode goes."""

    path: InstalledPath
    """The file that holds the line, as the system itself sees it."""
    line: int
    """Counted from 1."""
    name: str
    """The variable, such as `PYTHONPYCACHEPREFIX`."""
    value: str
    """What the variable is set to, as written; surrogates for what isn't UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFacts:
    """What a file of shells, PAM or systemd sets for Python's bytecode."""

    settings: tuple[Setting, ...]
    """In the order of the lines."""


FileFacts = (
    SourceFacts
    | PycFacts
    | ProgramFacts
    | DistributionFacts
    | InstallerFacts
    | DropInFacts
    | BatchFacts
    | SettingsFacts
)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One name that a package ships or a system has."""

    path: InstalledPath
    """The absolute path as the installed system sees it; a staged tree's or system's directory is left out."""
    mode: int
    """st_mode: type and permission bits, setuid, setgid and sticky among them."""
    size: int = 0
    """Bytes; 0 for links and directories."""
    mtime_ns: int = 0
    """Nanoseconds since the epoch; packages have whole seconds."""
    uid: int | None = None
    """None where only a name is known."""
    gid: int | None = None
    """The group's id; None where only a name is known."""
    user: str = ""
    """The owner's name; empty where only a number is known."""
    group: str = ""
    """The group's name; empty where only a number is known."""
    link: str = ""
    """Where a symbolic link leads, or which path a hard link in an archive is another name of."""
    digest: Digest | None = None
    """What its content ought to be."""
    is_intact: bool | None = None
    """Whether its content has that digest; None if there is none or it wasn't read."""
    is_ghost: bool = False
    """Named by a .rpm and not shipped."""
    package: str = ""
    """The package that owns it, in an installed system; empty if none does."""
    manager: PackageManager = PackageManager.UNKNOWN
    """The package manager that says so."""
    has_acl: bool = False
    """An access or default ACL is set on it, in an installed system."""
    acl_digest: str = ""
    """SHA-256 of those ACLs, hexadecimal; empty if there are none."""
    facts: FileFacts | None = None
    """What its content told; None if it was of no interest to readers, too big, or unreadable."""

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory; a symbolic link to one is none."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_regular(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)

    @property
    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode)

    @property
    def permissions(self) -> int:
        """The permission bits, setuid, setgid and sticky among them."""
        return stat.S_IMODE(self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonProgram:
    """An interpreter that a system has, by its name and bytes; it is not run."""

    path: InstalledPath
    """As `/usr/bin/python3.11` or `/opt/acme/bin/python3.12`."""
    tags: frozenset[str]
    """The cache tags that it may have."""
    release: str = ""
    """As `3.11.2` or `3.15.0b1`; empty if unknown."""
    is_default: bool = False
    """It is what /usr/bin/python3 stands for."""
    is_supported: bool = True
    """The distribution compiles modules that all versions share for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """All that is known of one package, tree or system."""

    origin: str
    """What was read: a file's or directory's name as it was given."""
    kind: Kind
    """Whether it is a package file, a staged tree or a system."""
    family: PackageManager
    """The package manager that it is made for, or that the system has."""
    name: str
    """The package's name; that of the directory for a tree that says nothing of its package."""
    version: str = ""
    """As the package manager writes it; empty if unknown."""
    architecture: str = ""
    """As the package manager writes it, such as `all`, `amd64` or `noarch`; empty if unknown."""
    distribution: str = ""
    """What the package says of where it is from: rpm's Distribution or Release, deb's Origin; empty if nothing."""
    dependencies: tuple[str, ...] = ()
    """Each as it is written in packages of its kind, as `python3 (>= 3.9)` or `python3 >= 3.9`."""
    recommendations: tuple[str, ...] = ()
    """What it can do without: Recommends and Suggests, written as dependencies are."""
    files: tuple[File, ...] = ()
    """In the order in which they were found; the root directory itself is left out."""
    scripts: tuple[Script, ...] = ()
    """Maintainer scripts or scriptlets that its package manager runs."""
    triggers: tuple[Trigger, ...] = ()
    """Interests in triggers and activations of them, and RPM's triggers by file or package."""
    changed: int | None = None
    """The time of the newest entry of the changelog, seconds since the epoch; what SOURCE_DATE_EPOCH should be."""
    strategy: str = ""
    """Who compiles its modules, as it provides it: the word in `pkgtools-strategy(WORD)`; empty if it doesn't say."""
    flaws: tuple[str, ...] = ()
    """What is wrong with the package as a file and didn't stop it from being read, such as a digest that differs."""
    tags: frozenset[str] = frozenset()
    """The cache tags of the interpreters that serve a whole system, by the names of their programs."""
    pythons: tuple[PythonProgram, ...] = ()
    """All interpreters of a system, those that applications bring with them too."""
    is_marked: bool = False
    """A release file or a package database says that it is a system."""
    is_image: bool = False
    """The system is an image: it can be read, not changed."""
    installer: str = ""
    """The front end of rpm that a system has: `dnf` or `zypper`; empty if neither."""
    compiler: str = ""
    """What a system's package manager has modules compiled by: `pkgtools-compile`, `py3compile`; empty if nothing."""
    settings: tuple[Setting, ...] = ()
    """Of a system."""
    left_alone: frozenset[str] = frozenset()
    """Names of a system's packages whose modules batches leave alone, as rpm's database has it."""
    notes: tuple[str, ...] = ()
    """What of a system wasn't looked at."""
    unread: frozenset[InstalledPath] = frozenset()
    """Paths that could not be read, each in the notes, too."""

    @property
    def label(self) -> str:
        """Name and version, as reports call the package."""
        return f"{self.name} {self.version}" if self.version else self.name
