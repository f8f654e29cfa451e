# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools diff -f html`: both packages side by side in one page, whatever their files and scripts hold."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.test_diff import PLAIN, M, deb, run
from tests.lab.browser import Browser
from tests.lab.debs import SampleFile, SamplePackage
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm
from tests.report.sample import HOSTILE
from tests.report.test_html import ELEMENTS, Page
from tests.rules.bytecode import PRIVATE, SOURCE

NASTY = tuple(name for name in HOSTILE if "\n" not in name)
SCRIPT = "".join(f"step {number}\n" for number in range(40))


def page_of(*arguments: str | Path) -> Page:
    done = run("-f", "html", *arguments)
    assert done.exit_code in {0, 1}
    return Page(done.stdout)


def cells(page: Page, kind: str) -> list[tuple[str, str]]:
    """Return the old and the new line of the rows of a kind."""
    rows = re.findall(rf'<tr class="{kind}">.*?class="old">(.*?)</td>.*?class="new">(.*?)</td>', page.source, re.DOTALL)
    return [(html.unescape(old), html.unescape(new)) for old, new in rows]


def test_changes_stand_side_by_side(tmp_path: Path) -> None:
    new = replace(PLAIN, version="2", files={M: SampleFile(SOURCE, 0o600), f"{PRIVATE}/n.py": ""})
    page = page_of(deb(PLAIN, tmp_path / "a"), deb(new, tmp_path / "b"))
    assert re.findall(r'<section id="(\w+)"', page.source) == ["package", "modules", "modes"]
    rows = re.findall(
        r'class="path">(.*?)</th><td data-side="old">(.*?)</td><td data-side="new">(.*?)</td>', page.source
    )
    assert [tuple(re.sub("<.*?>", "", cell) for cell in row) for row in rows] == [
        ("version", "1", "2"),
        (f"{PRIVATE}/n.py", "nothing", "source, 0 bytes, CRC 00000000"),
        (M, "root:root 0644", "root:root 0600"),
    ]
    assert "3 differences: exit status 1." in page.source


def test_scripts_are_shown_line_by_line_with_some_around(tmp_path: Path) -> None:
    old = replace(PLAIN, scripts={"postinst": SCRIPT})
    new = replace(PLAIN, scripts={"postinst": SCRIPT.replace("step 20\n", "step twenty\n\tthen <b>more</b>\n")})
    page = page_of(deb(old, tmp_path / "a"), deb(new, tmp_path / "b"))
    assert cells(page, "changed") == [("step 20", "step twenty")]
    assert cells(page, "come") == [("", "        then <b>more</b>")]
    assert [one for one, _ in cells(page, "same")] == [f"step {n}" for n in (17, 18, 19, 21, 22, 23)]
    assert page.source.count('class="left-out"') == 2
    assert '<td class="n">23 -</td>' in page.source


def test_a_script_that_is_new_or_gone_is_shown_whole(tmp_path: Path) -> None:
    old, new = deb(replace(PLAIN, scripts={}), tmp_path / "a"), deb(PLAIN, tmp_path / "b")
    assert ("", "py3compile -p acme /usr/share/acme") in cells(page_of(old, new), "come")
    assert ("py3compile -p acme /usr/share/acme", "") in cells(page_of(new, old), "gone")


def test_scripts_of_two_formats_are_compared(tmp_path: Path) -> None:
    need_tools(["rpmbuild"])
    rpm = build_rpm(replace(PLAIN, scripts={"post": "true\n"}), tmp_path)
    page = page_of(deb(PLAIN, tmp_path / "a"), rpm)
    assert "<h3><code>post-install</code></h3>" in page.source


def test_hostile_names_and_scripts_are_text(tmp_path: Path) -> None:
    body = "".join(f": '{name}'\n" for name in NASTY)
    new = SamplePackage(name="acme", files=dict.fromkeys(NASTY, SOURCE) | {M: SOURCE}, scripts={"postinst": body})
    page = page_of(deb(PLAIN, tmp_path / "a"), deb(new, tmp_path / "b"))
    assert {tag for tag, _ in page.elements} <= ELEMENTS | {"h3"}
    assert page.open == []
    assert page.source.count("<script") == 0
    assert page.source.count("<img") == 0
    assert {
        name for _, attributes in page.elements for name in attributes if name.startswith("on") or name == "style"
    } == set()
    assert [one for one in page.attributes("href") if not one.startswith("#")] == ["data:,"]
    assert [one for one in page.source.replace("\n", "") if not one.isprintable()] == []


def test_the_policy_lets_nothing_run(tmp_path: Path) -> None:
    page = page_of(deb(PLAIN, tmp_path / "a"), deb(replace(PLAIN, version="2"), tmp_path / "b"))
    (policy,) = (one["content"] for tag, one in page.elements if tag == "meta" and "http-equiv" in one)
    digest = base64.b64encode(hashlib.sha256(page.inside["style"].encode()).digest()).decode()
    assert dict(rule.strip().split(" ", 1) for rule in policy.split(";")) == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_many_changes_are_counted_and_all_lists_them(tmp_path: Path) -> None:
    many = replace(PLAIN, files={f"{PRIVATE}/m{number:04}.py": "" for number in range(1_200)} | {M: SOURCE})
    old, new = deb(PLAIN, tmp_path / "a"), deb(many, tmp_path / "b")
    page = page_of(old, new)
    assert page.source.count('class="path"') == 1_000
    assert "And 200 more (<code>--all</code> lists them)." in page.source
    assert page_of("--all", old, new).source.count('class="path"') == 1_200


def test_it_goes_to_a_file_and_exit_statuses_stay(tmp_path: Path) -> None:
    old, new = deb(PLAIN, tmp_path / "a"), deb(replace(PLAIN, version="2"), tmp_path / "b")
    target = tmp_path / "diff.html"
    done = run("-f", "html", "-o", target, old, new)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "acme 1 and acme 2" in target.read_text()
    same = run("-f", "html", old, old)
    assert same.exit_code == 0
    assert "Nothing differs: exit status 0." in same.stdout
    assert run("-f", "json", old, new).stdout == run("--json", old, new).stdout


@pytest.mark.slow
@pytest.mark.system
@pytest.mark.parametrize("width", [1280, 500])
def test_the_page_is_not_wider_than_the_window(tmp_path: Path, width: int) -> None:
    need_tools(["chromium"], root=False)
    long = "x" * 300
    old, new = (replace(PLAIN, version=version, scripts={"postinst": f"echo {long}{version}\n"}) for version in "12")
    page = page_of(deb(old, tmp_path / "a"), deb(new, tmp_path / "b")).source
    measure = "document.title = document.documentElement.scrollWidth - innerWidth"
    digest = base64.b64encode(hashlib.sha256(measure.encode()).digest()).decode()
    page = page.replace("default-src 'none';", f"default-src 'none'; script-src 'sha256-{digest}';")
    text = page.replace("</body>", f"<script>{measure}</script></body>")
    document, console = Browser(tmp_path, width).visit(text)
    assert console == []
    found = re.search("<title>(-?[0-9]+)</title>", document)
    assert found is not None
    assert int(found[1]) <= 0
