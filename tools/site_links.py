# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python -m tools.site_links DIRECTORY`: find links of a built site that lead to no file or no place in a file.

Links out of the site are not followed: they are written to `external-links.txt` beside the directory, with the pages
that have them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SHOWN_BY_SCRIPTS = {"", "top"}
"""Places that every page has."""


class _Page(HTMLParser):
    """The links of a page and the places in it that links can name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set(_SHOWN_BY_SCRIPTS)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what the parser calls this with."""
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        self.links += [given[name] for name in ("href", "src") if name in given]


def dead_links(site: Path) -> Iterator[str]:
    """Yield a line for each link below `site` that leads to nothing there."""
    pages = _read(site)
    for path, page in pages.items():
        for link in page.links:
            address, place = urldefrag(link)
            if urlsplit(address).scheme or address.startswith("//"):
                continue
            name = unquote(urlsplit(address).path)
            aim = (path.parent / name).resolve() if name else path
            if not aim.is_file():
                yield f"{path.relative_to(site)}: {link}: no such file"
            elif aim in pages and unquote(place) not in pages[aim].places:
                yield f"{path.relative_to(site)}: {link}: no such place"


def external_links(site: Path) -> dict[str, list[str]]:
    """Return the addresses outside of the site, and the pages that have each."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, page in _read(site).items():
        for link in page.links:
            if urlsplit(link).scheme in {"http", "https"}:
                found[urldefrag(link)[0]].add(str(path.relative_to(site)))
    return {address: sorted(pages) for address, pages in sorted(found.items())}


def _read(site: Path) -> Mapping[Path, _Page]:
    return {path: _Page(path.read_text("utf-8")) for path in sorted(site.resolve().rglob("*.html"))}


def main(arguments: Sequence[str]) -> int:
    """Look through a site; return 1 if it has a dead link."""
    site = Path(arguments[0]).resolve()
    external = external_links(site)
    lines = (f"{address}  {' '.join(pages)}\n" for address, pages in external.items())
    (site.parent / "external-links.txt").write_text("".join(lines), "utf-8")
    dead = list(dead_links(site))
    print(*dead, sep="\n", end="\n" if dead else "", file=sys.stderr)
    print(f"{len(dead)} dead links; {len(external)} addresses elsewhere, in {site.parent / 'external-links.txt'}")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
