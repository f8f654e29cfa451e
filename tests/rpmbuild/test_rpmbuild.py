# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Whole packages, built by real rpmbuilds with our macros: on this machine's rpm and, once each, on the others."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.needs import need_tools
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.system import System
from tests.rpmbuild.builds import (
    EPOCH,
    GOOD,
    HOST_BINDS,
    SITE,
    VERSION,
    Build,
    Built,
    Spec,
    build_inside,
    install_macros,
)

pytestmark = [pytest.mark.system, pytest.mark.skipif(shutil.which("rpmbuild") is None, reason="no rpmbuild")]
ROOTS = ("rpm-bullseye", "rpm-trixie", "rpm-forky")
TEMPLATE = {f"{SITE}/sample/template.py": "print 'hello'\n"}
METADATA = """Metadata-Version: 2.1
Name: Sample.Project
Version: 1.0rc1
Provides-Extra: fast
Requires-Dist: other!=1.2,>=1
Requires-Dist: more~=2.1
Requires-Dist: never; python_version < "3"
Requires-Dist: quick; extra == "fast"
"""
INFO = f"{SITE}/sample_project-1.0rc1.dist-info/METADATA"
SECOND = {f"{SITE}/second-2.dist-info/METADATA": "Metadata-Version: 2.1\nName: second\nVersion: 2\n"}
BAD = {f"{SITE}/bad-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: bad\n"}
SHIPPED = Spec(
    top="%{pkgtools_use -d shipped}\n%{pkgtools_requires}", files={**GOOD, **TEMPLATE, INFO: METADATA, **SECOND}
)


def pycs(built: Built) -> list[str]:
    return [path for path in built.query("--qf", "[%{FILENAMES}\\n]") if path.endswith(".pyc")]


def expected(version: str) -> list[str]:
    tag = "cpython-" + version.replace(".", "")
    cache = f"/usr/lib/python{version}/site-packages/sample/__pycache__"
    return [f"{cache}/{stem}.{tag}{level}.pyc" for stem in ("__init__", "b") for level in (".opt-1", "")]


def test_shipped_bytecode_is_payload_and_a_python_2_template_is_told(rpmbuild: Build) -> None:
    built = rpmbuild(SHIPPED)
    assert built.exit == 0, built.log
    assert pycs(built) == expected(VERSION)
    assert f"pkgtools-bytecompile: {SITE}/sample/template.py: syntax-error" in built.log


def test_template_kills_the_build_if_asked(rpmbuild: Build) -> None:
    asked = replace(SHIPPED, top="%{pkgtools_use shipped}\n%define pkgtools_policy warn:/opt/* error:*/sample/*")
    built = rpmbuild(asked)
    assert built.exit == 1
    assert f"{SITE}/sample/template.py: syntax-error" in built.log
    silent = rpmbuild(replace(SHIPPED, top="%{pkgtools_use shipped}\n%define pkgtools_policy skip:*template*"))
    assert (silent.exit, "syntax-error" in silent.log) == (0, False)


def test_second_build_has_the_same_payload(rpmbuild: Build, tmp_path: Path) -> None:
    one = rpmbuild(SHIPPED)
    other = rpmbuild(
        replace(SHIPPED, files=dict(reversed(list(SHIPPED.files.items())))),
        env={"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "5"},
    )
    digests = []
    for number, built in enumerate((one, other)):
        tree = built.unpack(tmp_path / f"tree{number}")
        files = [path for path in sorted(tree.rglob("*")) if path.is_file()]
        digests.append([(path.relative_to(tree), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files])
        assert {int(path.stat().st_mtime) for path in files} == {EPOCH - 99}
    assert digests[0] == digests[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_unprivileged_build(rpmbuild: Build) -> None:
    built = rpmbuild(SHIPPED, uid=65534)
    assert built.exit == 0, built.log
    assert pycs(built) == expected(VERSION)


def test_trigger_ships_sources_alone(rpmbuild: Build) -> None:
    top = "%{pkgtools_use trigger}\n%{pkgtools_requires}"
    scripts = "%post\n%{pkgtools_post}\n%preun\n%{pkgtools_preun}"
    listed = f"%{{pkgtools_pycached {SITE}/sample/*.py}}\n%{{pkgtools_registration}}"
    spec = Spec(
        top=top, files=GOOD, install="%pkgtools_register /usr/share/app 3.9-", scriptlets=scripts, listed=listed
    )
    built = rpmbuild(spec)
    assert built.exit == 0, built.log
    assert built.query("-l") == [*sorted(GOOD), "/usr/share/pkgtools/private.d/sample.conf"]
    assert "pkgtools-runtime" in built.query("--requires")


@pytest.mark.parametrize("strategy", ["direct", "cache-prefix"])
def test_scriptlets_end_up_in_the_header(strategy: str, rpmbuild: Build) -> None:
    scripts = "%post\n%{pkgtools_post /usr/share/app}\n%preun\n%{pkgtools_preun /usr/share/app}"
    top = f"%{{pkgtools_use {strategy}}}\n%{{pkgtools_requires}}"
    built = rpmbuild(Spec(top=top, files=GOOD, scriptlets=scripts))
    header = "\n".join(built.query("--scripts"))
    assert "postinstall scriptlet (using /bin/sh)" in header
    assert "-p 'sample' '/usr/share/app' || :" in header


def test_file_triggers_end_up_in_the_header(rpmbuild: Build) -> None:
    built = rpmbuild(Spec(files=GOOD, scriptlets="%{pkgtools_filetriggers /usr/share/sample/plugins}"))
    tags = (
        "FILETRIGGERTYPE",
        "FILETRIGGERNAME",
        "FILETRIGGERPRIORITIES",
        "TRANSFILETRIGGERTYPE",
        "TRANSFILETRIGGERNAME",
    )
    header = built.query("--qf", "".join(f"[%{{{tag}}}\\n]" for tag in tags))
    watched = "/usr/share/sample/plugins/"
    assert header == ["un", watched, "50", "in", watched]


def test_byte_compile_in_install_fails_with_the_bad_module(rpmbuild: Build) -> None:
    files = {"/usr/share/app/a.py": "a = 1\n", "/usr/share/app/bad.py": "print 1\n"}
    line = f"%pkgtools_byte_compile /usr/bin/python{VERSION} %{{buildroot}}/usr/share/app"
    built = rpmbuild(Spec(top="%{pkgtools_use none}", files=files, install=line))
    assert built.exit == 1
    assert "/usr/share/app/bad.py: syntax-error" in built.log


def test_pycached_lists_a_module_with_its_pycs(rpmbuild: Build) -> None:
    rest = f"{SITE}/sample/template.py\n/{INFO.rpartition('/')[0]}\n{SITE}/second-2.dist-info"
    modules = "\n".join(f"%{{pkgtools_pycached {path}}}" for path in sorted(GOOD))
    built = rpmbuild(replace(SHIPPED, listed=f"{modules}\n{rest}"))
    assert built.exit == 0, built.log
    assert pycs(built) == expected(VERSION)


def test_pycached_lists_each_pyc_of_a_private_module_once(rpmbuild: Build) -> None:
    line = f"%pkgtools_byte_compile /usr/bin/python{VERSION} %{{buildroot}}/usr/share/app"
    listed = "%pkgtools_pycached /usr/share/app/a.py"
    top = "%{pkgtools_use shipped}"
    built = rpmbuild(Spec(top=top, files={"/usr/share/app/a.py": "a = 1\n"}, install=line, listed=listed))
    assert built.exit == 0, built.log
    assert "listed twice" not in built.log
    assert len(pycs(built)) == 2


def test_pycached_with_words_before_it_and_for_a_module_that_has_no_pyc(rpmbuild: Build) -> None:
    names = ("left_out", "excluded", "private")
    files = {**GOOD, **TEMPLATE, **{f"{SITE}/sample/{name}.py": "x = 1\n" for name in names}}
    listed = f"""%pkgtools_pycached {SITE}/sample/template.py
        %pkgtools_pycached {SITE}/sample/*.py
        %pkgtools_pycached %exclude {SITE}/sample/excluded.py
        %exclude %pkgtools_pycached {SITE}/sample/left_out.py
        %pkgtools_pycached %attr(0600, root, root) {SITE}/sample/private.py"""
    top = f"%{{pkgtools_use shipped}}\n%global pkgtools_policy warn:{SITE}/sample/template.py"
    built = rpmbuild(Spec(top=top, files=files, listed=listed))
    assert built.exit == 0, built.log
    modes = dict(line.split() for line in built.query("--qf", "[%{FILENAMES} %{FILEMODES:octal}\n]"))
    stems = {Path(path).name.partition(".")[0] for path in modes}
    assert stems == {"__init__", "b", "template", "private"}
    assert {mode for path, mode in modes.items() if "private" in path} == {"100600"}
    assert sum("private" in path for path in modes) == 3


def test_scripts_and_imports_are_seen_to(rpmbuild: Build, tmp_path: Path) -> None:
    script = {"/usr/bin/sample": "#!/usr/bin/env python\nimport sample\n"}
    fix, check = "%pkgtools_shebang_fix %{buildroot}/usr/bin/sample", "%pkgtools_check_import -e *.b sample sample.b"
    good = rpmbuild(Spec(top="%{pkgtools_use none}", files={**GOOD, **script}, install=fix, check=check))
    assert good.exit == 0, good.log
    assert (good.unpack(tmp_path / "tree") / "usr/bin/sample").read_text().startswith("#!/usr/bin/python3 -s\n")
    bad = rpmbuild(
        Spec(top="%{pkgtools_use none}", files={**GOOD, **TEMPLATE}, check="%pkgtools_check_import sample.template")
    )
    assert bad.exit == 1
    assert "pkgtools-check-import: sample.template: SyntaxError" in bad.log


def test_build_root_is_checked(rpmbuild: Build) -> None:
    defines = {"__pkgtools": str(Path(sys.executable).with_name("pkgtools"))}
    spec = Spec(top="%{pkgtools_use trigger}", files=GOOD, check="%pkgtools_check --fail-on danger")
    good = rpmbuild(spec, defines=defines)
    assert good.exit == 0, good.log
    bad = rpmbuild(replace(spec, install="chmod 0666 %{buildroot}/usr/lib/python3*/*/sample/b.py"), defines=defines)
    assert bad.exit == 1
    assert "/sample/b.py" in bad.log
    without = rpmbuild(spec, defines={"__pkgtools": "/nonexistent/pkgtools"})
    assert without.exit == 1
    assert "pkgtools_check: /nonexistent/pkgtools is not there: add pkgtools to the BuildRequires" in without.log


def dependencies(version: str) -> set[str]:
    name = f"python{version}dist"
    return {
        f"{name}(sample-project) = 1~rc1",
        "python3dist(sample-project) = 1~rc1",
        f"{name}(second) = 2",
        "python3dist(second) = 2",
        f"python(abi) = {version}",
        f"(({name}(other) < 1.2 or {name}(other) > 1.2) with {name}(other) >= 1)",
        f"({name}(more) >= 2.1 with {name}(more) < 3~~)",
    }


def python_dependencies(lines: list[str]) -> set[str]:
    return {line.removeprefix("auto: ") for line in lines if "python" in line and "rpmlib" not in line}


def test_dependencies_come_from_metadata(rpmbuild: Build) -> None:
    assert python_dependencies(rpmbuild(SHIPPED).query("--provides", "--requires")) == dependencies(VERSION)


def test_metadata_of_another_interpreter_and_for_all_of_them(rpmbuild: Build) -> None:
    head = "Metadata-Version: 2.1\n"
    files = {
        "/usr/lib/python3.99/site-packages/other-1.dist-info/METADATA": f"{head}Name: other\nVersion: 1\n",
        "/usr/lib/python3/dist-packages/all-2.dist-info/METADATA": f"{head}Name: all\nVersion: 2\n",
    }
    built = rpmbuild(Spec(top="%{pkgtools_use -d none}", files=files))
    assert python_dependencies(built.query("--provides")) == {
        "python3.99dist(other) = 1",
        f"python{VERSION}dist(all) = 2",
        "python3dist(all) = 2",
    }


def test_version_zero_breaks_the_build_unless_the_spec_allows_it(rpmbuild: Build) -> None:
    zero = {f"{SITE}/zero-0.dist-info/METADATA": "Metadata-Version: 2.1\nName: zero\nVersion: 0\n"}
    spec = Spec(top="%{pkgtools_use -d none}", files=zero)
    built = rpmbuild(spec)
    assert built.exit == 1
    assert "zero-0.dist-info: version 0, as of a checkout that has lost its tags" in built.log
    allowed = rpmbuild(replace(spec, top=f"%global _python_dist_allow_version_zero 1\n{spec.top}"))
    assert "python3dist(zero) = 0" in allowed.query("--provides")


def test_both_forms_of_names_are_provided_where_the_spec_says_so(rpmbuild: Build) -> None:
    metadata = {f"{SITE}/zope.event-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: zope.event\nVersion: 1\n"}
    spec = Spec(top="%global pkgtools_provide_both_names 1\n%{pkgtools_use -d none}", files=metadata)
    assert {f"python{VERSION}dist(zope{sign}event) = 1" for sign in ".-"} <= set(rpmbuild(spec).query("--provides"))


def test_no_dependencies_unless_asked(rpmbuild: Build) -> None:
    built = rpmbuild(replace(SHIPPED, top="%define __pythondist_path %{nil}\n%{pkgtools_use none}"))
    assert python_dependencies(built.query("--provides", "--requires")) == {f"python(abi) = {VERSION}"}


def test_bad_metadata_break_the_build(rpmbuild: Build) -> None:
    built = rpmbuild(replace(SHIPPED, files={INFO: METADATA, **BAD}))
    assert built.exit == 1
    assert f"{SITE}/bad-1.dist-info: no Version in its metadata" in built.log


@pytest.fixture(params=ROOTS)
def elsewhere(request: pytest.FixtureRequest) -> str:
    """Return the name of a base system; skip where there can be none, fail there when a CI says that there should."""
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    return str(request.param)


def test_other_rpms_build_the_same(elsewhere: str) -> None:
    version = RECIPES[elsewhere].python[0]
    spec = replace(SHIPPED, files={path.replace(VERSION, version): text for path, text in SHIPPED.files.items()})
    triggers = replace(spec, scriptlets="%{pkgtools_filetriggers /usr/share/sample/plugins}")
    bad = replace(spec, files={path.replace(VERSION, version): text for path, text in {INFO: METADATA, **BAD}.items()})
    with System(root_directory(elsewhere), binds=HOST_BINDS) as system:
        install_macros(system)
        package = build_inside(system, triggers)
        listed = system.run("rpm", "-qpl", package).stdout.splitlines()
        said = system.run("rpm", "-qp", "--provides", "--requires", package).stdout.splitlines()
        kinds = system.run("rpm", "-qp", "--qf", "[%{FILETRIGGERTYPE}\\n][%{TRANSFILETRIGGERTYPE}\\n]", package)
        broken = build_inside(system, bad, fails=True)
        sources = build_inside(system, replace(spec, top="%{pkgtools_use trigger}"))
        required = system.run("rpm", "-qp", "--requires", sources).stdout.splitlines()
    assert [path for path in listed if path.endswith(".pyc")] == expected(version)
    assert python_dependencies(said) == dependencies(version)
    assert kinds.stdout.split() == ["un", "in"]
    assert "pkgtools-runtime" in required
    assert f"python{version}/site-packages/bad-1.dist-info: no Version in its metadata" in broken


@pytest.mark.parametrize("policy", ["", "clamp_to_buildtime", "clamp_to_source_date_epoch"])
def test_pycs_fit_the_times_that_rpm_gives_to_sources(policy: str, tmp_path: Path) -> None:
    """Of rpm 4.20 and later; the sources are younger than the build and than SOURCE_DATE_EPOCH."""
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    root = "rpm-forky"
    site = SITE.replace(VERSION, RECIPES[root].python[0])
    young = f"touch -d 2100-01-01T00:00:00.5 %{{buildroot}}{site}/sample/*.py"
    files = {path.replace(SITE, site): text for path, text in GOOD.items()}
    top = f"%global build_mtime_policy {policy}" if policy else ""
    spec = Spec(top=f"{top}\n%{{pkgtools_use shipped}}", files=files, install=young)
    with System(root_directory(root), binds=HOST_BINDS) as system:
        install_macros(system)
        package = build_inside(system, spec, epoch=1_600_000_000 if policy.endswith("epoch") else None)
        times = system.run("rpm", "-qp", "--qf", "[%{FILEMTIMES} %{FILENAMES}\\n]", package).stdout
        system.run("sh", "-c", f"cd /srv && rpm2archive -n < {package} | tar x")
        pycs = {
            path: Path(f"{system.outside}/srv{path}").read_bytes()[8:12]
            for path in times.split()[1::2]
            if path.endswith(".pyc")
        }
    by_path = {path: int(time) for time, path in (line.split() for line in times.splitlines())}
    assert {path: int.from_bytes(stamp, "little") for path, stamp in pycs.items()} == {
        path: by_path[f"{site}/sample/{Path(path).name.partition('.')[0]}.py"] for path in pycs
    }
    assert len(pycs) == 4
    assert (max(by_path.values()) < 4_000_000_000) == bool(policy)
