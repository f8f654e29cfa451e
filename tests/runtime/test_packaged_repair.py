# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A pyc that a package ships and others own or can write: put right under dpkg, left alone and told under rpm."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.runtime.records import know, know_by_rpm
from tests.runtime.sandbox import APP, TAG, Ran, Sandbox, pyc_of

FRED = 65531
CACHE = f"{APP}/__pycache__"
SHIPPED, OURS = pyc_of(f"{APP}/m.py"), pyc_of(f"{APP}/n.py")
ALONE = f"{CACHE}/o.{TAG}.pyc"
"""Shipped, too; it has no source."""
REINSTALL = "a package ships it, and another user owns or can write it: dnf reinstall python3-sample"
Lay = Callable[[str], Sandbox]


@pytest.fixture
def lay(sandbox: Sandbox) -> Lay:
    def lay(manager: str) -> Sandbox:
        """Compile two modules; let a package own one with its pyc, and a pyc without a source."""
        sources = [sandbox.write(f"{APP}/{name}.py") for name in ("m", "n")]
        assert sandbox.compile(APP).status == 0
        sandbox.write(ALONE, sandbox.read(SHIPPED))
        if manager == "dpkg":
            know(sandbox, [sources[0], SHIPPED, ALONE])
        else:
            know_by_rpm(sandbox, APP, [sources[0], SHIPPED, ALONE])
        return sandbox

    return lay


def _told(ran: Ran, path: str) -> list[tuple[str, str, str | None]]:
    return [(one.status, one.reason, one.mode) for one in ran.told if one.path == path]


@pytest.mark.parametrize(
    ("mode", "owner", "reason"),
    [(0o666, 0, "wrong-mode"), (0o664, FRED, "wrong-owner"), (0o640, FRED, "wrong-owner")],
    ids=["writable", "foreign-group", "foreign"],
)
def test_dpkgs_pyc_keeps_content_and_time_and_becomes_roots(mode: int, owner: int, reason: str, lay: Lay) -> None:
    sandbox = lay("dpkg")
    before = sandbox.below(CACHE)
    os.chown(sandbox.path(SHIPPED), owner, owner)
    os.chmod(sandbox.path(SHIPPED), mode)
    ran = sandbox.compile(APP)
    assert (ran.status, _told(ran, SHIPPED)) == (0, [("repaired", reason, "0644")])
    assert sandbox.below(CACHE) == before


@pytest.mark.parametrize("path", [SHIPPED, ALONE], ids=["with-source", "without-source"])
@pytest.mark.parametrize(("mode", "owner"), [(0o666, 0), (0o644, FRED)], ids=["writable", "foreign"])
def test_rpms_pyc_is_told_once_and_stays(path: str, mode: int, owner: int, lay: Lay) -> None:
    sandbox = lay("rpm")
    os.chown(sandbox.path(path), owner, owner)
    os.chmod(sandbox.path(path), mode)
    before = sandbox.below(CACHE)
    ran = sandbox.compile(APP)
    assert (ran.status, [(one.status, one.path, one.detail) for one in ran.told]) == (2, [("refused", path, REINSTALL)])
    assert sandbox.below(CACHE) == before


@pytest.mark.parametrize(("mode", "right"), [(0o666, 0o644), (0o4755, 0o644), (0o420, 0o600)], ids=oct)
def test_dpkgs_pyc_without_source_becomes_roots(mode: int, right: int, lay: Lay) -> None:
    sandbox = lay("dpkg")
    os.chown(sandbox.path(ALONE), FRED, FRED)
    os.chmod(sandbox.path(ALONE), mode)
    foretold = sandbox.compile("--dry-run", APP)
    ran = sandbox.compile(APP)
    assert _told(foretold, ALONE)[0][:2] == ("repaired", "untrusted-cache")
    assert (ran.status, _told(ran, ALONE)) == (0, [("repaired", "untrusted-cache", f"{right:04o}")])
    found = sandbox.below(CACHE)[ALONE]
    assert (found.mode, found.uid, found.gid, sandbox.read(ALONE)) == (right, 0, 0, sandbox.read(SHIPPED))
    assert sandbox.compile(APP).told == ()


@pytest.mark.parametrize("manager", ["dpkg", "rpm"])
@pytest.mark.parametrize("path", [SHIPPED, ALONE], ids=["with-source", "without-source"])
def test_link_that_a_package_ships_stays(path: str, manager: str, lay: Lay) -> None:
    sandbox = lay(manager)
    os.unlink(sandbox.path(path))
    os.symlink("elsewhere", sandbox.path(path))
    before = sandbox.below(CACHE)
    ran = sandbox.compile(APP)
    assert ran.status == (0 if manager == "dpkg" else 2)
    assert len(_told(ran, path)) <= 1
    assert sandbox.below(CACHE) == before


def test_cache_that_others_could_write_keeps_what_dpkg_knows_and_nothing_else(lay: Lay) -> None:
    sandbox = lay("dpkg")
    planted = sandbox.write(f"{CACHE}/planted.{TAG}.pyc", b"planted")
    text = sandbox.write(f"{CACHE}/README", b"text")
    os.chmod(sandbox.path(CACHE), 0o777)
    os.chmod(sandbox.path(ALONE), 0o666)
    content = sandbox.read(SHIPPED)
    ran = sandbox.compile(APP)
    assert (ran.status, ran.all_of(CACHE)) == (0, {("repaired", "untrusted-cache")})
    assert ran.all_of(planted) == {("removed", "untrusted-cache")}
    assert ran.all_of(OURS) == {("removed", "untrusted-cache"), ("compiled", "untrusted-cache")}
    assert (sandbox.exists(planted), sandbox.exists(text), sandbox.read(SHIPPED)) == (False, True, content)
    assert {path: entry.mode for path, entry in sandbox.below(CACHE).items()} == dict.fromkeys(
        [SHIPPED, OURS, ALONE, text], 0o644
    )


def test_cache_of_rpms_that_others_could_write_takes_nothing_new(lay: Lay) -> None:
    sandbox = lay("rpm")
    os.chmod(sandbox.path(CACHE), 0o777)
    before = sandbox.below(CACHE)
    ran = sandbox.compile(APP)
    assert (ran.status, ran.summary) == (2, {"refused": 2})
    assert ran.of(OURS) == ("refused", "untrusted-cache")
    assert sandbox.below(CACHE) == before


@pytest.mark.parametrize("manager", ["dpkg", "rpm"])
def test_shipped_pyc_of_other_code_is_found_by_comparing_and_stays(manager: str, lay: Lay) -> None:
    sandbox = lay(manager)
    found = os.lstat(sandbox.path(SHIPPED))
    sandbox.write(SHIPPED, sandbox.read(SHIPPED).replace(b"value", b"other"))
    os.utime(sandbox.path(SHIPPED), ns=(found.st_atime_ns, found.st_mtime_ns))
    before = sandbox.below(CACHE)
    ran = sandbox.compile("--verify", APP)
    assert (ran.status, ran.of(SHIPPED)) == (2, ("refused", "differs"))
    assert sandbox.below(CACHE) == before
    assert sandbox.compile(APP).status == 0
