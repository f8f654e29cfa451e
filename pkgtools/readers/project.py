# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a source tree tells of the packages that are made of it: debian/control, staged packages, pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pkgtools.config.files import UnreadableText, read_text

from .control import read_source_control
from .errors import UnreadablePackage
from .examine import NAMES_ONLY
from .package import read_package
from .ranges import range_of_dependencies, range_of_requirement
from .survey import Survey, survey

if TYPE_CHECKING:
    from pathlib import Path

    from .control import Control

_STAGED = ("usr", "opt", "srv", "lib", "etc", "var", "DEBIAN")


def read_surveys(path: Path) -> tuple[Survey, ...]:
    """Look at a package, a pyproject.toml, a staged tree or a project. Raises UnreadablePackage, EnvironmentFault."""
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
        raise UnreadablePackage(path, "there is no such file or directory")
    return (survey(read_package(path, NAMES_ONLY)),)


def _built(control: Control, project: Path) -> Survey:
    """Look at what was staged for a binary package, if it was built here; else take its control fields alone."""
    staged = project / "debian" / control.name
    asked = range_of_dependencies(control.dependencies)
    if re.search(r"[/\0]|\A\.*\Z", control.name) or not any((staged / name).is_dir() for name in _STAGED):
        return Survey(name=control.name, python=asked)
    found = survey(read_package(staged, NAMES_ONLY))
    return replace(found, name=control.name, python=found.python or asked)


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
        python=range_of_requirement(requires) if isinstance(requires, str) else "",
    )
