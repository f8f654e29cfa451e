# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A registered or named directory, and a package's file list, meet under both names that a merged /usr gives them."""

from __future__ import annotations

import pytest

from pkgtools.runtime.policy.configuration import read_drop_ins
from tests.lab.needs import need_tools
from tests.runtime.records import PACKAGE, know
from tests.runtime.sandbox import Sandbox, pyc_of
from tests.runtime.test_owned import BY_OTHER_NAME, merge_usr


@pytest.mark.parametrize(("listed", "registered"), BY_OTHER_NAME, ids=["listed in lib", "listed in usr"])
def test_registration_holds_for_both_names_of_a_merged_usr(listed: str, registered: str, sandbox: Sandbox) -> None:
    merge_usr(sandbox)
    for name in ("m", "not", "other/n"):
        sandbox.write(f"/usr/lib/acme/{name}.py")
    lines = f"compile||{registered}/acme\nexclude||{registered}/acme|not\n"
    sandbox.write("/usr/share/pkgtools/private.d/acme.conf", lines)
    given = "".join(f"{listed}/{name}.py\n" for name in ("acme/m", "acme/not", "acme/other/n", "acmes/m"))
    ran = sandbox.compile("--rpm-stdin", given=given.encode())
    assert ran.all_of(f"{listed}/acme/not.py") == {("skipped", "excluded")}
    assert sandbox.pycs("/usr/lib") == {pyc_of(f"/usr/lib/acme/{name}.py") for name in ("m", "other/n")}


def test_registration_has_each_other_name_once(sandbox: Sandbox) -> None:
    merge_usr(sandbox)
    sandbox.write("/usr/share/pkgtools/private.d/acme.conf", "compile||/lib/acme\nexclude||/usr/lib/acme|not\n")
    tree = sandbox.tree()
    found = read_drop_ins(tree)
    tree.close()
    assert [one.directory for one in found.private] == ["/lib/acme"]
    assert [one.directory for one in found.other_names] == ["/usr/lib/acme"]
    assert sorted(one.place for one in found.exclusions) == ["/lib/acme", "/usr/lib/acme"]


def test_registration_in_a_lib_of_its_own_says_nothing_of_the_one_in_usr(sandbox: Sandbox) -> None:
    sandbox.directory("/lib/acme")
    sandbox.write("/usr/lib/acme/m.py")
    sandbox.write("/usr/share/pkgtools/private.d/acme.conf", "compile||/lib/acme\n")
    assert sandbox.compile("--rpm-stdin", given=b"/usr/lib/acme/m.py\n").summary == {}


@pytest.mark.parametrize("command", ["pkgtools-compile", "pkgtools-clean"])
@pytest.mark.parametrize(("listed", "asked"), BY_OTHER_NAME, ids=["listed in lib", "listed in usr"])
def test_directory_beside_a_package_is_named_by_either_name(
    listed: str, asked: str, command: str, sandbox: Sandbox
) -> None:
    need_tools(("dpkg-query",))
    merge_usr(sandbox)
    for name in ("m", "not"):
        sandbox.write(f"/usr/lib/acme/{name}.py")
    know(sandbox, [f"{listed}/acme/m.py", f"{listed}/acme/not.py"])
    if command == "pkgtools-clean":
        sandbox.compile("/usr/lib/acme")
    excluded = ("-X", "not") if command == "pkgtools-compile" else ()
    assert sandbox.run(command, "-p", PACKAGE, f"{asked}/acme", *excluded).status == 0
    assert sandbox.pycs("/usr/lib") == ({pyc_of("/usr/lib/acme/m.py")} if command == "pkgtools-compile" else set())


def test_what_was_made_under_one_name_is_known_under_the_other(sandbox: Sandbox) -> None:
    """A package lists /lib/python3/...; what looks at everything comes by /usr/lib."""
    need_tools(("dpkg-query",))
    merge_usr(sandbox)
    sandbox.directory("/var/lib/pkgtools", 0o700)
    know(sandbox, [], "other")
    sandbox.run("pkgtools-trigger")  # the first looks at everything, the next at what came
    sandbox.write("/usr/lib/python3/dist-packages/m.py")
    know(sandbox, ["/lib/python3/dist-packages/m.py"])
    sandbox.run("pkgtools-trigger")
    assert sandbox.pycs("/usr/lib") == {pyc_of("/usr/lib/python3/dist-packages/m.py")}
    sandbox.run("pkgtools-trigger", "--remove-all")
    assert sandbox.pycs("/usr/lib") == set()
