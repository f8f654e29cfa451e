# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a package's files ask of the interpreter -> relations to python3 (Debian Python Policy 3.3, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.debhelper.records import Note, Origin
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.policy.version_range import version_text
from pkgtools.runtime.pythons import CPYTHON_STEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pkgtools.debhelper.records import Modules, Shebang, TreeContents
    from pkgtools.debhelper.supported_pythons import Pythons
    from pkgtools.runtime.facts import InstalledPath
    from pkgtools.runtime.policy.version_range import VersionRange

_DEVELOPMENT = frozenset({"python3-dev", "python3-all-dev"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """All that decides about the interpreter, and about who compiles."""

    package: str
    """The binary package's name."""
    found: TreeContents
    """What the package's tree holds."""
    versions: VersionRange | None
    """What the maintainer said."""
    pythons: Pythons
    """The Python versions that the distribution has."""
    build_depends: Mapping[str, str]
    """Name of a package -> the limit on its version, as `>= 1.2`; empty for any version."""
    own: frozenset[InstalledPath] = frozenset()
    """Private directories whose interpreter is the package's own."""
    started: str = ""
    """A file by which others start the package before the triggers run, such as a unit; empty if it has none."""

    @property
    def suffix(self) -> str:
        """Return what names of interpreters end with: packages named -dbg want the debug build."""
        return "-dbg" if self.package.endswith("-dbg") else ""


def interpreter_relations(demand: Demand) -> tuple[str, ...]:
    """Name the relations to python3 and its versions, each once, sorted."""
    relations = {*_public(demand)}
    for directory, modules in demand.found.private.items():
        if any(directory == one or is_below(directory, one) for one in demand.own):
            continue
        relations.update(_private(demand, modules))
    return tuple(sorted(relations))


def interpreter_notes(demand: Demand) -> Iterator[Note]:
    """Report scripts for versions that the distribution doesn't have: no package could satisfy a dependency."""
    for directory, modules in sorted(demand.found.private.items()):
        for version in sorted(named_versions(modules.shebangs) - set(demand.pythons.supported)):
            text = f"a script in {directory} wants Python {version}, which isn't supported: no dependency is made of it"
            yield Note(origin=Origin(file=f"debian/{demand.package}", line=0), text=text, loss=True)


def _public(demand: Demand) -> Iterator[str]:
    found, modules, suffix = demand.found, demand.found.public, demand.suffix
    for_all = modules.compile or bool(found.public_versions) or bool(modules.shebangs)
    extensions = bool(modules.extension_versions or modules.untagged_extensions or modules.stable_extensions)
    if demand.versions is not None and (for_all or extensions):
        yield from _in_range(demand.versions, f"python3{suffix}" + (":any" if for_all else ""), suffix)
    # an extension module is for one version: the default one has to be among those that there are
    versions = modules.extension_versions
    if versions and min(versions) <= demand.pythons.default:
        yield f"python3{suffix} (>= {min(versions)}~)"
    elif modules.untagged_extensions:
        # for all versions, but for the architecture of the package: therefore not python3:any
        yield f"python3{suffix} (>= 3~)"
    elif modules.stable_extensions:
        yield f"python3{suffix}"
    if versions and max(versions) >= demand.pythons.default:
        yield f"python3{suffix} (<< {after(max(versions))})"
    if modules.compile:
        yield "python3:any"
    yield from (f"{_name(shebang)}:any" for shebang in modules.shebangs)


def _private(demand: Demand, modules: Modules) -> Iterator[str]:
    suffix = demand.suffix
    named = named_versions(modules.shebangs)
    yield from (f"{CPYTHON_STEM}{version}{suffix}:any" for version in named if version in demand.pythons.supported)
    if any("." not in shebang.version for shebang in modules.shebangs):
        yield f"python3{suffix}:any"
    built_for = private_extensions(demand, modules)
    if built_for is not None:
        first, last = built_for
        yield f"python3{suffix} (>= {first}~)"
        yield f"python3{suffix} (<< {after(last)})"
    if not modules.compile:
        return
    yield "python3:any"
    free = not modules.extension_versions and not modules.untagged_extensions and len(named) != 1
    if free and demand.versions is not None:
        yield from _in_range(demand.versions, f"python3{suffix}:any", suffix)


def private_extensions(demand: Demand, modules: Modules) -> tuple[Minor, Minor] | None:
    """Return the first and the last version that a private directory's extension modules are for.

    An untagged one was built for the default version. Nothing is known where nothing is built against Python.
    """
    if not _DEVELOPMENT.intersection(demand.build_depends):
        return None
    if modules.extension_versions:
        return min(modules.extension_versions), max(modules.extension_versions)
    if modules.untagged_extensions:
        return demand.pythons.default, demand.pythons.default
    return None


def _in_range(versions: VersionRange, base: str, suffix: str) -> Iterator[str]:
    if versions.exact:
        yield f"{CPYTHON_STEM}{versions}{suffix}"
        return
    if versions.least:
        yield f"{base} (>= {version_text(versions.least)}~)"
    if versions.below:
        yield f"{base} (<< {version_text(versions.below)})"


def _name(shebang: Shebang) -> str:
    return f"{CPYTHON_STEM}{shebang.version}" + ("-dbg" if shebang.debug else "")


def named_versions(shebangs: frozenset[Shebang]) -> set[Minor]:
    """Return the versions that scripts name, as python3.11 does."""
    texts = (shebang.version.split(".") for shebang in shebangs if "." in shebang.version)
    return {Minor(int(text[0]), int(text[1])) for text in texts}


def after(version: Minor) -> Minor:
    """Return the next version."""
    return Minor(version.major, version.minor + 1)
