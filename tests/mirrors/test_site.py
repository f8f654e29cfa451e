# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The site of a run: pages lead to each other, names of packages reach no file name, and nothing foreign runs."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pkgtools.archive.listed import ListedPackage, MirrorFile
from pkgtools.archive.package_done import Done, PackageOutcome
from pkgtools.archive.site import latest, write_site
from pkgtools.archive.store import Run, RunKey, Store
from pkgtools.archive.tally import tally_of
from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.cli.packages import run, write_deb
from tests.lab.browser import Browser
from tests.lab.needs import need_tools
from tests.mirrors.made_mirrors import Key, check, make_mirror, write_index
from tests.report.sample import HOSTILE

KEY = RunKey(mirror="/srv/m", suite="s", components="main", architectures="amd64", job="check", judge="j", indexed="1")
DOCUMENT = {
    "rule": "wrong-magic",
    "severity": "error",
    "text": "</script><script>document.title = 'owned'</script>\x1b[31m\udc80",
    "path": "/usr/lib/x/<b onclick=x>.py",
    "script": None,
    "line": 3,
    "package": None,
    "repair": None,
}


def listed(number: int, name: str = "") -> ListedPackage:
    """Return a package of an index."""
    file = MirrorFile(name=f"pool/p{number}.deb", size=100 + number, digest=f"{number:064x}")
    return ListedPackage(
        name=name or f"p{number}", version="1", architecture="all", kind=Kind.DEB, file=file, matters=True
    )


def filled(path: Path, packages: list[tuple[ListedPackage, Done | None]], key: RunKey = KEY) -> tuple[Store, Run]:
    """Return a store with one run."""
    store = Store(path)
    begun = store.begin(key, date="2026-08-01T10:00:00Z", signed_by="", notes=("a <note>",))
    store.plan(begun, [package for package, _ in packages])
    results = {package.file.digest: done for package, done in packages}
    for number in store.left(begun):
        done = results[store.package(number).file.digest]
        if done is not None:
            store.keep(begun, number, done)
    store.end(begun)
    return store, store.run(begun.number)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


def dead_links(site: Path) -> list[str]:
    """Return the links of a site that lead nowhere within it."""
    dead = []
    for page in site.rglob("*.html"):
        parser = _Links()
        parser.feed(page.read_text())
        dead += [
            f"{page.name}: {link}"
            for link in parser.found
            if link != "data:," and not (page.parent / link).resolve().is_file()
        ]
    return dead


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Return a site about packages with hostile names and findings, one that could not be read, one to come."""
    found = Done(
        outcome=PackageOutcome.CHECKED, findings=(DOCUMENT, DOCUMENT), counts=(9, 7, 0, 0), notes=("<i>note</i>",)
    )
    broken = Done(outcome=PackageOutcome.UNREADABLE, reason="<script>x</script>\x1b[2J")
    packages: list[tuple[ListedPackage, Done | None]] = [
        (listed(number, "".join(filter(str.isprintable, name))), found)  # others no index may have
        for number, name in enumerate(HOSTILE)
    ]
    packages += [
        (listed(100, "../../etc"), found),
        (listed(101), broken),
        (listed(102), None),
        (listed(103), Done(outcome=PackageOutcome.CHECKED)),
    ]
    store, begun = filled(tmp_path / "store", packages)
    write_site(store, begun, tmp_path / "site", Severity.ERROR)
    store.close()
    return tmp_path / "site"


def test_pages_lead_to_each_other(hostile: Path) -> None:
    assert dead_links(hostile) == []
    names = {path.relative_to(hostile).as_posix() for path in hostile.rglob("*") if path.is_file()}
    pattern = r"(index|left|rules/[a-z-]+|names/([a-z0-9]|other)|packages/[0-9a-f]{2}/[0-9a-f]{64})\.html"
    data = {"run.json", "findings.json", "findings.sarif", ".pkgtools-site"}
    assert [name for name in names - data if not re.fullmatch(pattern, name)] == []
    assert data <= names


def test_texts_are_escaped_on_every_page(hostile: Path) -> None:
    for page in hostile.rglob("*.html"):
        text = page.read_text()
        assert text.count("<script") == 1
        assert "\x1b" not in text
        assert not re.search(r"<(b|i|note|img)[ >]", text.replace("<b>", ""))
        assert "default-src 'none'" in text


def test_what_was_not_done_is_said(hostile: Path) -> None:
    left = (hostile / "left.html").read_text()
    assert "p101 1 all" in left
    assert "unreadable" in left
    assert "p102 1 all" in left
    assert "not looked at yet" in left
    report = json.loads((hostile / "run.json").read_text())
    assert (report["packages"]["undone"], report["packages"]["unreadable"], report["exit"]) == (1, 1, 2)


def test_an_unsigned_index_stands_on_every_page(hostile: Path) -> None:
    assert all("not signed: nothing vouches" in page.read_text() for page in hostile.rglob("*.html"))


def test_a_site_is_replaced_as_a_whole_and_nothing_else_is(tmp_path: Path, mirror: Path, store: Path, key: Key) -> None:
    check(mirror, store, "--keyring", key.keyring)
    site = tmp_path / "site"
    argv = ("archive", "report", "--store", store, "-o", site)
    assert run(tmp_path, *argv).returncode == 0
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    (site / "stale.html").touch()
    assert run(tmp_path, *argv).returncode == 0
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert dead_links(site) == []
    own = tmp_path / "own"
    own.mkdir()
    (own / "thesis.txt").touch()
    refused = run(tmp_path, "archive", "report", "--store", store, "-o", own)
    assert refused.returncode == 2
    assert [one.name for one in own.iterdir()] == ["thesis.txt"]
    (tmp_path / "link").symlink_to(site)
    assert run(tmp_path, "archive", "report", "--store", store, "-o", tmp_path / "link").returncode == 2
    assert [one.name for one in tmp_path.glob(".pkgtools*")] == []


def test_findings_go_from_run_to_run(tmp_path: Path, store: Path, key: Key) -> None:
    mirror = make_mirror(tmp_path / "mirror", {"a": True}, key)
    for name in ("b", "c"):
        check(mirror, store, "--keyring", key.keyring)
        write_deb(mirror / f"pool/{name}_1_all.deb", name, bad=True)
        write_index(mirror, key)
    check(mirror, store, "--keyring", key.keyring)
    run(tmp_path, "archive", "report", "--store", store, "-o", tmp_path / "site")
    front = (tmp_path / "site/index.html").read_text()
    assert len(re.findall(r"<polyline", front)) >= 1
    trend = front.partition('id="trend"')[2]
    packages = [int(one) for one in re.findall(r'<th scope="row">[^<]*</th><td>(\d+)</td>', trend)]
    assert packages == [3, 2, 1]


def test_an_earlier_run_can_be_shown(tmp_path: Path) -> None:
    store, first = filled(tmp_path / "store", [(listed(1), Done(outcome=PackageOutcome.CHECKED))])
    store.close()
    store, second = filled(
        tmp_path / "store", [(listed(2), Done(outcome=PackageOutcome.CHECKED))], replace(KEY, indexed="2")
    )
    assert latest(store, None) == second
    assert latest(store, 1).number == first.number
    store.close()
    wrong = run(tmp_path, "archive", "report", "--store", tmp_path / "store", "-o", tmp_path / "site", "--run", "3")
    assert wrong.returncode == 2
    assert "no run 3" in wrong.stderr


@pytest.mark.parametrize(("job", "status"), [("check", 0), ("verify", 2)])
@pytest.mark.parametrize("counts", [(9, 7, 0, 0), (9, 9, 4, 3)], ids=["pycs", "sources"])
def test_what_verify_could_not_look_at_is_not_clean(
    job: str, status: int, counts: tuple[int, int, int, int], tmp_path: Path
) -> None:
    done = Done(outcome=PackageOutcome.CHECKED, counts=counts)
    store, begun = filled(tmp_path / "store", [(listed(1), done)], replace(KEY, job=job))
    assert tally_of(store, begun, Severity.ERROR).status == status
    store.close()


def test_rules_of_another_version_have_a_page(tmp_path: Path) -> None:
    done = Done(outcome=PackageOutcome.CHECKED, findings=({**DOCUMENT, "rule": "gone-rule"},))
    store, begun = filled(tmp_path / "store", [(listed(1), done)])
    write_site(store, begun, tmp_path / "site", Severity.ERROR)
    store.close()
    assert "another version" in html.unescape((tmp_path / "site/rules/gone-rule.html").read_text())


@pytest.mark.slow
@pytest.mark.system
@pytest.mark.parametrize("width", [360, 820, 1400])
def test_in_a_browser_only_our_script_runs(width: int, hostile: Path, tmp_path: Path) -> None:
    need_tools(["chromium"], root=False)
    browser = Browser(tmp_path, width)
    (package,) = hostile.rglob(f"{100:064x}.html")
    for page in (hostile / "index.html", package):
        document, console = browser.see(page.as_uri())
        assert console == []
        assert "owned" not in document.partition("<body>")[0]
    document, console = browser.see(f"{(hostile / 'names/p.html').as_uri()}#p101")
    assert console == []
    assert "<output>1 of " in document
