# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the files in a .dist-info or .egg-info directory say of the Python distribution that is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionFacts:
    """What the metadata of a Python distribution say (METADATA, PKG-INFO)."""

    requires_python: str
    """The versions that it is for, as PEP 440 writes them; empty if it doesn't say."""
    name: str = ""
    """As the distribution writes it; empty if it doesn't say."""
    version: str = ""
    """The distribution's own, as PEP 440 writes it; empty if it doesn't say."""
    requires: tuple[str, ...] = ()
    """What it requires under no condition, each as PEP 508 writes it; the first hundred."""
    conditional: tuple[str, ...] = ()
    """What it requires under a condition, with that; the first hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallerFacts:
    """What an installer wrote beside the metadata: INSTALLER, RECORD or direct_url.json."""

    installer: str = ""
    """The tool that installed it, as `pip`; empty for other files than INSTALLER."""
    url: str = ""
    """Where direct_url.json says that it came from, as `file:///build/acme`; else empty."""
    bytecode: tuple[InstalledPath, ...] = ()
    """The pycs that RECORD lists; the first hundred."""
