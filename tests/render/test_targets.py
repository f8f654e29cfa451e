# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is particular to one target, read by the tool that it is for."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from debian.deb822 import Deb822

from pkgtools.model.manifest import Family, Strategy, Variant
from pkgtools.render.generate import TARGETS, generate
from pkgtools.render.generated import Job
from pkgtools.render.output_directory import perform, plan_changes
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.runtime.errors import UsageError
from tests.lab.commands import clean_environment
from tests.render.samples import HOSTILE, job_of, package, private, render, snippet, texts
from tests.render.tools import alpm_matches, need, spec_query

DEB_ONLY = frozenset({Family.DEB})


def written(job: Job, target: PackagingTarget, output: Path) -> None:
    perform(plan_changes(generate(job, target, job.manifest.packages), output), output)


@pytest.mark.parametrize(
    "text", ["date +%Y", "echo %(id)", "echo %{x}", "x=${1%%/*}", "echo %%", "echo %nil", "a=%[1]"]
)
def test_fpm_takes_no_snippet_in_which_rpm_expands_something(text: str) -> None:
    with pytest.raises(UsageError, match="acme/after-install: fpm writes this script into a spec file"):
        render(TARGETS["fpm"], package(snippets=[snippet(text)]))


@pytest.mark.parametrize(
    "text", ["x=${1%/*}", "printf '%s\\n' x", "echo 100%", "echo '%'", "date '+%d.%m'", "echo 5%, 6% x"]
)
def test_fpm_takes_snippets_that_rpm_reads_as_they_are(text: str) -> None:
    need("rpmspec")
    script = texts(TARGETS["fpm"], package(snippets=[snippet(text)]))["acme/after-install"]
    assert spec_query(f"%post\n{script}\n%files\n", "%{POSTIN}") == script.strip()


def test_fpm_words_survive_rpm() -> None:
    need("rpmspec")
    declared = package(Strategy.STANDALONE, private=map(private, HOSTILE))
    script = texts(TARGETS["fpm"], declared)["acme/after-install"]
    assert spec_query(f"%post\n{script}\n%files\n", "%{POSTIN}") == script.strip()


@pytest.mark.parametrize("difference", [{"name": "other"}, {"strategy": Strategy.NONE}, {"depends": False}], ids=str)
def test_fpm_makes_one_script_for_two_families_that_must_be_alike(difference: dict[str, object]) -> None:
    declared = package()
    other = replace(declared.variants[Family.RPM], **difference)  # type: ignore[arg-type] # the table's business
    with pytest.raises(UsageError, match=r"^packages\.acme: "):
        render(TARGETS["fpm"], replace(declared, variants={**declared.variants, Family.RPM: other}))
    apart: Variant = other
    render(TARGETS["fpm"], replace(declared, variants={**declared.variants, Family.APK: apart}))


def test_fpm_makes_no_script_with_a_snippet_for_one_of_two_families() -> None:
    with pytest.raises(UsageError, match=r"^packages\.acme\.snippets\[0\]: "):
        render(TARGETS["fpm"], package(snippets=[snippet(":", families=DEB_ONLY)]))


def test_debhelper_would_put_its_lines_into_a_snippet() -> None:
    with pytest.raises(UsageError, match=r"^packages\.acme\.snippets\[0\]: .*#DEBHELPER#"):
        render(TARGETS["debhelper"], package(snippets=[snippet("# before #DEBHELPER#\n:")]))
    for name, text in texts(TARGETS["debhelper"], package(snippets=[snippet(":")])).items():
        assert text.count("\n#DEBHELPER#\n") == ("post" in name or "pre" in name)


def test_makefile_installs_what_packages_ship(tmp_path: Path) -> None:
    need("make")
    there, absent = package(Strategy.TRIGGER, private=[private()]), package(Strategy.SHIPPED, key="acme-web")
    sourceless = package(Strategy.SOURCELESS, key="acme-x")
    written(job_of(there, absent, sourceless), TARGETS["debhelper"], tmp_path / "debian")
    (tmp_path / "rules").write_text("include debian/pkgtools.mk\n")
    argv = ["make", "-sf", "rules", "execute_after_dh_install"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, env=clean_environment())
    assert (done.returncode, done.stderr) == (0, "")  # acme-web's tree isn't there, as in `dh binary-arch`
    installed = tmp_path / "debian/acme/usr/share/pkgtools/private.d/acme.conf"
    assert (
        installed.read_bytes()
        == (tmp_path / "debian/acme.root" / installed.relative_to(tmp_path / "debian/acme")).read_bytes()
    )
    assert not (tmp_path / "debian/acme-web").exists()
    assert (tmp_path / "debian/acme.substvars").read_text() == "pkgtools:Depends=pkgtools-runtime, python3\n"
    substvars = (tmp_path / "debian/acme-x.substvars").read_text()
    assert substvars == "pkgtools:Depends=python3 (>= 3.11~), python3 (<< 3.12~)\n"


def test_makefile_stages_trees_that_are_there(tmp_path: Path) -> None:
    need("make")
    written(job_of(package(Strategy.SHIPPED)), TARGETS["debhelper"], tmp_path / "debian")
    (tmp_path / "debian/acme").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/pkgtools").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "bin/pkgtools").chmod(0o755)
    (tmp_path / "rules").write_text(
        "pkgtools_own_target = 1\ninclude debian/pkgtools.mk\nall:\n\t$(pkgtools_install)\n"
    )
    environment = clean_environment()
    environment["PATH"] = f"{tmp_path}/bin:{environment['PATH']}"
    done = subprocess.run(
        ["make", "-sf", "rules", "all"], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "stage --target debhelper --manifest pkgtools.toml --package acme debian/acme\n",
        "",
    )


def test_lines_for_a_control_file_are_fields() -> None:
    text = texts(TARGETS["deb"], package(Strategy.SOURCELESS))["acme/control"]
    assert dict(Deb822(text)) == {"Depends": "python3 (>= 3.11~), python3 (<< 3.12~)"}


def test_name_of_the_manifest_is_no_macro(tmp_path: Path) -> None:
    need("rpmspec")
    planted = tmp_path / "planted"
    declared = package(Strategy.STANDALONE, private=[private(plugins=True)], snippets=[snippet(":")])
    job = job_of(declared, origin=f"%(touch {planted})%{{lua:print(1)}}.toml")
    written(job, TARGETS["rpm"], tmp_path)
    fragments = {
        kind: (tmp_path / f"acme.{kind}.inc").read_text() for kind in ("preamble", "install", "scriptlets", "files")
    }
    spec = (
        f"Name: acme\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n{fragments['preamble']}"
        f"%description\nx\n%install\n{fragments['install']}{fragments['scriptlets']}%files\n{fragments['files']}"
    )
    path = tmp_path / "acme.spec"
    path.write_text(spec)
    done = subprocess.run(
        ["rpmspec", "-q", "--qf", "%{POSTIN}", path],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    assert (done.returncode, done.stderr, planted.exists()) == (0, "", False)
    assert job.manifest.origin in done.stdout


@pytest.mark.parametrize("directory", ["/opt/a,b", "/opt/a<b", "/opt/a>b", "/opt/a=b"])
def test_plugins_are_where_rpm_can_watch(directory: str) -> None:
    with pytest.raises(UsageError, match=directory):
        render(TARGETS["rpm"], package(private=[private(directory, plugins=True)]))


def test_plugins_are_where_apk_can_watch() -> None:
    with pytest.raises(UsageError, match="a trigger of apk"):
        render(TARGETS["apk"], package(private=[private("/opt/$(id)", plugins=True)]))


def test_pacman_watches_plugins_and_interpreters() -> None:
    declared = package(private=[private("/opt/[x]*", plugins=True), private("/opt/y")])
    hook = texts(TARGETS["alpm"], declared)["acme/root/usr/share/libalpm/hooks/acme-pkgtools-compile.hook"]
    targets = [line.removeprefix("Target = ") for line in hook.splitlines() if line.startswith("Target = ")]
    paths = [
        "usr/bin/python3.13",
        "opt/[x]*/a.py",
        "opt/[x]*/b/c.py",
        "opt/x*/a.py",
        "opt/xx/a.py",
        "opt/y/a.py",
        "usr/bin/x",
    ]
    watched = [path for path in paths if any(alpm_matches(target, path) for target in targets[1:])]
    assert (targets[0], watched) == ("acme", paths[:3])


def test_nfpm_reads_what_is_meant() -> None:
    declared = package(Strategy.STANDALONE, private=[private(plugins=True)], runtime_directory='/opt/it\'s "100%"')
    others = {Family.APK: Variant(name="acme", strategy=Strategy.NONE, depends=True)}
    for each, packagers in (
        (declared, {None}),
        (replace(declared, variants={**declared.variants, **others}), {"deb", "rpm", "archlinux"}),
    ):
        files = render(TARGETS["nfpm"], each)
        read = yaml.safe_load(files["acme/nfpm.yaml"].content)
        folders = [one for one in read["contents"] if one.get("type") == "dir"]
        assert {one.get("packager") for one in folders} == packagers
        owned = ("/usr/share/pkgtools", "/usr/share/pkgtools/private.d", each.runtime_directory)
        assert {(one["dst"], one["file_info"]["mode"]) for one in folders} == {(path, 0o755) for path in owned}
        named = [one["src"] for one in read["contents"] if "src" in one]
        named += [path for one in read["overrides"].values() for path in one["scripts"].values()]
        named += [
            path
            for key in ("apk", "archlinux")
            for path in read["overrides"][key].get(key, {"scripts": {}})["scripts"].values()
        ]
        assert {path.removeprefix("out/") for path in named} == files.keys() - {"acme/nfpm.yaml"}
        assert read["deb"]["triggers"]["interest_noawait"][-1] == "/usr/share/acme"


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
@pytest.mark.parametrize("strategy", Strategy)
def test_every_target_knows_every_strategy(target: PackagingTarget, strategy: Strategy) -> None:
    declared = package(strategy, private=[private("/usr/share/acme", "3.11", plugins=True)], exclude=["acme/t/"])
    files = render(target, declared)
    assert all(not path.startswith(("/", "../")) for path in files)
    assert {file.mode for file in files.values()} <= {0o644, 0o755}
