# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What `pkgtools generate` writes for Alpine and Arch Linux, packed by nfpm: no rule says a word that isn't meant."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pkgtools.check.apply import judge_package
from pkgtools.check.difference import Aspect, differences
from pkgtools.check.one_package import read_checked
from pkgtools.check.profile import profile
from pkgtools.check.registry import all_rules
from pkgtools.model.package import Kind
from tests.lab.needs import need_tools
from tests.lab.nfpm_builds import NFPM, build_with_nfpm
from tests.lab.project import SITE, STRATEGIES, Sample
from tests.rules.test_generated_packages import made

if TYPE_CHECKING:
    from pathlib import Path

    from pkgtools.model.package import Package

KINDS = {"apk": Kind.APK, "archlinux": Kind.ALPM}
EXPECTED = {
    "native": {"modules-not-compiled"},
    "sourceless": {"sourceless-module"},
    "none": {"modules-not-compiled"},
}
SEEN_AS = {"native": "none", "trigger": "direct"}
"""Nobody's own tool compiles there, and there are no triggers of pkgtools-runtime: the scripts do it."""
FAST = ("direct", "standalone", "none")


def build(strategy: str, packager: str) -> Path:
    need_tools([str(NFPM)])
    return build_with_nfpm(Sample(strategy=strategy, public=SITE, family="other"), "1", packager, made())


def read(strategy: str, packager: str) -> Package:
    return read_checked(build(strategy, packager), compile_all=True)


@pytest.mark.parametrize("packager", KINDS)
@pytest.mark.parametrize(
    "strategy", [one if one in FAST else pytest.param(one, marks=pytest.mark.slow) for one in STRATEGIES]
)
def test_no_rule_has_anything_to_say(strategy: str, packager: str) -> None:
    package = read(strategy, packager)
    found = {one.rule.id for one in judge_package(package, all_rules()).findings}
    assert found == EXPECTED.get(strategy, set())
    assert package.flaws == ()
    assert package.kind is KINDS[packager]
    assert profile(package).strategy.value == SEEN_AS.get(strategy, strategy)


@pytest.mark.parametrize(
    ("packager", "compiles", "cleans"),
    [("apk", "post-install", "pre-deinstall"), ("archlinux", "post_install", "pre_remove")],
)
def test_who_compiles_and_cleans_is_seen(packager: str, compiles: str, cleans: str) -> None:
    found = profile(read("direct", packager))
    assert compiles in {one.script for one in found.compiles}
    assert cleans in {one.script for one in found.cleans}


def test_same_program_for_both_differs_in_what_is_each_ones_own() -> None:
    changes = list(differences(read("direct", "apk"), read("direct", "archlinux")))
    assert {one.aspect for one in changes} == {Aspect.PACKAGE, Aspect.SCRIPTS}
    assert {one.where for one in changes if one.aspect is Aspect.PACKAGE} == {"kind", "version"}
    assert {one.where for one in changes if one.aspect is Aspect.SCRIPTS} <= {
        *("post-install", "pre-upgrade", "post-upgrade", "pre-remove")
    }


@pytest.mark.parametrize("command", ["check", "inspect", "verify", "diff", "init"])
@pytest.mark.parametrize("packager", KINDS)
def test_each_command_takes_them(command: str, packager: str, tmp_path: Path) -> None:
    path = tmp_path / "called-like-nothing"
    path.write_bytes(build("direct", packager).read_bytes())
    if packager == "archlinux":  # its metadata stand last: the name has to tell
        path = path.rename(tmp_path / "acme.pkg.tar.zst")
    given = [str(path)] * (2 if command == "diff" else 1)
    done = subprocess.run([sys.executable, "-m", "pkgtools.cli", command, *given], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
