# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Write docs/reference/lintian.md: what lintian's tags about Python and `pkgtools check` find in real packages.

    python -m tools.lintian_table DIRECTORY...                     packages that are there
    python -m tools.lintian_table --download 1500 DIRECTORY        some of the archive that apt is set up for, into it

lintian and apt are Debian's. With `--keep FILE` a run that was stopped goes on where it was, and the page can be
written again without looking at any package again.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
import textwrap
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from debian.deb822 import Packages

from pkgtools import __version__
from pkgtools.check.one_package import CheckTask
from pkgtools.cli.checking import check_all
from pkgtools.model.finding import Persona

from .lintian_topics import NOT_COMPARED, TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pkgtools.model.finding import CheckVerdict

    from .lintian_topics import Topic

    Found = Mapping[str, Counter[str]]
    """For each package file: tags or rules, and how often it has them."""

T = TypeVar("T")
PAGE = Path(__file__).resolve().parents[1] / "docs/reference/lintian.md"
_TAG = re.compile(r".*(?:python|pycompile).*")
"""lintian's tags about Python, but for those of `TOPICS` that are called otherwise."""
_PYTHON = re.compile(r"(?:^|[/ ])python")
_LARGEST = 1_500_000
"""Bytes of a package that is downloaded."""
_SEED = 14
_AT_ONCE = 25
_WIDTH = 100
_MODULES = re.compile(r"python3-(?!.*-(?:doc|dbg)$).+")
_DEPENDS = re.compile(r"(?:^|[ ,|])python3(?::any)?(?:[ ,|(]|$)")


_TASK = CheckTask(persona=Persona.AUDITOR)


class Looked(NamedTuple):
    """What both found in one package."""

    deb: str
    """The name of its file."""
    tags: Mapping[str, int]
    """lintian's, and how many hints each has."""
    rules: Mapping[str, int]
    """Ours, and how many findings each has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What both found about one topic."""

    both: int
    """Packages in which each of them found something."""
    lintian: int
    """Packages in which lintian alone did."""
    ours: int
    """Packages in which pkgtools alone did."""


def compare(topic: Topic, tags: Found, rules: Found) -> Comparison:
    """Count the packages in which both, or one of them, found something about a topic."""
    theirs = {path for path, found in tags.items() if not topic.tags.isdisjoint(found)}
    ours = {path for path, found in rules.items() if not topic.rules.isdisjoint(found)}
    return Comparison(both=len(theirs & ours), lintian=len(theirs - ours), ours=len(ours - theirs))


def read_hints(text: str) -> dict[str, Counter[str]]:
    """Return the tags for each package file, of what lintian prints as JSON; those it says elsewhere are left out.

    A tag that any program can have counts where its context names Python.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for group in json.loads(text)["groups"]:
        for file in group["input_files"]:
            for hint in file["hints"]:
                if _TAG.fullmatch(hint["tag"]) or _PYTHON.search(hint["note"]):
                    found[file["path"]][hint["tag"]] += 1
    return dict(found)


def count_rules(verdicts: Iterable[CheckVerdict]) -> dict[str, Counter[str]]:
    """Return the rules for each package file that could be read, and how many findings each has."""
    return {
        verdict.origin: Counter(finding.rule.id for finding in verdict.findings)
        for verdict in verdicts
        if verdict.findings
    }


def page(tags: Found, rules: Found, about: str) -> Iterator[str]:
    """Yield the lines of the page."""
    hints, findings = _totals(tags), _totals(rules)
    yield from (_HEAD.format(about=about)).splitlines()
    yield "| topic | lintian's tags | rules | both | lintian alone | pkgtools alone |"
    yield "|---|---|---|---|---|---|"
    for topic in TOPICS:
        one = compare(topic, tags, rules)
        named, ruled = (_listed(names, numbers) for names, numbers in ((topic.tags, hints), (topic.rules, findings)))
        yield f"| {topic.name} | {named} | {ruled} | {one.both} | {one.lintian} | {one.ours} |"
    yield from ("", "## Why they differ", "")
    for topic in TOPICS:
        said = f"* {topic.name}: {topic.why}"
        yield from textwrap.wrap(said, _WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)
    known = frozenset().union(*(topic.tags for topic in TOPICS))
    yield from ("", "## Tags without a rule", "")
    yield from ("| tag | packages | hints | why pkgtools has no rule |", "|---|---|---|---|")
    for tag, number in sorted(hints.items()):
        if tag not in known:
            why = NOT_COMPARED.get(tag, "")
            yield f"| `{tag}` | {_packages(tags, tag)} | {number} | {why} |"
    known = frozenset().union(*(topic.rules for topic in TOPICS))
    yield from ("", "## Rules without a tag", "", "| rule | packages | findings |", "|---|---|---|")
    for rule, number in sorted(findings.items()):
        if rule not in known:
            yield f"| [`{rule}`](rules/{rule}.md) | {_packages(rules, rule)} | {number} |"


_HEAD = """\
# What lintian finds, and what `pkgtools check` finds

{about}

Written by `tools/lintian_table.py`. A number in parentheses says how many hints or findings there are; the columns
at the right count packages. lintian ran without its overrides, `check` with `--persona auditor` and without
`--compile`.

lintian looks at source packages, too, and at much that has nothing to do with Python. Its tags about those are not
compared here, and no rule of pkgtools is meant to take its place: run both.

## Topics that both know
"""


def _totals(found: Found) -> Counter[str]:
    return sum(found.values(), Counter())


def _packages(found: Found, name: str) -> int:
    return sum(name in some for some in found.values())


def _listed(names: Iterable[str], numbers: Mapping[str, int]) -> str:
    return ", ".join(f"`{name}` ({numbers.get(name, 0)})" for name in sorted(names))


def tags_about_python() -> list[str]:
    """Ask lintian for its tags, and return those to look for. Raises CalledProcessError."""
    known = _output(["lintian-explain-tags", "--list-tags"]).split()
    named = frozenset().union(*(topic.tags for topic in TOPICS))
    return [tag for tag in known if _TAG.fullmatch(tag) or tag in named]


def look_at(debs: Iterable[Path], keep: Path) -> Iterator[Looked]:
    """Yield what both find in each package, some at a time; what is in the file is not looked for again.

    Raises CalledProcessError.
    """
    lines = keep.read_text(encoding="utf-8").splitlines() if keep.exists() else []
    known = [Looked(**json.loads(line)) for line in lines]
    yield from known
    left = [deb for deb in debs if deb.name not in {one.deb for one in known}]
    random.Random(_SEED).shuffle(left)
    tags = ",".join(tags_about_python()) if left else ""
    for some in _some(left):
        hints, findings = ask_lintian(some, tags), count_rules(check_all(some, _TASK, jobs=1))
        with keep.open("a", encoding="utf-8") as stream:
            for deb in some:
                looked = Looked(deb.name, hints.get(str(deb), {}), findings.get(str(deb), {}))
                stream.write(json.dumps(looked._asdict()) + "\n")
                yield looked


def ask_lintian(debs: Iterable[Path], tags: str) -> dict[str, Counter[str]]:
    """Run lintian over some packages. Raises CalledProcessError."""
    options = ["--no-cfg", "--no-override", "--display-info", "--pedantic", "--display-experimental", "--fail-on=none"]
    return read_hints(_output(["lintian", *options, "--exp-output=format=json", f"--tags={tags}", *map(str, debs)]))


def _some(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[at : at + _AT_ONCE] for at in range(0, len(items), _AT_ONCE))


def _output(argv: Sequence[str]) -> str:
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout


def choose(paragraphs: Iterable[Mapping[str, str]], number: int) -> list[str]:
    """Return names of packages, the same ones for the same archive: two thirds are modules, one third is programs."""
    modules, programs = set(), set()
    for one in paragraphs:
        if int(one.get("Size", 0)) > _LARGEST:
            continue
        if _MODULES.fullmatch(one["Package"]):
            modules.add(one["Package"])
        elif _DEPENDS.search(f"{one.get('Depends', '')} {one.get('Pre-Depends', '')}"):
            programs.add(one["Package"])
    chance = random.Random(_SEED)
    wanted = number * 2 // 3
    return [
        name
        for some, count in ((modules, wanted), (programs, number - wanted))
        for name in chance.sample(sorted(some), min(count, len(some)))
    ]


def download(number: int, directory: Path) -> None:
    """Download packages of the archive that apt is set up for, those that are there already left out."""
    directory.mkdir(parents=True, exist_ok=True)
    listed = _output(["apt-cache", "dumpavail"]).splitlines(keepends=True)
    there = {path.name.partition("_")[0] for path in directory.glob("*.deb")}
    chosen = choose(Packages.iter_paragraphs(listed, use_apt_pkg=False), number)
    for some in _some([name for name in chosen if name not in there]):
        subprocess.run(["apt-get", "-qq", "download", *some], check=True, cwd=directory)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--download", type=int, default=0, metavar="NUMBER", help="download so many into DIRECTORY")
    parser.add_argument("--from", dest="source", default="Debian", metavar="TEXT", help="where they are from")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="what was found so far, and is found now")
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIRECTORY")
    given = parser.parse_args()
    if given.download:
        download(given.download, given.directories[0])
    debs = sorted(deb for directory in given.directories for deb in directory.glob("*.deb"))
    with tempfile.TemporaryDirectory() as scratch:
        looked = list(look_at(debs, given.keep or Path(scratch, "looked")))
    tags, rules = ({one.deb: Counter(getattr(one, what)) for one in looked} for what in ("tags", "rules"))
    lintian = _output(["lintian", "--print-version"]).strip()
    about = f"{len(looked):,} packages of {given.source}, lintian {lintian} and pkgtools {__version__}."
    PAGE.write_text("\n".join(page(tags, rules, about)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
