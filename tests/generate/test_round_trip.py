# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What `pkgtools init` makes of a package that pkgtools made is the manifest that it was made from."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pkgtools.check.declared import as_declared
from pkgtools.cli.init import manifest_text
from pkgtools.config import parse_manifest
from pkgtools.model.manifest import DeclaredPackage, Family
from pkgtools.render.script_plan import plan_scripts
from pkgtools.survey.project import read_surveys
from tests.lab.deb_builds import build_generated_deb
from tests.lab.needs import need_tools
from tests.lab.project import STRATEGIES, Sample, Value
from tests.lab.rpm_builds import build_generated_rpm

pytestmark = pytest.mark.slow
RANGES: dict[str, dict[str, Value]] = {
    "any": {},
    "open": {"python": "3.9-"},
    "closed": {"python": "3.11-3.14"},
}


def declared(text: str) -> DeclaredPackage:
    (package,) = parse_manifest(tomllib.loads(text), where="m", origin="m", directory=Path("/nowhere")).packages
    return package


CASES = [(strategy, "open") for strategy in STRATEGIES if strategy != "sourceless"] + [
    ("sourceless", "any"),
    *((strategy, ranges) for strategy in ("trigger", "cache-prefix") for ranges in ("any", "closed")),
]


@pytest.mark.parametrize(("strategy", "ranges"), CASES)
@pytest.mark.parametrize("family", ["deb", "rpm"])
def test_manifest_comes_back(strategy: str, family: str, ranges: str, tmp_path: Path) -> None:
    need_tools(["dpkg-deb", "rpmbuild"])
    sample = Sample(strategy=strategy, family=family, options=RANGES[ranges], called="acme")
    build = build_generated_deb if family == "deb" else build_generated_rpm
    path = build(sample, "1", tmp_path)
    made_from = declared(sample.toml())
    made_of = declared(manifest_text(read_surveys(path, as_declared), path, in_project=False))
    kind = Family(family)
    expected = "shipped" if (strategy, family) == ("native", "rpm") else strategy  # the distribution's macros compiled
    assert made_of.variants[kind].strategy.value == expected
    if strategy not in {"none", "shipped", "sourceless"} and expected == strategy:
        before, now = plan_scripts(made_from, kind), plan_scripts(made_of, kind)
        assert (now.on_install, now.before_removal, now.after_removal) == (
            before.on_install,
            before.before_removal,
            before.after_removal,
        )
        assert (now.drop_in, now.depends) == (before.drop_in, before.depends)
        found, said = ([(one.directory, one.versions) for one in of.private] for of in (made_of, made_from))
        assert sorted(found) == sorted(said)
