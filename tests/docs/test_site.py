# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The documentation's site: it builds without a warning, each page is reached, and no link within it is dead."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pkgtools.check.registry import all_rules
from tests.lab.ours import CHECKOUT
from tools.site_links import dead_links, external_links
from tools.site_pages import page_text

DOCS = CHECKOUT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("site")
    argv = [
        sys.executable,
        "-m",
        "sphinx",
        "--quiet",
        "--fail-on-warning",
        "--keep-going",
        "-d",
        str(work / "doctrees"),
    ]
    done = subprocess.run([*argv, str(DOCS), str(work / "html")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return work / "html"


@pytest.mark.slow
def test_site_has_all_pages_and_no_dead_link(site: Path) -> None:
    assert list(dead_links(site)) == []
    assert (site / "searchindex.js").is_file()
    for rule in all_rules():
        assert "<h1><code" in (site / f"reference/rules/{rule.facts.id}.html").read_text("utf-8")
    manual = (site / "man/pkgtools-trigger.html").read_text("utf-8")
    assert "pkgtools-compile(1)" in manual
    assert "<strong>--all</strong>" in manual
    for address in external_links(site):
        assert address.startswith("https://"), address


def test_dead_links_are_found(tmp_path: Path) -> None:
    links = (
        "other.html",
        "other.html?v=1#here",
        "#top",
        "other.html#there",
        "gone.html",
        "x.png",
        "https://example.org/",
    )
    (tmp_path / "index.html").write_text("".join(f"<a href='{link}'>x</a>" for link in links))
    (tmp_path / "other.html").write_text("<p id='here'>")
    assert list(dead_links(tmp_path)) == [
        "index.html: other.html#there: no such place",
        "index.html: gone.html: no such file",
        "index.html: x.png: no such file",
    ]
    assert external_links(tmp_path) == {"https://example.org/": ["index.html"]}


def test_links_of_a_page_of_the_top_directory_lead_to_pages_of_the_site() -> None:
    page = DOCS / "security.md"
    text = page_text(CHECKOUT, page, page.read_text("utf-8"))
    assert text.startswith("# Security\n")
    assert "](adr/0017-forks-do-the-whole-way.md)" in text
    assert "](../debian/control)" in text


def test_links_in_blocks_of_code_stay() -> None:
    text = "[a](../SECURITY.md)\n```\n[a](../SECURITY.md)\n```\n[b](../CHANGELOG.md#x)\n"
    assert (
        page_text(CHECKOUT, DOCS / "page.md", text)
        == "[a](security.md)\n```\n[a](../SECURITY.md)\n```\n[b](changes.md#x)\n"
    )


@pytest.mark.parametrize("manual", sorted(DOCS.glob("man/*.rst")), ids=lambda path: path.stem)
def test_manual_page_has_its_section_in_its_heading(manual: Path) -> None:
    text = page_text(CHECKOUT, manual, manual.read_text("utf-8"))
    section = re.search(r":Manual section: (\d)", manual.read_text("utf-8"))
    assert section is not None
    heading = f"{manual.stem}({section[1]})"
    assert f"\n{heading}\n{'#' * len(heading)}\n" in text
