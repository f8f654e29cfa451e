# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is asked of a trial: the packages, the root, the steps and the limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pkgtools.model.finding import Severity
from pkgtools.model.trial import LifeStep

from .fence import Limits

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOrder:
    """What is played with each package."""

    root: Path
    """A tar archive of a system, or a directory with one, which stays as it is."""
    steps: tuple[LifeStep, ...] = tuple(LifeStep)
    """What is played, in the order of `LifeStep`."""
    old: Path | None = None
    """The old version."""
    needs: tuple[Path, ...] = ()
    """Packages that are installed before the life begins: dependencies."""
    runtime: tuple[Path, ...] = ()
    """The packages of pkgtools-runtime that are added and removed."""
    interpreters: tuple[Path, ...] = ()
    """The packages of an interpreter that is added and removed."""
    network: bool = False
    """Whether what is played sees this machine's network; then apt-get installs what is missing."""
    keep: Path | None = None
    """Directory that gets an archive of each system as it is at the end."""
    fail_on: Severity = Severity.ERROR
    """The least severity of a fault that makes a step fail."""
    limits: Limits = field(default_factory=Limits)
    """What each command may use."""
