# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""generic-module-name: tests, documentation or sources as a package that every program can import."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.distribution import DistributionFacts
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import third_party_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "A module or directory of modules that is called tests, docs, examples, src, setup or the like lies at the top "
        "of the import path."
    ),
    why=(
        "The name belongs to no project: the next package that ships a `tests` can't be installed beside this one, or "
        "overwrites its files. `import tests` in another project finds these instead of its own. The build tool was "
        "told to install every package that it finds."
    ),
    example="/usr/lib/python3/dist-packages/tests/test_till.py",
    fix=(
        "Leave them out: `find_packages(exclude=['tests*'])` or `[tool.setuptools.packages.find] include = "
        "['acme*']` upstream, or delete the directory in the build. debian/PKG.pyremove does that for dh_python3 and "
        "dh_pkgtools."
    ),
    references=(
        "https://setuptools.pypa.io/en/latest/userguide/package_discovery.html",
        "Debian Python Policy, 'Tests'",
    ),
)
_NAMES = frozenset(
    {
        *("test", "tests", "unittests", "conftest"),
        *("doc", "docs", "example", "examples", "sample", "samples", "demo", "demos"),
        *("benchmark", "benchmarks", "build", "dist", "setup", "src", "source", "scripts"),
    }
)


@rule(title="module with a name of no project", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such module or directory, once; a project may have such a name, as build has."""
    facts = (file.facts for file in subject.package.files)
    projects = {one.name.lower() for one in facts if isinstance(one, DistributionFacts)}
    found: Counter[InstalledPath] = Counter()
    for file in subject.modules:
        base = third_party_base(file.path)
        name = file.path[len(base) + 1 :].partition("/")[0] if base else ""
        if name.partition(".")[0].lower() in _NAMES - projects:
            found[InstalledPath(f"{base}/{name}")] += 1
    for path, number in sorted(found.items()):
        modules = "" if path.endswith((".py", ".pyc")) else f", with {number} modules"
        yield Hit(text=f"every program can import it by this name, which other packages use, too{modules}", path=path)
