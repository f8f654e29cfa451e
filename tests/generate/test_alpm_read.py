# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages that makepkg made: `check` reads them as pacman does, and has nothing to say of what `generate` writes."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pkgtools.check.apply import judge_package
from pkgtools.check.one_package import read_checked
from pkgtools.check.profile import Agent, profile
from pkgtools.check.registry import all_rules
from pkgtools.model.package import Kind
from tests.generate.life import as_seen
from tests.generate.test_alpm import SAMPLES
from tests.lab.nfpm_builds import build_with_nfpm
from tests.lab.pacman_builds import build_with_makepkg
from tests.lab.project import SITE, STRATEGIES, Sample
from tests.rules.test_alpine_and_arch import EXPECTED

if TYPE_CHECKING:
    from pkgtools.model.package import Package
    from tests.generate.conftest import StartPacman

pytestmark = pytest.mark.system

UNSAID = {"no-dependency-on-python"}
"""A PKGBUILD says it, and that of the sample does not."""
BY_HOOKS = frozenset({"trigger", "direct", "standalone", "cache-prefix"})


@pytest.fixture(scope="session")
def made_by_makepkg(made: Path, laboratory: None) -> dict[str, Path]:
    return build_with_makepkg(SAMPLES.values(), "1", made)


def read(path: Path) -> Package:
    return read_checked(path, compile_all=True)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_rule_has_anything_to_say(made_by_makepkg: dict[str, Path], strategy: str) -> None:
    package = read(made_by_makepkg[f"acme-{strategy}"])
    assert (package.kind, package.label, package.flaws) == (Kind.ALPM, f"acme-{strategy} 1-1", ())
    found = judge_package(package, all_rules()).findings
    assert {one.rule.id for one in found} == EXPECTED.get(strategy, set()) | UNSAID
    assert {file.is_intact for file in package.files if file.facts} == {True}
    compiles = {one.by for one in profile(package).compiles}
    assert (Agent.SCRIPT in compiles) is (strategy in BY_HOOKS)


def test_files_are_those_that_pacman_lists(start_pacman: StartPacman, made_by_makepkg: dict[str, Path]) -> None:
    name = "acme-direct"
    with start_pacman(SAMPLES["direct"]) as machine:
        listed = machine.system.run("pacman", "-Qlpq", as_seen(made_by_makepkg[name])).stdout.splitlines()
    assert sorted(one.rstrip("/") for one in listed) == sorted(one.path for one in read(made_by_makepkg[name]).files)


def test_pacman_takes_no_list_with_words_that_it_does_not_know(start_pacman: StartPacman, made: Path) -> None:
    """nfpm writes names with blanks into .MTREE as they are; pacman then takes the archive's own names."""
    sample = Sample(strategy="none", family="other", public=SITE)
    path = build_with_nfpm(sample, "1", "archlinux", made)
    with start_pacman(sample) as machine:
        listed = machine.system.run("pacman", "-Qlpq", as_seen(path)).stdout.splitlines()
    package = read(path)
    assert sorted(one.rstrip("/") for one in listed) == sorted(one.path for one in package.files)
    assert package.flaws == ()


def test_pacman_takes_the_list_for_the_files(start_pacman: StartPacman, made: Path) -> None:
    """A file that is only in the archive is not installed: what digest-mismatch says of it is so."""
    path = made / "listed-1-1-any.pkg.tar"
    information = b"pkgname = listed\npkgver = 1-1\narch = any\n"
    mtree = gzip.compress(b"#mtree\n./.PKGINFO type=file\n./opt type=dir\n")
    with tarfile.open(path, "w") as archive:
        for name, content in ((".MTREE", mtree), (".PKGINFO", information), ("opt/x.py", b"")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    with start_pacman(Sample(strategy="none", family="other", public=SITE)) as machine:
        machine.system.run("pacman", "--noconfirm", "-dd", "-U", as_seen(path))
        listed = machine.system.run("pacman", "-Qlq", "listed").stdout.split()
        machine.system.run("test", "!", "-e", "/opt/x.py")
    assert listed == ["/opt/"]
    assert any("for its .MTREE doesn't name them: /opt/x.py" in one for one in read(path).flaws)


def test_pacman_goes_by_numbers_of_accounts(start_pacman: StartPacman, made: Path) -> None:
    path = made / "numbers-1-1-any.pkg.tar"
    information = b"pkgname = numbers\npkgver = 1-1\narch = any\n"
    with tarfile.open(path, "w") as archive:
        for name, content, uid in ((".PKGINFO", information, 0), ("opt/x.py", b"", 1234)):
            member = tarfile.TarInfo(name)
            member.size, member.uid, member.uname = len(content), uid, "root"
            archive.addfile(member, io.BytesIO(content))
    (file,) = read(path).files
    with start_pacman(Sample(strategy="none", family="other", public=SITE)) as machine:
        machine.system.run("pacman", "--noconfirm", "-dd", "-U", as_seen(path))
        owner = machine.system.run("stat", "--format=%u", "/opt/x.py").stdout.strip()
    assert (str(file.uid), file.user) == (owner, "")
