# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is built: the options, debian/control, the Python versions and the manifest of a source package."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.debhelper.supported_pythons import Dialect, Pythons, parse_field, read_pythons
from pkgtools.model.manifest import Family
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.policy.version_range import VersionRange
from pkgtools.runtime.pythons import CPYTHON_TAG

from .debhelper_files import NAME, Files
from .extension_suffixes import suffixes_loaded
from .records import Field, Note, Origin
from .source_control import CONTROL, Binary, SourceControl, read_control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pkgtools.debhelper.supported_pythons import Minor
    from pkgtools.model.manifest import DeclaredPackage, Manifest, Strategy
    from pkgtools.runtime.facts import InstalledPath

_BOTH = (
    "two helpers would compile and clean the same modules: leave dh_python3's sequence out, or ours;"
    " dh_pkgtools --compat=dh_python3 does what dh_python3 does"
)
DEFAULTS = Path("/usr/share/python3/debian_defaults")
_OTHERS = ("python-", "python2.", "python2-", "pypy-", "pypy3-")
"""What names of packages for other interpreters begin with."""
_OWN = ("python3-", "python3.")
_THEIRS = "dh_python3"
_ALL = 14
"""The level of debhelper from which dh-python 7 looks at packages whatever their names and fields."""
_SEQUENCES = ("dh-sequence-python3", "dh-sequence-pkgtools")


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperOptions:
    """What was asked for, checked."""

    packages: tuple[str, ...]
    """Only these; empty: all."""
    excluded_packages: tuple[str, ...]
    """Not these, from -N."""
    architecture: bool | None
    """True: architecture-dependent packages only; False: the others only; None: all."""
    remaining: bool
    """Leave out packages that this helper has done already."""
    verbose: bool
    """Print what is done to each package."""
    no_act: bool
    """Change nothing and print what would be done."""
    write_log: bool
    """dh calls from an override target: what was done has to be remembered."""
    compat: bool
    """Be dh_python3: its substvars, its maintainer scripts, its name in debhelper's log."""
    strategy: Strategy | None
    """None: as the manifest says."""
    strict: bool
    """Fail if a requirement of upstream's metadata is lost."""
    versions: VersionRange | None
    """-V; None: as X-Python3-Version says."""
    exclude: tuple[str, ...]
    """Regular expressions from -X; sources in private directories that one of them matches aren't compiled."""
    private: tuple[InstalledPath, ...]
    """The only directories to be looked at; empty: the public ones, and private ones as usual."""
    skip_private: bool
    """Look at no private directory."""
    compile_all: bool
    """Compile other packages' modules in the private directories, too."""
    guess: bool
    """Make relations of upstream's metadata; False with --no-guessing-deps."""
    accept_upstream_versions: bool
    """Keep the versions that requirements ask for in the relations."""
    demands: Mapping[Field, tuple[str, ...]]
    """Further requirements: of --depends, --recommends and --suggests."""
    sections: Mapping[Field, tuple[str, ...]]
    """The extras whose requirements go to a field."""
    requires: tuple[str, ...]
    """Files with further requirements."""
    shebang: str
    """The command for the first line of each script that names a Python 3; empty: chosen by its version."""
    ignore_shebangs: bool
    """Make no relations of scripts' first lines."""
    rewrite_shebangs: bool
    """Rewrite scripts' first lines to name /usr/bin; False with --no-shebang-rewrite."""
    rename_extensions: bool
    """Add version and architecture to extension modules' names; False with --no-ext-rename."""
    allow_unmerged: bool
    """Go on where metadata for two versions differ, so that one of them stays where no interpreter looks."""
    allow_build_names: bool
    """Go on where a public module is called as directories of builds are, such as `docs`."""
    clean_dbg: bool
    """Remove all but extension modules and headers from -dbg packages; False with --no-dbg-cleaning."""

    @property
    def name(self) -> str:
        """Return the helper's name in debhelper's log."""
        return _THEIRS if self.compat else NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What is built for."""

    name: str
    """As Debian says it: amd64."""
    multiarch: str
    """The triplet: x86_64-linux-gnu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSettings:
    """What decides about the files of one binary package."""

    package: str
    """Its name."""
    options: HelperOptions
    """The options of the call."""
    pythons: Pythons
    """The Python versions that the distribution has."""
    versions: VersionRange | None
    """What the maintainer said."""
    multiarch: str
    """The triplet in extension modules' names, such as x86_64-linux-gnu."""
    declared: tuple[InstalledPath, ...] = ()
    """The private directories that the manifest names."""
    loaded: Callable[[Minor, str], tuple[str, ...]] = suffixes_loaded
    """Returns what names of extension modules end with that a version loads; empty if it isn't installed."""

    def suffixes(self, version: Minor) -> tuple[str, ...]:
        """Return what names of extension modules end with that a version loads; empty if it isn't installed."""
        return self.loaded(version, self.multiarch)

    @property
    def private(self) -> tuple[str, ...]:
        """Return the only directories to look at, relative to the tree; empty: public and usual private ones."""
        return tuple(path.lstrip("/") for path in self.options.private)

    @property
    def is_dbg(self) -> bool:
        """Whether all but extension modules and headers goes."""
        return self.package.endswith("-dbg") and self.options.clean_dbg

    def soabi(self, version: Minor) -> str:
        """Return the tag of extension modules, as cpython-311-x86_64-linux-gnu (PEP 3149)."""
        debug = "d" if self.package.endswith("-dbg") else ""
        return f"{CPYTHON_TAG}{version.major}{version.minor}{debug}-{self.multiarch}"

    @property
    def usual_private(self) -> tuple[str, ...]:
        """Return the private directories that dh_python3 looks at."""
        name = self.package
        return (f"usr/lib/{name}", f"usr/lib/games/{name}", f"usr/share/{name}", f"usr/share/games/{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What all packages of a source package share."""

    top: Path
    """The source package's top directory, in which debian/ lies."""
    options: HelperOptions
    """The options of the call."""
    control: SourceControl
    """What debian/control says."""
    pythons: Pythons
    """The Python versions that the distribution has."""
    versions: VersionRange | None
    """The versions that the packages are for, by -V or X-Python3-Version; None: all."""
    manifest: Manifest | None
    """What debian/pkgtools.toml says; None if there is no such file."""
    environment: Mapping[str, str]
    """The environment variables that dh and dpkg-buildpackage have set."""

    def declared(self, name: str) -> DeclaredPackage | None:
        """Return what the manifest says of a Debian package."""
        packages = self.manifest.packages if self.manifest else ()
        return next((one for one in packages if one.variants[Family.DEB].name == name), None)

    def architecture(self) -> Architecture:
        """Return what is built for: dpkg-buildpackage says it, otherwise dpkg-architecture is asked."""
        name, triplet = (self.environment.get(f"DEB_HOST_{what}", "") for what in ("ARCH", "MULTIARCH"))
        return Architecture(name=name, multiarch=triplet) if name and triplet else _host_architecture()

    def tree_settings(self, binary: Binary) -> TreeSettings:
        """Return what decides about a package's files."""
        declared = self.declared(binary.name)
        return TreeSettings(
            declared=tuple(one.directory for one in declared.private) if declared else (),
            package=binary.name,
            options=self.options,
            pythons=self.pythons,
            versions=self.versions,
            multiarch=self.environment.get("DEB_HOST_MULTIARCH") or self.architecture().multiarch,
        )


def prepare(top: Path, options: HelperOptions, environment: Mapping[str, str]) -> Build:
    """Read what all packages of a source package share. Raises PkgtoolsError, OSError."""
    try:
        control = read_control(top / CONTROL)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {CONTROL} here: run it in the source package's top directory") from error
    if all(name in control.build_depends for name in _SEQUENCES):
        raise UsageError(f"{CONTROL}: Build-Depends has {' and '.join(_SEQUENCES)}: {_BOTH}")
    versions = options.versions
    if versions is None and control.pythons is not None:
        try:
            versions = parse_field(control.pythons.text)
        except UsageError as error:
            raise UsageError(f"{CONTROL}:{control.pythons.line}: X-Python3-Version: {error}") from error
    return Build(
        top=top,
        options=options,
        control=control,
        pythons=read_pythons(environment, DEFAULTS),
        versions=versions,
        manifest=_manifest(top),
        environment=environment,
    )


def _manifest(top: Path) -> Manifest | None:
    """Read debian/pkgtools.toml, if there is one; what lies beside debian/ is upstream's."""
    path = top / "debian/pkgtools.toml"
    if not path.exists():
        return None
    from pkgtools.config import read_manifest  # noqa: PLC0415 - few packages have one

    return read_manifest(path)


def chosen_packages(build: Build) -> Iterator[Binary]:
    """Yield the binary packages that were asked for, as far as they are for Python 3. Raises UsageError."""
    options = build.options
    known = {binary.name for binary in build.control.binaries}
    if unknown := [name for name in (*options.packages, *options.excluded_packages) if name not in known]:
        raise UsageError(f"{CONTROL} has no package {', '.join(unknown)}: it has {', '.join(sorted(known))}")
    for binary in build.control.binaries:
        if (options.packages and binary.name not in options.packages) or binary.name in options.excluded_packages:
            continue
        if options.architecture is not None and options.architecture == binary.is_independent:
            continue
        if options.remaining and Files(top=build.top, package=binary.name).is_logged(options.name):
            continue
        if _is_ours(binary, told=options.compat and not _takes_all(build)):
            if Files(top=build.top, package=binary.name).has_snippet_of(_THEIRS):
                raise UsageError(f"dh_python3 has added its calls to the scripts of {binary.name}: {_BOTH}")
            yield binary


def _is_ours(binary: Binary, *, told: bool) -> bool:
    """Whether a package is for Python 3. dh_python3 wants to be `told` so by the package's name or by its substvar."""
    if binary.name.startswith(_OTHERS):
        return False
    if not told:
        return True
    return binary.name.startswith(_OWN) or binary.mentions("python3:Depends", "depends", "recommends")


def _takes_all(build: Build) -> bool:
    """Whether dh_python3 looks at all packages but those of other interpreters: in debhelper's level 14 it does."""
    level = re.search(r"\d+", build.control.build_depends.get("debhelper-compat", ""))
    return build.pythons.dialect is Dialect.SUPPORTED_FIRST and int(level[0] if level else 0) >= _ALL


@functools.cache
def _host_architecture() -> Architecture:
    import subprocess  # noqa: PLC0415 - 7 ms, and dpkg-buildpackage says it in the environment

    argv = ["/usr/bin/dpkg-architecture", "-qDEB_HOST_ARCH", "-qDEB_HOST_MULTIARCH"]
    values = []
    for query in argv[1:]:
        done = subprocess.run([argv[0], query], stdout=subprocess.PIPE, check=False, text=True)
        if done.returncode:
            raise EnvironmentFault("dpkg-architecture doesn't say what is built for: install dpkg-dev")
        values.append(done.stdout.strip())
    return Architecture(name=values[0], multiarch=values[1])


def undeclared_packages(build: Build) -> Iterator[Note]:
    """Yield a note for each package of the manifest that the source package hasn't: a name may be misspelt."""
    known = {binary.name for binary in build.control.binaries}
    for package in build.manifest.packages if build.manifest else ():
        if package.variants[Family.DEB].name not in known:
            text = f"packages.{package.key} isn't in {CONTROL}, which has {', '.join(sorted(known))}"
            yield Note(origin=Origin(file="debian/pkgtools.toml", line=0), text=text)
