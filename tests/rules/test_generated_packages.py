# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Whatever `pkgtools generate` writes is beyond reproach: no rule about scripts says a word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pkgtools.readers.examine import NAMES_ONLY
from pkgtools.readers.package import read_package
from pkgtools.rules.apply import judge_package
from pkgtools.rules.registry import all_rules
from tests.lab.deb_builds import build_generated_deb
from tests.lab.needs import need_tools
from tests.lab.places import scratch_directory
from tests.lab.project import STRATEGIES, Sample
from tests.lab.rpm_builds import build_generated_rpm

if TYPE_CHECKING:
    from pathlib import Path

SNIPPETS = """
[[packages.{}.snippets]]
hook = "post-remove"
text = "rm -rf /var/cache/acme"
"""
ABOUT_COMPILING = frozenset({"modules-not-compiled", "trigger-without-runtime"})
"""Rules about what scripts and triggers do that have a file for their place; the sample's own places have faults."""
EXPECTED = {"none": {"modules-not-compiled"}}


def made() -> Path:
    path = scratch_directory() / "rule-cases"
    path.mkdir(exist_ok=True)
    return path


@pytest.mark.parametrize("plugins", [False, True], ids=["plain", "plugins"])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("family", ["deb", "rpm"])
def test_no_script_of_ours_trips_a_rule(family: str, strategy: str, plugins: bool) -> None:
    need_tools(["dpkg-deb" if family == "deb" else "rpmbuild"])
    if plugins and strategy in {"native", "shipped", "sourceless", "none"}:
        pytest.skip("others' modules are compiled by triggers, and this strategy has none")
    name = f"acme-{strategy}"
    sample = Sample(strategy=strategy, family=family, plugins=plugins, snippets=SNIPPETS.format(name))
    build = build_generated_deb if family == "deb" else build_generated_rpm
    package = read_package(build(sample, "1", made()), NAMES_ONLY)
    found = judge_package(package, all_rules()).findings
    assert {one.rule.id for one in found if one.script or one.rule.id in ABOUT_COMPILING} == EXPECTED.get(
        strategy, set()
    )
    assert package.scripts or strategy in {"none", "native", "shipped", "sourceless", "trigger"}
