# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A package, staged tree or installed system, as the readers found it: files, scripts, triggers and no opinion."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath


class Kind(Enum):
    """What was read."""

    DEB = "deb"
    RPM = "rpm"
    TREE = "tree"
    """What a build staged, not packed yet: nobody's owners and modes are final."""
    ROOT = "root"
    """An installed system: `/`, a chroot, a mounted image or an image's tar."""


class Family(Enum):
    """The package manager whose customs hold."""

    DPKG = "dpkg"
    RPM = "rpm"
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
    """Magic number of an interpreter (4 bytes) and the source's hash (8 bytes) in its hash-based pycs (PEP 552).

    There are some only where there are such pycs.
    """
    is_suspect: bool = False
    """By its text it may be for Python 2; a compiler has to say."""
    tried: tuple[str, ...] = ()
    """The versions of the interpreters that tried to compile it, as `3.11`."""
    faults: tuple[SyntaxFault, ...] = ()
    """One for each interpreter that refused it."""
    is_unfit: bool = False
    """No interpreter tried that the package is for: whether it compiles is not known."""
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
    """The file name that stands in its code in that path's stead, as far as the bytes tell; else empty."""
    frame: str = ""
    """What is wrong with the frame of its code, in words: where marshal's format breaks off; empty if nothing is."""
    match: CodeMatch | None = None
    """None as long as nobody compared."""
    obstacle: Obstacle | None = None
    """Why it could not be compared: with UNCHECKED and OTHER_RELEASE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramFacts:
    """What was found out about a file that is neither source nor pyc and begins with #!."""

    first_line: bytes
    """The first line without the line's end, at most 255 bytes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionFacts:
    """What the metadata of a Python distribution say (METADATA, PKG-INFO)."""

    requires_python: str
    """The versions that it is for, as PEP 440 writes them; empty if it doesn't say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropInFacts:
    """What was found out about a file that tells the runtime which directories to compile, and what not to."""

    text: str
    """Its content, as far as the runtime reads it; surrogates for what is no UTF-8."""


FileFacts = SourceFacts | PycFacts | ProgramFacts | DistributionFacts | DropInFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One name that a package ships or a system has."""

    path: InstalledPath
    mode: int
    """st_mode: type and permission bits, setuid, setgid and sticky among them."""
    size: int = 0
    """Bytes; 0 for what has no content of its own."""
    mtime_ns: int = 0
    """Nanoseconds since the epoch; packages tell whole seconds."""
    uid: int | None = None
    """None where only a name is known."""
    gid: int | None = None
    user: str = ""
    """The owner's name; empty where only a number is known."""
    group: str = ""
    link: str = ""
    """Where a symbolic link leads, or which path a hard link in an archive is another name of."""
    digest: Digest | None = None
    """What its content ought to be."""
    is_intact: bool | None = None
    """Whether its content has that digest; None if there is none or nobody looked."""
    is_ghost: bool = False
    """Named by a .rpm and not shipped."""
    package: str = ""
    """The package that owns it, in an installed system; empty if none does."""
    manager: Family = Family.UNKNOWN
    """The package manager that says so."""
    has_acl: bool = False
    """An access or default ACL is set on it, in an installed system."""
    facts: FileFacts | None = None
    """What its content told; None if it was none of a reader's business, too big, or not to be had."""

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


class ScriptKind(Enum):
    """When a maintainer script or scriptlet runs."""

    PRE_INSTALL = "pre-install"
    POST_INSTALL = "post-install"
    PRE_REMOVE = "pre-remove"
    POST_REMOVE = "post-remove"
    TRIGGER = "trigger"
    """What an RPM trigger or file trigger runs; dpkg's triggers run the postinst."""
    OTHER = "other"
    """config of debconf, %verifyscript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A maintainer script or scriptlet."""

    name: str
    """As its family writes it: `postinst`, `%post`, `%transfiletriggerin`."""
    kind: ScriptKind
    interpreter: tuple[str, ...]
    """What runs it, with its arguments, as `("/bin/sh", "-e")`; `("<lua>",)` for rpm's own."""
    text: str
    """Everything, the first line with #! of a maintainer script too; surrogates for what is no UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What a package wants to hear of, or tells others."""

    directive: str
    """`interest`, `interest-noawait`, `activate` ... (deb-triggers(5)), or `%transfiletriggerin` and its kin."""
    names: tuple[str, ...]
    """A trigger's name or path (dpkg: one), or the prefixes of a file trigger."""
    script: Script | None = None
    """What an RPM trigger runs."""
    priority: int | None = None
    """Of an RPM file trigger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A line of a system's configuration that changes where bytecode goes."""

    path: InstalledPath
    line: int
    """Counted from 1."""
    name: str
    """The variable, such as `PYTHONPYCACHEPREFIX`."""
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonProgram:
    """An interpreter that a system has, as its name and bytes tell; it is not run."""

    path: InstalledPath
    """As `/usr/bin/python3.11` or `/opt/acme/bin/python3.12`."""
    tags: frozenset[str]
    """The cache tags that it may have."""
    release: str = ""
    """As `3.11.2` or `3.15.0b1`; empty if nothing tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """All that is known of one package, tree or system."""

    origin: str
    """What was read: a file's or directory's name as it was given."""
    kind: Kind
    family: Family
    name: str
    """The package's name; that of the directory for a tree that says nothing of its package."""
    version: str = ""
    """As the package manager writes it; empty if unknown."""
    architecture: str = ""
    distribution: str = ""
    """What the package says of where it is from: rpm's Distribution or Release, deb's Origin; empty if nothing."""
    dependencies: tuple[str, ...] = ()
    """Each as it is written in packages of its kind, as `python3 (>= 3.9)` or `python3 >= 3.9`."""
    recommendations: tuple[str, ...] = ()
    """What it can do without: Recommends and Suggests, written as dependencies are."""
    files: tuple[File, ...] = ()
    """In the order in which they were found; the root directory itself is left out."""
    scripts: tuple[Script, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    changed: int | None = None
    """The time of the newest entry of the changelog, seconds since the epoch; what SOURCE_DATE_EPOCH should be."""
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
    """The front end of rpm that a system has: `dnf` or `zypper`; empty if none of the two."""
    settings: tuple[Setting, ...] = ()
    """Of a system."""
    notes: tuple[str, ...] = ()
    """What of a system wasn't looked at."""

    @property
    def label(self) -> str:
        """Name and version, as reports call the package."""
        return f"{self.name} {self.version}" if self.version else self.name
