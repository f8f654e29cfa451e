# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Why the helpers differ where that is meant; docs/parity.md has a section for each reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that the helpers disagree about."""

    package: str
    what: str
    """`tree`, `substvars`, `scripts` or `exit`."""
    name: str
    """The path, variable or script."""
    theirs: str
    """Empty: it isn't there."""
    ours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a difference is meant."""

    title: str
    """The heading in docs/parity.md."""
    explains: Callable[[Difference], bool]


_BUILD_ONLY = re.compile(
    r"\.dist-info/(?:RECORD|WHEEL|REQUESTED|direct_url\.json|INSTALLER|(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*"
    r"|(?:licenses|license_files)(?:/.*)?)$"
)
_VERSIONED_EGG = re.compile(r"-py3\.\d{2}\.egg-info(?:/|$)")
_COMPOUND = {"uvicorn", "python3-nacl", "python3-ruamel.yaml", "python3-sqlalchemy", "tox", "python3-ipython"}


def _first_line(one: Difference) -> bool:
    """Whether two files differ in their first line alone, and that in nothing but a blank or lost options."""
    theirs, ours = (text.partition(" #!") for text in (one.theirs, one.ours))
    commands = theirs[2].split(), ours[2].split()
    return one.what == "tree" and theirs[0] == ours[0] and commands[0] == commands[1][: len(commands[0])] != []


def _relations_of(*packages: str) -> Callable[[Difference], bool]:
    """Explain the relations of some packages, and what is left in their requires.txt."""

    def explains(one: Difference) -> bool:
        about = one.what == "substvars" or (one.what == "tree" and one.name.endswith("/requires.txt"))
        return one.package in packages and about

    return explains


def _beside_stable_abi(one: Difference) -> bool:
    """Whether relations differ in how far python3 goes back alone."""
    lower = re.compile(r"python3 \(>= 3(?:\.\d+)?~\)")
    return one.what == "substvars" and lower.sub("", one.theirs) == lower.sub("", one.ours)


REASONS = (
    Reason(
        title="Metadata that only the build can use",
        explains=lambda one: one.what == "tree" and _BUILD_ONLY.search(one.name) is not None,
    ),
    Reason(title="First lines that are right stay as they are", explains=_first_line),
    Reason(
        title="A bad module leaves python3 configured",
        explains=lambda one: one.what == "tree" and one.name.endswith(".rtupdate"),
    ),
    Reason(
        title="Links to extension modules",
        explains=lambda one: one.what == "tree" and ".so" in one.name and "-> " in one.theirs + one.ours,
    ),
    Reason(
        title="Modules of free-threaded builds",
        explains=lambda one: one.what == "tree" and re.search(r"\.cpython-3\d+t(?:-|\.)", one.name) is not None,
    ),
    Reason(
        title="Names of egg-info with Python 3.10 and later",
        explains=lambda one: (
            one.what == "tree"
            and one.name.endswith((".egg-info", ".egg-info/PKG-INFO", ".egg-info/requires.txt"))
            and (_VERSIONED_EGG.search(one.name) is not None or one.package == "mercurial-common")
        ),
    ),
    Reason(title="Markers with `and`, `or`, `in`", explains=_relations_of(*_COMPOUND)),
    Reason(title="Markers are those of CPython", explains=_relations_of("python3-zmq")),
    Reason(title="Patch levels of Python", explains=_relations_of("python3-redis")),
    Reason(
        title="Pythons that are long gone",
        explains=_relations_of("python3-cherrypy3", "python3-cryptography", "humanfriendly"),
    ),
    Reason(title="Extras of the package itself", explains=_relations_of("python3-setuptools")),
    Reason(title="Extension modules of one version beside the stable ABI", explains=_beside_stable_abi),
    Reason(title="Names are compared as PEP 503 says", explains=_relations_of("python3-twisted")),
)


def reason_of(difference: Difference) -> Reason | None:
    """Return the reason of a difference, None if it has none."""
    return next((reason for reason in REASONS if reason.explains(difference)), None)
