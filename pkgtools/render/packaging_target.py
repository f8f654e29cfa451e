# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a packaging target is: one record in its module of `targets/`, and a line in `generate.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pkgtools.runtime.policy.configuration import EXCLUSIONS, PRIVATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pkgtools.model.manifest import DeclaredPackage, Family, Hook

    from .generated import GeneratedFile, Job

SCRIPT = "common/script.sh.j2"
"""What a script's template extends where a target has no other."""
SHIPPED = ("{key}/root{runtime}/", f"{{key}}/root{PRIVATE}/", f"{{key}}/root{EXCLUSIONS}/")
"""What the paths of a package's payload begin with."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackagingTarget:
    """A packaging tool that files are generated for."""

    name: str
    """As `--target` takes it."""
    family: Family
    """What a staged tree becomes; nfpm's and fpm's are treated as for rpm, the strictest about what a tree holds."""
    files: Callable[[Job, tuple[DeclaredPackage, ...]], Iterator[GeneratedFile]]
    """Yields all files for some packages of the job's manifest."""
    names: tuple[str, ...]
    """What the paths of a package's files begin with: several targets may share an output directory.

    `{key}` is the package's key, `{name}` its name in the target's family, `{runtime}` its runtime directory.
    """
    scripts: Mapping[str, Hook] = field(default_factory=dict)
    """Scripts that have templates of their own, `NAME/SCRIPT.sh.j2` -> the manifest's word for them."""
    base: str = SCRIPT
    """The template that a script's extends where no file says otherwise."""

    def names_of(self, package: DeclaredPackage) -> tuple[str, ...]:
        """Return what the paths of all files of a package begin with."""
        name = package.variants[self.family].name
        return tuple(text.format(key=package.key, name=name, runtime=package.runtime_directory) for text in self.names)

    def stand_ins(self) -> Iterator[tuple[str, str]]:
        """Yield the templates of scripts, each with its text where no file has that name: a main part is empty."""
        for script in self.scripts:
            yield f"{self.name}/{script}.sh.j2", f'{{% extends "{self.base}" %}}\n'
            yield f"{self.name}/main/{script}.sh.j2", ""
