# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The command lines: what is understood, what is refused with one line and exit status 2."""

from __future__ import annotations

import subprocess

import pytest

from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InvalidationMode
from pkgtools.runtime.options import parse
from pkgtools.runtime.policy.sources import read_nul_list, read_rpm_list
from tests.lab.tree import differences
from tests.runtime.records import PACKAGE, know
from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, PUBLIC, TRIGGERS, Sandbox, pyc_of

REFUSED = {
    "compile": [
        (),
        ("--no-such-option", "/x"),
        ("-O", "3", "/x"),
        ("-O", "", "/x"),
        ("-O", "0,,1", "/x"),
        ("-O", "-1", "/x"),
        ("-V", "3", "/x"),
        ("-V", "3.12-3.9", "/x"),
        ("-X", "(", "/x"),
        ("-j", "0", "/x"),
        ("-j", "-1", "/x"),
        ("-j", "many", "/x"),
        ("--timeout", "inf", "/x"),
        ("--timeout", "nan", "/x"),
        ("--timeout", "0", "/x"),
        ("--timeout", "-1", "/x"),
        ("--timeout", "soon", "/x"),
        ("--invalidation-mode", "never", "/x"),
        ("-q", "-v", "/x"),
        ("--from0", "-", "--rpm-stdin"),
        ("--root", "", "/x"),
        ("--root", "/nonexistent", "/x"),
        ("--cache-prefix", "", "/x"),
        ("--cache-prefix", "/", "/x"),
        ("--from0", "/nonexistent"),
        ("--orphans", "/x"),
        ("--stri", "/x"),
    ],
    "clean": [(), ("-O", "0", "/x"), ("--force", "/x"), ("-V", "x", "/x"), ("--strict", "/x"), ("-p",)],
    "trigger": [("/x",), ("-p", "x"), ("--orphans", "/x"), ("-j", "0")],
}


@pytest.mark.parametrize(
    ("command", "arguments"), [(c, a) for c, several in REFUSED.items() for a in several], ids=" ".join
)
def test_t5_wrong_command_line_is_one_line_and_2(command: str, arguments: tuple[str, ...], sandbox: Sandbox) -> None:
    sandbox.write("/x/m.py")
    before = sandbox.below()
    environment = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    argv = [str(TRIGGERS / f"pkgtools-{command}"), *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"pkgtools-{command}: ")
    assert differences(before, sandbox.below()) == []


def test_options_become_what_they_say() -> None:
    options = parse(
        "compile",
        """/a b/../c -p x -p y -V 3.9- -X z -O 2,0,2 -fqn -j3 --strict --invalidation-mode checked-hash
        --verify --as-owner --no-sync --timeout 1.5""".split(),
        "/root/dir/",
    )
    assert options.root == "/root/dir"
    assert options.paths[0] == "/a"
    assert options.paths[1].endswith("/c")
    assert (options.packages, options.exclude, options.levels) == (("x", "y"), ("z",), (0, 2))
    assert (options.force, options.verbosity, options.dry_run, options.workers) == (True, -1, True, 3)
    assert (options.strict, options.verify, options.as_owner, options.sync, options.timeout) == (True,) * 3 + (
        False,
        1.5,
    )
    assert options.mode is InvalidationMode.CHECKED_HASH


def test_root_option_outranks_the_environment() -> None:
    assert parse("compile", ["--root", "/one", "/x"], "/two").root == "/one"
    assert parse("compile", ["/x"], None).root == "/"


@pytest.mark.parametrize("path", ["//opt//app", "///opt/app/", "/opt/./app", "/opt/x/../app"])
def test_spelling_of_a_path_does_not_matter(path: str) -> None:
    assert parse("compile", [path]).paths == ("/opt/app",)
    assert read_nul_list(path.encode()) == ["/opt/app"]
    assert read_rpm_list(path.encode()) == ["/opt/app"]


def test_public_directory_with_two_slashes_is_still_public(sandbox: Sandbox) -> None:
    source = sandbox.write("/usr/lib/python3/dist-packages/m.py")
    sandbox.write("/usr/lib/python3.7/dist-packages/m.py")
    ran = sandbox.compile("//usr/lib")
    assert (ran.status, sandbox.pycs("/")) == (0, {pyc_of(source)})
    assert sandbox.compile("/").summary["fresh"] == 1


def test_relative_names_of_a_list_are_compiled_or_told_but_not_lost(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    ran = sandbox.compile("--from0", "-", given=b"./m.py\0", cwd=sandbox.path(APP))
    assert sandbox.exists(pyc_of(source)) or [one.reason for one in ran.told] == ["no-source"]


def test_rpm_list_is_a_path_a_line_with_directories_and_doubles(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    sandbox.write(f"{APP}/n.txt")
    given = f"{APP}\n{source}\n{APP}/n.txt\n{source}\n\n".encode()
    sandbox.write("/usr/lib/python3/dist-packages/p.py")
    ran = sandbox.compile("--rpm-stdin", given=given + b"/usr/lib/python3/dist-packages/p.py\n")
    assert (ran.status, ran.talk) == (0, "")
    assert pyc_of("/usr/lib/python3/dist-packages/p.py") in sandbox.pycs("/")


def test_root_that_is_a_link_is_followed(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    link = sandbox.root.parent / "link"
    link.symlink_to(sandbox.root)
    argv = [str(TRIGGERS / "pkgtools-compile"), "--root", str(link), APP]
    assert subprocess.run(argv, env=CLEAN_ENVIRONMENT, check=False).returncode == 0
    assert sandbox.exists(pyc_of(source))


def test_abbreviated_options_are_not_understood() -> None:
    with pytest.raises(UsageError):
        parse("compile", ["--forc", "/x"])


def test_module_of_a_package_outside_registered_directories_is_a_skip_with_its_remedy(sandbox: Sandbox) -> None:
    public, private = sandbox.write(f"{PUBLIC}/m.py"), sandbox.write("/usr/share/other/p.py")
    know(sandbox, [public, private])
    ran = sandbox.compile("-p", PACKAGE)
    assert (ran.status, ran.talk, ran.of(private)) == (0, "", ("skipped", "not-registered"))
    assert sandbox.exists(pyc_of(public))
    assert sandbox.compile("-p", PACKAGE, "/usr/share/other").of(pyc_of(private)) == ("compiled", "missing")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no\x1b[31m",),
        ("-V", "3\x07"),
        ("-j", "\x1b"),
        ("--levels=\r",),
        ("--root", "/a\x1b[2J\nb", "/opt"),
        ("-p", "a\x1b"),
    ],
)
def test_what_is_wrong_with_a_call_writes_to_no_terminal(arguments: tuple[str, ...]) -> None:
    argv = [str(TRIGGERS / "pkgtools-compile"), *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, env=CLEAN_ENVIRONMENT, cwd="/", check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr[:-1].isprintable()
