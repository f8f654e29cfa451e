# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the parts of dh_pkgtools hand to each other: places in files, what a tree holds, relations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pkgtools.debhelper.supported_pythons import Minor
    from pkgtools.runtime.facts import InstalledPath
    from pkgtools.survey.applications import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where something was read: messages begin with it."""

    file: str
    """As seen from the source package's top directory."""
    line: int
    """Counted from 1; 0 for the whole file or an option."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that the maintainer should know: a file that differs, a requirement that gets lost."""

    origin: Origin
    """The file and line that the note is about."""
    text: str
    """What it is and what to do about it."""
    loss: bool = False
    """Something that the upstream metadata demand isn't in the package's relations: --strict fails on it."""
    stops: bool = False
    """The package would be broken: nothing is changed, and the build ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shebang:
    """A script's first line, as far as it names a Python."""

    path: str
    """The interpreter's path in the rewritten line, as /usr/bin/python3.11."""
    version: str
    """What follows `python`: `3`, `3.11`; empty for none."""
    debug: bool
    """It is the -dbg build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """What was found in the public directories and bin, or in one private directory."""

    compile: bool
    """There are sources."""
    shebangs: frozenset[Shebang]
    """The interpreters that the first lines of scripts name, each once."""
    extension_versions: frozenset[Minor]
    """Versions that extension modules are for, by name or place."""
    untagged_extensions: frozenset[str]
    """Extension modules of no known version, as paths in the package."""
    stable_extensions: frozenset[str] = frozenset()
    """Extension modules of the stable ABI (PEP 384), likewise: they are for all versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeContents:
    """What a binary package's tree holds once it is in order."""

    public: Modules
    """What the public directories and the directories of programs hold together."""
    public_versions: frozenset[Minor]
    """Versions named by directories such as usr/lib/python3.11/dist-packages that are still there."""
    private: Mapping[InstalledPath, Modules]
    """By directory, as installed."""
    requires_txt: tuple[str, ...]
    """Files with requirements, as paths from the source package's top: egg-info/requires.txt."""
    egg_info: tuple[str, ...]
    """egg-info files (PKG-INFO of distutils)."""
    dist_info: tuple[str, ...]
    """dist-info/METADATA."""
    notes: tuple[Note, ...]
    """What the maintainer should know about files, such as two that differ and want one place."""
    judged: tuple[Judged, ...] = ()
    """Directories of modules that aren't declared, and what was made of them."""


class Field(Enum):
    """A field of a binary package that requirements go to."""

    DEPENDS = "Depends"
    RECOMMENDS = "Recommends"
    SUGGESTS = "Suggests"
    ENHANCES = "Enhances"
    BREAKS = "Breaks"


ASKABLE = (Field.DEPENDS, Field.RECOMMENDS, Field.SUGGESTS)
"""The fields that options add requirements to, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What requirements come to: relations by field, and what was lost or is worth a word."""

    by_field: Mapping[Field, tuple[str, ...]]
    """Relations as in debian/control, such as `python3-a (>= 1) | python3 (<< 3.8)`; each once, in order."""
    notes: tuple[Note, ...]
    """Requirements that were lost or taken more loosely, and faults in PyDist rules."""
