# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The text of a page for the documentation's site: docs/conf.py asks for it, page by page.

The files are written for readers of the repository and of manual pages. On the site, pages of the top directory take
the places of their stubs in docs/, links lead to pages of the site, and manual pages refer to one another.
"""

from __future__ import annotations

import re
from pathlib import Path

_STUB = re.compile(r"<!-- on the site: (\S+) -->\n")
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")
_FENCED = re.compile(r"(^(`{3,}|~{3,}).*?^\2$)", re.MULTILINE | re.DOTALL)
_MANUAL_HEAD = re.compile(r"=+\n(?P<name>.+)\n=+\n\n-+\n(?P<title>.+)\n-+\n\n:Manual section: (?P<section>\d)\n.*\n")
_MANUAL_REFERENCE = re.compile(r"\*\*([\w.-]+)\*\*\\\((\d)\)")


def page_text(top: Path, path: Path, text: str) -> str:
    """Return what the site shows for the file `path`, whose content is `text`."""
    if path.suffix == ".rst":
        return _manual(path.parent, text)
    stub = _STUB.search(text)
    if stub is None:
        return _linked(top, path, path, text)
    source = top / stub[1]
    return _linked(top, source, path, source.read_text("utf-8")) + "\n" + text[stub.end() :]


def _linked(top: Path, source: Path, page: Path, text: str) -> str:
    """Make links that are right in the file `source` right on the page `page`."""
    pages = _pages_of_stubs(top)

    def target(found: re.Match[str]) -> str:
        aim = (source.parent / found[1]).resolve()
        aim = pages.get(aim, aim)
        aim = aim / "index.md" if (aim / "index.md").is_file() else aim
        return _relative(aim, page.parent)

    parts = _FENCED.split(text)
    # three parts a round: text, the fenced block, its fence
    return "".join(
        _LINK.sub(target, part) if number % 3 == 0 else part for number, part in enumerate(parts) if number % 3 != 2
    )


def _pages_of_stubs(top: Path) -> dict[Path, Path]:
    """Return which page of docs/ shows which file of the top directory."""
    found = ((page, _STUB.search(page.read_text("utf-8"))) for page in (top / "docs").glob("*.md"))
    return {top / stub[1]: page for page, stub in found if stub is not None}


def _relative(aim: Path, directory: Path) -> str:
    common = next(above for above in (directory, *directory.parents) if aim.is_relative_to(above))
    up = len(directory.parts) - len(common.parts)
    return "/".join((*[".."] * up, *aim.relative_to(common).parts))


def _manual(directory: Path, text: str) -> str:
    """Give a manual page a heading with its section, and links to the others."""
    text = _MANUAL_HEAD.sub(_heading, text, count=1)

    def reference(found: re.Match[str]) -> str:
        name, section = found.groups()
        return f":doc:`{name}({section}) <{name}>`" if (directory / f"{name}.rst").is_file() else found[0]

    return _MANUAL_REFERENCE.sub(reference, text)


def _heading(found: re.Match[str]) -> str:
    heading = f"{found['name']}({found['section']})"
    return f"{heading}\n{'#' * len(heading)}\n\n{found['title']}\n"
