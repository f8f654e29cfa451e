# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Removal is exact: the regenerable caches of the sources that were named go, everything else stays and is said."""

from __future__ import annotations

import os
from typing import NamedTuple

import pytest

from tests.lab.tree import differences
from tests.runtime.acl import DEFAULT, set_acl
from tests.runtime.sandbox import APP, TAG, Sandbox, pyc_of

CACHE = f"{APP}/__pycache__"
SOURCE = f"{APP}/m.py"


class Name(NamedTuple):
    name: str
    goes: bool
    """When m.py is cleaned."""


IN_CACHE = [
    Name(f"m.{TAG}.pyc", True),
    Name(f"m.{TAG}.opt-1.pyc", True),
    Name(f"m.{TAG}.opt-2.pyc", True),
    Name("m.cpython-36.pyc", True),
    Name("m.cpython-39.opt-1.pyc", True),
    Name("m.cpython-314.pyc", True),
    Name("m.pypy39.pyc", True),
    Name("m.pypy310.opt-2.pyc", True),
    Name(f"m.{TAG}.pyc.12345", True),
    Name(f"m.{TAG}.pyc.139872938472938", True),
    Name(f"m.{TAG}.opt-1.pyc.77", True),
    Name(".pkgtools-0123456789abcdef-00000000-1.tmp", True),
    # caches of other tools and interpreters
    Name(f"m.{TAG}-pytest-7.4.0.pyc", True),
    Name(f"m.{TAG}-pytest-7.4.0.pyc.12345", True),
    Name("m.f-12.py311.nbi", True),
    Name("m.f-12.py311.1.nbc", True),
    Name(f"m.{TAG}.opt-typeguard42.pyc", True),
    Name("m.cpython-27.pyc", True),
    Name("m.cpython-311d.pyc", True),
    Name("m.jython-27.pyc", True),
    Name("m.graalpy253-313.pyc", True),
    Name(f"m.{TAG}.pyo", True),
    Name(f"m.m.{TAG}.pyc", True),
    Name(f"m.{TAG}\n.pyc", True),
    Name("m.cpython-3\u0661\u0661.pyc", True),
    Name("m.pyc", True),
    Name("m.", True),
    # not this source's
    Name(f"other.{TAG}.pyc", False),
    Name(f"m2.{TAG}.pyc", False),
    Name("m2.f-12.py311.nbi", False),
    Name(f"am.{TAG}.pyc", False),
    Name(f"M.{TAG}.pyc", False),
    Name(f"m-1.{TAG}.pyc", False),
    Name("m", False),
    Name("README", False),
    Name(".hidden", False),
    Name(".m.pyc", False),
    Name(".pkgtools-x-1.tmp", False),
    Name(".pkgtools-0123456789abcdef-00000000-1.tmp.bak", False),
    Name("-rf", False),
]


@pytest.mark.parametrize("name", IN_CACHE, ids=lambda n: ascii(n.name))
def test_t11_t18_exact_names_go_and_every_other_stays_and_is_said(name: Name, sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.write(f"{APP}/m2.py")
    path = sandbox.write(f"{CACHE}/{name.name}", b"bytes")
    ran = sandbox.clean(SOURCE)
    assert ran.status == 0
    assert (sandbox.exists(path), sandbox.exists(CACHE)) == (not name.goes, not name.goes)
    belongs = name.name.startswith("m2.")
    told = [] if belongs else [("removed",) if name.goes else ("kept",)]
    assert [(one.status,) for one in ran.told if one.path == path] == told
    assert ran.talk == ""


def test_t11_everything_in_one_cache_at_once(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    for name in IN_CACHE:
        sandbox.write(f"{CACHE}/{name.name}", b"bytes")
    assert sandbox.clean(SOURCE).status == 0
    assert {p.removeprefix(f"{CACHE}/") for p in sandbox.below(CACHE)} == {n.name for n in IN_CACHE if not n.goes}


def test_t11_compile_then_clean_leaves_the_tree_as_it_was(sandbox: Sandbox) -> None:
    for name in ("m.py", "pkg/__init__.py", "pkg/a.py", "pkg/sub/deep.py", "py2.py"):
        sandbox.write(f"{APP}/{name}", "value = 1\n" if name != "py2.py" else "print 1\n")
    sandbox.write(f"{APP}/data.txt")
    before = sandbox.below()
    assert sandbox.compile("-O", "0,1,2", APP).status == 0
    assert len(sandbox.pycs()) == 12
    ran = sandbox.clean(APP)
    assert (ran.status, ran.talk) == (0, "")
    assert differences(before, sandbox.below()) == []
    assert sandbox.clean(APP).told == ()


LEGACY = [
    pytest.param("m.pyc", True, id="python-2"),
    pytest.param("m.pyo", True, id="python-2-optimized"),
    pytest.param("only.pyc", False, id="pyc-only-module"),
    pytest.param("m2.pyc", False, id="of-another-source"),
    pytest.param(f"m.{TAG}.pyc", False, id="tagged-beside-the-source"),
    pytest.param("m.pyc.bak", False, id="backup"),
    pytest.param("m.pyd", False, id="pyd"),
]


@pytest.mark.parametrize(("name", "goes"), LEGACY)
def test_t13_t18_pyc_beside_a_source_goes_and_a_pyc_only_module_stays(name: str, goes: bool, sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.write(f"{APP}/m2.py")
    path = sandbox.write(f"{APP}/{name}", b"bytes")
    ran = sandbox.clean(SOURCE)
    assert (ran.status, ran.all_of(path)) == (0, {("removed", "legacy")} if goes else set())
    assert sandbox.exists(path) is not goes


def test_t13_t18_pyc_whose_source_is_named_but_not_there_may_be_the_program(sandbox: Sandbox) -> None:
    path = sandbox.write(f"{APP}/m.pyc", b"bytes")
    given = SOURCE.encode()
    assert sandbox.clean("--from0", "-", given=given).status == 0
    os.symlink("elsewhere", sandbox.path(SOURCE))
    assert sandbox.clean("--from0", "-", given=given).status == 0
    assert sandbox.exists(path)


def test_t11_cache_of_a_source_that_is_gone_already_goes(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.compile(APP)
    os.unlink(sandbox.path(SOURCE))
    assert sandbox.clean("--from0", "-", given=SOURCE.encode()).status == 0
    assert sandbox.below(APP) == {}


RANGES = [
    ("3.11", {"cpython-311"}),
    ("3.9", {"cpython-39", "pypy39"}),
    ("3.10-", {"cpython-310", "cpython-311", "cpython-314"}),
    ("-3.10", {"cpython-36", "cpython-39", "pypy39"}),
    ("3.9-3.11", {"cpython-39", "pypy39", "cpython-310"}),
    ("-", {"cpython-36", "cpython-39", "pypy39", "cpython-310", "cpython-311", "cpython-314"}),
]


@pytest.mark.parametrize(("text", "going"), RANGES)
def test_t19_version_range_chooses_tags(text: str, going: set[str], sandbox: Sandbox) -> None:
    tags = {"cpython-36", "cpython-39", "pypy39", "cpython-310", "cpython-311", "cpython-314"}
    sandbox.write(SOURCE)
    for tag in tags:
        for level in (0, 1):
            sandbox.write(pyc_of(SOURCE, level, tag), b"bytes")
    sandbox.clean("-V", text, APP)
    left = {path.rpartition("/")[2].split(".")[1] for path in sandbox.pycs()}
    assert left == tags - going


def test_excluded_sources_keep_their_caches(sandbox: Sandbox) -> None:
    for name in ("a.py", "b.py"):
        sandbox.write(f"{APP}/{name}")
    sandbox.compile(APP)
    assert sandbox.clean("-X", "b", APP).status == 0
    assert sandbox.pycs() == {pyc_of(f"{APP}/b.py")}


def test_t11_directory_with_the_name_of_a_pyc_does_not_end_the_cleaning(sandbox: Sandbox) -> None:
    for name in ("a.py", "m.py", "z.py"):
        sandbox.write(f"{APP}/{name}")
    sandbox.compile(APP)
    os.unlink(sandbox.path(pyc_of(SOURCE)))
    sandbox.write(f"{pyc_of(SOURCE)}/file", b"")
    sandbox.clean(APP)
    assert sandbox.pycs() == {pyc_of(SOURCE)}
    assert sandbox.exists(f"{pyc_of(SOURCE)}/file")


def test_t22_cache_that_others_can_write_is_cleaned_by_name(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.directory(CACHE)
    set_acl(sandbox.path(CACHE), DEFAULT, owner=7, user=(1000, 7), group=7, mask=7, other=7)
    sandbox.write(pyc_of(SOURCE), b"planted", owner=(1000, 1000))
    os.symlink("/etc/passwd", sandbox.path(pyc_of(SOURCE, 1)))
    sandbox.directory(CACHE, 0o777, (1000, 1000))
    assert sandbox.clean(APP).status == 0
    assert not sandbox.exists(CACHE)


def test_t22_sources_in_a_directory_of_freds_are_refused(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.write(pyc_of(SOURCE), b"bytes")
    sandbox.directory(APP, 0o755, (1000, 1000))
    ran = sandbox.clean(APP)
    assert (ran.status, {(one.status, one.reason) for one in ran.told}) == (2, {("refused", "not-root-owned")})
    assert sandbox.exists(pyc_of(SOURCE))
    assert "not-root-owned" in ran.talk


def test_clean_as_owner_takes_away_what_compile_as_owner_made(sandbox: Sandbox) -> None:
    fred = 65531
    sandbox.write(SOURCE, owner=(fred, fred))
    sandbox.directory(APP, 0o755, (fred, fred))
    before = sandbox.below()
    ran = sandbox.compile("--as-owner", APP)
    assert (ran.status, ran.of(pyc_of(SOURCE))) == (0, ("compiled", "missing"))
    found = {path: (e.mode, e.uid, e.gid) for path, e in sandbox.below(APP).items()}
    assert found == {SOURCE: (0o644, fred, fred), CACHE: (0o755, fred, fred), pyc_of(SOURCE): (0o644, fred, fred)}
    assert sandbox.compile("--as-owner", APP).summary == {"fresh": 1}
    cleaned = sandbox.clean("--as-owner", APP)
    assert (cleaned.status, cleaned.talk) == (0, "")
    assert differences(before, sandbox.below()) == []


def test_as_owner_cannot_do_more_than_the_owner(sandbox: Sandbox) -> None:
    fred = 65531
    sandbox.write(SOURCE, owner=(fred, fred))
    secret = sandbox.write(f"{APP}/roots.py", "value = 'secret'\n", mode=0o600)
    sandbox.directory(CACHE)
    sandbox.directory(APP, 0o755, (fred, fred))
    before = sandbox.below()
    ran = sandbox.compile("--as-owner", APP)
    assert ran.status == 2
    assert differences(before, sandbox.below()) == []
    assert sandbox.exists(secret)


def test_clean_makes_no_rpm_database_where_there_is_none(sandbox: Sandbox) -> None:
    if not os.path.exists("/usr/bin/rpm"):
        pytest.skip("needs rpm, as a Debian that can convert packages has it")
    sandbox.write(SOURCE)
    before = sandbox.below()
    sandbox.compile(APP)
    assert sandbox.clean("--dry-run", APP).status == 0
    assert sandbox.clean(APP).status == 0
    assert differences(before, sandbox.below()) == []
