# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The templates: ours, a packager's own before them, and the environment that renders both. Alone imports jinja2.

A packager's template has the name of ours that it takes the place of; there it can say
`{% extends "pkgtools/deb/postinst.sh.j2" %}` and change blocks: below `pkgtools/` ours are always found.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.loaders import split_template_path
from markupsafe import Markup

from pkgtools.config.problems import nearest
from pkgtools.model.own_files import templates_root
from pkgtools.runtime.errors import UsageError, said

from .quoting import FILTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jinja2.compiler import Frame

_SUFFIX = ".j2"
_ABOUT = re.compile(r"\{#(.*?)#\}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    """One template, and where it comes from."""

    name: str
    """As templates call each other, such as `deb/postinst.sh.j2`."""
    path: Path | None
    """The file that is used; None for a script's template that has no file and extends the common one."""
    own: bool
    """It is the packager's, in the place of ours or beside ours."""
    text: str
    """What it says."""

    def about(self) -> str:
        """Return what the template's comment says of it, on one line."""
        found = _ABOUT.match(self.text)
        return " ".join(found[1].split()) if found else ""


class Templates:
    """All templates, those of a directory of the packager's first."""

    def __init__(self, directory: Path | None = None, stand_ins: Mapping[str, str] | None = None) -> None:
        """Look into `directory` first.

        `stand_ins` are the texts of templates by their names, for those of which there is no file.
        Raises UsageError if the directory isn't there or holds templates that can't be read.
        """
        if directory is not None:
            _require_readable(directory)
        self._directories = ([directory] if directory else []) + [templates_root()]
        self._stand_ins = dict(stand_ins or {})
        rest = jinja2.DictLoader(self._stand_ins)
        ours = jinja2.ChoiceLoader([jinja2.FileSystemLoader(templates_root()), rest])
        loaders = [jinja2.FileSystemLoader(path) for path in self._directories]
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([*loaders, rest, jinja2.PrefixLoader({"pkgtools": ours})]),
            autoescape=True,  # makes the output of macros and blocks Markup, which says that it is quoted
            finalize=_only_quoted,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.code_generator_class = _Generator
        self._environment.filters.clear()
        self._environment.filters.update(FILTERS)

    def render(self, name: str, **values: object) -> str:
        """Render a template. Raises UsageError, with template and line, where a template of the packager is wrong."""
        try:
            if len(self._directories) > 1:
                self._require_known_blocks(name)
            return self._environment.get_template(name).render(values)
        except jinja2.TemplateSyntaxError as error:
            raise UsageError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error
        except jinja2.TemplateNotFound as error:
            text = f"no template {error.name}: `pkgtools templates list` names all"
            raise UsageError(f"{self._place(error)}{text}") from error
        except RecursionError as error:
            text = 'templates take up each other without end; for ours, put "pkgtools/" before the name'
            raise UsageError(f"{self._place(error)}{text}") from error
        except UsageError as error:
            raise UsageError(f"{self._place(error, ours=False)}{error}") from error
        except Exception as error:  # a template is a program, and the packager's can raise anything
            raise UsageError(f"{self._place(error)}{_said(error)}") from error

    def _place(self, error: BaseException, *, ours: bool = True) -> str:
        """Return the line of a template that raised an error, as `FILE:LINE: `; empty if it was in none."""
        tops = tuple(f"{directory}/" for directory in (self._directories if ours else self._directories[:-1]))
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(_SUFFIX)]
        inside = frames and tops and frames[-1].filename.startswith(tops)
        return f"{frames[-1].filename}:{frames[-1].lineno}: " if inside else ""

    def _require_known_blocks(self, name: str) -> None:
        """Raise UsageError for a block that the template below doesn't have: it would be left out in silence."""
        chain = list(self._ancestry(name))
        known: set[str] = set()
        for filename, tree in reversed(chain):
            extends = tree.find(nodes.Extends)
            if extends and not known:
                return  # its name is computed, or it is not there
            for block in (each for each in tree.body if extends and isinstance(each, nodes.Block)):
                if block.name not in known:
                    raise UsageError(f"{filename}:{block.lineno}: no block {block.name}: there are {_listed(known)}")
            known |= {block.name for block in tree.find_all(nodes.Block)}

    def _ancestry(self, name: str) -> Iterator[tuple[str, nodes.Template]]:
        """Yield a template and those that it extends, as far as their names are plain to see."""
        loader, seen = self._environment.loader, set[str]()
        while loader and name not in seen:
            seen.add(name)
            try:
                source, filename, _ = loader.get_source(self._environment, name)
            except jinja2.TemplateNotFound:
                return  # rendering says so, and where
            tree = self._environment.parse(source, name, filename)
            yield filename or name, tree
            extends = tree.find(nodes.Extends)
            if extends is None or not isinstance(extends.template, nodes.Const):
                return
            name = extends.template.value

    def find(self, name: str) -> TemplateFile:
        """Say which file a template is read from. Raises UsageError if there is none."""
        for directory in self._directories if _is_plain(name) else ():
            if (path := directory / name).is_file():
                own = directory != templates_root()
                return TemplateFile(name=name, path=path, own=own, text=path.read_text("utf-8"))
        if name in self._stand_ins:
            return TemplateFile(name=name, path=None, own=False, text=self._stand_ins[name])
        near = nearest(name, (one.name for one in self))
        hint = f"did you mean {near}?" if near else "`pkgtools templates list` names all"
        raise UsageError(f"no template {name}; {hint}")

    def __iter__(self) -> Iterator[TemplateFile]:
        """Yield every template once, by name."""
        names = {
            path.relative_to(directory).as_posix()
            for directory in self._directories
            for path in directory.rglob(f"*{_SUFFIX}")
            if path.is_file()
        }
        yield from (self.find(name) for name in sorted(names | self._stand_ins.keys()))


class _Generator(CodeGenerator):
    """Leaves constants in expressions to `_only_quoted`, where jinja2 would write them at once, escaped for HTML."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> str:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


def _require_readable(directory: Path) -> None:
    if not directory.is_dir():
        raise UsageError(f"{directory}: no directory with templates is there; `pkgtools templates copy` makes one")
    for path in sorted(directory.rglob(f"*{_SUFFIX}")):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except OSError as error:
            raise UsageError(f"{path}: {said(error)}") from error
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UsageError(f"{path}:{line}: not UTF-8 (byte 0x{content[error.start]:02x})") from error


def _is_plain(name: str) -> bool:
    """Whether a name stays below the directory that it is looked for in."""
    try:
        return "/".join(split_template_path(name)) == name
    except jinja2.TemplateNotFound:
        return False


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {error}"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _only_quoted(value: object) -> object:
    """Let no expression into the output that didn't go through a filter (jinja2 calls this for each)."""
    if isinstance(value, (Markup, jinja2.Undefined)):
        return value
    raise jinja2.TemplateRuntimeError(
        f"{value!r} goes into the text without a filter: append one of {', '.join(sorted(FILTERS))}"
    )
