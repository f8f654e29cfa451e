# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The interpreters that a system has, by names and bytes of programs and by package databases. None of them is run."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.model.magics import RELEASED
from pkgtools.model.package import PythonProgram
from pkgtools.runtime.facts import InstalledPath, Interpreter
from pkgtools.runtime.filelist import is_below

from .roots import application_of
from .settings import PROGRAMS, tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import Package

    from .settings import Readable

DPKG_STATUS = InstalledPath("/var/lib/dpkg/status")
_LARGEST = 64 << 20
"""Bytes of a program or library; those of debug builds have 30 million."""
_LARGEST_STATUS = 64 << 20
_NUMBER = rb"\d{1,3}(?:(?:a|b|rc)\d{1,2})?"
_VERSION = re.compile(r"(?:platform-)?python(3\.\d{1,3})t?")
_LIBRARY = re.compile(r"libpython3\.\d{1,3}t?\.so\.1\.0")
_LIBRARIES = ("lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu")
_DPKG_PACKAGE = re.compile(
    rb"^Package:[ \t]*(?:lib)?python(3\.\d{1,3})-minimal[ \t]*$(.*?)(?:^[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_DPKG_VERSION = re.compile(rb"^Version:[ \t]*(\S+)", re.MULTILINE)
_RELEASE = re.compile(r"(?:\d+:)?(3\.\d{1,3}\.\d{1,3})[~_]?((?:a|b|rc)\d{1,2})?")
_OWN_LIBRARY = re.compile(r"(.*)/lib(?:32|64)?/(?:python3\.\d{1,3}t?|pypy3\.\d{1,3})(?=/)")


def is_python(path: InstalledPath) -> bool:
    """Whether a path is that of an interpreter, by its name in a directory of programs."""
    directory = dirname(path)
    return (basename(directory) == "bin" or directory in PROGRAMS) and bool(tags_of([basename(path)]))


def is_python_library(path: InstalledPath) -> bool:
    """Whether a path is that of the shared library that an interpreter consists of, by its name."""
    return _LIBRARY.fullmatch(basename(path)) is not None


def find_pythons(
    system: Readable, paths: Iterable[InstalledPath], by_rpm: Iterable[Package]
) -> tuple[PythonProgram, ...]:
    """Say what the interpreters at some paths are; their releases by their bytes, or else by their packages."""
    programs = [path for path in paths if is_python(path)]
    by_packages = dict(_releases_by_dpkg(system)) if programs else {}
    for package in by_rpm if programs else ():
        found = _RELEASE.match(package.version)
        owned = {file.path for file in package.files}.intersection(programs) if found else set()
        by_packages.update((path, f"{found[1]}{found[2] or ''}") for path in owned if found)
    releases = {path: _release(system, path, by_packages) for path in programs}
    of_system = {basename(path): release for path, release in releases.items() if dirname(path) in PROGRAMS}
    return tuple(
        # what has no bytes of its own is a virtual environment's link to the system's
        PythonProgram(path=path, tags=tags_of([name]), release=releases[path] or of_system.get(name, ""))
        for path in programs
        if (name := basename(path))
    )


def release_in(content: bytes, version: str) -> str:
    """Return the release of a version, as `3.11`, that the text of a program or library has; empty if none or several.

    It is PY_VERSION of CPython's patchlevel.h, of which Py_GetVersion makes sys.version.
    """
    pattern = rb"%s\.%s(?=\+?\0)" % (re.escape(version.encode()), _NUMBER)
    # a linker makes it the end of a longer string that ends so, such as a path with the release in it
    for before in (rb"(?<=\0)", rb"(?<![\d.])"):
        found = {one[0] for one in re.finditer(before + pattern, content)}
        if len(found) == 1:
            return found.pop().decode()
    return ""


def python_of(pythons: Iterable[PythonProgram], pyc: InstalledPath, tag: str) -> PythonProgram | None:
    """Return the interpreter that loads a pyc with a tag: beside its library, in its application, or the system's."""
    fitting = [one for one in pythons if tag in one.tags]
    found = _OWN_LIBRARY.match(pyc)
    beside = [one for one in fitting if found and dirname(dirname(one.path)) == found[1]]
    application = application_of(pyc)
    near = [one for one in fitting if application and is_below(one.path, application)]
    of_system = [one for one in fitting if dirname(one.path) in PROGRAMS]
    return next(iter((*beside, *near, *of_system)), None)


def as_interpreters(paths: Iterable[InstalledPath]) -> tuple[Interpreter, ...]:
    """Return the CPythons among the programs of a system as the runtime knows them, by their names: none is asked."""
    found = []
    for path in paths:
        name = _VERSION.fullmatch(basename(path))
        if name is None or not basename(path).startswith("python"):
            continue
        major, minor = map(int, name[1].split("."))
        magic, tags = RELEASED.get((major, minor)), tags_of([basename(path)])
        if magic is not None:
            found.append(Interpreter(path, "cpython", (major, minor), next(iter(tags)), magic, inside=False))
    return tuple(sorted(found, key=lambda one: one.version))


def _release(system: Readable, path: InstalledPath, by_packages: dict[str, str]) -> str:
    name = _VERSION.fullmatch(basename(path))
    if name is None:
        return ""
    prefix = dirname(dirname(path)).rstrip("/")
    library = f"libpython{basename(path).removeprefix('platform-').removeprefix('python')}.so.1.0"
    for place in (path, *(InstalledPath(f"{prefix}/{directory}/{library}") for directory in _LIBRARIES)):
        if release := release_in(system.read(place, _LARGEST) or b"", name[1]):
            return release
    if path in by_packages:
        return by_packages[path]
    return by_packages.get(name[1], "") if dirname(path) == "/usr/bin" else ""


def _releases_by_dpkg(system: Readable) -> Iterator[tuple[str, str]]:
    """Yield the releases of Debian's interpreters by their versions, as its packages are installed."""
    for found in _DPKG_PACKAGE.finditer(system.read(DPKG_STATUS, _LARGEST_STATUS) or b""):
        version = _DPKG_VERSION.search(found[2])
        release = _RELEASE.match(version[1].decode("ascii", "replace")) if version else None
        if release:
            yield found[1].decode(), f"{release[1]}{release[2] or ''}"
