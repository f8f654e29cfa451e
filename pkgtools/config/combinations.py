# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what the settings of a package and the packages of a manifest mean together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from pkgtools.model.manifest import BadSource, Family, Strategy
from pkgtools.runtime.facts import InvalidationMode
from pkgtools.runtime.policy.sources import is_below

from .problems import dotted, problem, quoted
from .schema import defaults
from .values import DEB_NAME, PACKAGE_NAME, is_about_one_directory, wrong_directory, wrong_plugin_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .build import Draft
    from .problems import Problem

_FOR_ALL = frozenset({Strategy.TRIGGER, Strategy.DIRECT, Strategy.NATIVE})
"""Strategies under which what a package excludes is read by what compiles all packages."""
_WITHOUT_OWN = {
    Strategy.NATIVE: "py3compile runs the distribution's alone",
    Strategy.SOURCELESS: "its one version is that of the distribution's",
}
"""Strategies that know no interpreter of a package's own, and why."""
_ADMINISTRATOR = "leaves this to the administrator's bytecode.conf; use `direct`, or leave the key out"
_FIXED = {
    Strategy.TRIGGER: ({"levels", "invalidation-mode", "bad-source"}, _ADMINISTRATOR),
    Strategy.NATIVE: (
        {"levels", "invalidation-mode"},
        "leaves this to the distribution's tool; use `direct`, or leave the key out",
    ),
    Strategy.NONE: ({"levels", "invalidation-mode", "bad-source"}, "compiles nothing; leave the key out"),
    Strategy.SOURCELESS: (
        {"invalidation-mode"},
        "ships no sources that bytecode could be compared with; leave the key out",
    ),
}
"""Strategy -> settings that it doesn't let a packager choose, and why."""


def judge_names(drafts: Iterable[Draft]) -> Iterator[Problem]:
    """Yield what is wrong with the packages' names: file names and scripts are made of them."""
    taken: dict[tuple[Family, str], Draft] = {}
    for draft in drafts:
        key = draft.package.key
        if not PACKAGE_NAME.fullmatch(key):
            yield problem(
                draft.at, f"{quoted(key)} isn't a name for a package: write letters, digits, `.`, `_`, `+` and `-`"
            )
        elif draft.package.variants[Family.DEB].name == key and not DEB_NAME.fullmatch(key):
            instead = dotted((*draft.at, "deb", "name"))
            yield problem(draft.at, f"{quoted(key)} isn't a name for a deb (Debian Policy 5.6.1); set `{instead}`, too")
        for family, variant in draft.package.variants.items():
            other = taken.setdefault((family, variant.name), draft)
            if other is not draft:
                text = f"its name for {family.value}, {quoted(variant.name)}, is that of {dotted(other.at)}, too"
                yield problem(draft.at, text)


def judge(draft: Draft) -> Iterator[Problem]:
    """Yield what is wrong with a package as a whole. Each of its values is right by itself."""
    yield from _judge_directories(draft)
    for strategy, families in _strategies(draft):
        yield from _judge_fixed(draft, strategy, families)
        if strategy is Strategy.SOURCELESS:
            yield from _judge_sourceless(draft, families)
        if strategy in _WITHOUT_OWN:
            yield from _judge_interpreters(draft, strategy, families)
        if strategy in _FOR_ALL:
            yield from _judge_excluded(draft, families)
        if strategy is Strategy.STANDALONE and "runtime-directory" not in draft.written:
            wrong = wrong_directory(draft.package.runtime_directory)
            if wrong:
                yield problem(draft.at, f"strategy {families}: set `runtime-directory`: {wrong}")
        if strategy is not Strategy.NONE and not draft.package.public and not draft.package.private:
            yield problem(
                draft.at, f"strategy {families}: there is nothing to compile: `public` is false, `private` is empty"
            )


def _strategies(draft: Draft) -> Iterator[tuple[Strategy, str]]:
    """Yield each strategy of a package, and how messages name it: with its families where there are others, too."""
    variants = draft.package.variants
    for strategy in Strategy:
        families = [family.value for family in Family if variants[family].strategy is strategy]
        if families:
            yield strategy, f"`{strategy.value}`" + (f" ({', '.join(families)})" if len(families) < len(Family) else "")


def _judge_directories(draft: Draft) -> Iterator[Problem]:
    private = draft.package.private
    for index, one in enumerate(private):
        if one.plugins and (wrong := wrong_plugin_directory(one.directory)):
            yield problem((*draft.at, "private", index, "directory"), wrong)
    for (first, one), (second, other) in combinations(enumerate(private), 2):
        at = (*draft.at, "private", second, "directory")
        if one.directory == other.directory:
            yield problem(at, f"private[{first}] is the same directory")
        elif is_below(one.directory, other.directory):
            yield problem(at, f"private[{first}] lies in it; one of the two is enough")
        elif is_below(other.directory, one.directory):
            yield problem(at, f"it lies in private[{first}]; one of the two is enough")


def _judge_interpreters(draft: Draft, strategy: Strategy, families: str) -> Iterator[Problem]:
    for index, one in enumerate(draft.package.private):
        if one.interpreter is not None:
            why = _WITHOUT_OWN[strategy]
            at = (*draft.at, "private", index, "interpreter")
            yield problem(at, f"strategy {families} of {dotted(draft.at)}: {why}; use `direct` or `standalone`")


def _judge_fixed(draft: Draft, strategy: Strategy, families: str) -> Iterator[Problem]:
    package = draft.package
    chosen = {
        "levels": list(package.levels) != defaults()["levels"],
        "invalidation-mode": package.invalidation is not InvalidationMode.TIMESTAMP,
        "bad-source": package.bad_source is BadSource.FAIL,
    }
    if strategy is Strategy.NATIVE and package.bad_source is BadSource.IGNORE:
        at = draft.written["bad-source"]
        yield problem(at, f"strategy {families} of {dotted(draft.at)}: py3compile names all bad sources; use `report`")
    fixed, why = _FIXED.get(strategy, (set(), ""))
    for key, differs in chosen.items():
        if differs and key in fixed:
            yield problem(draft.written[key], f"strategy {families} of {dotted(draft.at)} {why}")


def _judge_sourceless(draft: Draft, families: str) -> Iterator[Problem]:
    package = draft.package
    what = f"strategy {families} of {dotted(draft.at)}"
    if not package.python:
        at = draft.written.get("python", (*draft.at, "python"))
        yield problem(at, f'{what} needs one version of Python, as "3.11"')
    if len(package.levels) != 1:
        yield problem(draft.written["levels"], f"{what} needs one level, as [0]")
    for index, one in enumerate(package.private):
        if package.python and one.versions != package.python:
            at = (*draft.at, "private", index, "python")
            yield problem(at, f"{what} is for {package.python} alone; leave the key out")


def _judge_excluded(draft: Draft, families: str) -> Iterator[Problem]:
    if not draft.package.public:
        return
    for index, regex in enumerate(draft.package.exclude):
        if not is_about_one_directory(regex):
            yield problem(
                (*draft.written["exclude"], index),
                f"strategy {families} of {dotted(draft.at)} would leave out modules of other packages, too;"
                " begin with the package's own directory, as `acme/`",
            )
