# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# pragma: no cover - enclosed: it runs as a subordinate user in namespaces, where no tracer can write
"""The modules that a package ships, imported in the throw-away system by an ordinary user, each in its own process."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.model.trial import ImportTrial
from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.runtime.policy.sources import is_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.package import Package

    from .fence import Fence

MOST = 20
"""Modules that are imported after a step."""
_PROGRAM = Path(__file__).with_name("imports_inside.py").read_text("utf-8")
_AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--")
_LONGEST = 300
"""Characters of an error."""
_LONGEST_TIME = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleList:
    """What is imported of a package."""

    names: tuple[str, ...]
    """Dotted names, the shallowest first."""
    left_out: int
    """How many more there are."""


def modules_of(package: Package) -> ModuleList:
    """Return the modules that a package has in directories which interpreters search by themselves."""
    found = sorted(set(_names(package)), key=lambda name: (name.count("."), name))
    return ModuleList(names=tuple(found[:MOST]), left_out=len(found[MOST:]))


def _names(package: Package) -> Iterator[str]:
    for file in package.files:
        base = third_party_base(file.path)
        if base is None or not file.is_regular or not is_source(file.path.rpartition("/")[2]):
            continue
        parts = file.path.removeprefix(f"{base}/").removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        if parts and parts[-1] != "__main__" and all(part.isidentifier() for part in parts):
            yield ".".join(parts)


def import_each(fence: Fence, modules: ModuleList) -> tuple[ImportTrial, ...]:
    """Import modules as an ordinary user; an answer that says nothing is an error of its module."""
    reading, writing = os.pipe()
    os.write(writing, "\n".join(modules.names).encode()[: 1 << 16])
    os.close(writing)
    try:
        ran = fence.run(*_AS_NOBODY, "python3", "-I", "-c", _PROGRAM, stdin=reading)
    finally:
        os.close(reading)
    told = {one.module: one for one in _answers(ran.output)}
    lost = ran.ended or f"no answer: {ran.output.strip()[-_LONGEST:]}"
    return tuple(told.get(name) or _lost(name, lost) for name in modules.names)


def _answers(output: str) -> Iterator[ImportTrial]:
    for line in output.splitlines():
        try:
            given = ast.literal_eval(line)
            yield ImportTrial(
                module=str(given["module"]),
                error=" ".join(str(given["error"]).split())[:_LONGEST],
                has_cache=given["has_cache"] is True,
                from_cache=given["from_cache"] is True,
                seconds=_seconds(given["seconds"]),
                seconds_without=_seconds(given["seconds_without"]),
            )
        except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
            continue


def _seconds(given: object) -> float:
    """Return a time that can be one. Raises ValueError, TypeError."""
    if not isinstance(given, float | int) or not 0 <= given <= _LONGEST_TIME:
        raise ValueError("not a time")
    return float(given)


def _lost(name: str, error: str) -> ImportTrial:
    return ImportTrial(module=name, error=error, has_cache=False, from_cache=False, seconds=0, seconds_without=0)
