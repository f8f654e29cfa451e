# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: all interpreters of a system, and which of them a version range means."""

from __future__ import annotations

import os

from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import one_for_each_tag
from pkgtools.runtime.pythons import CPYTHON, tags_by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from pkgtools.runtime.facts import Interpreter, Outcome
    from pkgtools.runtime.policy.configuration import PrivateDirectory
    from pkgtools.runtime.policy.version_range import VersionRange
    from pkgtools.runtime.pythons import PythonLibrary

    class Own(Protocol):
        """What answers for registrations, see `OwnInterpreters`."""

        def of(self, entry: PrivateDirectory) -> Interpreter | Outcome: ...  # noqa: D102 - as there

        def of_venv(self, library: PythonLibrary) -> Interpreter | Outcome | None: ...  # noqa: D102 - as there

        def identity(self, entry: PrivateDirectory) -> str: ...  # noqa: D102 - as there


class Installed(NamedTuple):
    """All interpreters of a system."""

    interpreters: tuple[Interpreter, ...]
    """Sorted by implementation and version; of the same version the one without the global lock is the last."""
    default: Interpreter | None
    """What /usr/bin/python3 is."""
    problems: tuple[Outcome, ...]
    """Interpreters that are there and don't run, each a skip."""
    own: Own | None = None
    """Answers for registrations that name interpreters, and for virtual environments; None: they aren't asked for."""

    def one_of(self, wanted: VersionRange) -> tuple[Interpreter, ...]:
        """Return the interpreter of a private directory: the default if it's wanted, else the newest that is."""
        fitting = [i for i in self.interpreters if i.version in wanted]
        if self.default is not None and self.default in fitting:
            return (self.default,)
        cpythons = [i for i in fitting if i.implementation == CPYTHON.name]
        newest = sorted([i for i in cpythons if not i.abi] or cpythons, key=_by_version)
        return tuple(newest[-1:])

    def live_tags(self) -> frozenset[str]:
        """Return the cache tags of all that is installed, of what doesn't run just now too, by its name."""
        names = [outcome.path.rpartition("/")[2] for outcome in self.problems]
        broken = frozenset(tag for name in names for tag in tags_by_name(name))
        return broken.union(interpreter.cache_tag for interpreter in self.interpreters)

    def supporting(self, names: tuple[str, ...]) -> Installed:
        """Return the same with some interpreters supported that the administrator names, as python3.15."""
        return self._replace(
            interpreters=tuple(
                one._replace(is_supported=True) if os.path.basename(one.path) in names else one
                for one in self.interpreters
            )
        )

    def all_of(self, wanted: VersionRange) -> tuple[Interpreter, ...]:
        """Return the interpreters in a range, one for each cache tag."""
        return one_for_each_tag(i for i in self.interpreters if i.version in wanted)


def _by_version(interpreter: Interpreter) -> tuple[int, int]:
    return interpreter.version
