# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every script of every target is run as its package manager runs it: it calls what is planned, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given

from pkgtools.model.manifest import DeclaredPackage, Family, Strategy, When
from pkgtools.render.generate import TARGETS
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.render.script_plan import ScriptPlan, plan_scripts
from tests.render import samples
from tests.render.behaviour import ANY_SHELL, FEW, RICH, STATUS, Planned, Words, expected, stage_with, write
from tests.render.samples import package, private, snippet
from tests.render.tools import SHELLS, Stage, need

pytestmark = pytest.mark.slow

POSTINST = ("configure", "abort-upgrade", "abort-remove", "abort-deconfigure")
PRERM = ("remove", "upgrade", "failed-upgrade", "deconfigure")
DPKG: Mapping[str, tuple[Words, ...]] = {
    "preinst": (("install",), ("install", "1"), ("upgrade", "1"), ("abort-upgrade", "2")),
    "postinst": (
        ("configure", ""),
        ("configure", "1"),
        ("abort-upgrade", "2"),
        ("abort-remove", "in-favour", "x", "1"),
        ("abort-remove",),
        ("abort-deconfigure", "in-favour", "x", "1", "removing", "y", "1"),
        ("triggered", "/a /b"),
    ),
    "prerm": (
        ("remove",),
        ("upgrade", "2"),
        ("failed-upgrade", "1"),
        ("remove", "in-favour", "x", "1"),
        ("deconfigure", "in-favour", "x", "1", "removing", "y", "1"),
    ),
    "postrm": (
        ("remove",),
        ("purge",),
        ("upgrade", "2"),
        ("failed-upgrade", "1"),
        ("abort-install",),
        ("abort-install", "1"),
        ("abort-upgrade", "1"),
        ("disappear", "x", "1"),
    ),
}
"""How dpkg calls maintainer scripts (Debian Policy 6.5)."""
FPM = {"preinst": "before-install", "postinst": "after-install", "prerm": "before-remove", "postrm": "after-remove"}


def planned_by_dpkg(plan: ScriptPlan, script: str, words: Words) -> Planned:
    match script:
        case "postinst":
            return plan.on_install if words[0] in POSTINST else plan.on_trigger if words[0] == "triggered" else ()
        case "prerm":
            return plan.before_removal if words[0] in PRERM else ()
        case "postrm":
            return plan.after_removal if words[0] in {"remove", "disappear"} else ()
        case _:
            return ()


def deb_scripts(target: PackagingTarget, declared: DeclaredPackage) -> dict[str, str]:
    files = samples.texts(target, declared)
    places = {
        TARGETS["deb"]: f"{declared.key}/DEBIAN/%s",
        TARGETS["debhelper"]: f"{declared.key}.%s",
        TARGETS["nfpm"]: f"{declared.key}/scripts/deb/%s",
    }
    return {script: files[places[target] % script] for script in DPKG if places[target] % script in files}


def assert_dpkg_scripts(target: PackagingTarget, declared: DeclaredPackage, shell: Words, status: int) -> None:
    need(shell[0])
    plan = plan_scripts(declared, Family.DEB)
    scripts = deb_scripts(target, declared)
    native = declared.variants[Family.DEB].strategy is Strategy.NATIVE
    with stage_with(declared) as stage:
        for script, calls in DPKG.items():
            if script not in scripts:
                assert not any(planned_by_dpkg(plan, script, words) for words in calls)
                continue
            path = write(stage, scripts[script])
            for words in calls:
                wanted = () if native else planned_by_dpkg(plan, script, words)
                ran = stage.run([*shell, path, *words], status=status)
                may_fail = script == "postinst" and not words[0].startswith(("abort-", "triggered"))
                assert (ran.status, ran.calls) == expected(wanted, status, may_fail=may_fail)
                assert ran.said == ""


@pytest.mark.parametrize("target", [TARGETS["deb"], TARGETS["debhelper"], TARGETS["nfpm"]])
@FEW
@given(declared=samples.packages(), shell=ANY_SHELL, status=STATUS)
@example(declared=RICH, shell=("dash",), status=2)
@example(declared=RICH, shell=("busybox", "sh"), status=0)
@example(declared=RICH, shell=("bash", "--posix"), status=1)
def test_dpkgs_calls_lead_to_what_is_planned(
    target: PackagingTarget, declared: DeclaredPackage, shell: Words, status: int
) -> None:
    assert_dpkg_scripts(target, declared, shell, status)


@FEW
@given(declared=samples.packages(), shell=ANY_SHELL, status=STATUS)
@example(declared=RICH, shell=("dash",), status=0)
def test_fpms_scripts_serve_dpkg_and_rpm(declared: DeclaredPackage, shell: Words, status: int) -> None:
    need(shell[0])
    plan = plan_scripts(declared, Family.DEB)
    safe = replace(declared, snippets=tuple(s for s in declared.snippets if "%" not in s.text))
    files = samples.texts(TARGETS["fpm"], safe)
    native = plan.strategy is Strategy.NATIVE
    by_rpm: Mapping[str, Mapping[str, Planned]] = {
        "preinst": {"1": (), "2": plan.before_removal if plan.cleans_before_upgrade else ()},
        "postinst": {"1": plan.on_install, "2": plan.on_install, "11": plan.on_install},
        "prerm": {"0": plan.before_removal, "1": ()},
        "postrm": {"0": (), "1": ()},
    }
    with stage_with(declared) as stage:
        for script, name in FPM.items():
            text = files.get(f"{declared.key}/{name}")
            if text is None:
                continue
            path = write(stage, text)
            for words in (*DPKG[script], *((number,) for number in by_rpm[script])):
                wanted = by_rpm[script].get(words[0]) or planned_by_dpkg(plan, script, words)
                ran = stage.run([*shell, path, *words], status=status)
                may_fail = script == "postinst" and not words[0].startswith(("abort-", "triggered"))
                outcome = expected(() if native else wanted, status, may_fail=may_fail)
                assert (ran.status, ran.calls, ran.said) == (*outcome, "")


@pytest.mark.parametrize("strategy", Strategy)
def test_empty_and_missing_root_of_dpkg_are_the_systems_own(strategy: Strategy) -> None:
    need("unshare", "dash")
    declared = package(strategy, private=[private("/opt/a b")])
    plan = plan_scripts(declared, Family.DEB)
    with stage_with(declared) as stage:
        for script, text in deb_scripts(TARGETS["deb"], declared).items():
            path = write(stage, text)
            for words in DPKG[script]:
                wanted = [call.words for call in planned_by_dpkg(plan, script, words)]
                for root in ("", "unset"):
                    ran = stage.run(["dash", path, *words], root=root)
                    assert (ran.status, ran.calls, ran.said) == (0, wanted, "")


@pytest.mark.parametrize("target", [TARGETS["deb"], TARGETS["debhelper"]])
def test_missing_programs_are_no_fault(target: PackagingTarget, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.furnish([])
    for script, text in deb_scripts(target, RICH).items():
        path = tmp_path / "script"
        path.write_text(text)
        for words in DPKG[script]:
            ran = stage.run(["dash", path, *words])
            assert (ran.status, ran.calls, ran.said) == (0, [], "")


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("text", ["exit 3", "(exit 3)", "set +e; false; exit 3", "f() { return 3; }\nf"])
def test_snippet_that_fails_ends_the_script_with_its_status(text: str, shell: Words, when: When) -> None:
    need(shell[0])
    declared = package(Strategy.DIRECT, snippets=[snippet(text, when=when), snippet("echo not reached", when=when)])
    plan = plan_scripts(declared, Family.DEB)
    with stage_with(declared) as stage:
        path = write(stage, deb_scripts(TARGETS["deb"], declared)["postinst"])
        ran = stage.run([*shell, path, "configure", ""])
        ours = [] if when is When.BEFORE else [call.words for call in plan.on_install]
        assert (ran.status, ran.calls, ran.said) == (3, ours, "")


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_snippets_run_in_order_around_our_part_with_the_scripts_arguments(shell: Words) -> None:
    need(shell[0])
    told = [
        snippet(f'echo {number} "$#" "$1" "$2"; exit 0', when=when)
        for number, when in enumerate([When.AFTER, When.BEFORE, When.AFTER, When.BEFORE])
    ]
    declared = package(Strategy.DIRECT, snippets=told)
    with stage_with(declared) as stage:
        path = write(stage, deb_scripts(TARGETS["deb"], declared)["postinst"])
        ran = stage.run([*shell, path, "configure", "it's 1"])
        assert ran.said.splitlines() == [f"{number} 2 configure it's 1" for number in (1, 3, 0, 2)]
        assert len(ran.calls) == 1


def test_every_script_parses_under_every_shell_and_pleases_shellcheck(tmp_path: Path) -> None:
    need("shellcheck", *(shell[0] for shell in SHELLS))
    plain = replace(RICH, snippets=())
    stage = Stage(tmp_path)
    stage.furnish([])
    for target in (TARGETS["deb"], TARGETS["debhelper"], TARGETS["fpm"], TARGETS["nfpm"], TARGETS["apk"]):
        for number, (name, text) in enumerate(samples.texts(target, plain).items()):
            if not text.startswith("#!/bin/sh\n"):
                continue
            path = tmp_path / f"{number}-{name.rpartition('/')[2]}"
            path.write_text(text)
            for argv in (*((*shell, "-n") for shell in SHELLS), ("shellcheck", "-s", "sh", "-e", "SC1003,SC2016")):
                ran = stage.run([*argv, path])
                assert (ran.status, ran.said) == (0, "")
