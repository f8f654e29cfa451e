# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A run as a site of static pages: totals, trends, rules by packages, packages by rules; beside them JSON and SARIF.

Names of files come from digests, ids of rules and single letters, never from names of packages. A site is written
beside the old one and put into its place as a whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from pkgtools import __version__
from pkgtools.model.finding import CheckReport, Severity
from pkgtools.report.formats import Format, write
from pkgtools.report.html import digest, pieces_of, read_part
from pkgtools.report.wording import SYMBOLS
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.interrupts import Held

from .package_done import PackageOutcome
from .run_report import run_as_dict
from .tally import tally_of
from .trend import Trend, trend_of
from .verdicts import verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pkgtools.model.finding import CheckVerdict, RuleFacts

    from .store import Kept, Run, Store
    from .tally import RunTally

_MARK = ".pkgtools-site"
"""What shows that a directory is a site of ours, which may be replaced."""
_MOST_ROWS = 5_000
"""Packages that one page lists."""
_OTHER = "other"
"""The page of names that begin with neither a letter nor a digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A package as lists of packages show it."""

    label: str
    """Name, version and architecture."""
    page: str
    """Its page, from the top of the site; empty where nothing is to be said of it."""
    counts: Mapping[Severity, int]
    """Its findings."""
    state: str
    """Empty where it was checked, else why it wasn't."""


def write_site(store: Store, run: Run, directory: Path, fail_on: Severity) -> None:
    """Write the site of a run. Raises UsageError for a directory that isn't a site, OSError."""
    with _replaced(directory) as top:
        _Site(store, run, top, fail_on).write()


@contextmanager
def _replaced(directory: Path) -> Iterator[Path]:
    """Yield an empty directory, which takes the place of a site at the end."""
    if directory.is_symlink():
        raise UsageError(f"{directory} is a link: name the directory that it leads to")
    if (
        directory.exists()
        and not (directory / _MARK).is_file()
        and (not directory.is_dir() or any(directory.iterdir()))
    ):
        raise UsageError(f"{directory} isn't empty, and no site of pkgtools: name another directory")
    directory = directory.absolute()
    directory.parent.mkdir(parents=True, exist_ok=True)
    new = directory.parent / f".pkgtools-site-{sha256(os.fsencode(directory.name)).hexdigest()[:16]}"
    with _held(new, directory):
        _take_up(new, directory)
        made = new / "site"
        made.mkdir()
        (made / _MARK).touch()
        yield made
        with Held():
            _exchange(made, directory, new / "old")


@contextmanager
def _held(new: Path, directory: Path) -> Iterator[None]:
    """Make the directory in which a site is written, for one program at a time, and remove it at the end."""
    with suppress(FileExistsError):
        new.mkdir(mode=0o700)
    opened = os.open(new, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(opened).st_uid != os.geteuid():
            raise UsageError(f"{new} belongs to another user: remove it")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{directory} is being written by another program: wait for its end") from error
        try:
            yield
        finally:
            shutil.rmtree(new)
    finally:
        os.close(opened)


def _take_up(new: Path, directory: Path) -> None:
    """Put back what a program that was killed had put aside, and remove what it had written."""
    if (new / "old").is_dir() and not directory.exists():
        (new / "old").rename(directory)
    for name in ("old", "site"):
        if (new / name).exists():
            shutil.rmtree(new / name)


def _exchange(made: Path, directory: Path, old: Path) -> None:
    """Put a site into its place; where that can't be done the old one stays. Raises OSError."""
    is_there = directory.exists()
    if is_there:
        directory.rename(old)
    try:
        made.rename(directory)
    except OSError:
        if is_there:
            old.rename(directory)
        raise


class _Site:
    """The pages of one run."""

    def __init__(self, store: Store, run: Run, top: Path, fail_on: Severity) -> None:
        self._store, self._run, self._top, self._fail_on = store, run, top, fail_on
        self._facts: dict[str, RuleFacts] = {}
        self._names: defaultdict[str, list[_Line]] = defaultdict(list)
        self._by_rule: defaultdict[str, list[_Line]] = defaultdict(list)
        self._left: list[_Line] = []
        self._digests: dict[str, int] = {}
        self._verdicts: list[CheckVerdict] = []

    def write(self) -> None:
        """Write all pages."""
        tally = tally_of(self._store, self._run, self._fail_on)
        for kept in self._store.kept(self._run):
            self._package(kept)
        letters = sorted(self._names, key=lambda name: (name == _OTHER, name))
        for letter in letters:
            self._page(
                f"names/{letter}.html", "archive_names", letter=letter, letters=letters, lines=self._names[letter]
            )
        for rule, lines in self._by_rule.items():
            shown = lines[:_MOST_ROWS]
            more = len(lines) - len(shown)
            self._page(f"rules/{rule}.html", "archive_rule", rule=self._facts[rule], lines=shown, more=more)
        self._page("left.html", "archive_left", lines=self._left)
        trend = trend_of(self._store, self._run)
        self._front(tally, trend, letters)
        self._data(tally)

    def _package(self, kept: Kept) -> None:
        """Write a package's page where there is something to say, and note it down for the lists."""
        verdict = verdict_of(kept, self._facts)
        self._verdicts.append(verdict)
        package, counts = kept.package, dict.fromkeys(reversed(Severity), 0)
        for finding in verdict.findings:
            counts[finding.severity] += 1
        name = self._page_of(package.file.digest)
        has_page = bool(verdict.findings or verdict.error or verdict.notes)
        line = _Line(
            label=f"{package.name} {package.version} {package.architecture}",
            page=f"packages/{name[:2]}/{name}.html" if has_page else "",
            counts=counts,
            state=_state(kept),
        )
        first = package.name[:1].lower()
        self._names[first if first.isascii() and first.isalnum() else _OTHER].append(line)
        for rule in dict.fromkeys(finding.rule.id for finding in verdict.findings):
            self._by_rule[rule].append(line)
        if line.state:
            self._left.append(line)
        if has_page:
            self._page(line.page, "archive_package", package=package, verdict=verdict, line=line)

    def _page_of(self, digest: str) -> str:
        """Return the name of a page, which nothing else of the same bytes has."""
        number = self._digests[digest] = self._digests.get(digest, 0) + 1
        return digest if number == 1 else f"{digest}-{number}"

    def _front(self, tally: RunTally, trend: Trend, letters: list[str]) -> None:
        rules = [(self._facts[rule], findings, packages) for rule, findings, packages in tally.rules]
        self._page("index.html", "archive_front", tally=tally, trend=trend, rules=rules, letters=letters)

    def _data(self, tally: RunTally) -> None:
        """Write the run as JSON, and its findings as JSON and SARIF."""
        report = CheckReport(
            command="check",
            verdicts=tuple(self._verdicts),
            rules=tuple(self._facts[rule] for rule in sorted(self._facts)),
            fail_on=self._fail_on,
        )
        text = json.dumps(run_as_dict(tally, 0), indent=1) + "\n"
        (self._top / "run.json").write_text(text, encoding="utf-8")
        for name, form in (("findings.json", Format.JSON), ("findings.sarif", Format.SARIF)):
            with (self._top / name).open("w", encoding="utf-8") as stream:
                stream.writelines(write(report, form))

    def _page(self, name: str, template: str, **values: object) -> None:
        css = read_part("report.css") + read_part("archive.css")
        js = read_part("archive.js")
        path = self._top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        common = {
            "version": __version__,
            "run": self._run,
            "top": "../" * name.count("/"),
            "symbols": SYMBOLS,
            "css": Markup(css),  # noqa: S704 # ours, and the policy has its digest
            "js": Markup(js),  # noqa: S704
            "css_hash": Markup(digest(css)),  # noqa: S704
            "js_hash": Markup(digest(js)),  # noqa: S704
        }
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(pieces_of(f"{template}.html.j2", {**common, **values}))


def _state(kept: Kept) -> str:
    if kept.done is None:
        return "not looked at yet"
    return "" if kept.done.outcome is PackageOutcome.CHECKED else kept.done.outcome.value


def latest(store: Store, number: int | None) -> Run:
    """Return a run by its number, or the last one. Raises UsageError."""
    runs = store.runs()
    if not runs:
        raise UsageError("there is no run in the store yet: `pkgtools archive check` makes one")
    chosen = [run for run in runs if number in {None, run.number}]
    if not chosen:
        raise UsageError(f"there is no run {number} in the store: it has 1 to {runs[-1].number}")
    return chosen[-1]
