# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The page on the architecture names modules and folders that are there, and the layers that are checked."""

from __future__ import annotations

import re
import tomllib

from tests.lab.ours import CHECKOUT

PAGE = (CHECKOUT / "docs/architecture.md").read_text(encoding="utf-8")
PLACES = ("", "pkgtools", "pkgtools/runtime", "pkgtools/debhelper", "pkgtools/runtime/compile", "triggers")
"""What a name is below; a walk doesn't repeat the folder that it is in."""


def test_every_name_is_that_of_a_file_or_folder() -> None:
    names = set(re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:\.(?:py|j2|md|json|spec|toml)|/))`", PAGE))
    assert len(names) > 60
    missing = {name for name in names if not any((CHECKOUT / place / name).exists() for place in PLACES)}
    assert {name for name in missing if not list((CHECKOUT / "pkgtools").rglob(name))} == set()


def test_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    checked = [set(re.findall(r"\w+", layer)) for layer in contracts["contracts"][0]["layers"]]
    picture = PAGE.partition("```\n")[2].partition("```")[0].splitlines()
    everything = set().union(*checked)
    shown = [set(re.findall(r"\w+", line[:45])) & everything for line in picture]
    assert shown == checked
