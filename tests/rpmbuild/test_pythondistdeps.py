# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Our dependency generator beside Fedora's: the same answers to 178 questions, but where ours differ for a reason.

- A requirement of an extra always requires the package for that extra, and programs of setuptools need nothing more
  since Python 3.10: Fedora's macros say so by options.
- What PEP 440 says of pre-releases and post-releases is kept in more cases.
- `>=2.3.*` is not in PEP 440, and breaks the build: Fedora's generator, too, with a `packaging` of today.
- There is no `--namespace`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pkgtools.rpmbuild.distdeps import DependencyQuestion, MetadataError, answer
from pkgtools.rpmbuild.versions import rpm_version
from tests.rpmbuild.test_versions import SUFFIXES, is_satisfied, ranks, terms

Row = dict[str, Any]
TABLE = tomllib.loads(Path(__file__).with_name("pythondistdeps.toml").read_text(encoding="utf-8"))
CASES = [(row, number) for row in TABLE["distribution"] for number in row["asks"]]
NOT_IN_PEP_440 = "fsleyes"
SINCE_3_10 = {"3.10", "3.11"}
ELSEWHERE = "3.9"
"""What Python the metadata outside of a library are for, by their names."""


def name_of(case: tuple[Row, int]) -> str:
    return f"{case[0]['path'].rpartition('/')[2]} asked in way {case[1]}"


def lay_out(row: Row, root: Path) -> str:
    """Write the metadata of a distribution and return where."""
    place = root / row["path"]
    place.mkdir(parents=True)
    if "name" not in row:
        (place / "corrupted").touch()
        return str(place)
    lines = ["Metadata-Version: 2.1", f"Name: {row['name']}", f"Version: {row['version']}"]
    lines += [f"Provides-Extra: {extra}" for extra in row.get("extras", ())]
    requires = row.get("requires", [])
    if place.suffix == ".egg-info":
        (place / "PKG-INFO").write_text("\n".join([*lines, ""]))
        (place / "requires.txt").write_text("\n".join(as_sections(requires)))
    else:
        (place / "METADATA").write_text("\n".join([*lines, *(f"Requires-Dist: {one}" for one in requires), ""]))
    if row.get("scripts"):
        (place / "entry_points.txt").write_text("[console_scripts]\nprogram = module:main\n")
    return str(place)


def as_sections(requires: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a requires.txt: extras and markers are titles of sections."""
    sections: dict[str, list[str]] = {"": []}
    for one in requires:
        requirement, _, marker = one.partition(";")
        extra = re.search(r"(?:and )?extra == ['\"](.+)['\"]", marker)
        rest = (marker[: extra.start()] if extra else marker).strip()
        title = (extra[1] if extra else "") + (f":{rest}" if rest else "")
        sections.setdefault(title, []).append(requirement.strip())
    for title, lines in sections.items():
        yield from (f"[{title}]" if title else "", *lines)


def python_of(row: Row) -> str:
    found = re.search(r"py(?:thon)?(\d\.\d+)", row["path"])
    return found[1] if found else ELSEWHERE


def is_default(row: Row, ask: Row) -> bool:
    return bool(set(ask.get("default", ())) & {"all", python_of(row)})


def question(row: Row, ask: Row) -> DependencyQuestion:
    return DependencyQuestion(
        provides=True,
        package=ask.get("package", ""),
        legacy_names=ask["names"] == "legacy",
        both_names=ask.get("both_names", False),
        default=python_of(row) if is_default(row, ask) else "",
        allow_zero=not ask.get("zero_fails"),
    )


def extra_of(ask: Row) -> str:
    return str(ask.get("package", "")).rpartition("+")[2].lower()


def provided(row: Row, ask: Row) -> set[str]:
    """Say what Fedora's provides."""
    pythons = {python_of(row), *(python_of(row)[:1] if is_default(row, ask) else ())}
    forms = {"legacy": re.sub(r"[-_]+", "-", row["name"]).lower(), "pep503": canonicalize_name(row["name"])}
    names = forms.values() if ask.get("both_names") else (forms[ask["names"]],)
    extra = f"[{extra_of(ask)}]" if extra_of(ask) else ""
    version = row.get("provides", row["version"])
    return {f"python{python}dist({name}{extra}) = {version}" for python in pythons for name in names}


def required(row: Row, ask: Row) -> dict[str, list[str]]:
    """Say what Fedora's requires, each with its conditions, or with ours where those are others."""
    found = {}
    for name, *conditions in row["answers"][extra_of(ask)]:
        if name == "setuptools" and row.get("scripts") and python_of(row) in SINCE_3_10:
            continue
        form = re.sub(r"\.", "-", name) if ask["names"] == "pep503" else name
        found[f"python{python_of(row)}dist({form})"] = row.get("ours", {}).get(name, conditions)
    return found


def conditions_of(dependency: str) -> tuple[str, list[str]]:
    """Split a dependency into its name and what must hold of the version."""
    match = re.search(r"python\S*?\([^()]*\)", dependency)
    assert match is not None
    parts = (re.sub(r"[() ]+", " ", part).strip() for part in dependency.replace(match[0], "").split(" with "))
    return match[0], sorted(part for part in parts if part)


def test_there_are_178() -> None:
    assert len(CASES) == 178
    assert sum("unsupported" in TABLE["ask"][number - 1] for _, number in CASES) == 2


@pytest.mark.parametrize("case", CASES, ids=map(name_of, CASES))
def test_answer_is_that_of_fedoras(case: tuple[Row, int], tmp_path: Path) -> None:
    row, number = case
    ask = TABLE["ask"][number - 1]
    if "unsupported" in ask:
        return
    info, asked = lay_out(row, tmp_path), question(row, ask)
    if number in row.get("broken", ()) or row.get("name") == NOT_IN_PEP_440:
        with pytest.raises(MetadataError):
            answer([info], asked)
        return
    assert set(answer([info], asked)) == provided(row, ask)
    found = set(answer([info], asked._replace(provides=False)))
    abi = f"python(abi) = {python_of(row)}"
    assert abi in found
    assert dict(map(conditions_of, found - {abi})) == required(row, ask)


def differing() -> Iterator[tuple[SpecifierSet, list[str], list[str]]]:
    """Yield the specifiers where ours differs, with Fedora's conditions and with ours."""
    for row in TABLE["distribution"]:
        theirs = {name: conditions for name, *conditions in row.get("answers", {}).get("", ())}
        for name, ours in row.get("ours", {}).items():
            found = {str(one.specifier) for one in plain_requirements(row) if canonicalize_name(one.name) == name}
            (specifiers,) = found
            yield SpecifierSet(specifiers), theirs[name], ours


def plain_requirements(row: Row) -> Iterator[Requirement]:
    yield from map(Requirement, row["requires"])


@pytest.mark.system
def test_where_answers_differ_ours_is_right() -> None:
    """By what packaging says of versions around the bounds, pre-releases included, in rpm's order."""
    cases = [(one, as_dependency(theirs), as_dependency(ours)) for one, theirs, ours in differing()]
    assert len(cases) > 20
    candidates = {str(one): [text for each in one for text in around(each.version)] for one, _, _ in cases}
    versions = {rpm_version(version) for some in candidates.values() for version in some}
    rank = ranks(versions | {bound for _, *both in cases for text in both for _, bound in terms(text)})
    for specifiers, theirs, ours in cases:
        wrong = {
            text: [
                version
                for version in candidates[str(specifiers)]
                if specifiers.contains(version, prereleases=True) != is_satisfied(text, rpm_version(version), rank)
            ]
            for text in (theirs, ours)
        }
        assert wrong[ours] == [], specifiers
        assert wrong[theirs] != [], specifiers


def as_dependency(conditions: list[str]) -> str:
    return " with ".join(f"({' or '.join(f'x {one}' for one in part.split(' or '))})" for part in conditions)


def around(text: str) -> Iterator[str]:
    """Yield versions around one: others of its release, of those before and behind on each level, and its own kin."""
    numbers = [int(one) for one in re.findall(r"\d+", re.split(r"[a-z*]", text)[0])]
    releases = []
    for level, number in enumerate(numbers):
        for near in (max(number - 1, 0), number, number + 1):
            releases += [[*numbers[:level], near], [*numbers[:level], near, *numbers[level + 1 :]]]
    versions = (".".join(map(str, release)) + suffix for release in releases for suffix in SUFFIXES)
    yield from (one for one in (*versions, f"{text}.dev1", f"{text}.post1") if is_version(one))


def is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
