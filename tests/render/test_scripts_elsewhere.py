# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Scriptlets and hooks are run as rpm, apk and pacman run them: they call what is planned, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pkgtools.model.manifest import BadSource, DeclaredPackage, Family, Hook, Strategy
from pkgtools.render.generate import TARGETS
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.render.script_plan import ScriptPlan, plan_nameless, plan_scripts
from pkgtools.runtime.facts import InstalledPath
from tests.render import samples
from tests.render.behaviour import FEW, RICH, STATUS, Planned, Words, expected, stage_with, write
from tests.render.samples import package, private
from tests.render.tools import SHELLS, alpm_words, build_rpm, need, read_by, spec_query

pytestmark = pytest.mark.slow

RPM_TAGS = {"pre": "PREIN", "post": "POSTIN", "preun": "PREUN", "postun": "POSTUN"}
LISTED = "/usr/share/x/a b.py\n/usr/share/x/c.py\n"


def spec_text(declared: DeclaredPackage, target: PackagingTarget = TARGETS["rpm"]) -> str:
    text = samples.texts(target, declared)[f"{declared.key}.scriptlets.inc"]
    return text.replace(f" -n {declared.key}", "") + "\n%files\n"


def rpm_planned(plan: ScriptPlan) -> Iterator[tuple[str, str, Planned]]:
    yield "pre", "1", ()
    yield "pre", "2", plan.before_removal if plan.cleans_before_upgrade else ()
    yield "post", "1", plan.on_install
    yield "post", "2", plan.on_install
    yield "preun", "0", plan.before_removal
    yield "preun", "1", ()
    yield "postun", "0", ()
    yield "postun", "1", ()


@FEW
@given(declared=samples.packages(), shell=st.sampled_from(SHELLS), status=STATUS)
@example(declared=RICH, shell=("dash",), status=1)
def test_rpms_calls_lead_to_what_is_planned(declared: DeclaredPackage, shell: Words, status: int) -> None:
    need("unshare", "rpmspec", shell[0])
    declared = replace(declared, runtime_directory=InstalledPath(declared.runtime_directory.replace("%", "")))
    plan = plan_scripts(declared, Family.RPM)
    spec = spec_text(declared)
    asked = "".join(f"%{{{tag}}}\x1e" for tag in RPM_TAGS.values())
    bodies = dict(zip(RPM_TAGS, spec_query(spec, asked).split("\x1e"), strict=False))
    with stage_with(declared) as stage:
        for script, argument, wanted in rpm_planned(plan):
            if bodies[script] == "(none)":
                assert not wanted
                continue
            ran = stage.run([*shell, write(stage, bodies[script]), argument], status=status, root="unset")
            outcome = expected(wanted, status, may_fail=script == "post")
            assert (ran.status, ran.calls, ran.said) == (*outcome, "")


def file_triggers(spec: str, kind: str) -> list[str]:
    with tempfile.TemporaryDirectory() as directory:
        built = build_rpm(spec, Path(directory))
        asked = read_by("rpm", "-qp", "--qf", f"[%{{{kind}SCRIPTS}}\x1e]", built).decode()
    return [] if asked.startswith("(none)") else asked.split("\x1e")[:-1]


@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize("strategy", [Strategy.TRIGGER, Strategy.DIRECT, Strategy.STANDALONE, Strategy.CACHE_PREFIX])
def test_rpms_file_triggers_lead_to_what_is_planned(strategy: Strategy, status: int) -> None:
    need("unshare", "rpmbuild", "dash")
    inside = [private("/usr/share/a%b'c", plugins=True), private("/opt/x y")]
    declared = package(strategy, private=inside, bad_source=BadSource.FAIL)
    plan, nameless = plan_scripts(declared, Family.RPM), plan_nameless(plan_scripts(declared, Family.RPM))
    assert nameless is not None
    *interpreters, plugins = file_triggers(spec_text(declared), "TRANSFILETRIGGER")
    [removal] = file_triggers(spec_text(declared), "FILETRIGGER")
    in_order = [call.words for call in plan.on_trigger]
    with stage_with(declared) as stage:
        for script in interpreters:
            path = write(stage, script)
            for given_names, wanted in (
                ("/usr/bin/cat\n/usr/bin/python3.12\n", in_order),
                ("/usr/bin/pypy3\n", in_order),
                ("/usr/bin/python2\n/usr/bin/cat\n", []),
                ("", []),
            ):
                ran = stage.run(["dash", path, "0"], root="unset", status=status, given=given_names)
                assert (ran.status, ran.calls, ran.said) == (0, wanted, "")
        ran = stage.run(["dash", write(stage, plugins), "0"], root="unset", status=status, given=LISTED)
        assert (ran.status, ran.calls, ran.said) == (0, in_order, "")
        ran = stage.run(["dash", write(stage, removal), "0"], root="unset", status=status, given=LISTED)
        cleaned = (*nameless.clean_listed.words, LISTED.replace("\n", "|"))
        assert (ran.status, ran.calls, ran.said) == (0, [cleaned], "")
    assert len(interpreters) == plan.watches_interpreters


@pytest.mark.parametrize("target", [TARGETS["rpm-ostree"], TARGETS["zypper-classic"]])
def test_callers_that_run_less_get_less(target: PackagingTarget) -> None:
    need("rpmbuild")
    declared = package(Strategy.STANDALONE, private=[private(plugins=True)])
    spec = spec_text(declared, target)
    before, after = len(file_triggers(spec, "FILETRIGGER")), len(file_triggers(spec, "TRANSFILETRIGGER"))
    erases = spec_query(spec, "%{PREUN}") != "(none)"
    assert (before, after, erases) == ((0, 2, False) if target is TARGETS["rpm-ostree"] else (3, 0, True))


@FEW
@given(declared=samples.packages(), status=STATUS)
@example(declared=RICH, status=1)
def test_apks_scripts_lead_to_what_is_planned(declared: DeclaredPackage, status: int) -> None:
    need("unshare", "busybox")
    plan = plan_scripts(declared, Family.APK)
    calls = plan_nameless(plan)
    files = samples.texts(TARGETS["apk"], declared)
    site = "/usr/lib/python3.99/site-packages"
    directories = calls.compile_directories if calls else ()
    # in the libraries of all packages others' modules may be bad, too
    libraries = [(*calls.compile_named.words, site)] if calls and declared.public else []
    compiled = [*libraries, *(call.words for call in directories)]
    cleaned = [] if calls is None else [calls.clean_listed.words]
    wanted = {
        "pre-install": [],
        "post-install": compiled,
        "pre-upgrade": cleaned,
        "post-upgrade": compiled,
        "pre-deinstall": cleaned,
        "post-deinstall": [],
        "trigger": [call.words for call in (*calls.compile_directories, *calls.clean_orphans)] if calls else [],
    }
    with stage_with(declared) as stage:
        Path(f"{stage.root}{site}").mkdir(parents=True)
        (stage.root / "usr/bin/apk").write_text("#!/bin/sh\necho usr/share/x/a.py\n")
        for script, words in wanted.items():
            text = files.get(f"{declared.key}/{declared.key}.{script}")
            if text is None:
                assert script == "trigger" or not words
                continue
            ran = stage.run(["busybox", "sh", write(stage, text), "1", "2"], status=status, root="unset")
            called = [tuple(each for each in call if each != "/usr/share/x/a.py|") for call in ran.calls]
            assert ran.said == ""
            may_fail = script in {"post-install", "post-upgrade"}
            outcome, made = expected(directories, status, may_fail=may_fail)
            assert ran.status == outcome
            assert called == ([*libraries, *made] if may_fail else words)


@FEW
@given(declared=samples.packages(), status=STATUS)
@example(declared=RICH, status=1)
def test_pacmans_hooks_lead_to_what_is_planned(declared: DeclaredPackage, status: int) -> None:
    need("unshare", "dash")
    plan = plan_scripts(declared, Family.ALPM)
    calls = plan_nameless(plan)
    files = samples.texts(TARGETS["alpm"], declared)
    folder = f"{declared.key}/root/usr/share/libalpm/hooks/{declared.key}-pkgtools"
    if calls is None:
        assert not [name for name in files if name.endswith(".hook")]
        return
    listed = "/usr/lib/python3.99/site-packages/a.py"
    compiled = [(*calls.compile_listed.words, f"{listed}|")] if declared.public else []
    compiled += [call.words for call in (*calls.compile_directories, *calls.clean_orphans)]
    cleaned = [(*calls.clean_listed.words, f"{listed}|/usr/share/x.py|")]
    with stage_with(declared) as stage:
        (stage.root / "usr/bin/pacman").write_text(f"#!/bin/sh\necho {listed}\necho /usr/share/x.py\n")
        for kind, wanted in (("compile", compiled), ("clean", cleaned)):
            [command] = [line for line in files[f"{folder}-{kind}.hook"].splitlines() if line.startswith("Exec = ")]
            ran = stage.run(alpm_words(command.removeprefix("Exec = ")), status=status, root="unset")
            assert (ran.status, ran.calls, ran.said) == (0, wanted, "")


@given(declared=samples.packages())
def test_pacmans_install_file_has_a_function_for_each_hook(declared: DeclaredPackage) -> None:
    need("bash")
    files = samples.texts(TARGETS["alpm"], declared)
    text = files.get(f"{declared.key}/{declared.key}.install")
    assert (text is None) == (not declared.snippets)
    if text is None:
        return
    with stage_with(declared) as stage:
        path = write(stage, text)
        for hook, name in ((Hook.PRE_INSTALL, "pre_upgrade"), (Hook.POST_REMOVE, "post_remove")):
            if any(one.hook is hook for one in declared.snippets):
                ran = stage.run(["bash", "-c", f". {path}; {name} 2 1; echo done"])
                assert (ran.status, ran.calls, ran.said) == (0, [], "done\n")
