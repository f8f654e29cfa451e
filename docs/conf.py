# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""How Sphinx builds the documentation: `make docs`. It runs with Sphinx 5.3 of Debian 12 and with the pinned one."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from pkgtools import __version__ as release  # noqa: E402
from tools.site_pages import page_text  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "pkgtools"
author = "The pkgtools authors"
copyright = f"2026 {author}"  # noqa: A001 # the name that Sphinx reads
extensions = ["myst_parser"]
exclude_patterns = ["completions"]
# Pygments of Debian 12 doesn't know TOML's strings of several lines.
suppress_warnings = ["misc.highlighting_failure"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
highlight_language = "none"
smartquotes = False  # it makes a dash of the two hyphens of an option
myst_heading_anchors = 4
html_theme = "furo"
html_title = f"pkgtools {release}"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
# The same pages on any day: a package of them is built twice to the same bytes.
html_last_updated_fmt = None


def put_pages(app: "Sphinx", name: str, source: list[str]) -> None:
    """Give Sphinx the text of a page as the site has it."""
    source[0] = page_text(TOP, Path(app.env.doc2path(name)), source[0])


def setup(app: "Sphinx") -> None:
    """Be called by Sphinx."""
    app.connect("source-read", put_pages)
