# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A package that is started before the triggers run is compiled in its own postinst, unless it chose."""

from __future__ import annotations

import re
import subprocess

import pytest

from pkgtools.debhelper import services
from tests.debhelper.source_tree import DIST, SourceTree
from tests.lab.ours import CHECKOUT

STARTED = [
    "debian/foo/lib/systemd/system/foo.service",
    "debian/foo/usr/lib/systemd/user/foo.timer",
    "debian/foo/etc/init.d/foo",
    "debian/foo/etc/cron.daily/foo",
    "debian/foo/usr/share/dbus-1/system-services/org.foo.service",
    "debian/foo.service",
    "debian/foo@.service",
    "debian/foo.worker.socket",
    "debian/foo.worker@.service",
    "debian/foo.init",
    "debian/foo.init.linux",
    "debian/foo.service.amd64",
    "debian/foo@.user.service",
    "debian/foo.cron.d",
    "debian/service",
]
OTHERS = [
    "debian/foo/usr/share/doc/foo/foo.service",
    "debian/bar.service",
    "debian/foo.services",
    "debian/foo.install",
    "debian/foo-bar.service",
    "debian/foo/usr/share/systemd/foo.service",
]
MODULE = f"debian/foo/{DIST}/started.py"


def strategy(tree: SourceTree, *options: str) -> tuple[bool, str]:
    """Return whether foo's postinst compiles, and what was said."""
    done = tree.good("-pfoo", *options)
    postinst = tree.top / "debian/foo.postinst.debhelper"
    return postinst.exists() and "pkgtools-compile" in postinst.read_text(), done.said


@pytest.mark.parametrize("path", STARTED)
def test_package_that_is_started_is_compiled_in_its_postinst(tree: SourceTree, path: str) -> None:
    tree.write({MODULE: "", path: "x"})
    compiles, said = strategy(tree)
    assert compiles
    (line,) = said.splitlines()
    assert path.removeprefix("debian/foo/").removeprefix("debian/") in line


@pytest.mark.parametrize("path", OTHERS)
def test_others_leave_it_to_the_triggers(tree: SourceTree, path: str) -> None:
    tree.write({MODULE: "", path: "x"})
    assert strategy(tree) == (False, "")


def test_what_the_maintainer_chose_holds(tree: SourceTree) -> None:
    tree.write({MODULE: "", STARTED[0]: "x"})
    assert strategy(tree, "--strategy=trigger") == (False, "")
    tree.write({"debian/pkgtools.toml": 'strategy = "trigger"\n[packages.foo]\n'})
    (tree.top / "debian/foo.postinst.debhelper").unlink(missing_ok=True)
    assert strategy(tree) == (False, "")
    tree.write({"debian/pkgtools.toml": "[packages.foo]\n"})
    assert strategy(tree)[0]


def test_the_stand_in_has_the_same_list() -> None:
    text = (CHECKOUT / "triggers/launch").read_text()
    found = re.findall(r"^services='([^']+)'\nservices=\"\$services([^\"]+)\"", text, re.MULTILINE)
    ((first, more),) = found
    pattern = (first + more).replace("\\\\", "\\")
    names = [path.removeprefix("debian/foo") for path in (*STARTED, *OTHERS) if path.startswith("debian/foo/")]
    names += ["/etc/cron.d/", "/lib/systemd/system", "/lib/systemd/system/x", "/var/spool/cron/x", "/etc/cron.allow"]
    for name in names:
        shell = subprocess.run(["grep", "-qE", pattern], input=f"{name}\n", text=True, check=False).returncode == 0
        assert shell == bool(services._INSTALLED.match(name[1:])), name
