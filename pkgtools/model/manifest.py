# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a packager declares once: packages, their modules, who compiles them, and scripts of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pkgtools.runtime.facts import InstalledPath, InvalidationMode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .ignore import Ignore


class Strategy(Enum):
    """Who compiles, and when."""

    TRIGGER = "trigger"
    DIRECT = "direct"
    STANDALONE = "standalone"
    NATIVE = "native"
    SHIPPED = "shipped"
    SOURCELESS = "sourceless"
    CACHE_PREFIX = "cache-prefix"
    NONE = "none"


class Family(Enum):
    """A kind of package, by the package manager that installs it."""

    DEB = "deb"
    RPM = "rpm"
    ALPM = "alpm"
    APK = "apk"


class BadSource(Enum):
    """What becomes of an installation in which a source can't be compiled."""

    REPORT = "report"
    """It succeeds and names the source."""
    FAIL = "fail"
    """It fails."""
    IGNORE = "ignore"
    """It succeeds and says nothing."""


class Hook(Enum):
    """When a maintainer script or scriptlet runs, in words that all families share."""

    PRE_INSTALL = "pre-install"
    POST_INSTALL = "post-install"
    PRE_REMOVE = "pre-remove"
    POST_REMOVE = "post-remove"


class When(Enum):
    """On which side of our own lines a snippet stands."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Shell lines of the packager's own in a maintainer script."""

    hook: Hook
    """The script that gets the lines."""
    when: When
    """Whether they stand before or after the generated lines of that script."""
    families: frozenset[Family]
    """The families whose scripts get it."""
    text: str
    """POSIX sh that parses by itself; it ends with a newline."""
    origin: str
    """The manifest's key that it stands under, as `packages.acme.snippets[0]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredDirectory:
    """Modules outside the directories that interpreters search, run by one interpreter."""

    directory: InstalledPath
    """Absolute and normal, no newline, no `|`."""
    versions: str
    """The interpreters that may run it, as -V takes them, such as `3.9-`; empty: any."""
    exclude: tuple[str, ...]
    """Regular expressions; each is matched from the start of a path, whole or below the directory."""
    plugins: bool
    """Other packages put modules there, too."""
    interpreter: InstalledPath | None = None
    """The one that runs them, where it isn't the distribution's; None: the distribution's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What one family makes of a package."""

    name: str
    """The package's name there."""
    strategy: Strategy
    """Who compiles the modules in packages of this family."""
    depends: bool
    """Whether the package shall depend on what its scripts call."""
    is_chosen: bool = False
    """The manifest names the strategy; else it is the default one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPackage:
    """One package of a manifest."""

    key: str
    """Its name in the manifest."""
    variants: Mapping[Family, Variant]
    """One for each family."""
    public: bool
    """Whether it has modules in directories that interpreters search."""
    private: tuple[DeclaredDirectory, ...]
    """Its private directories, in the manifest's order."""
    levels: tuple[int, ...]
    """Optimization levels (PEP 488), ascending."""
    invalidation: InvalidationMode
    """The invalidation mode of its pycs (PEP 552)."""
    bad_source: BadSource
    """What becomes of an installation if one of its sources doesn't compile."""
    exclude: tuple[str, ...]
    """As `DeclaredDirectory.exclude`, for all modules of the package."""
    python: str
    """The version that strategy sourceless is for, as `3.11`, where the manifest says one; else empty."""
    cache_prefix: InstalledPath
    """The central tree of strategy cache-prefix."""
    runtime_directory: InstalledPath
    """Where strategy standalone puts its file."""
    snippets: tuple[Snippet, ...]
    """The packager's own lines for all scripts and families, in the manifest's order."""
    versions: str = ""
    """The Python versions that all of it is for, a range as py3compile(1) writes it; empty for any."""
    ignores: tuple[Ignore, ...] = ()
    """The findings of `pkgtools check` that its maintainer accepts."""

    def snippets_of(self, family: Family, hook: Hook, when: When) -> Iterator[Snippet]:
        """Yield the snippets for one place in one family's scripts, in the manifest's order."""
        for snippet in self.snippets:
            if family in snippet.families and snippet.hook is hook and snippet.when is when:
                yield snippet


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A whole manifest, checked."""

    origin: str
    """The manifest's file name as scripts name it, as `pkgtools.toml`."""
    directory: str
    """The directory that holds the project the manifest is for."""
    packages: tuple[DeclaredPackage, ...]
    """All packages that it declares, in its order."""
