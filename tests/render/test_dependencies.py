# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What packages are to depend on: what their scripts call, and Python of the versions that the manifest names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pkgtools.model.manifest import Family, Strategy
from pkgtools.render.script_plan import plan_scripts
from pkgtools.runtime.facts import InstalledPath
from tests.render.samples import package, private


@pytest.mark.parametrize(
    ("strategy", "family", "requires"),
    [
        (Strategy.TRIGGER, Family.DEB, ("pkgtools-runtime",)),
        (Strategy.DIRECT, Family.RPM, ("pkgtools-runtime",)),
        (Strategy.CACHE_PREFIX, Family.APK, ("pkgtools-runtime",)),
        (Strategy.STANDALONE, Family.DEB, ("python3",)),
        (Strategy.STANDALONE, Family.RPM, ("/usr/bin/python3",)),
        (Strategy.STANDALONE, Family.ALPM, ("python",)),
        (Strategy.STANDALONE, Family.APK, ("python3",)),
        (Strategy.NATIVE, Family.DEB, ("python3",)),
        (Strategy.NATIVE, Family.RPM, ()),
        (Strategy.SOURCELESS, Family.DEB, ("python3 (>= 3.11~)", "python3 (<< 3.12~)")),
        (Strategy.SOURCELESS, Family.RPM, ("python(abi) = 3.11",)),
        (Strategy.SOURCELESS, Family.ALPM, ("python>=3.11", "python<3.12")),
        (Strategy.SOURCELESS, Family.APK, ("python3>=3.11", "python3<3.12")),
        (Strategy.SHIPPED, Family.DEB, ()),
        (Strategy.NONE, Family.RPM, ()),
    ],
)
def test_package_depends_on_what_its_scripts_call(
    strategy: Strategy, family: Family, requires: tuple[str, ...]
) -> None:
    assert plan_scripts(package(strategy), family).requires == requires
    assert plan_scripts(package(strategy, depends=False), family).requires == ()


RANGES: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {
    ("", ()): ("python3",),
    ("3.9-", ()): ("python3 (>= 3.9~)",),
    ("-3.13", ()): ("python3 (<< 3.13~)",),
    ("3.9-3.13", ()): ("python3 (>= 3.9~)", "python3 (<< 3.13~)"),
    ("3.11", ()): ("python3 (>= 3.11~)", "python3 (<< 3.12~)"),
    ("3.11-3.12", ()): ("python3 (>= 3.11~)", "python3 (<< 3.12~)"),
    ("3.9-", ("3.11-", "")): ("python3 (>= 3.11~)",),
    ("", ("3.9", "3.11")): ("python3",),  # no one Python runs both
}


@pytest.mark.parametrize("strategy", [Strategy.TRIGGER, Strategy.DIRECT, Strategy.SHIPPED, Strategy.NONE])
@pytest.mark.parametrize(("case", "expected"), RANGES.items(), ids=str)
def test_package_depends_on_python_with_its_library_of_the_declared_versions(
    strategy: Strategy, case: tuple[str, tuple[str, ...]], expected: tuple[str, ...]
) -> None:
    versions, of_private = case
    directories = [private(f"/opt/{number}", range_) for number, range_ in enumerate(of_private)]
    declared = replace(package(strategy, private=directories), versions=versions)
    assert plan_scripts(declared, Family.DEB).interpreter == expected
    assert set(plan_scripts(declared, Family.DEB).depends) >= set(expected)
    assert plan_scripts(replace(declared, variants=package(strategy, depends=False).variants), Family.DEB).depends == ()


def test_each_family_says_it_in_its_own_words() -> None:
    declared = replace(package(Strategy.TRIGGER), versions="3.9-3.13")
    assert {family: plan_scripts(declared, family).interpreter for family in Family} == {
        Family.DEB: ("python3 (>= 3.9~)", "python3 (<< 3.13~)"),
        Family.RPM: ("python3 >= 3.9", "python3 < 3.13"),
        Family.ALPM: ("python>=3.9", "python<3.13"),
        Family.APK: ("python3>=3.9", "python3<3.13"),
    }
    exact = replace(declared, versions="3.11")
    assert plan_scripts(exact, Family.RPM).interpreter == ("python(abi) = 3.11",)
    anything = replace(declared, versions="")
    assert plan_scripts(anything, Family.RPM).depends == ("pkgtools-runtime", "/usr/bin/python3")


def test_package_whose_modules_all_have_an_interpreter_of_their_own_needs_no_other() -> None:
    own = replace(private("/opt/acme"), interpreter=InstalledPath("/opt/acme/bin/python3.13"))
    for public, expected in ((False, ()), (True, ("python3",))):
        for strategy in (Strategy.DIRECT, Strategy.SHIPPED):
            plan = plan_scripts(package(strategy, public=public, private=[own]), Family.DEB)
            assert plan.interpreter == expected
