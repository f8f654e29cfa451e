# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages as the world makes them, by the real tools: what is right is left alone, what is wrong is all named."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from pkgtools import __version__
from pkgtools.check.apply import judge_package
from pkgtools.check.difference import Aspect, differences
from pkgtools.check.one_package import read_checked
from pkgtools.check.profile import Agent, profile
from pkgtools.check.registry import all_rules
from pkgtools.model.finding import Severity
from tests.lab.commands import clean_environment, run_on_host
from tests.lab.deb_builds import build_generated_deb
from tests.lab.debhelper_builds import build_with_debhelper
from tests.lab.debs import SampleFile, write_file
from tests.lab.needs import need_tools
from tests.lab.nfpm_builds import NFPM, build_with_nfpm
from tests.lab.ours import build_ours
from tests.lab.project import SITE, STRATEGIES, Sample, samples
from tests.lab.rpm_builds import build_generated_rpm
from tests.lab.rpm_ours import build_our_rpms
from tests.rpmbuild.builds import Spec, build
from tests.rules.test_generated_packages import EXPECTED, made

if TYPE_CHECKING:
    from pathlib import Path

    from pkgtools.model.package import Package

pytestmark = pytest.mark.slow

VERSION = "{}.{}".format(*sys.version_info[:2])
MODULES = {
    f"{SITE}/acme/__init__.py": "",
    f"{SITE}/acme/till.py": 'def price(n):\n    "What it costs."\n    assert n\n    return 3 * n\n',
    "/usr/share/acme/core/__init__.py": "",
    "/usr/share/acme/core/engine.py": "SPEED = 1\n",
}
LISTED = f"{SITE}/acme\n/usr/share/acme"
BY_COMPILEALL = (
    f"/usr/bin/python{VERSION} -m compileall -q -o 0 -o 1 --hardlink-dupes -s %{{buildroot}} -p / "
    "%{buildroot}/usr/lib %{buildroot}/usr/share"
)
"""What brp-python-bytecompile of Fedora does; that of Debian's rpmbuild knows no Python above 3.9."""


def read(path: Path) -> Package:
    return read_checked(path, compile_all=True)


def said(package: Package) -> Counter[str]:
    """Return the rules that have findings at WARNING or above, with their number."""
    found = judge_package(package, all_rules()).findings
    return Counter(one.rule.id for one in found if one.severity.rank >= Severity.WARNING.rank)


def of_rpmbuild(directory: Path, spec: Spec) -> Package:
    need_tools(["rpmbuild"])
    built = build(spec, directory)
    assert built.exit == 0, built.log
    return read(built.package)


def of_pip(directory: Path) -> Package:
    """Return what somebody makes in five minutes: pip, a launcher, dpkg-deb, all as the account that builds."""
    need_tools(["dpkg-deb"])
    wheel, tree = directory / "acme-1-py3-none-any.whl", directory / "tree"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("acme/__init__.py", "def main():\n    print(1)\n")
        archive.writestr("acme/till.py", "PRICE = 2\n")
        archive.writestr("acme-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
        archive.writestr("acme-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("acme-1.dist-info/RECORD", "")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target")
    argv = (*pip, str(tree / "opt/acme/lib"), str(wheel))
    subprocess.run(argv, env=clean_environment({"HOME": str(directory)}), check=True)
    launcher = "#!/usr/bin/env python3\nimport sys\nsys.path.insert(0, '/opt/acme/lib')\nimport acme\nacme.main()\n"
    write_file(f"{tree}/usr/bin/acme", SampleFile(launcher, 0o755))
    lines = ("Package: acme", "Version: 1", "Architecture: all", "Maintainer: N <n@example.org>", "Description: x", "")
    write_file(f"{tree}/DEBIAN/control", SampleFile("\n".join(lines)))
    run_on_host(["chown", "-R", "1234:1234", str(tree)])
    run_on_host(["dpkg-deb", "--build", str(tree), str(directory)])
    return read(directory / "acme_1_all.deb")


@pytest.mark.parametrize("packager", ["deb", "rpm"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nfpm_is_left_alone(strategy: str, packager: str) -> None:
    need_tools([str(NFPM)])
    sample = Sample(strategy=strategy, public=SITE, family="other") if packager == "rpm" else Sample(strategy=strategy)
    package = read(build_with_nfpm(sample, "1", packager, made()))
    is_plain = packager == "rpm" and strategy == "native"  # nobody's tool compiles: as if it were none
    expected = EXPECTED.get((packager, "none" if is_plain else strategy), set())
    assert set(said(package)) == expected - {"sourceless-module"}
    assert profile(package).strategy.value == ("none" if is_plain else strategy)


@pytest.mark.parametrize("strategy", ["shipped", "trigger"])
def test_our_macros_are_left_alone(strategy: str, tmp_path: Path) -> None:
    top = f"%{{pkgtools_use {strategy}}}\n%{{pkgtools_requires}}"
    package = of_rpmbuild(tmp_path, Spec(name="acme", top=top, files=MODULES, listed=LISTED))
    assert said(package) == Counter()
    found = profile(package)
    assert found.strategy.value == strategy
    who = {"shipped": [Agent.BUILD, Agent.PACKAGE_MANAGER]}
    assert [one.by for one in (*found.compiles, *found.cleans)] == who.get(strategy, [Agent.TRIGGERS] * 2)


def by_compileall(directory: Path) -> Package:
    top = f"%global __os_install_post %{{nil}}\nRequires: python(abi) = {VERSION}"
    spec = Spec(name="acme", top=top, files=MODULES, install=BY_COMPILEALL, listed=LISTED)
    return of_rpmbuild(directory, spec)


def test_habit_of_rpm_distributions_is_left_alone(tmp_path: Path) -> None:
    package = by_compileall(tmp_path)
    assert said(package) == Counter()
    pycs = [file for file in package.files if file.path.endswith(".pyc")]
    assert len(pycs) == 2 * len(MODULES)
    found = profile(package)
    assert {(one.level, one.pycs) for one in found.bytecode} == {("", len(MODULES)), ("1", len(MODULES))}


def test_five_minute_package_has_all_its_faults_named(tmp_path: Path) -> None:
    package = of_pip(tmp_path)
    assert said(package) == {
        "modules-writable-by-others": 3,
        "no-dependency-on-python": 1,
        "build-path-in-pyc": 1,
        "bytecode-in-deb": 1,
        "wrong-shebang": 1,
    }
    assert [one.by for one in profile(package).cleans] == [Agent.PACKAGE_MANAGER]


def test_debhelper_with_generated_files_is_left_alone() -> None:
    need_tools(["dpkg-buildpackage", "dh"])
    for name, deb in build_with_debhelper(samples(), "1", made()).items():
        package, strategy = read(deb), name.removeprefix("acme-")
        assert set(said(package)) == EXPECTED.get(("deb", strategy), set()) - {"sourceless-module"}, name
        assert profile(package).strategy.value == strategy


def test_our_own_debs_are_left_alone() -> None:
    """python3-pkgtools is what dh_python3 makes of a package with modules."""
    need_tools(["dpkg-buildpackage", "dh", "dh_python3"])
    found = {deb.name.partition("_")[0]: read(deb) for deb in build_ours().debs()}
    assert {name: said(package) for name, package in found.items() if said(package)} == {}
    assert profile(found["python3-pkgtools"]).strategy.value == "native"
    assert profile(found["pkgtools-py3compile"]).compiles == ()


def test_our_own_rpms_are_left_alone(tmp_path: Path) -> None:
    need_tools(["rpmbuild", "rst2man"])
    found = {rpm.name: said(read(rpm)) for rpm in build_our_rpms(tmp_path)}
    # built on Debian, it lies where Debian's Python looks, and the Pythons of RPM distributions don't
    library = f"python3-pkgtools-{__version__}-1.noarch.rpm"
    assert {name: set(rules) for name, rules in found.items() if rules} == {library: {"unserved-directory"}}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_two_builds_of_one_program_are_the_same_and_families_differ_in_what_is_their_own(
    strategy: str, tmp_path: Path
) -> None:
    need_tools(["dpkg-deb", "rpmbuild"])
    deb, rpm = Sample(strategy=strategy), Sample(strategy=strategy, family="rpm", public=SITE)
    debs = [read(build_generated_deb(deb, "1", where)) for where in (tmp_path, made())]
    rpms = [read(build_generated_rpm(rpm, "1", where)) for where in (tmp_path, made())]
    assert [list(differences(first, second)) for first, second in (debs, rpms)] == [[], []]
    changed = {one.aspect for one in differences(debs[0], rpms[0])} - {Aspect.SCRIPTS, Aspect.TRIGGERS}
    by_build = {Aspect.COMPILATION, Aspect.BYTECODE} if strategy == "native" else set()
    assert changed == {Aspect.PACKAGE} | by_build


def test_compileall_makes_the_same_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    both = [by_compileall(tmp_path / name) for name in ("a", "b")]
    assert [list(differences(first, second)) for first, second in pairwise(both)] == [[]]
