# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The dependency generator: what rpmbuild asks of each dist-info and egg-info, answered for all of them at once.

rpmbuild gives paths on standard input, one a line, and takes dependencies, one a line, from standard output:

    python -m pkgtools.rpmbuild.distdeps --provides|--requires [--package-name NAME] [--name-format pep503|legacy]
        [--provide-both-names] [--multifile] [--default-interpreter PYTHON] [--allow-version-zero]

With --multifile (rpm 4.20 and later) rpmbuild asks for all files of a package at once and is told, by a line with a
semicolon and the path, which file the dependencies behind it are of.

A package whose name ends in `+EXTRA` is the one of that extra. Whatever can't be read breaks the build: rpmbuild takes
a generator that fails for one without dependencies, unless what it prints isn't a dependency either, so it does both.
Like all that the macros call it runs under the build host's Python 3.9 and later, hence no dataclasses with slots.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pkgtools.model.pep508 import RequirementError, holds, read_requirement
from pkgtools.runtime.errors import PkgtoolsError, in_words
from pkgtools.runtime.interrupts import exit_with
from pkgtools.runtime.pythons import CPYTHON_STEM, PACKAGES_NAME, RPM_ABI, parse_python_name

from .versions import rpm_dependency, rpm_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement

_INFO = re.compile(r"(.*/[^/]+\.(?:dist-info|egg-info|egg))(?:/.*)?", re.DOTALL)
_VERSIONED = re.compile(rf"/(?:usr/lib(?:64|32)?|usr/local/lib)/{CPYTHON_STEM}(\d+\.\d+)(?:/|$)")
_EGG_VERSION = re.compile(r"-py(\d+\.\d+)[.-]")
_SHARED = re.compile(rf"/{CPYTHON_STEM}3/{PACKAGES_NAME}/")
"""Modules for every version: their metadata are the default interpreter's."""
_EGG = (".egg", ".egg-info")
_SCRIPTS = {"console_scripts", "gui_scripts"}
_SCRIPTS_NEED_NOTHING = (3, 10)
"""Setuptools' programs for older Pythons import pkg_resources, which comes with it; Fedora has the same limit."""
_NAME = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)
_INTERPRETER = re.compile(rf"/usr/bin/{CPYTHON_STEM}(\d+\.\d+)$")
_FAILED = "*** PKGTOOLS DISTDEPS FAILED, SEE STANDARD ERROR ***"
"""No dependency: rpmbuild stops at it."""


class MetadataError(PkgtoolsError):
    """Metadata of a distribution that can't be read or makes no sense."""


class DependencyQuestion(NamedTuple):
    """What rpmbuild wants to know of a package."""

    provides: bool
    """Else: what it requires."""
    package: str = ""
    """The RPM's name; the part behind its last `+` is an extra."""
    legacy_names: bool = False
    """Dots stay in names, as before PEP 503."""
    both_names: bool = False
    """Provide names in both forms, while packages that require them change from one to the other."""
    default: str = ""
    """The version of the default interpreter, as 3.11; empty where there is none."""
    allow_zero: bool = False
    """Version 0 does not break the build."""

    @property
    def extra(self) -> str:
        """The extra that the package is for, in PEP 503's form; empty if it's for none."""
        return canonicalize_name(self.package.rpartition("+")[2]) if "+" in self.package else ""


class Distribution(NamedTuple):
    """What the metadata of one distribution say."""

    path: str
    """Its dist-info or egg-info in the build root, as rpmbuild names it."""
    name: str
    """As its metadata write it, not normalized."""
    version: str
    """As its metadata write it (PEP 440)."""
    python: str
    """The version of the Python that it is installed for, as 3.11."""
    requirements: tuple[Requirement, ...]
    """Its Requires-Dist or requires.txt, those for extras among them."""
    extras: frozenset[str]
    """In PEP 503's form, without those whose names PEP 508 has not."""
    scripts: bool = False
    """An egg with programs that setuptools wrote."""


def answer(paths: Iterable[str], question: DependencyQuestion) -> list[str]:
    """Return the dependencies that the files of a package give it, sorted, each once.

    Raises MetadataError or VersionError.
    """
    found: set[str] = set()
    infos: dict[str, None] = {}
    for path in paths:
        found.update(_of_path(path, question))
        match = _INFO.fullmatch(path)
        if match:
            infos[match[1]] = None
    for info in infos:
        distribution = read_distribution(info, question.default)
        found.update(_provided(distribution, question) if question.provides else _required(distribution, question))
    return sorted(found)


def answer_by_path(paths: Iterable[str], question: DependencyQuestion) -> list[str]:
    """Return the answer for each path behind a line that names it (rpm-dependency-generators(7), multifile).

    Raises MetadataError or VersionError.
    """
    lines = []
    for path in paths:
        lines += [f";{path}", *answer([path], question)]
    return lines


def _of_path(path: str, question: DependencyQuestion) -> Iterator[str]:
    """Say what a file's place means: an interpreter is an ABI, a module in its library needs it."""
    pattern = _INTERPRETER if question.provides else _VERSIONED
    match = pattern.search(path)
    if match:
        yield f"{RPM_ABI} = {match[1]}"


def read_distribution(path: str, default: str = "") -> Distribution:
    """Read the metadata in a dist-info or egg-info; `default` is the version of the default interpreter, as 3.11.

    Raises MetadataError.
    """
    try:
        return _read_distribution(path, default)
    except UnicodeDecodeError as error:
        raise MetadataError(f"{path}: its metadata are not UTF-8: {error}") from error


def _read_distribution(path: str, default: str) -> Distribution:
    metadata = PathDistribution(Path(path)).metadata
    name, version = metadata["Name"], metadata["Version"]
    if not name or not version:
        raise MetadataError(
            f"{path}: no {'Name' if not name else 'Version'} in its metadata: they are missing or damaged"
        )
    extras = [*(metadata.get_all("Provides-Extra") or ()), *_extras_of_sections(path)]
    if not _NAME.fullmatch(name):
        raise MetadataError(f"{path}: {name!r} in its metadata: no name of a distribution (PEP 508)")
    match = _VERSIONED.search(path) or _EGG_VERSION.search(path)
    python = match[1] if match else default if _SHARED.search(path) else ""
    if not python:
        raise MetadataError(
            f"{path}: for which Python? It's in no /usr/lib/pythonX.Y, has no -pyX.Y in its name, and isn't in "
            "/usr/lib/python3 of a known default interpreter (%pkgtools_python)"
        )
    requirements = tuple(_read_requirements(path))
    return Distribution(
        path=path,
        name=name,
        version=version,
        python=python,
        requirements=requirements,
        extras=frozenset(canonicalize_name(extra) for extra in extras if _NAME.fullmatch(extra)),
        scripts=path.endswith(_EGG) and any(one.group in _SCRIPTS for one in PathDistribution(Path(path)).entry_points),
    )


def _extras_of_sections(path: str) -> list[str]:
    """Return the extras in the sections of an egg-info's requires.txt, as `[extra]` and `[extra:marker]`."""
    text = PathDistribution(Path(path)).read_text("requires.txt") or ""
    sections = re.findall(r"^\[([^:\]\n]*)(?::.*)?\]\s*$", text, re.MULTILINE)
    return [name.strip() for name in sections if name.strip()]


def _read_requirements(path: str) -> Iterator[Requirement]:
    for text in PathDistribution(Path(path)).requires or ():
        try:
            yield read_requirement(text)
        except RequirementError as error:
            raise MetadataError(f"{path}: requirement {text[:100]!r}: {error}") from error


def _provided(distribution: Distribution, question: DependencyQuestion) -> Iterator[str]:
    extra = _known_extra(distribution, question)
    try:
        version = rpm_version(distribution.version)
    except PkgtoolsError as error:
        raise MetadataError(f"{distribution.path}: {error}") from error
    if version == "0" and not question.allow_zero:
        raise MetadataError(
            f"{distribution.path}: version {distribution.version}, as of a checkout that has lost its tags: give the "
            "build its version, as by SETUPTOOLS_SCM_PRETEND_VERSION, or %global _python_dist_allow_version_zero 1"
        )
    pythons = [distribution.python]
    if distribution.python == question.default:  # what /usr/bin/python3 can import
        pythons.append(distribution.python.partition(".")[0])
    forms = {question.legacy_names, question.legacy_names ^ question.both_names}
    for python in pythons:
        for legacy in forms:
            form = question._replace(legacy_names=legacy)
            yield f"{_dependency_name(python, distribution.name, extra, form)} = {version}"


def _required(distribution: Distribution, question: DependencyQuestion) -> Iterator[str]:
    yield f"{RPM_ABI} = {distribution.python}"
    extra = _known_extra(distribution, question)
    wanted: dict[str, SpecifierSet] = {}
    if distribution.scripts and _version(distribution.python) < _SCRIPTS_NEED_NOTHING:
        wanted[_dependency_name(distribution.python, "setuptools", "", question)] = SpecifierSet()
    for requirement in distribution.requirements:
        if not _applies(requirement, distribution, extra):
            continue
        for one in ("", *map(canonicalize_name, requirement.extras)):
            name = _dependency_name(distribution.python, requirement.name, one, question)
            wanted[name] = wanted.get(name, SpecifierSet()) & requirement.specifier
    for name, specifiers in wanted.items():
        try:
            yield rpm_dependency(name, specifiers)
        except PkgtoolsError as error:
            raise MetadataError(f"{distribution.path}: requirement {name} {specifiers}: {error}") from error


def _version(python: str) -> tuple[int, ...]:
    return tuple(map(int, python.split(".")))


def _applies(requirement: Requirement, distribution: Distribution, extra: str) -> bool:
    """Whether a requirement holds for the path's Python; for an extra's package, only because of the extra."""
    if requirement.marker is None:
        return not extra
    try:
        without = holds(requirement.marker, _environment(distribution, ""))
        return not without and holds(requirement.marker, _environment(distribution, extra)) if extra else without
    except RequirementError as error:
        raise MetadataError(f"{distribution.path}: requirement {str(requirement)[:100]!r}: {error}") from error


def _environment(distribution: Distribution, extra: str) -> dict[str, str]:
    return {"python_version": distribution.python, "python_full_version": f"{distribution.python}.0", "extra": extra}


def _known_extra(distribution: Distribution, question: DependencyQuestion) -> str:
    extra = question.extra
    if extra and extra not in distribution.extras:
        known = ", ".join(sorted(distribution.extras)) or "none"
        raise MetadataError(f"{distribution.path}: the package is named for the extra {extra!r}, it has {known}")
    return extra


def _dependency_name(python: str, name: str, extra: str, question: DependencyQuestion) -> str:
    plain = re.sub(r"[-_]+", "-", name).lower() if question.legacy_names else canonicalize_name(name)
    return f"{CPYTHON_STEM}{python}dist({plain}{f'[{extra}]' if extra else ''})"


def version_of(interpreter: str) -> str:
    """Return the version of an interpreter, as 3.11: by the name that its links lead to, else by what it says.

    Raises MetadataError.
    """
    name = parse_python_name(Path(interpreter).resolve().name)
    if name is not None and name.minor is not None:
        return f"{name.implementation.major}.{name.minor}"
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run((interpreter, "-IBSc", ask), capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MetadataError(f"%pkgtools_python is {interpreter}, which does not print its version: {error}") from error
    return done.stdout.strip()


def main() -> None:
    """Answer rpmbuild, and exit."""
    exit_with(_run)


def _run() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m pkgtools.rpmbuild.distdeps", description=__doc__.partition("\n")[0]
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--provides", action="store_true", help="say what the files provide")
    which.add_argument("--requires", action="store_true", help="say what they require")
    parser.add_argument("--package-name", default="", metavar="NAME", help="the package's name, for extras")
    parser.add_argument(
        "--name-format", choices=("pep503", "legacy"), default="pep503", help="pep503 joins by hyphens only"
    )
    parser.add_argument("--provide-both-names", action="store_true", help="provide names in both formats")
    parser.add_argument("--multifile", action="store_true", help="answer path by path, as rpm's protocol has it")
    parser.add_argument(
        "--default-interpreter",
        metavar="PYTHON",
        help="whose distributions are python3dist(), too (default: none's)",
    )
    parser.add_argument("--allow-version-zero", action="store_true", help="version 0 doesn't break the build")
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and directories; standard input has them if none"
    )
    given = parser.parse_args()
    paths = given.paths or [line.rstrip("\n") for line in sys.stdin]
    try:
        question = DependencyQuestion(
            provides=given.provides,
            package=given.package_name,
            legacy_names=given.name_format == "legacy",
            both_names=given.provide_both_names,
            default=version_of(given.default_interpreter) if given.default_interpreter else "",
            allow_zero=given.allow_version_zero,
        )
        lines = answer_by_path(paths, question) if given.multifile else answer(paths, question)
    except (PkgtoolsError, OSError) as error:
        print(_FAILED)
        print(f"pkgtools distdeps: {in_words(error)}", file=sys.stderr)
        return 1
    for line in lines:
        print(line)
    return 0


if __name__ == "__main__":
    main()
