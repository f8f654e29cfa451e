# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""File systems that are full or read-only: said, nothing truncated, healed as soon as there is room."""

from __future__ import annotations

import os
import subprocess

import pytest

from pkgtools.runtime.record import RECORD
from tests.runtime.faults import require_strace
from tests.runtime.mounts import mounted, read_only, small_file_system
from tests.runtime.sandbox import APP, Sandbox, pyc_of, reference_pyc, temporaries

BOTH_WAYS = True

SOURCES = [f"{APP}/m{number:02}.py" for number in range(24)]
BODY = "".join(f"def f{number}(a, b=None):\n    return (a, b, {number})\n\n" for number in range(60))


def _damaged(sandbox: Sandbox) -> list[str]:
    right = {pyc_of(source): source for source in SOURCES}
    return [p for p in sandbox.pycs() if sandbox.read(p) != reference_pyc(sandbox, right[p])]


@pytest.mark.parametrize("room", [0, 1, 4, 8, 16, 40, 64, 100, 200, 300], ids=lambda kib: f"{kib}KiB-free")
def test_t23_full_disk_truncates_nothing_is_said_and_heals(room: int, sandbox: Sandbox) -> None:
    with small_file_system(sandbox.path(APP), f"size={24 * 8 + room}k"):
        for source in SOURCES:
            sandbox.write(source, BODY)
        ran = sandbox.compile(APP)
        left = {pyc_of(source) for source in SOURCES} - sandbox.pycs()
        assert _damaged(sandbox) == []
        assert ran.status == (2 if left else 0)
        assert {ran.of(path) for path in left if path in ran.by_path()} <= {("error", "no-space")}
        assert {one.path for one in ran.told if one.reason == "no-space"} >= left
        assert temporaries(sandbox) == []
        subprocess.run(["/usr/bin/mount", "-o", "remount,size=4m", sandbox.path(APP)], check=True)
        again = sandbox.compile(APP)
        assert (again.status, again.talk, len(sandbox.pycs()), _damaged(sandbox)) == (0, "", len(SOURCES), [])


def test_t23_full_disk_keeps_the_pycs_of_unchanged_sources(sandbox: Sandbox) -> None:
    with small_file_system(sandbox.path(APP), "size=600k"):
        for source in SOURCES:
            sandbox.write(source, BODY)
        assert sandbox.compile(APP).status == 0
        sandbox.write(SOURCES[0], BODY + "# changed\n")
        with open(sandbox.path(f"{APP}/ballast"), "wb", buffering=0) as stream, pytest.raises(OSError, match="space"):
            while True:
                stream.write(bytes(4096))
        ran = sandbox.compile(APP)
        assert (ran.status, ran.of(pyc_of(SOURCES[0]))) == (2, ("error", "no-space"))
        assert {pyc_of(source) for source in SOURCES[1:]} <= sandbox.pycs()


def test_t23_no_inodes_left_is_said(sandbox: Sandbox) -> None:
    with small_file_system(sandbox.path(APP), "nr_inodes=8"):
        for source in SOURCES[:5]:
            sandbox.write(source)
        ran = sandbox.compile(APP)
        assert ran.status == 2
        assert {one.reason for one in ran.told if one.status == "error"} == {"no-space"}
        assert temporaries(sandbox) == []


def test_t5_read_only_tree_is_said_and_ends_with_2(sandbox: Sandbox) -> None:
    for source in SOURCES:
        sandbox.write(source)
    with read_only(sandbox.path(APP)):
        ran = sandbox.compile(APP)
    assert ran.status == 2
    assert {(one.status, one.reason) for one in ran.told} == {("error", "read-only")}
    assert {one.path for one in ran.told} == {pyc_of(source) for source in SOURCES}
    assert "read-only" in ran.talk


def test_t5_read_only_tree_with_nothing_to_do_is_no_error(sandbox: Sandbox) -> None:
    sandbox.write(SOURCES[0])
    sandbox.compile(APP)
    with read_only(sandbox.path(APP)):
        ran = sandbox.compile(APP)
    assert (ran.status, ran.summary, ran.talk) == (0, {"fresh": 1}, "")


@pytest.mark.parametrize("options", [(), ("--verify",)], ids=["plain", "verify"])
def test_right_pycs_of_others_on_a_read_only_tree_are_no_error(options: tuple[str, ...], sandbox: Sandbox) -> None:
    for source in SOURCES:
        sandbox.write(source)
    sandbox.compile(APP)
    for path in sandbox.below(RECORD):
        os.unlink(sandbox.path(path))
    with read_only(sandbox.path(APP)):
        ran = sandbox.compile(*options, APP)
    assert (ran.status, ran.summary, ran.talk) == (0, {"fresh": len(SOURCES)}, "")


def test_t5_read_only_bind_mount_costs_only_what_lies_below_it(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/{name}/m.py") for name in "abz"]
    with read_only(sandbox.path(f"{APP}/b")):
        ran = sandbox.compile(APP)
    assert (ran.status, ran.of(pyc_of(sources[1]))) == (2, ("error", "read-only"))
    assert sandbox.pycs() == {pyc_of(sources[0]), pyc_of(sources[2])}


def test_t5_read_only_mount_is_tried_once(sandbox: Sandbox) -> None:
    require_strace()
    for number in range(20):
        sandbox.write(f"{APP}/d{number % 4}/m{number}.py")
    log = sandbox.root.parent / "log"
    with read_only(sandbox.path(APP)):
        sandbox.compile(APP, wrapper=("/usr/bin/strace", "-f", "-o", str(log), "--trace=mkdirat,mkdir"))
    assert log.read_text(errors="replace").count("EROFS") == 1


def test_t5_one_full_file_system_does_not_stop_another(sandbox: Sandbox) -> None:
    sandbox.write(SOURCES[0])
    sandbox.directory("/srv/full")
    with small_file_system(sandbox.path("/srv/full"), "nr_inodes=3"):
        sandbox.write("/srv/full/a.py")
        sandbox.write("/srv/full/b.py")
        ran = sandbox.compile("/srv/full", APP)
    assert (ran.status, sandbox.pycs()) == (2, {pyc_of(SOURCES[0])})


def test_t11_clean_of_a_read_only_tree_is_said(sandbox: Sandbox) -> None:
    sandbox.write(SOURCES[0])
    sandbox.compile(APP)
    with read_only(sandbox.path(APP)):
        ran = sandbox.clean(APP)
    assert (ran.status, ran.of(pyc_of(SOURCES[0]))) == (2, ("error", "read-only"))


def test_no_exec_and_no_dev_do_not_matter(sandbox: Sandbox) -> None:
    with mounted(sandbox.path(APP), "-t", "tmpfs", "-o", "mode=0755,noexec,nodev,nosuid", "tmpfs"):
        sandbox.write(SOURCES[0])
        assert sandbox.compile(APP).status == 0
        assert sandbox.pycs() == {pyc_of(SOURCES[0])}


def test_file_system_without_hard_links_takes_all_levels(sandbox: Sandbox) -> None:
    require_strace()
    source = sandbox.write(SOURCES[0], BODY)
    wrapper = ("/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "--inject=linkat:error=EPERM")
    ran = sandbox.compile("-O", "0,1", APP, wrapper=wrapper)
    assert (ran.status, ran.summary) == (0, {"compiled": 2})
    for level in (0, 1):
        assert sandbox.read(pyc_of(source, level)) == reference_pyc(sandbox, source, level)
    assert temporaries(sandbox) == []
