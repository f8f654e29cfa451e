# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""modules-not-compiled: a package ships modules that are never compiled."""

from __future__ import annotations

import re
from collections import Counter
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind, PackageManager
from pkgtools.model.package_scripts import ScriptKind
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import is_public, third_party_base
from pkgtools.runtime.pythons import PYTHON2_NAME
from pkgtools.shell.compilers import OURS, REGISTRY, compiling, depends_on_runtime, places_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.compilers import CompilerCommand

_AT_INSTALL = frozenset({ScriptKind.POST_INSTALL, ScriptKind.TRIGGER})
_HOME = re.compile(r"/(?:usr/(?:lib|lib64|share)|opt)/[^/]+")
_PYTHON_2 = re.compile(rf".*/{PYTHON2_NAME}/")
_ASIDE = re.compile(
    r"/usr/share/(?:doc|gdb|gcc|lintian|glib-2\.0|bash-completion)(?:/|-)|/usr/lib/debug/"
    r"|.*/(?:docs?|examples?|samples?|tests?|testing|testdata|test_data|fixtures|templates?|skel|skeletons?)/"
)
"""Where sources are data, or belong to a program that doesn't import them as others do."""
_NAME = re.compile(r"[\s:(|]")
"""Ends a name in a dependency."""
_PAGE = Page(
    what="A package ships modules, neither scripts nor triggers compile them, and it ships no bytecode.",
    why=(
        "Each start of the program compiles them again, for who isn't root may not write beside them. Where root "
        "runs it, the import leaves caches that no package manager knows of: they stay when the package goes, and "
        "their modes are those of root's umask at that moment. Alpine's own packages have their bytecode in another "
        "one, NAME-pyc: there it is for information only."
    ),
    example="# python3-acme.deb: /usr/lib/python3/dist-packages/acme/__init__.py, and no postinst",
    fix=(
        "Debian: build with dh_pkgtools or dh_python3; modules in a directory of the program's own have to be named "
        "to them. rpm: `%py_byte_compile`, or the macros of pkgtools. Others: `pkgtools generate`."
    ),
    references=("PEP 3147", "Debian Python Policy, 'Modules Byte-Compilation'", "pkgtools(1)"),
)


@rule(title="ships modules that are never compiled", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each directory of modules: public ones, and private ones that surely are packages."""
    package = subject.package
    if package.kind is Kind.TREE and package.family is not PackageManager.DPKG:
        return  # its scripts are not known yet
    of_triggers = (one.script for one in package.triggers if one.script)
    scripts = {script.name for script in (*package.scripts, *of_triggers) if script.kind in _AT_INSTALL}
    works = [work for work in compiling(subject.commands) if work.command.script in scripts]
    if subject.cached:
        return
    sources = [file.path for file in subject.sources]
    by_place = places_of(work for work in works if not work.packages)
    public = Counter(base for path in sources if (base := third_party_base(path)) and not by_place.hold(path))
    if _are_public_done(subject, works):
        public.clear()
    is_split = package.kind is Kind.APK
    elsewhere = f", unless {package.name}-pyc has their bytecode" if is_split else ""
    for base, number in sorted(public.items()):
        text = f"its modules are never compiled ({number}){elsewhere}"
        yield Hit(text=text, path=base, severity=Severity.INFO if is_split else None)
    if _has_registry(subject, works):
        return
    compiled = places_of(works)
    hosts = {_NAME.split(one)[0] for one in package.dependencies}
    private = Counter(home for path in sources if (home := _home_of(path, subject)) and not compiled.hold(path))
    for home, number in sorted(private.items()):
        if basename(home) in hosts:
            continue  # plugins of another package's program, which may have a trigger for them
        yield Hit(text=f"its modules are never compiled ({number})", path=home, severity=Severity.INFO)


def _are_public_done(subject: Subject, works: list[CompilerCommand]) -> bool:
    """Whether a helper compiles all that the package has in public directories, or triggers do."""
    name = subject.package.name
    return depends_on_runtime(subject.package) or any(one.is_about(name) and not one.places for one in works)


def _has_registry(subject: Subject, works: list[CompilerCommand]) -> bool:
    """Whether the package registers its private directories, and the runtime, which reads that, comes with it."""
    package = subject.package
    is_read = depends_on_runtime(package) or any(one.tool == OURS and one.is_about(package.name) for one in works)
    return is_read and any(path.startswith(REGISTRY) for path in subject.files)


def _home_of(path: InstalledPath, subject: Subject) -> str | None:
    """Return the program's directory that a source of a package of modules lies in."""
    directory = InstalledPath(dirname(path))
    if is_public(directory) or _ASIDE.match(path) or _PYTHON_2.match(path):
        return None
    if InstalledPath(f"{directory}/__init__.py") not in subject.files:
        return None
    found = _HOME.match(directory)
    return found[0] if found else None
