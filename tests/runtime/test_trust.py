# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which directories are trusted on the way, and which are refused, by the name of the one at fault."""

from __future__ import annotations

import os
import subprocess

import pytest

from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.trust import Tree
from pkgtools.runtime.system.user_namespace import unmapped_user
from tests.runtime.acl import ACCESS, set_acl
from tests.runtime.sandbox import APP, PUBLIC, TRIGGERS, Sandbox, permissions, pyc_of

FRED = 65531
STICKY = "/var/tmp"


def _reasons(sandbox: Sandbox, *paths: str) -> set[tuple[str, str, str]]:
    return {(one.status, one.reason, one.path) for one in sandbox.compile(*paths).told if one.status == "refused"}


@pytest.mark.parametrize("depth", [f"{APP}/sub", APP, "/opt"], ids=["directory", "base", "above-the-base"])
def test_group_root_may_write_to_what_is_compiled_from(depth: str, sandbox: Sandbox) -> None:
    """A build with umask 002, and images that run any user with group 0, have 0775 root:root."""
    source = sandbox.write(f"{APP}/sub/m.py", mode=0o664)
    sandbox.directory(depth, 0o775, (0, 0))
    ran = sandbox.compile(APP)
    assert (ran.status, sandbox.pycs()) == (0, {pyc_of(source)})
    assert permissions(sandbox.path(pyc_of(source))) == 0o644
    assert permissions(sandbox.path(os.path.dirname(pyc_of(source)))) == 0o755


def test_settings_of_a_build_with_umask_002_are_read(sandbox: Sandbox) -> None:
    conf = sandbox.write("/usr/share/pkgtools/private.d/vendor.conf", "compile||/opt/vendor\n", mode=0o664)
    sandbox.directory(os.path.dirname(conf), 0o775)
    source = sandbox.write("/opt/vendor/m.py")
    assert sandbox.run("pkgtools-trigger").status == 0
    assert sandbox.exists(pyc_of(source))


@pytest.mark.parametrize("gid", [50, FRED])
def test_t5_t22_any_other_group_is_refused(gid: int, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/sub/m.py")
    sandbox.directory(f"{APP}/sub", 0o2775, (0, gid))
    assert _reasons(sandbox, APP) == {("refused", "writable-by-others", f"{APP}/sub")}


def test_t22_acl_behind_the_bits_of_group_root_is_refused(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/sub/m.py")
    set_acl(sandbox.path(f"{APP}/sub"), ACCESS, owner=7, user=(FRED, 7), group=5, mask=7, other=5)
    assert _reasons(sandbox, APP) == {("refused", "writable-by-others", f"{APP}/sub")}


def test_t16_bytecode_that_group_root_can_write_is_not_believed(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    sandbox.compile(APP)
    os.chmod(sandbox.path(pyc_of(source)), 0o664)
    assert ("compiled", "wrong-mode") in sandbox.compile(APP).all_of(pyc_of(source))


def test_roots_directory_in_a_sticky_one_is_trusted(sandbox: Sandbox) -> None:
    sandbox.directory(STICKY, 0o1777)
    source = sandbox.write(f"{STICKY}/build/m.py")
    assert (sandbox.compile(f"{STICKY}/build").status, sandbox.exists(pyc_of(source))) == (0, True)


def test_t5_sticky_directory_itself_and_others_directories_in_it_are_refused(sandbox: Sandbox) -> None:
    sandbox.directory(STICKY, 0o1777)
    sandbox.write(f"{STICKY}/m.py")
    sandbox.write(f"{STICKY}/freds/m.py")
    sandbox.directory(f"{STICKY}/freds", 0o755, (FRED, FRED))
    assert _reasons(sandbox, STICKY) == {("refused", "writable-by-others", STICKY)}
    assert _reasons(sandbox, f"{STICKY}/freds") == {("refused", "not-root-owned", f"{STICKY}/freds")}


@pytest.mark.parametrize("owner", [(FRED, 0), (0, 0)], ids=["freds-sticky", "without-sticky"])
def test_t5_only_roots_sticky_directory_may_be_passed(owner: tuple[int, int], sandbox: Sandbox) -> None:
    sandbox.write(f"{STICKY}/build/m.py")
    sandbox.directory(STICKY, 0o1777 if owner[0] else 0o777, owner)
    reason = "not-root-owned" if owner[0] else "writable-by-others"
    assert _reasons(sandbox, f"{STICKY}/build") == {("refused", reason, STICKY)}


@pytest.mark.parametrize("where", ["link", "build/link"], ids=["in-it", "below-it"])
def test_t5_no_link_is_followed_below_a_sticky_directory(where: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{STICKY}/build/m.py")
    sandbox.write(f"{APP}/m.py")
    os.symlink(APP, sandbox.path(f"{STICKY}/{where}"))
    sandbox.directory(STICKY, 0o1777)
    assert _reasons(sandbox, f"{STICKY}/{where}") == {("refused", "symlink", f"{STICKY}/{where}")}
    assert sandbox.pycs("/") == set()


def test_t5_no_settings_are_read_below_a_sticky_directory(sandbox: Sandbox) -> None:
    sandbox.write("/usr/share/pkgtools/private.d/x.conf", "compile||/opt/app\n")
    sandbox.write(f"{APP}/m.py")
    sandbox.write(f"{PUBLIC}/m.py")
    sandbox.directory("/usr/share", 0o1777)
    sandbox.run("pkgtools-trigger")
    assert not sandbox.exists(pyc_of(f"{APP}/m.py"))


def test_refusal_names_the_directory_at_fault(sandbox: Sandbox) -> None:
    sandbox.write("/opt/a/b/c/m.py")
    sandbox.directory("/opt/a", 0o755, (FRED, FRED))
    assert _reasons(sandbox, "/opt/a/b/c") == {("refused", "not-root-owned", "/opt/a")}


def _compile_in_a_namespace(sandbox: Sandbox) -> subprocess.CompletedProcess[str]:
    """Compile as FRED, who is root in a user namespace that knows nobody else."""
    command = (str(TRIGGERS / "pkgtools-compile"), "--root", str(sandbox.root), APP)
    inside = ("/usr/bin/setpriv", f"--reuid={FRED}", f"--regid={FRED}", "--clear-groups", "/usr/bin/unshare", "-r")
    done = subprocess.run((*inside, *command), capture_output=True, text=True, check=False, env={"PATH": "/usr/bin"})
    if "unshare" in done.stderr:
        pytest.skip(f"no user namespaces here: {done.stderr}")
    return done


def test_owner_that_the_namespace_does_not_know_is_one_refusal_and_nothing_is_written(sandbox: Sandbox) -> None:
    """A rootless container sees the host's files as those of user 65534."""
    assert unmapped_user() is None
    for name in "abc":
        sandbox.write(f"{APP}/{name}/m.py")
    os.chown(sandbox.path("/var/lib/pkgtools"), FRED, FRED)
    done = _compile_in_a_namespace(sandbox)
    assert done.returncode == 2
    assert done.stderr.count("unmapped-owner") == 1
    assert sandbox.pycs("/") == set()


def test_nothing_is_written_into_a_cache_directory_that_cannot_be_claimed(sandbox: Sandbox) -> None:
    """Its owner is a user of the host, its group the container's root group: the owner could exchange the pyc."""
    sandbox.write(f"{APP}/m.py", owner=(FRED, FRED))
    sandbox.directory(APP, owner=(FRED, FRED))
    cache = sandbox.directory(f"{APP}/__pycache__", 0o775, (FRED - 1, FRED))
    done = _compile_in_a_namespace(sandbox)
    assert (done.returncode, sandbox.below(cache)) == (2, {})
    assert f"{pyc_of(f'{APP}/m.py')}: not-root-owned" in done.stderr


def test_component_is_named_with_links_resolved(sandbox: Sandbox) -> None:
    sandbox.write("/srv/real/m.py")
    sandbox.directory("/srv/real", 0o777)
    os.symlink("real", sandbox.path("/srv/link"))
    tree = Tree(str(sandbox.root))
    with pytest.raises(Exception, match=r"^/srv/real: writable-by-others"):
        tree.open(InstalledPath("/srv/link"), InstalledPath("/srv/link"))
    tree.close()


@pytest.mark.parametrize("target", ["/usr/lib/acme", "../../../usr/lib/acme", "../../../../usr/lib/other/../acme"])
def test_link_of_roots_is_followed_and_nothing_stays_open(target: str, sandbox: Sandbox) -> None:
    sandbox.write("/usr/lib/acme/m.py")
    sandbox.directory("/usr/lib/other")
    sandbox.directory("/srv/a/b")
    os.symlink(target, sandbox.path("/srv/a/b/link"))
    tree = sandbox.tree()
    before = len(os.listdir("/proc/self/fd"))
    place = InstalledPath("/srv/a/b/link")
    assert os.listdir(tree.open(place, place)) == ["m.py"]
    assert len(os.listdir("/proc/self/fd")) == before + 1
    tree.close()


def test_a_base_that_is_not_written_plainly_ends_no_search(sandbox: Sandbox) -> None:
    """The callers write paths plainly; one that doesn't must not wait for ever."""
    sandbox.directory(f"{APP}/a/b")
    tree = sandbox.tree()
    descriptor = tree.open(InstalledPath(f"{APP}/"), InstalledPath(f"{APP}/a/b"))
    assert os.path.samestat(os.fstat(descriptor), os.stat(sandbox.path(f"{APP}/a/b")))
    tree.close()
