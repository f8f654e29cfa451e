# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The templates: ours, a packager's own before them, and the environment that renders both. Alone imports jinja2.

A packager's template has the name of ours that it takes the place of; there it can say
`{% extends "pkgtools/deb/postinst.sh.j2" %}` and change blocks: below `pkgtools/` ours are always found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from pkgtools.runtime.errors import UsageError

from .places import templates_root
from .quoting import FILTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX = ".j2"
_ABOUT = re.compile(r"\{#(.*?)#\}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    """One template, and where it comes from."""

    name: str
    """As templates call each other, such as `deb/postinst.sh.j2`."""
    path: Path
    """The file that is used."""
    own: bool
    """It is the packager's, in the place of ours or beside ours."""

    def about(self) -> str:
        """Return what the template's comment says of it, on one line."""
        found = _ABOUT.match(self.path.read_text("utf-8"))
        return " ".join(found[1].split()) if found else ""


class Templates:
    """All templates, those of a directory of the packager's first."""

    def __init__(self, directory: Path | None = None) -> None:
        """Look into `directory` first. Raises UsageError if it isn't there."""
        if directory is not None and not directory.is_dir():
            raise UsageError(f"{directory}: no directory with templates is there; `pkgtools templates copy` makes one")
        self._directories = ([directory] if directory else []) + [templates_root()]
        ours = jinja2.FileSystemLoader(templates_root())
        loaders = [jinja2.FileSystemLoader(path) for path in self._directories]
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([*loaders, jinja2.PrefixLoader({"pkgtools": ours})]),
            autoescape=True,  # makes the output of macros and blocks Markup, which says that it is quoted
            finalize=_only_quoted,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.clear()
        self._environment.filters.update(FILTERS)

    def render(self, name: str, **values: object) -> str:
        """Render a template. Raises UsageError, with template and line, where a template of the packager is wrong."""
        try:
            return self._environment.get_template(name).render(values)
        except jinja2.TemplateSyntaxError as error:
            raise UsageError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error
        except jinja2.TemplateNotFound as error:
            raise UsageError(f"no template {error.name}: `pkgtools templates list` names all") from error
        except jinja2.TemplateError as error:
            raise UsageError(f"{self.find(name).path}: {error}") from error

    def find(self, name: str) -> TemplateFile:
        """Say which file a template is read from. Raises UsageError if there is none."""
        for directory in self._directories:
            if (path := directory / name).is_file():
                return TemplateFile(name=name, path=path, own=directory != templates_root())
        raise UsageError(f"no template {name}: `pkgtools templates list` names all")

    def __iter__(self) -> Iterator[TemplateFile]:
        """Yield every template once, by name."""
        names = {
            path.relative_to(directory).as_posix()
            for directory in self._directories
            for path in directory.rglob(f"*{_SUFFIX}")
            if path.is_file()
        }
        yield from (self.find(name) for name in sorted(names))


def _only_quoted(value: object) -> object:
    """Let no expression into the output that didn't go through a filter (jinja2 calls this for each)."""
    if isinstance(value, (Markup, jinja2.Undefined)):
        return value
    raise jinja2.TemplateRuntimeError(
        f"{value!r} goes into the text without a filter: append one of {', '.join(sorted(FILTERS))}"
    )
