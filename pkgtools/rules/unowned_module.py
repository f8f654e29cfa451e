# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unowned-module: a module in a package manager's directory that no package owns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.model.finding import Confidence, Page, Persona, Severity
from pkgtools.model.package import PackageManager
from pkgtools.runtime.pythons import LIBRARY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A module lies in a directory that packages install into, and no package owns it.",
    why=(
        "Everybody who runs Python here imports it if its name is asked for: it hides a module of the same "
        "name that comes later, and no upgrade or removal ever touches it. It was put there by hand, "
        "with pip, or to have it run."
    ),
    example="/usr/lib/python3/dist-packages/sitecustomize.py, which no package owns",
    fix=(
        "Find out where it is from. Modules that don't come in packages belong into /usr/local or a virtual "
        "environment."
    ),
    references=("PEP 668",),
)


_OF_PACKAGES = re.compile(rf"/usr/lib(?:64)?/{LIBRARY_NAME}/.+")


@rule(
    title="module that no package owns",
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    persona=Persona.AUDITOR,
    kinds=SYSTEMS,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield modules in /usr/lib that no package owns."""
    if subject.package.family is PackageManager.UNKNOWN:
        return
    for file in subject.modules:
        if not file.package and not file.is_directory and _OF_PACKAGES.fullmatch(file.path):
            severity = Severity.ERROR if file.path.endswith(".pyc") else None
            text = "is bytecode without a source, and no package owns it" if severity else "no package owns it"
            yield Hit(text=text, path=file.path, severity=severity)
