# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A distribution's name -> the Debian package: overrides, rules of installed packages, dpkg's file database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from packaging.utils import canonicalize_name

from pkgtools.debhelper.records import Note, Origin
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.pythons import SHARED, SHARED_NAME

from .pydist import PydistRule, parse_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pkgtools.debhelper.supported_pythons import Minor

OVERRIDES = "debian/py3dist-overrides"
_METADATA = re.compile(rf"(/.*{SHARED_NAME}/.*/)([^/]+?)-(?=\d)[^/]+\.[^/]*-info")
_VENDORED = re.compile(r"/_?(?:vendor(?:ed)?|extern(?:al)?)/")


class Names(Protocol):
    """Who knows where distributions are packaged; names are canonical ones."""

    def rules(self, name: str) -> tuple[PydistRule, ...]:
        """Return the PyDist rules for a distribution, the strongest first."""
        ...

    def owners(self, name: str) -> tuple[str, ...]:
        """Return the installed packages that hold a distribution's metadata, sorted."""
        ...

    def notes(self) -> tuple[Note, ...]:
        """Return what was wrong in the files that were read, so far."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSources:
    """Where things are."""

    top: Path
    """The source package's top directory."""
    installed: Path
    """/usr/share/python3/dist"""
    fallback: Path
    """/usr/share/dh-python/dist/cpython3_fallback"""
    database: Path
    """/var/lib/dpkg/info"""


def system_places(top: Path, root: Path, fallback: str = "") -> NameSources:
    """Return where a system has them; `fallback` is the directory that DH_PYTHON_DIST names, empty for the usual."""
    return NameSources(
        top=top,
        installed=root / "usr/share/python3/dist",
        fallback=root / (fallback.lstrip("/") or "usr/share/dh-python/dist") / "cpython3_fallback",
        database=root / "var/lib/dpkg/info",
    )


class SystemNames:
    """The rules and packages of this system; each file is read when it is needed, once."""

    def __init__(self, places: NameSources) -> None:
        """Remember where to look, without looking."""
        self._places = places
        self._lines: dict[str, list[tuple[Origin, str]]] | None = None
        self._owners: Mapping[str, tuple[str, ...]] | None = None
        self._rules: dict[str, tuple[PydistRule, ...]] = {}
        self._notes: list[Note] = []

    def rules(self, name: str) -> tuple[PydistRule, ...]:
        """Return the PyDist rules for a distribution, the strongest first."""
        if self._lines is None:
            self._lines = _index(self._files())
        if name not in self._rules:
            self._rules[name] = tuple(self._parsed(self._lines.get(name, ())))
        return self._rules[name]

    def _files(self) -> Iterator[tuple[str, Path]]:
        yield OVERRIDES, self._places.top / OVERRIDES
        installed = self._places.installed
        yield from ((str(path), path) for path in (sorted(installed.iterdir()) if installed.is_dir() else ()))
        yield str(self._places.fallback), self._places.fallback

    def _parsed(self, lines: Iterable[tuple[Origin, str]]) -> Iterator[PydistRule]:
        for origin, line in lines:
            try:
                yield from parse_line(line, origin)
            except UsageError as error:
                self._notes.append(Note(origin=origin, text=f"{error} (this line is left out)"))

    def owners(self, name: str) -> tuple[str, ...]:
        """Return the installed packages that hold a distribution's metadata, sorted."""
        if self._owners is None:
            self._owners = _search(self._places.database)
        return self._owners.get(name, ())

    def notes(self) -> tuple[Note, ...]:
        """Return what was wrong in the rules that were looked at, so far."""
        return tuple(self._notes)


def _index(files: Iterable[tuple[str, Path]]) -> dict[str, list[tuple[Origin, str]]]:
    """Sort the lines of PyDist files by distribution; thousands of them aren't parsed before they are needed."""
    lines: dict[str, list[tuple[Origin, str]]] = {}
    for file, path in files:
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="surrogateescape").split("\n"), 1):
            words = line.replace(";", " ", 1).split(None, 1)
            if not words or words[0].startswith("#"):
                continue
            lines.setdefault(canonicalize_name(words[0]), []).append((Origin(file=file, line=number), line))
    return lines


def _search(database: Path) -> dict[str, tuple[str, ...]]:
    """Read the file lists of all packages for `*python3/*/NAME-?*.*-info`, as dh_python3 asks dpkg -S for them.

    Copies of distributions inside others' packages don't count, for other packages can't import them. Those that are
    right in dist-packages go before those in its subdirectories.
    """
    direct: dict[str, set[str]] = {}
    nested: dict[str, set[str]] = {}
    for path in database.glob("*.list"):
        content = path.read_bytes()
        if b"st-info\n" not in content and b"gg-info\n" not in content:
            continue
        package = path.name.removesuffix(".list").partition(":")[0]
        for line in content.split(b"\n"):
            if not line.endswith((b"egg-info", b"dist-info")):
                continue
            found = _METADATA.fullmatch(line.decode("utf-8", "surrogateescape"))
            if found and not _VENDORED.search(found[1]):
                index = direct if found[1].endswith(SHARED.removeprefix("/usr/lib/") + "/") else nested
                index.setdefault(canonicalize_name(found[2]), set()).add(package)
    return {name: tuple(sorted(packages)) for name, packages in (nested | direct).items()}


def find(names: Names, name: str, python: Minor) -> PydistRule | str | None:
    """Return the rule for a distribution or, where none is for this Python, the package; None if unknown.

    Raises UsageError, without the place, where several packages have it.
    """
    for rule in names.rules(canonicalize_name(name)):
        if python in rule.versions:
            return rule
    owners = names.owners(canonicalize_name(name))
    if len(owners) > 1:
        hint = f"`{canonicalize_name(name)} {owners[0]}`"
        raise UsageError(f"{name} is in several packages, {', '.join(owners)}: choose, with {hint} in {OVERRIDES}")
    return owners[0] if owners else None


def advice(name: str) -> str:
    """Say what to do about an unknown distribution."""
    package = "python3-" + canonicalize_name(name).removeprefix("python-")
    return (
        f"no package is known for the distribution {name}: add the one that has it to Build-Depends, "
        f"or add a line such as `{canonicalize_name(name)} {package}` to {OVERRIDES}"
    )
