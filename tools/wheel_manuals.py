# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Write the manual pages that the wheel takes along: hatchling calls this before it packs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils.core import publish_file
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = ("pkgtools",)
"""Those of the commands that the wheel has."""


class Manuals(BuildHookInterface):  # type: ignore[misc] # hatchling is there while a wheel is built
    """Makes build/man/PAGE.1 of docs/man/PAGE.rst."""

    PLUGIN_NAME = "custom"

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:  # what a hook may change
        """Write the pages."""
        top = Path(self.root)
        (top / "build/man").mkdir(parents=True, exist_ok=True)
        for page in PAGES:
            publish_file(
                source_path=str(top / f"docs/man/{page}.rst"),
                destination_path=str(top / f"build/man/{page}.1"),
                writer_name="manpage",
                settings_overrides={"halt_level": 2},
            )
