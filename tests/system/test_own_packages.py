# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Our own packages before the judges of the field: lintian, piuparts, and a second build."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.aptrepo import Repository
from tests.lab.archive import fetch
from tests.lab.commands import clean_environment, require_tools, run_on_host
from tests.lab.ours import CHECKOUT, WITH_DOCUMENTATION, Build, build_ours, build_package
from tests.lab.places import workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System
from tools.site_links import dead_links

ARTEFACTS = ("*.deb", "*.tar.*", "*.dsc")
CHROOT = "/srv/chroot"


@pytest.fixture(scope="module")
def documented() -> Build:
    """Return our packages, pkgtools-doc among them."""
    require_tools(("dpkg-buildpackage", "dh", "dh_sphinxdoc"))
    return build_ours(documentation=True)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [Build.changes, Build.library_changes], ids=["ours", "python3-rpmfile"])
def test_lintian_has_nothing_to_say(changes: Callable[[Build], Path], documented: Build, tmp_path: Path) -> None:
    require_tools(("lintian",))
    argv = [
        "lintian",
        "--pedantic",
        "--display-info",
        "--allow-root",
        "--tag-display-limit=0",
        str(changes(documented)),
    ]
    env = clean_environment({"TMPDIR": str(tmp_path)})  # it leaves things there
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_manual_pages_select_no_font_that_terminals_lack(ours: Build, tmp_path: Path) -> None:
    """groff of newer releases complains of it, and lintian with groff."""
    for deb in ours.debs():
        run_on_host(["dpkg-deb", "--extract", str(deb), str(tmp_path)])
    pages = sorted(path for path in tmp_path.glob("usr/share/man/man*/*.gz") if not path.is_symlink())
    assert pages
    assert [path.name for path in pages if b"\n.ft C" in gzip.decompress(path.read_bytes())] == []


@pytest.mark.slow
def test_documentation_is_whole(documented: Build, tmp_path: Path) -> None:
    """Links lead to files of the package, or to scripts that libjs-sphinxdoc has, on which it depends."""
    deb = documented.deb("pkgtools-doc")
    run_on_host(["dpkg-deb", "--extract", str(deb), str(tmp_path)])
    site = tmp_path / "usr/share/doc/pkgtools/html"
    dead = [
        line
        for line in dead_links(site)
        if not (site / "_static" / line.split(": ")[1].rpartition("/")[2]).is_symlink()
    ]
    assert dead == []
    assert (site / "reference/rules/stale-pyc.html").is_file()
    assert "libjs-sphinxdoc" in run_on_host(["dpkg-deb", "--field", str(deb), "Depends"])
    entry = next((tmp_path / "usr/share/doc-base").iterdir()).read_text()
    assert "Index: /usr/share/doc/pkgtools/html/index.html\n" in entry


@pytest.mark.slow
def test_readme_installs_files_that_make_deb_builds(documented: Build) -> None:
    patterns = re.findall(r"\./build/deb/(\S+\.deb)", (CHECKOUT / "README.md").read_text("utf-8"))
    assert len(patterns) > 3
    assert [pattern for pattern in patterns if not list(documented.directory.glob(pattern))] == []


@pytest.mark.slow
def test_second_build_is_identical(documented: Build) -> None:
    """From our source package, in another directory, at another time, with another umask, time zone and locale."""
    work = workspace() / "second-build"
    try:
        top = work / "elsewhere" / "pkgtools"  # dpkg-source writes this name into the archive
        top.parent.mkdir(parents=True)
        (source,) = documented.directory.glob("*.dsc")
        run_on_host(["dpkg-source", "--no-check", "--extract", str(source), str(top)])
        for path in top.rglob("*"):
            os.utime(path, follow_symlinks=False)
        env = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "HOME": "/nonexistent", "DEB_BUILD_OPTIONS": "parallel=7"}
        env |= WITH_DOCUMENTATION
        again = build_package(top, env, umask=0o077)
        assert digests(again.directory) == digests(documented.directory)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def digests(directory: Path) -> dict[str, str]:
    """Return file name -> digest of everything that a build publishes."""
    found = (path for pattern in ARTEFACTS for path in directory.glob(pattern))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.slow
def test_piuparts_finds_nothing_left(ours: Build, tmp_path: Path) -> None:
    """Run over a copy of this machine's own root, so that piuparts has all it needs and can harm nothing."""
    require_tools(("piuparts",))
    repository = Repository(tmp_path / "repository")
    repository.add((*ours.debs(), ours.library(), *fetch("bookworm", *ours.needs())))
    binds = (
        Bind(source=root_directory("bookworm"), target="/srv/base"),
        Bind(source=repository.directory, target="/srv/packages"),
    )
    with System(Path("/"), binds=binds) as system:
        system.run("cp", "-a", "/srv/base", CHROOT)
        system.run("cp", "-a", "/srv/packages", f"{CHROOT}/srv/repository")
        system.run("rm", "-rf", f"{CHROOT}/etc/apt/sources.list.d")
        system.write(f"{CHROOT}/etc/apt/sources.list", "deb [trusted=yes] file:/srv/repository ./\n")
        system.run("mkdir", "/srv/work")
        options = ("--existing-chroot", CHROOT, "--keep-sources-list", "--distribution=local", "--tmpdir=/srv/work")
        names = [f"/srv/packages/{deb.name}" for deb in ours.debs()]
        result = system.run("piuparts", *options, *names, check=False)
    assert result.exit == 0, result.output[-6000:]
    assert "PASS: All tests" in result.output
