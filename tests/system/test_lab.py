# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The laboratory itself: what runs in a throw-away system reaches neither this machine nor its base."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lab.commands import CommandError
from tests.lab.debs import SOME_DAY, SampleFile, SamplePackage, build_deb
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System
from tests.lab.tree import differences, read_tree

MARK = "/usr/lib/pkgtools-lab-mark"


@pytest.fixture(scope="module")
def base() -> Path:
    return root_directory("bookworm")


def test_changes_reach_neither_the_base_nor_this_machine(base: Path) -> None:
    with System(base) as system:
        system.run("touch", MARK)
        system.run("rm", "-r", "/usr/share/python3")
        assert system.exists(MARK)
        assert not system.exists("/usr/share/python3")
    assert not os.path.lexists(MARK)
    assert not os.path.lexists(f"{base}{MARK}")
    assert (base / "usr/share/python3").is_dir()


def test_nothing_of_this_machine_is_visible(base: Path) -> None:
    with System(base) as system:
        mounts = {line.split()[1] for line in system.read("/proc/mounts").splitlines()}
        assert mounts == {"/", "/proc", "/sys", "/dev", "/dev/pts", "/tmp", "/run"}
        assert system.run("sh", "-c", "cd ..; pwd; ls -d /proc/[0-9]* | wc -l").stdout.startswith("/\n")
        assert system.run("python3", "-c", "import socket; print(socket.if_nameindex())").stdout == "[(1, 'lo')]\n"


def test_bound_directories_are_read_only(base: Path, tmp_path: Path) -> None:
    with System(base, binds=(Bind(source=tmp_path, target="/srv/bound"),)) as system:
        assert system.run("touch", "/srv/bound/x", check=False).exit == 1
    assert list(tmp_path.iterdir()) == []


def test_snapshot_carries_changes_and_deletions_on(base: Path) -> None:
    with System(base) as system:
        system.run("touch", MARK)
        system.run("rm", "-r", "/usr/share/python3")
        snapshot = system.freeze()
    for _ in range(2):
        with System(snapshot) as system:
            assert system.exists(MARK)
            assert not system.exists("/usr/share/python3")
            system.run("rm", MARK)


def test_failure_is_raised_with_what_was_said(base: Path) -> None:
    with System(base) as system, pytest.raises(CommandError, match="No such file"):
        system.run("cat", "/nonexistent")


def test_sample_package_has_the_modes_times_and_owners_asked_for(base: Path, tmp_path: Path) -> None:
    files = {"/usr/share/sample/x": SampleFile("x\n", mode=0o640, mtime=SOME_DAY + 7, gid=42)}
    deb = build_deb(SamplePackage(name="sample", version="3", files=files), tmp_path)
    with System(base, binds=(Bind(source=tmp_path, target="/srv/debs"),)) as system:
        before = system.tree("/usr")
        system.run("dpkg", "--install", f"/srv/debs/{deb.name}", umask=0o077)
        lines = differences(before, system.tree("/usr"))
        assert [line.partition(" ")[0] for line in lines] == ["+", "+"]
        entry = system.tree("/usr/share/sample")["/usr/share/sample/x"]
        assert (str(entry), entry.mtime_ns) == ("file 0640 0:42", (SOME_DAY + 7) * 10**9)


def test_difference_says_what_came_went_and_changed(tmp_path: Path) -> None:
    (tmp_path / "stays").write_text("a")
    (tmp_path / "goes").write_text("b")
    before = read_tree(tmp_path, ["/"])
    (tmp_path / "goes").unlink()
    (tmp_path / "comes").write_text("c")
    (tmp_path / "stays").chmod(0o600)
    lines = differences(before, read_tree(tmp_path, ["/"]))
    assert [line.split()[:2] for line in lines] == [["+", "'/comes'"], ["-", "'/goes'"], ["!", "'/stays'"]]
