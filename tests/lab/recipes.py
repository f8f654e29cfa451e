# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The base systems: which suite, which packages."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

APT_CONFIGURATION = 'Acquire::Languages "none";\nAcquire::Check-Valid-Until "false";\n'
"""Read by apt in every root; a stored Release file of a moving suite may be past its date."""

DPKG_OPTIONS = (
    "force-unsafe-io",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
)
"""In every root's dpkg.cfg.d: no syncs of dpkg's own, no manual pages, no translations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one base system is made."""

    name: str
    """How tests call it."""
    suite: str
    """Debian suite, such as bookworm."""
    variant: str
    """mmdebstrap's variant: apt, or essential (no apt in it)."""
    include: tuple[str, ...]
    """Packages beyond the variant's."""
    python: tuple[str, ...]
    """Versions of the CPython interpreters in it, the default first."""

    @property
    def key(self) -> str:
        """Return the name with a digest of all that makes the root's content."""
        parts = (astuple(self), APT_CONFIGURATION, DPKG_OPTIONS)
        return f"{self.name}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


def _recipe(name: str, variant: str, include: tuple[str, ...], *python: str, suite: str = "") -> Recipe:
    return Recipe(name=name, suite=suite or name, variant=variant, include=include, python=python)


_MINIMAL = ("python3-minimal",)
_FORKY = ("python3", "python3.13", "python3.15")
_BUILD = (
    *("build-essential", "debhelper", "dh-python", "fakeroot", "flit", "pybuild-plugin-pyproject", "python3-all-dev"),
    *("python3-click", "python3-debian", "python3-hatchling", "python3-jinja2", "python3-packaging"),
    *("python3-jsonschema", "python3-zstandard"),
    *("python3-poetry-core", "python3-rich", "python3-setuptools", "python3-wheel"),
)
_BUILD_RPM = ("file", "python3-hatch-fancy-pypi-readme", "python3-hatch-vcs", "rpm")
"""For the Python libraries that our RPMs need, and Debian's packages don't serve."""
_RPM = ("rpm", "mount")
_PACMAN = ("pacman-package-manager", "makepkg", "fakeroot", "libarchive-tools")
_FORKY_VERSIONS = ("3.14", "3.13", "3.15")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        _recipe("bookworm", "apt", ("python3",), "3.11"),
        _recipe("trixie", "apt", ("python3",), "3.13"),
        _recipe("forky", "apt", _FORKY, *_FORKY_VERSIONS),
        _recipe("build-bookworm", "apt", ("python3", *_BUILD), "3.11", suite="bookworm"),
        _recipe("build-trixie", "apt", ("python3", *_BUILD), "3.13", suite="trixie"),
        _recipe("build-forky", "apt", ("python3", *_BUILD, *_BUILD_RPM), "3.14", suite="forky"),
        _recipe("bullseye-minimal", "essential", _MINIMAL, "3.9", suite="bullseye"),
        _recipe("bookworm-minimal", "essential", _MINIMAL, "3.11", suite="bookworm"),
        _recipe("trixie-minimal", "essential", _MINIMAL, "3.13", suite="trixie"),
        _recipe("rpm-bullseye", "apt", ("python3", *_RPM), "3.9", suite="bullseye"),
        _recipe("rpm-bookworm", "apt", ("python3", *_RPM), "3.11", suite="bookworm"),
        _recipe("rpm-trixie", "apt", ("python3", *_RPM), "3.13", suite="trixie"),
        _recipe("rpm-forky", "apt", (*_FORKY, *_RPM, "dnf5"), *_FORKY_VERSIONS, suite="forky"),
        _recipe("rpm-dnf", "apt", ("python3", *_RPM, "dnf"), "3.11", suite="bookworm"),
        _recipe("pacman", "apt", ("python3", *_PACMAN), "3.11", suite="bookworm"),
        _recipe("rpm-zypper", "apt", ("python3", *_RPM, "zypper"), "3.14", suite="sid"),
    )
}
"""Every base system by name."""
