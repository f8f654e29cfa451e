# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`check` and `audit` say of a directory what the runtime does with it: there is one predicate."""

from __future__ import annotations

import itertools
import json
import os
import stat
import subprocess
import sys
from posixpath import dirname
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check.apply import judge_package
from pkgtools.check.registry import all_rules, rule_of
from pkgtools.cli.systems import SystemQuestion, read_system
from pkgtools.model.finding import Severity
from pkgtools.model.package import File, Kind, Package, PackageManager
from pkgtools.readers.package import read_package
from pkgtools.runtime.facts import InstalledPath
from tests.lab.debs import pack_deb
from tests.lab.needs import need_tools
from tests.runtime.acl import ACCESS, set_acl
from tests.runtime.sandbox import CHECKOUT, CLEAN_ENVIRONMENT, PUBLIC, Sandbox, pyc_of

if TYPE_CHECKING:
    from pathlib import Path

FRED = 65531
STAFF = 50
REFUSING = ("modules-writable-by-others", "refused-at-installation", "untrusted-path")


class Sample(NamedTuple):
    """A directory to be, on the way to a module."""

    place: str
    """The directory with these bits: in it, or in one below it, is the module."""
    module: str
    mode: int
    uid: int
    gid: int
    has_acl: bool


def _samples(directory: str, *, acls: bool) -> list[Sample]:
    """Return all combinations of bits, owners, groups, ACL and depth, each in a directory of its own."""
    combined = itertools.product(
        (0o755, 0o700, 0o775, 0o2775, 0o757, 0o777, 0o1777, 0o1775, 0o2755),
        (0, FRED),
        (0, STAFF, FRED),
        (False, True) if acls else (False,),
        ("", "/below"),
    )
    return [
        Sample(f"{directory}/d{number}", f"{directory}/d{number}{below}/m.py", mode, uid, gid, acl)
        for number, (mode, uid, gid, acl, below) in enumerate(combined)
    ]


def _make(sandbox: Sandbox, samples: list[Sample]) -> None:
    for one in samples:
        sandbox.write(one.module)
        if one.has_acl:
            set_acl(sandbox.path(one.place), ACCESS, owner=7, user=(FRED, 7), group=5, mask=7, other=5)
        sandbox.directory(one.place, one.mode, (one.uid, one.gid))


def _said(package: Package) -> set[str]:
    """Return the directories that some rule says are refused."""
    rules = [rule for rule in all_rules() if rule.facts.id in REFUSING]
    return {one.path for one in judge_package(package, rules).findings if one.severity is not Severity.WARNING}


@pytest.mark.parametrize("base", ["/opt", PUBLIC])
def test_audit_names_what_the_runtime_refuses_and_nothing_else(base: str, sandbox: Sandbox) -> None:
    samples = _samples(base, acls=True)
    _make(sandbox, samples)
    told = sandbox.compile(*(dirname(one.module) if base == "/opt" else base for one in samples)).told
    refused = {one.path for one in told if one.status == "refused"}
    compiled = {one.module for one in samples if sandbox.exists(pyc_of(one.module))}
    assert {one.module for one in samples} - compiled == {one.module for one in samples if one.place in refused}
    assert _said(read_system(SystemQuestion(path=sandbox.root, compare=False, workers=1)).package) == refused
    assert 20 < len(refused) < len(samples) - 10


@pytest.mark.parametrize("base", ["/opt/acme", PUBLIC])
def test_check_names_what_the_runtime_refuses_and_nothing_else(base: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """The package is unpacked where the runtime goes; a registration makes the private directories its business."""
    need_tools(["dpkg-deb"])
    samples = _samples(base, acls=False)
    _make(sandbox, samples)
    sandbox.write("/usr/share/pkgtools/private.d/acme.conf", "compile||/opt/acme\n")
    control = "Package: acme\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n"
    sandbox.write("/DEBIAN/control", control)
    package = read_package(pack_deb(str(sandbox.root), tmp_path), ReadingOptions())
    told = sandbox.run("pkgtools-trigger").told
    refused = {one.path for one in told if one.status == "refused"}
    assert _said(package) == refused
    assert 20 < len(refused) < len(samples) - 10


def test_files_are_judged_like_settings_are(sandbox: Sandbox) -> None:
    """A registration is read if and only if `check` says nothing of it."""
    need_tools(["dpkg-deb"])
    rule = rule_of("refused-at-installation")
    assert rule is not None
    bits = list(itertools.product((0o644, 0o664, 0o646, 0o600), (0, FRED), (0, STAFF)))
    files = []
    for number, (mode, uid, gid) in enumerate(bits):
        sandbox.write(f"/opt/d{number}/m.py")
        conf = f"/usr/share/pkgtools/private.d/{number}.conf"
        sandbox.write(conf, f"compile||/opt/d{number}\n", mode=mode, owner=(uid, gid))
        files.append(File(path=InstalledPath(conf), mode=stat.S_IFREG | mode, uid=uid, gid=gid))
    sandbox.run("pkgtools-trigger")
    package = Package(origin="", kind=Kind.DEB, family=PackageManager.DPKG, name="a", files=tuple(files))
    said = {one.path for one in judge_package(package, [rule]).findings}
    read = {files[number].path for number in range(len(bits)) if sandbox.exists(pyc_of(f"/opt/d{number}/m.py"))}
    assert read == {one.path for one in files} - said
    assert 0 < len(read) < len(files)


@pytest.mark.parametrize(("group", "is_refused"), [("root", False), ("staff", True), ("", False)])
def test_groups_of_an_rpm_are_known_by_their_names(group: str, is_refused: bool) -> None:
    directory, module = (InstalledPath(path) for path in ("/opt/acme", "/opt/acme/m.py"))
    files = (
        File(path=directory, mode=stat.S_IFDIR | 0o775, user="root", group=group),
        File(path=module, mode=stat.S_IFREG | 0o644, user="root", group="root"),
    )
    package = Package(origin="", kind=Kind.RPM, family=PackageManager.RPM, name="a", files=files)
    assert _said(package) == ({directory} if is_refused else set())


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK], ids=oct)
def test_what_is_no_file_is_skipped(kind: int, sandbox: Sandbox) -> None:
    rule = rule_of("refused-at-installation")
    assert rule is not None
    path = InstalledPath(f"{PUBLIC}/m.py")
    package = Package(
        origin="",
        kind=Kind.DEB,
        family=PackageManager.DPKG,
        name="a",
        files=(File(path=path, mode=kind | 0o644, uid=0, gid=0),),
    )
    [finding] = judge_package(package, [rule]).findings
    os.mkfifo(sandbox.path(path))
    assert sandbox.compile(PUBLIC).all_of(path) == {("skipped", "not-a-regular-file")}
    assert (finding.severity, finding.path) == (Severity.WARNING, path)
    assert finding.text.endswith("(not-a-regular-file)")


def test_who_can_not_read_the_last_batchs_report_is_told_so(sandbox: Sandbox) -> None:
    sandbox.write(f"{PUBLIC}/bad.py", "def\n")
    sandbox.directory("/var/lib/pkgtools", 0o700)
    sandbox.run("pkgtools-trigger")
    audit = (sys.executable, "-m", "pkgtools.cli", "audit", "--no-compile", "--json", str(sandbox.root))
    by_fred = ("/usr/bin/setpriv", f"--reuid={FRED}", f"--regid={FRED}", "--clear-groups")
    for wrapper, text, unread in (((), "can't be compiled (1 syntax-error)", 0), (by_fred, "no pyc for", 1)):
        done = subprocess.run((*wrapper, *audit), capture_output=True, check=False, env=CLEAN_ENVIRONMENT, cwd=CHECKOUT)
        [verdict] = json.loads(done.stdout)["verdicts"]
        assert [text in one["text"] for one in verdict["findings"]] == [True]
        assert sum("/var/lib/pkgtools" in note for note in verdict["notes"]) == unread


def test_owners_that_the_namespace_does_not_know_are_one_note(sandbox: Sandbox) -> None:
    """The runtime reports them once, and reads what is theirs; to call each of their files a danger would be wrong."""
    sandbox.write("/etc/os-release", "ID=sample\n")
    for name in "abc":
        sandbox.write(f"{PUBLIC}/{name}/m.py")
    sandbox.compile(PUBLIC)
    audit = (sys.executable, "-m", "pkgtools.cli", "audit", "--no-compile", "--json", str(sandbox.root))
    inside = ("/usr/bin/setpriv", f"--reuid={FRED}", f"--regid={FRED}", "--clear-groups", "/usr/bin/unshare", "-r")
    done = subprocess.run((*inside, *audit), capture_output=True, check=False, env=CLEAN_ENVIRONMENT, cwd=CHECKOUT)
    if b"unshare" in done.stderr:
        pytest.skip(f"no user namespaces here: {done.stderr!r}")
    [verdict] = json.loads(done.stdout)["verdicts"]
    assert verdict["findings"] == []
    assert sum("user namespace" in note for note in verdict["notes"]) == 1
