# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What relations mean, by Debian Policy 7.1 and dpkg's order of versions: written apart from what is tested."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from debian.debian_support import version_compare

from pkgtools.debhelper.main import parse
from pkgtools.debhelper.records import Field, Note, Origin
from pkgtools.debhelper.requirements.markers import machines
from pkgtools.debhelper.requirements.pydist import PydistRule, parse_rules
from pkgtools.debhelper.requirements.requirements import Context, Requirement, translate
from pkgtools.debhelper.supported_pythons import Dialect, Minor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.debhelper.records import Relations
    from pkgtools.debhelper.requirements.names import Names

_ATOM = re.compile(r"([a-z0-9][a-z0-9+.-]*)(?::any)?(?: \((<<|<=|=|>=|>>) ([0-9][A-Za-z0-9.+:~-]*)\))?")
PYTHON = Minor(3, 11)
ORIGIN = Origin(file="debian/foo/usr/lib/python3/dist-packages/foo-1.dist-info/METADATA", line=7)


def is_satisfied(relation: str, installed: Mapping[str, str]) -> bool:
    """Whether one of a relation's alternatives is there."""
    return any(_is_there(atom, installed) for atom in relation.split(" | "))


def _is_there(atom: str, installed: Mapping[str, str]) -> bool:
    found = _ATOM.fullmatch(atom)
    assert found, atom
    name, sign, limit = found.groups()
    if name not in installed:
        return False
    if not sign:
        return True
    order = version_compare(installed[name], limit)
    return {"<<": order < 0, "<=": order <= 0, "=": order == 0, ">=": order >= 0, ">>": order > 0}[sign]


def demands(relations: Iterable[str], installed: Mapping[str, str]) -> bool:
    """Whether something is missing."""
    return not all(is_satisfied(relation, installed) for relation in relations)


def python_packages(default: str, lowest: str = "", highest: str = "") -> dict[str, str]:
    """Return what is installed with a Python such as 3.11.2-1, and what it provides."""
    short = ".".join(default.split(".")[:2])
    return {
        "python3": default,
        "python3-supported-min": lowest or short,
        "python3-supported-max": highest or short,
    }


class FakeNames:
    """Rules from text, and owners from a mapping."""

    def __init__(self, rules: str, owners: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._rules = parse_rules(rules, "debian/py3dist-overrides")[0]
        self._owners = owners or {}

    def rules(self, name: str) -> tuple[PydistRule, ...]:
        return tuple(rule for rule in self._rules if rule.name == name)

    def owners(self, name: str) -> tuple[str, ...]:
        return self._owners.get(name, ())

    def notes(self) -> tuple[Note, ...]:
        return ()


def make_context(
    rules: str = "aa python3-aa; PEP440\nbb python3-bb\n",
    *,
    owners: Mapping[str, tuple[str, ...]] | None = None,
    dialect: Dialect = Dialect.DEFAULT,
    sections: Mapping[Field, tuple[str, ...]] | None = None,
    build_depends: Mapping[str, str] | None = None,
    accept: bool = False,
    architecture: str = "amd64",
    default: Minor = PYTHON,
) -> Context:
    """Return a context; architecture `all` is that of an independent package."""
    return Context(
        names=FakeNames(rules, owners),
        build_depends=build_depends or {},
        options=replace(parse([], {}), sections=sections or {}, accept_upstream_versions=accept),
        default=default,
        supported=(default,),
        machines=machines(architecture, independent=architecture == "all"),
        dialect=dialect,
    )


def translated(text: str, context: Context) -> Relations:
    """Translate one requirement of METADATA."""
    return translate([Requirement(origin=ORIGIN, text=text)], context)


def depends(text: str, context: Context) -> tuple[str, ...]:
    """Return what a requirement adds to Depends."""
    return translated(text, context).by_field.get(Field.DEPENDS, ())


def make_installed(context: Context) -> Context:
    """Return a context whose rules aren't the maintainer's own."""
    return replace(context, names=_Installed(context.names))


class _Installed:
    def __init__(self, names: Names) -> None:
        self._names = names

    def rules(self, name: str) -> tuple[PydistRule, ...]:
        origin = Origin(file="/usr/share/python3/dist/x", line=1)
        return tuple(replace(rule, origin=origin) for rule in self._names.rules(name))

    def owners(self, name: str) -> tuple[str, ...]:
        return self._names.owners(name)

    def notes(self) -> tuple[Note, ...]:
        return ()
