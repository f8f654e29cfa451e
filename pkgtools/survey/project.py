# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a source tree says of the packages that are made of it: debian/control, staged packages, pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pkgtools.bytecode.examine import NAMES_ONLY, ReadingOptions
from pkgtools.config.text_files import UnreadableText, read_text
from pkgtools.model.asked_versions import range_of_dependencies, range_of_requirement
from pkgtools.readers.deb.binary_control import read_source_control
from pkgtools.readers.package import read_package
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.policy.version_range import ANY_VERSION

from .module_survey import Survey, survey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pkgtools.model.package import Package
    from pkgtools.readers.deb.binary_control import PackageFields

_STAGED = ("usr", "opt", "srv", "lib", "etc", "var", "DEBIAN")


def _as_it_is(found: Survey, _package: Package) -> Survey:
    return found


def read_surveys(path: Path, complete: Callable[[Survey, Package], Survey] = _as_it_is) -> tuple[Survey, ...]:
    """Look at a package, a pyproject.toml, a staged tree or a project. Raises UnreadablePackage, EnvironmentFault.

    `complete` adds to the survey of a package what its scripts and registrations say.
    """
    if path.is_dir():
        if (path / "debian" / "control").is_file():
            return tuple(_built(one, path) for one in read_source_control(path / "debian" / "control"))
        if (path / "pyproject.toml").is_file():
            return (_read_pyproject(path / "pyproject.toml"),)
        if any((path / name).is_dir() for name in _STAGED):
            return (survey(read_package(path, NAMES_ONLY)),)
        return (Survey(name=path.absolute().name),)
    if path.name == "pyproject.toml":
        return (_read_pyproject(path),)
    if not path.exists():
        raise UnreadablePackage(path, "no such file or directory")
    package = read_package(path, ReadingOptions(guesses=False))
    return (complete(survey(package), package),)


def _built(control: PackageFields, project: Path) -> Survey:
    """Look at what was staged for a binary package, if it was built here; else take its control fields alone."""
    staged = project / "debian" / control.name
    asked = range_of_dependencies(control.dependencies)
    if re.search(r"[/\0]|\A\.*\Z", control.name) or not any((staged / name).is_dir() for name in _STAGED):
        return Survey(name=control.name, python=asked)
    found = survey(read_package(staged, NAMES_ONLY))
    return replace(found, name=control.name, python=asked if found.python == ANY_VERSION else found.python)


def _read_pyproject(path: Path) -> Survey:
    try:
        document: dict[str, object] = tomllib.loads(read_text(path))
    except (UnreadableText, ValueError, RecursionError) as error:
        raise UnreadablePackage(path, str(error)) from error
    project = document.get("project")
    fields: dict[str, object] = project if isinstance(project, dict) else {}
    name, requires = fields.get("name"), fields.get("requires-python")
    return Survey(
        name=canonicalize_name(name) if isinstance(name, str) else path.absolute().parent.name,
        python=range_of_requirement(requires) if isinstance(requires, str) else ANY_VERSION,
    )
