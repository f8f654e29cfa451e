# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""linked-module: a module that is a symbolic link, for which nothing makes bytecode."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.check.subject import is_cached
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.runtime.policy.sources import is_source
from pkgtools.shell.compilers import OURS, compiling, depends_on_runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "A module of a package of modules is a symbolic link, and the package ships bytecode for its other modules or "
        "has pkgtools compile them."
    ),
    why=(
        "Python looks for the bytecode beside the link, not beside the file that it leads to. pkgtools-compile follows "
        "no links, for who can change a link decides what root reads. So each start compiles the module, and where "
        "root runs it, a pyc stays behind that no package owns."
    ),
    example="/usr/lib/python3/dist-packages/acme/till.py -> ../../../../share/acme/till.py",
    fix=(
        "Ship the module itself, where it is imported; let programs that are to be found elsewhere be the links. Or "
        "write a module that imports from the other: `from acme_common.till import *`."
    ),
    references=("PEP 3147", "pkgtools-compile(1)"),
)


@rule(title="link without bytecode", severity=Severity.INFO, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each link in a directory of modules without a pyc beside it."""
    is_ours = depends_on_runtime(subject.package) or any(one.tool == OURS for one in compiling(subject.commands))
    if not (subject.cached or is_ours):
        return
    having = {
        (dirname(dirname(pyc.file.path)), pyc.name.stem)
        for pyc in subject.cached
        if pyc.name is not None and is_cached(pyc.file.path)
    }
    for file in subject.package.files:
        path = file.path
        if not (file.is_symlink and is_source(basename(path)) and _is_imported(subject, path)):
            continue
        if (dirname(path), basename(path).removesuffix(".py")) not in having:
            yield Hit(text=f"leads to {file.link}, and nothing makes bytecode for it", path=path)


def _is_imported(subject: Subject, path: InstalledPath) -> bool:
    """Whether a file lies beside modules that are imported, and not where programs are started."""
    return third_party_base(path) is not None or f"{dirname(path)}/__init__.py" in subject.files
