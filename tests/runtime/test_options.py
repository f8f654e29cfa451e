# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The command lines: what is understood, what is refused with one line and exit status 2."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pkgtools.runtime.dpkg_records import parse_dpkg_list
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.filelist import read_nul_list, read_rpm_list
from pkgtools.runtime.options import parse
from tests.lab.tree import differences
from tests.runtime.records import PACKAGE, know
from tests.runtime.sandbox import APP, CHECKOUT, CLEAN_ENVIRONMENT, PUBLIC, TRIGGERS, Sandbox, pyc_of

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
    sandbox.write("/usr/lib/python3.9/dist-packages/m.py")
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


DPKG_LISTS = [
    pytest.param(b"/.\n/usr\n/usr/a.py\n", ["/.", "/usr", "/usr/a.py"], id="plain"),
    pytest.param(b"/usr/a.py\nlocally diverted to: /usr/a.py.distrib\n/b\n", ["/usr/a.py.distrib", "/b"], id="locally"),
    pytest.param(b"/usr/a.py\ndiverted by other to: /usr/o.py\n", ["/usr/o.py"], id="by-another-package"),
    pytest.param(b"/usr/a.py\npackage diverts others to: /usr/o.py\n", ["/usr/a.py"], id="diverts-others"),
    pytest.param(b"/usr/\xff.py\n", ["/usr/\udcff.py"], id="not-utf-8"),
    pytest.param(b"", [], id="nothing"),
    pytest.param(b"diverted by x to: /y\n", [], id="diversion-of-nothing"),
]


@pytest.mark.parametrize(("output", "paths"), DPKG_LISTS)
def test_list_of_dpkg_is_read_with_its_diversions(output: bytes, paths: list[str]) -> None:
    assert parse_dpkg_list(output) == [InstalledPath(path) for path in paths]


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


@pytest.mark.parametrize("typed", ["pyth", "--admindir=x", "-W", "*", "$(touch ran)", "a b"])
@pytest.mark.parametrize("command", ["compile", "clean"])
def test_what_is_completed_is_one_word_behind_the_options(command: str, typed: str, tmp_path: Path) -> None:
    stubs = (
        "complete() { :; }; _init_completion() { cur=$TYPED prev=-p; }\n"
        "dpkg-query() { printf '<%s>' \"${@:3}\" >&2; }\n"
    )
    completion = (CHECKOUT / f"docs/completions/pkgtools-{command}").read_text().replace("2>/dev/null", "")
    script = f"{stubs}{completion}\n_pkgtools_{command}"
    environment = {**CLEAN_ENVIRONMENT, "TYPED": typed}
    argv = ["/bin/bash", "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (0, f"<--><{typed}*>", [])


def test_module_of_a_package_outside_registered_directories_is_a_skip_with_its_remedy(sandbox: Sandbox) -> None:
    public, private = sandbox.write(f"{PUBLIC}/m.py"), sandbox.write("/usr/share/other/p.py")
    know(sandbox, [public, private])
    ran = sandbox.compile("-p", PACKAGE)
    assert (ran.status, ran.talk, ran.of(private)) == (0, "", ("skipped", "not-registered"))
    assert sandbox.exists(pyc_of(public))
    assert sandbox.compile("-p", PACKAGE, "/usr/share/other").of(pyc_of(private)) == ("compiled", "missing")
