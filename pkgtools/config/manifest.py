# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Where a project's manifest is, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Manifest
from pkgtools.model.own_files import MANIFESTS
from pkgtools.runtime.errors import said

from .build import draft_package
from .combinations import judge, judge_names
from .problems import ConfigError, Problem, dotted
from .schema import manifest_schema
from .shape import check_shape
from .tables import Table
from .text_files import ProjectFiles, UnreadableText, read_text
from .toml_text import parse_toml
from .values import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .build import Draft

PROJECT = "pyproject.toml"
_START = "`pkgtools init` writes one to start from"


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest; in a pyproject.toml it is [tool.pkgtools].

    Raises ConfigError, which names all problems at once.
    """
    return manifest_of(_read_toml(path), path)


def manifest_of(document: Mapping[str, object], path: Path, read: Callable[[Path], str] = read_text) -> Manifest:
    """Make a manifest of a document that is, or will be, in the file `path`; `read` returns the text of files it names.

    Raises ConfigError, as `read_manifest`.
    """
    where, directory = str(path), project_of(path)
    if path.name == PROJECT:
        section = section_of(document)
        if section is None:
            raise ConfigError(where, [Problem(text=f"there is no table [tool.pkgtools]; {_START}")])
        where, document = f"{where}: [tool.pkgtools]", section
    origin = str(path.absolute().relative_to(directory))
    return parse_manifest(document, where=where, origin=origin, directory=directory, read=read)


def project_of(path: Path) -> Path:
    """Return the directory of the project that a manifest is of."""
    directory = path.absolute().parent
    return directory.parent if path.name == "pkgtools.toml" and directory.name == "debian" else directory


def find_manifest(directory: Path) -> Path:
    """Find the manifest of the project in a directory. Raises ConfigError if there is none or more than one."""
    try:
        there = [path for path in (directory / name for name in MANIFESTS) if path.is_file()]
    except OSError as error:
        raise ConfigError(str(error.filename), [Problem(text=said(error))]) from error
    found = [path for path in there if _is_manifest(path)]
    if not found:
        text = f"there is no manifest: no {', no '.join(MANIFESTS[:2])} and no [tool.pkgtools] in {PROJECT}; {_START}"
        raise ConfigError(str(directory), [Problem(text=text)])
    if len(found) > 1:
        names = ", ".join(str(path.relative_to(directory)) for path in found)
        text = f"there is more than one manifest: {names}; say with --manifest which one is meant"
        raise ConfigError(str(directory), [Problem(text=text)])
    return found[0]


def parse_manifest(
    document: Mapping[str, object],
    *,
    where: str,
    origin: str,
    directory: Path,
    read: Callable[[Path], str] = read_text,
) -> Manifest:
    """Check a parsed document and make a manifest of it.

    `where` names it in errors, `origin` in generated files; files it names are in `directory`, and `read` returns
    their text. Raises ConfigError.
    """
    problems = list(check_shape(document, manifest_schema(), FORMATS))
    misshapen = [problem.key for problem in problems]
    top = Table(document)
    files = ProjectFiles(directory=directory, read=read)
    drafts = [draft_package(key, top, files, problems) for key in top.table("packages")]
    problems += judge_names(drafts)
    for draft in drafts:
        if not any(_concerns(key, draft) for key in misshapen):
            problems += judge(draft)
    if problems:
        raise ConfigError(where, dict.fromkeys(problems))
    return Manifest(origin=origin, directory=str(directory), packages=tuple(draft.package for draft in drafts))


def _concerns(key: str, draft: Draft) -> bool:
    """Whether a problem is the package's own or lies in the defaults of all packages."""
    own = dotted(draft.at)
    return key == own or key.startswith(f"{own}.") or not key.startswith("packages.")


def _is_manifest(path: Path) -> bool:
    return path.name != PROJECT or section_of(_read_toml(path)) is not None


def section_of(document: Mapping[str, object]) -> dict[str, object] | None:
    """Return the table of a pyproject.toml that is a manifest; None if it has none."""
    tools = document.get("tool")
    section = tools.get("pkgtools") if isinstance(tools, dict) else None
    return section if isinstance(section, dict) else None


def _read_toml(path: Path) -> dict[str, object]:
    try:
        text = read_text(path)
    except UnreadableText as error:
        raise ConfigError(str(path), [Problem(text=str(error))]) from error
    return parse_toml(text, str(path))
