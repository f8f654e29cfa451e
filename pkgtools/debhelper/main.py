# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""dh_pkgtools: the only place that reads the environment, prints and exits."""

from __future__ import annotations

import functools
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family
from pkgtools.runtime.errors import EnvironmentFault, PkgtoolsError, UsageError
from pkgtools.runtime.interrupts import exit_with

from .control import CONTROL, Binary, Control, read_control
from .files import Files
from .options import Options, parse
from .package import process
from .pythons import Pythons, Range, parse_field, read_pythons
from .records import Note, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pkgtools.model.manifest import Manifest, Package

DEFAULTS = Path("/usr/share/python3/debian_defaults")
_OTHERS = ("python-", "python2.", "python2-", "pypy-", "pypy3-")
"""What names of packages for other interpreters begin with."""
_OWN = ("python3-", "python3.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What is built for."""

    name: str
    """As Debian says it: amd64."""
    multiarch: str
    """The triplet: x86_64-linux-gnu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What all packages of a source package share."""

    top: Path
    options: Options
    control: Control
    pythons: Pythons
    versions: Range | None
    manifest: Manifest | None
    environment: Mapping[str, str]

    def declared(self, name: str) -> Package | None:
        """Return what the manifest says of a Debian package."""
        packages = self.manifest.packages if self.manifest else ()
        return next((one for one in packages if one.variants[Family.DEB].name == name), None)

    def architecture(self) -> Architecture:
        """Return what is built for: dpkg-buildpackage says it, otherwise dpkg-architecture is asked."""
        name, triplet = (self.environment.get(f"DEB_HOST_{what}", "") for what in ("ARCH", "MULTIARCH"))
        return Architecture(name=name, multiarch=triplet) if name and triplet else _host_architecture()


def main() -> None:
    """Put the packages below debian/ in order, and exit."""
    os.umask(0o022)
    exit_with(_status)


def _status() -> int:
    try:
        return _run(Path(), sys.argv[1:], os.environ)
    except BrokenPipeError:
        raise
    except (PkgtoolsError, OSError) as error:
        print(f"dh_pkgtools: error: {error}", file=sys.stderr)
        return 2


def _run(top: Path, arguments: list[str], environment: Mapping[str, str]) -> int:
    options = parse(arguments, environment)
    build = _prepare(top, options, environment)
    lost = _tell(_undeclared(build))
    for binary in _chosen(build):
        done = process(build, binary)
        if options.no_act or options.verbose:
            for action in done.actions:
                print(f"{binary.name}: {action}".encode("utf-8", "backslashreplace").decode())
        lost += _tell(done.notes)
    if lost and options.strict:
        raise UsageError(f"{lost} requirements got lost, see above, and --strict was given")
    return 0


def _tell(notes: Iterable[Note]) -> int:
    """Print notes and return how many of them are of losses."""
    lost = 0
    for note in notes:
        text = f"dh_pkgtools: {'lost' if note.loss else 'note'}: {note.origin}: {note.text}"
        print(text.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
        lost += note.loss
    return lost


def _undeclared(build: Build) -> Iterator[Note]:
    """Tell of packages of the manifest that the source package hasn't: a name may be misspelt."""
    known = {binary.name for binary in build.control.binaries}
    for package in build.manifest.packages if build.manifest else ():
        if package.variants[Family.DEB].name not in known:
            text = f"packages.{package.key} is none of {CONTROL}'s packages: {', '.join(sorted(known))}"
            yield Note(origin=Origin(file="debian/pkgtools.toml", line=0), text=text)


def _prepare(top: Path, options: Options, environment: Mapping[str, str]) -> Build:
    try:
        control = read_control(top / CONTROL)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {CONTROL} here: run it in the source package's top directory") from error
    versions = options.versions
    if versions is None and control.pythons is not None:
        try:
            versions = parse_field(control.pythons.text)
        except UsageError as error:
            raise UsageError(f"{control.pythons.origin}: X-Python3-Version: {error}") from error
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


def _chosen(build: Build) -> Iterator[Binary]:
    options = build.options
    known = {binary.name for binary in build.control.binaries}
    if unknown := [name for name in (*options.packages, *options.excluded_packages) if name not in known]:
        raise UsageError(f"{CONTROL} has no package {', '.join(unknown)}: it has {', '.join(sorted(known))}")
    for binary in build.control.binaries:
        if (options.packages and binary.name not in options.packages) or binary.name in options.excluded_packages:
            continue
        if options.architecture is not None and options.architecture == binary.is_independent:
            continue
        if options.remaining and Files(top=build.top, package=binary.name).is_logged():
            continue
        if _is_ours(binary, compat=options.compat):
            yield binary


def _is_ours(binary: Binary, *, compat: bool) -> bool:
    """Whether a package is for Python 3. dh_python3 wants to be told so by the package's name or by its substvar."""
    if binary.name.startswith(_OTHERS):
        return False
    if not compat:
        return True
    return binary.name.startswith(_OWN) or binary.mentions("python3:Depends", "depends", "recommends")


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


if __name__ == "__main__":
    main()
