# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Whose a file or directory is: told from the records of dpkg and rpm, whatever it and its root are called."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.runtime.errors import EnvironmentFault, UnknownOwner, UsageError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.packages import Owned, files_of_package, owned, owned_paths
from tests.lab.needs import need_tools
from tests.readers.rpm_crafted import bare, header
from tests.runtime.records import PACKAGE, divert, know, know_by_rpm
from tests.runtime.sandbox import APP, PUBLIC, Sandbox, pyc_of
from tests.runtime.test_hostile_names import NAMES

Know = Callable[[Sandbox, list[str]], None]
RECORDS: dict[str, Know] = {"dpkg": know, "rpm": lambda sandbox, files: know_by_rpm(sandbox, APP, files)}
PACKABLE = {
    "dpkg": {what: name for what, name in NAMES.items() if "\n" not in name},
    "rpm": {what: name for what, name in NAMES.items() if not any(c < " " or c == "\x7f" for c in name)},
}
"""Names that files of a package can have: dpkg unpacks none with a newline, rpmbuild packs no control character."""


def _owned(sandbox: Sandbox, *paths: str) -> set[str]:
    tree = sandbox.tree()
    found = owned_paths(tree, [InstalledPath(path) for path in paths])
    tree.close()
    return set(found)


@pytest.mark.parametrize("manager", RECORDS)
def test_every_name_is_found_and_no_other_is(manager: str, sandbox: Sandbox) -> None:
    need_tools((manager,))
    packaged = [f"{APP}/{name}" for name in PACKABLE[manager].values()]
    RECORDS[manager](sandbox, packaged)
    others = [f"{APP}/x{name}" for name in NAMES.values()] + [f"{APP}/{NAMES['newline']}", f"{APP}/[m].py", f"{APP}/m*"]
    assert _owned(sandbox, *packaged, *others) == set(packaged)


@pytest.mark.parametrize("manager", RECORDS)
def test_directories_have_owners_too(manager: str, sandbox: Sandbox) -> None:
    need_tools((manager,))
    RECORDS[manager](sandbox, [APP, f"{APP}/__pycache__", f"{APP}/__pycache__/m.pyc"][2 * (manager == "rpm") :])
    assert _owned(sandbox, f"{APP}/__pycache__", f"{APP}/other/__pycache__") == {f"{APP}/__pycache__"}


@pytest.mark.parametrize("manager", RECORDS)
def test_answer_says_which_package_manager_owns(manager: str, sandbox: Sandbox) -> None:
    need_tools((manager,))
    path = InstalledPath(f"{APP}/m.py")
    RECORDS[manager](sandbox, [path])
    tree = sandbox.tree()
    found = owned(tree, [path])
    assert [dict(found.dpkg), dict(found.rpm)] == [{path: PACKAGE} if manager == name else {} for name in RECORDS]
    tree.close()


@pytest.mark.parametrize(
    ("manager", "name"),
    [
        *(
            ("rpm", name)
            for name in ("%({})", "%{{lua:os.execute('{}')}}", "%%", "%{{nope", "-r", "a b", "a\nb", "$({})")
        ),
        *(("dpkg", name) for name in ("%%", "-r", "a\nb", "$({})")),
    ],
)
def test_name_of_the_root_is_no_text_for_a_program(manager: str, name: str, scratch: Path, tmp_path: Path) -> None:
    need_tools((manager,))
    proof = tmp_path / "ran"
    sandbox_top = tmp_path / "top"
    sandbox_top.mkdir()
    root = Path(f"{sandbox_top}/{name.format(f'touch {proof}')}")
    root.parent.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(root)
    packaged, other = sandbox.write(pyc_of(f"{APP}/m.py")), sandbox.write(pyc_of(f"{APP}/n.py"))
    RECORDS[manager](sandbox, [packaged])
    assert sandbox.clean("--orphans", APP).status == 0
    assert (sandbox.exists(packaged), sandbox.exists(other), proof.exists()) == (True, False, False)
    sandbox.write(f"{APP}/m2.py")
    assert sandbox.compile(APP).summary == {"compiled": 1}  # chroot is tried, then the host's interpreter
    assert sandbox.clean("-p", PACKAGE).status == 0
    assert sandbox.run("pkgtools-trigger").status == 0
    assert not proof.exists()


def test_macros_in_the_database_directory_of_a_foreign_root_are_not_read(sandbox: Sandbox, tmp_path: Path) -> None:
    """rpm 4.20 without a HOME takes settings from a directory `~` where it runs."""
    packaged = sandbox.write(pyc_of(f"{APP}/m.py"))
    know_by_rpm(sandbox, APP, [packaged])
    for name in ("~/.config/rpm/macros", "~/.rpmmacros"):
        sandbox.write(f"/var/lib/rpm/{name}", f"%_dbpath /none\n%_db_backend %(touch {tmp_path}/ran)\n")
    assert sandbox.clean("--orphans", APP).status == 0
    assert (sandbox.exists(packaged), (tmp_path / "ran").exists()) == (True, False)


PATTERNS = [
    "*",
    "python3-*",
    "python3-sampl?",
    "python3-s[a]mple",
    "-a",
    "--help",
    "",
    "a b",
    "%{NAME}",
    "a/b",
    "a\nb",
    "é",
]


@pytest.mark.parametrize("manager", RECORDS)
@pytest.mark.parametrize("name", PATTERNS, ids=ascii)
def test_name_of_a_package_is_no_pattern(manager: str, name: str, sandbox: Sandbox) -> None:
    need_tools((manager,))
    RECORDS[manager](sandbox, [sandbox.write(f"{APP}/m.py")])
    kept = sandbox.write(pyc_of(f"{APP}/m.py"))
    tree = sandbox.tree()
    with pytest.raises(UsageError, match="invalid package name"):
        files_of_package(tree, name)
    tree.close()
    assert sandbox.clean(f"-p{name}" if name else "-p=").status == 2
    assert sandbox.exists(kept)


@pytest.mark.parametrize("name", ["{}", "{}.noarch", "{}-1", "{}-1-1", "{}-1-1.noarch", "{}-0:1-1", "{}-0:1-1.noarch"])
def test_rpm_package_has_the_names_that_rpm_gives_it(name: str, sandbox: Sandbox) -> None:
    know_by_rpm(sandbox, APP, [f"{APP}/m.py"])
    know_by_rpm(sandbox, APP, [f"{APP}/n.py"], "other")
    tree = sandbox.tree()
    assert f"{APP}/m.py" in files_of_package(tree, name.format(PACKAGE))
    assert f"{APP}/n.py" not in files_of_package(tree, name.format(PACKAGE))
    with pytest.raises(EnvironmentFault, match="isn't installed"):
        files_of_package(tree, name.format("python3"))
    tree.close()


def test_whole_name_of_an_rpm_package_comes_before_a_name_with_a_version(sandbox: Sandbox) -> None:
    know_by_rpm(sandbox, APP, [f"{APP}/m.py"], "sample")
    know_by_rpm(sandbox, APP, [f"{APP}/n.py"], "sample-1")
    tree = sandbox.tree()
    assert files_of_package(tree, "sample-1") == [APP, f"{APP}/n.py"]
    tree.close()


def merge_usr(sandbox: Sandbox, name: str = "lib", target: str = "usr/lib") -> None:
    """Make /lib a link, as a merged /usr has it."""
    sandbox.directory("/usr/lib")
    os.symlink(target, sandbox.path(f"/{name}"))


BY_OTHER_NAME = [("/lib", "/usr/lib"), ("/usr/lib", "/lib")]


@pytest.mark.parametrize("target", ["usr/lib", "/usr/lib"], ids=["relative", "absolute"])
@pytest.mark.parametrize(("listed", "asked"), BY_OTHER_NAME, ids=["listed in lib", "listed in usr"])
def test_both_names_of_a_merged_usr_are_one_file(listed: str, asked: str, target: str, sandbox: Sandbox) -> None:
    merge_usr(sandbox, target=target)
    know(sandbox, [f"{listed}/python3/m.py"])
    assert _owned(sandbox, f"{asked}/python3/m.py", f"{asked}32/python3/m.py") == {f"{asked}/python3/m.py"}


@pytest.mark.parametrize("name", ["lib64", "lib32", "libx32", "bin", "sbin"])
def test_other_directories_of_a_merged_usr(name: str, sandbox: Sandbox) -> None:
    sandbox.directory(f"/usr/{name}")
    os.symlink(f"usr/{name}", sandbox.path(f"/{name}"))
    know(sandbox, [f"/{name}/m.py"])
    assert _owned(sandbox, f"/usr/{name}/m.py") == {f"/usr/{name}/m.py"}


@pytest.mark.parametrize("kind", ["no link", "link to elsewhere", "not there"])
def test_lib_of_its_own_is_not_the_one_in_usr(kind: str, sandbox: Sandbox) -> None:
    if kind == "no link":
        sandbox.directory("/lib")
    elif kind == "link to elsewhere":
        merge_usr(sandbox, target="opt/app")
    know(sandbox, ["/lib/python3/m.py"])
    assert _owned(sandbox, "/usr/lib/python3/m.py", "/lib/python3/m.py") == {"/lib/python3/m.py"}


def test_lib32_is_no_part_of_lib(sandbox: Sandbox) -> None:
    merge_usr(sandbox)
    sandbox.directory("/lib32")
    sandbox.directory("/usr/lib32")
    know(sandbox, ["/usr/lib32/m.py"])
    assert _owned(sandbox, "/lib32/m.py") == set()


@pytest.mark.parametrize("manager", RECORDS)
def test_records_behind_an_absolute_link_are_those_in_the_root(manager: str, sandbox: Sandbox) -> None:
    need_tools((manager,))
    packaged = sandbox.write(f"{APP}/m.py")
    RECORDS[manager](sandbox, [packaged])
    sandbox.directory("/usr/lib/sysimage")
    os.rename(sandbox.path(f"/var/lib/{manager}"), sandbox.path("/usr/lib/sysimage/records"))
    os.symlink("/usr/lib/sysimage/records", sandbox.path(f"/var/lib/{manager}"))
    assert _owned(sandbox, packaged, f"{APP}/n.py") == {packaged}
    tree = sandbox.tree()
    assert packaged in files_of_package(tree, PACKAGE)
    tree.close()


def test_file_that_was_diverted_is_owned_under_both_names(sandbox: Sandbox) -> None:
    merge_usr(sandbox)
    know(sandbox, ["/lib/python3/m.py", "/lib/python3/n.py"])
    divert(sandbox, "/usr/lib/python3/m.py", "/usr/lib/python3/m.orig.py")
    divert(sandbox, "/lib/python3/gone.py", "/lib/python3/gone.orig.py", "other")
    asked = [f"/usr/lib/python3/{name}.py" for name in ("m", "m.orig", "gone", "gone.orig", "n")]
    assert _owned(sandbox, *asked) == {asked[0], asked[1], asked[4]}


def test_both_names_asked_for_at_once_are_both_owned(sandbox: Sandbox) -> None:
    merge_usr(sandbox)
    know(sandbox, ["/lib/m.py"])
    assert _owned(sandbox, "/lib/m.py", "/usr/lib/m.py") == {"/lib/m.py", "/usr/lib/m.py"}


UNREADABLE: dict[str, Callable[[Sandbox], None]] = {
    "no lists": lambda sandbox: os.rename(sandbox.path("/var/lib/dpkg/info"), sandbox.path("/var/lib/dpkg/gone")),
    "list is a directory": lambda sandbox: os.mkdir(sandbox.path("/var/lib/dpkg/info/x.list")),
    "list is a FIFO": lambda sandbox: os.mkfifo(sandbox.path("/var/lib/dpkg/info/x.list")),
    "list is a link to nowhere": lambda sandbox: os.symlink("nowhere", sandbox.path("/var/lib/dpkg/info/x.list")),
    "unknown format": lambda sandbox: print(sandbox.write("/var/lib/dpkg/info/format", "9\n")),
}


@pytest.mark.parametrize("how", UNREADABLE)
def test_dpkg_that_cannot_tell_makes_nothing_unowned(how: str, sandbox: Sandbox) -> None:
    know(sandbox, [f"{APP}/m.py"])
    UNREADABLE[how](sandbox)
    with pytest.raises(UnknownOwner):
        _owned(sandbox, f"{APP}/m.py")


def _change_a_record(sandbox: Sandbox, change: Callable[[bytes], bytes]) -> None:
    with sqlite3.connect(sandbox.path("/var/lib/rpm/rpmdb.sqlite")) as database:
        number, blob = database.execute("SELECT hnum, blob FROM Packages ORDER BY hnum").fetchone()
        database.execute("UPDATE Packages SET blob = ? WHERE hnum = ?", (change(blob), number))
    database.close()


def test_record_that_fails_its_digest_still_owns_its_files(sandbox: Sandbox) -> None:
    know_by_rpm(sandbox, APP, [f"{APP}/m.py"])
    _change_a_record(sandbox, lambda blob: blob.replace(b"A sample.", b"A sampl3."))
    assert _owned(sandbox, f"{APP}/m.py") == {f"{APP}/m.py"}


def test_newline_that_another_builder_packed_is_no_border_between_two_files(sandbox: Sandbox) -> None:
    know_by_rpm(sandbox, APP, [f"{APP}/m.py"])
    _change_a_record(sandbox, lambda _: header(bare(["a\nb.py", "c.py"])))
    assert _owned(sandbox, "/opt/a\nb.py", "/opt/a\nc.py", "/opt/c.py", "/opt/b.py") == {"/opt/a\nb.py", "/opt/c.py"}


def test_rpm_record_that_cannot_be_read_makes_nothing_unowned(sandbox: Sandbox) -> None:
    kept = sandbox.write(pyc_of(f"{APP}/m.py"))
    know_by_rpm(sandbox, APP, [kept])
    know_by_rpm(sandbox, APP, [f"{APP}/n.py"], "other")
    # rpm says so on standard error, lists the others and exits with 0
    _change_a_record(sandbox, lambda blob: blob[:100])
    ran = sandbox.clean("--orphans", APP)
    assert (ran.status, ran.by_path(), sandbox.exists(kept)) == (2, {"/var/lib/rpm": ("error", "unknown-owner")}, True)
    assert "rpmdb --rebuilddb" in ran.talk


def test_what_is_missing_is_compiled_where_owners_are_unknown(sandbox: Sandbox) -> None:
    stale, new = sandbox.write(f"{PUBLIC}/stale.py"), sandbox.write(f"{PUBLIC}/new.py")
    sandbox.compile(stale)
    before = sandbox.read(pyc_of(stale))
    sandbox.write(stale, "value = 'new'\n")
    know(sandbox, [stale])
    UNREADABLE["list is a directory"](sandbox)
    ran = sandbox.compile(PUBLIC)
    assert (ran.status, ran.of("/var/lib/dpkg/info"), ran.of(pyc_of(new))) == (
        2,
        ("error", "unknown-owner"),
        ("compiled", "missing"),
    )
    assert sandbox.read(pyc_of(stale)) == before


@pytest.mark.parametrize("manager", RECORDS)
def test_every_path_has_the_name_of_its_own_package(manager: str, sandbox: Sandbox) -> None:
    need_tools((manager,))
    tops = {"first": f"{APP}/a", "second:i386" if manager == "dpkg" else "second": f"{APP}/b", "third": f"{APP}/c"}
    for package, top in tops.items():
        files = [f"{top}/{name}" for name in PACKABLE[manager].values()]
        if manager == "dpkg":
            know(sandbox, files, package)
        else:
            know_by_rpm(sandbox, top, files, package)
    tree = sandbox.tree()
    asked = [InstalledPath(f"{top}/{name}") for top in tops.values() for name in PACKABLE[manager].values()]
    found = owned(tree, asked)
    tree.close()
    expected = {path: package for package, top in tops.items() for path in asked if path.startswith(top)}
    assert {**found.dpkg, **found.rpm} == expected
    [remedy] = {found.remedy(path) for path in asked if path.startswith(f"{APP}/b")}
    assert remedy == {"dpkg": "apt-get install --reinstall second:i386", "rpm": "dnf reinstall second"}[manager]


def test_remedy_is_for_the_front_end_that_is_there(sandbox: Sandbox) -> None:
    need_tools(("rpm",))
    know_by_rpm(sandbox, APP, [f"{APP}/m.py"])
    path = InstalledPath(f"{APP}/m.py")
    sandbox.write("/usr/bin/zypper", mode=0o755)
    tree = sandbox.tree()
    assert owned(tree, [path]).remedy(path) == f"zypper install --force {PACKAGE}"
    sandbox.write("/usr/bin/dnf5", mode=0o755)
    assert owned(tree, [path]).remedy(path) == f"dnf reinstall {PACKAGE}"
    tree.close()


@pytest.mark.parametrize("package", ["", "$(x)", "a b", "-x"])
def test_what_is_no_package_name_makes_no_command(package: str) -> None:
    path = InstalledPath(f"{APP}/m.py")
    assert Owned({path: package}).remedy(path) == Owned().remedy(path) == "reinstall the package that owns it"
