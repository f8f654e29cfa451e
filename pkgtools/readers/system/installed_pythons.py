# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The interpreters that a system has, by names and bytes of programs and by package databases. They are not run."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.model.package import PythonProgram
from pkgtools.runtime.facts import InstalledPath, Interpreter
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.pythons import (
    ANY_CPYTHON_NAME,
    CPYTHON,
    CPYTHON_NAME,
    RELEASED_MAGICS,
    PythonName,
    cache_tag,
    library_of,
    parse_python_name,
)
from pkgtools.runtime.system.interpreters import (
    BIN,
    DEFAULTS,
    DEFAULTS_FILE,
    default_by_declaration,
    default_by_link,
    linked_program,
    mark_supported,
)
from pkgtools.runtime.system.trust import LARGEST_SETTINGS

from .bytecode_settings import PROGRAMS, tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import Package

    from .bytecode_settings import ReadableSystem

DPKG_STATUS = InstalledPath("/var/lib/dpkg/status")
DEBIAN_DEFAULTS = InstalledPath(f"{DEFAULTS}/{DEFAULTS_FILE}")
_LARGEST = 64 << 20
"""Bytes of a program or library; those of debug builds have 30 million."""
_LARGEST_STATUS = 64 << 20
_NUMBER = rb"\d{1,3}(?:(?:a|b|rc)\d{1,2})?"
_SHARED_OBJECT = re.compile(rf"lib{ANY_CPYTHON_NAME}\.so\.1\.0")
_LIBRARIES = ("lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu")
_DPKG_PACKAGE = re.compile(
    rf"^Package:[ \t]*(?:lib)?({CPYTHON_NAME})-minimal[ \t]*$(.*?)(?:^[ \t]*$|\Z)".encode(), re.MULTILINE | re.DOTALL
)
_DPKG_VERSION = re.compile(rb"^Version:[ \t]*(\S+)", re.MULTILINE)
_RELEASE = re.compile(r"(?:\d+:)?(3\.\d{1,3}\.\d{1,3})[~_]?((?:a|b|rc)\d{1,2})?")
_APPLICATION = re.compile(
    r"(?:/opt|/srv|/var/lib|/usr/(?:local/)?(?:share|libexec|lib(?:32|64|x32)?(?:/[a-z0-9_]+-linux-[a-z0-9]+)?))/[^/]+"
)
"""The directory of one application."""


def is_python(path: InstalledPath) -> bool:
    """Whether a path is that of an interpreter, by its name in a directory of programs."""
    directory = dirname(path)
    return (basename(directory) == "bin" or directory in PROGRAMS) and bool(tags_of([basename(path)]))


def is_python_library(path: InstalledPath) -> bool:
    """Whether a path is that of the shared library that an interpreter consists of, by its name."""
    return _SHARED_OBJECT.fullmatch(basename(path)) is not None


def find_pythons(
    system: ReadableSystem, paths: Iterable[InstalledPath], by_rpm: Iterable[Package]
) -> tuple[PythonProgram, ...]:
    """Say what the interpreters at some paths are; their releases by their bytes, or else by their packages."""
    programs = [path for path in paths if is_python(path)]
    by_packages = dict(_releases_by_dpkg(system)) if programs else {}
    for package in by_rpm if programs else ():
        found = _RELEASE.match(package.version)
        owned = {file.path for file in package.files}.intersection(programs) if found else set()
        by_packages.update((path, f"{found[1]}{found[2] or ''}") for path in owned if found)
    default, unsupported = _default_of(system, programs)
    releases = {path: _release(system, path, by_packages) for path in programs}
    of_system = {basename(path): release for path, release in releases.items() if dirname(path) in PROGRAMS}
    return tuple(
        # a link is a virtual environment's to the system's
        PythonProgram(
            path=path,
            tags=tags_of([name]),
            release=releases[path] or of_system.get(name, ""),
            is_default=path == default,
            is_supported=path not in unsupported,
        )
        for path in programs
        if (name := basename(path))
    )


def _default_of(
    system: ReadableSystem, programs: Iterable[InstalledPath]
) -> tuple[InstalledPath | None, frozenset[InstalledPath]]:
    """Return the interpreter that /usr/bin/python3 is, and those that aren't supported, decided as the runtime does."""
    found = as_interpreters(path for path in programs if dirname(path) == BIN)
    named = default_by_link(found, linked_program(system.link))
    declaration = system.read(DEBIAN_DEFAULTS, LARGEST_SETTINGS) or b""
    default = named or default_by_declaration(found, declaration)
    unsupported = (one.path for one in mark_supported(found, default, declaration) if not one.is_supported)
    return default.path if default else None, frozenset(unsupported)


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
    library = library_of(pyc)
    is_own = library is not None and library.is_versioned
    beside = [one for one in fitting if library and is_own and dirname(dirname(one.path)) == library.prefix]
    application = application_of(pyc)
    near = [one for one in fitting if application and is_below(one.path, application)]
    of_system = [one for one in fitting if dirname(one.path) in PROGRAMS]
    return next(iter((*beside, *near, *of_system)), None)


def is_final(release: str) -> bool:
    """Whether a release, as `3.15.0`, comes after its alphas, betas and candidates; unknown ones count as final."""
    return not any(map(str.isalpha, release))


def application_of(path: InstalledPath) -> InstalledPath | None:
    """Return the directory of the one application that a path lies in; None if it lies in none."""
    found = _APPLICATION.match(path)
    return InstalledPath(found[0]) if found and path[found.end() :].startswith("/") else None


def as_interpreters(paths: Iterable[InstalledPath]) -> tuple[Interpreter, ...]:
    """Return the CPythons among the programs of a system as the runtime knows them, by their names: none is asked.

    The magic number of a version that is not in the table is empty.
    """
    found = []
    for path in paths:
        python = _cpython_of(path)
        version = python.version if python and str(python) == basename(path) else None
        if python is None or version is None or python.implementation.refusal:
            continue
        kind, magic = python.implementation, RELEASED_MAGICS.get(version, b"")
        tag, is_shared = cache_tag(kind, version), not kind.abi
        found.append(Interpreter(path, kind.name, version, tag, magic, inside=False, abi=kind.abi, is_shared=is_shared))
    return tuple(sorted(found, key=lambda one: (one.version, one.abi)))


def _cpython_of(path: InstalledPath) -> PythonName | None:
    """Return what the name of a CPython of one minor version says."""
    python = parse_python_name(basename(path))
    is_cpython = python is not None and python.implementation.name == CPYTHON.name and python.version is not None
    return python if is_cpython else None


def _release(system: ReadableSystem, path: InstalledPath, by_packages: dict[str, str]) -> str:
    python = _cpython_of(path)
    if python is None or python.version is None:
        return ""
    prefix = dirname(dirname(path)).rstrip("/")
    library = f"lib{python}.so.1.0"
    for place in (path, *(InstalledPath(f"{prefix}/{directory}/{library}") for directory in _LIBRARIES)):
        if release := release_in(system.read(place, _LARGEST) or b"", "{}.{}".format(*python.version)):
            return release
    if path in by_packages:
        return by_packages[path]
    return by_packages.get(str(python), "") if dirname(path) == "/usr/bin" else ""


def _releases_by_dpkg(system: ReadableSystem) -> Iterator[tuple[str, str]]:
    """Yield the releases of Debian's interpreters by their names, as its packages are installed."""
    for found in _DPKG_PACKAGE.finditer(system.read(DPKG_STATUS, _LARGEST_STATUS) or b""):
        version = _DPKG_VERSION.search(found[2])
        release = _RELEASE.match(version[1].decode("ascii", "replace")) if version else None
        if release:
            yield found[1].decode(), f"{release[1]}{release[2] or ''}"
