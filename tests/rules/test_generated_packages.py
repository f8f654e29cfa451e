# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Whatever `pkgtools generate` writes is beyond reproach: no rule says a word of it that isn't meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pkgtools.check.apply import judge_package
from pkgtools.check.one_package import read_checked
from pkgtools.check.profile import profile
from pkgtools.check.registry import all_rules
from tests.lab.deb_builds import build_generated_deb
from tests.lab.needs import need_tools
from tests.lab.places import scratch_directory
from tests.lab.project import SITE, STRATEGIES, Sample
from tests.lab.rpm_builds import build_generated_rpm

if TYPE_CHECKING:
    from pathlib import Path

SNIPPETS = """
[[packages.{}.snippets]]
hook = "post-remove"
text = "rm -rf /var/cache/acme"
"""
EXPECTED = {
    ("deb", "shipped"): {"bytecode-in-deb"},
    ("deb", "sourceless"): {"sourceless-module"},
    ("deb", "none"): {"modules-not-compiled"},
    ("rpm", "sourceless"): {"sourceless-module"},
    ("rpm", "none"): {"modules-not-compiled"},
}
SEEN_AS = {("rpm", "native"): "shipped"}
"""The distribution's own tool compiles at build."""


def made() -> Path:
    path = scratch_directory() / "rule-cases"
    path.mkdir(exist_ok=True)
    return path


@pytest.mark.parametrize("plugins", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["plain", "plugins"])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("family", ["deb", "rpm"])
def test_no_rule_has_anything_to_say(family: str, strategy: str, plugins: bool) -> None:
    need_tools(["dpkg-deb" if family == "deb" else "rpmbuild"])
    if plugins and strategy in {"native", "shipped", "sourceless", "none"}:
        pytest.skip("others' modules are compiled by triggers, and this strategy has none")
    name = f"acme-{strategy}"
    snippets = SNIPPETS.format(name)
    sample = Sample(strategy=strategy, family=family, plugins=plugins, snippets=snippets)
    if family == "rpm":
        sample = replace(sample, public=SITE)
    build = build_generated_deb if family == "deb" else build_generated_rpm
    package = read_checked(build(sample, "1", made()), compile_all=True)
    found = judge_package(package, all_rules()).findings
    assert {one.rule.id for one in found} == EXPECTED.get((family, strategy), set())
    assert profile(package).strategy.value == SEEN_AS.get((family, strategy), strategy)
    assert package.scripts or strategy in {"none", "native", "shipped", "sourceless", "trigger"}
