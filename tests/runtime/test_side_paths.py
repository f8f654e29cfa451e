# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Ways through the commands that are seldom taken."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.compile.exchange import Answer, CompileRequest, LevelTask
from pkgtools.runtime.compile.pool import Pool
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.options import parse
from pkgtools.runtime.policy.configuration import parse_line
from pkgtools.runtime.policy.version_range import parse_version_range
from pkgtools.runtime.stand_in import parse_py3clean, parse_py3compile
from tests.runtime.sandbox import APP, HOST_PYTHON, PUBLIC, Sandbox, pyc_of


def test_list_is_read_from_a_file(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/{name}.py") for name in ("a", "b", "c")]
    listing = sandbox.root.parent / "list"
    listing.write_bytes(b"\0".join(os.fsencode(path) for path in sources[:2]) + b"\0")
    assert sandbox.compile("--from0", str(listing)).status == 0
    assert sandbox.pycs() == set(map(pyc_of, sources[:2]))


@pytest.mark.parametrize(("number", "lines"), [(5, 5), (6, 6), (8, 6)])
def test_batch_prints_few_complaints_and_says_where_the_others_are(number: int, lines: int, sandbox: Sandbox) -> None:
    for index in range(number):
        # each another error: one cause is told once
        sandbox.write(f"{PUBLIC}/bad{index}.py", "\n" * index + "x = (\n")
    told = sandbox.run("pkgtools-trigger").talk.splitlines()
    assert len(told) == lines
    more = f"pkgtools-trigger: and {number - 5} more: see /var/lib/pkgtools/trigger.json"
    assert (told[-1] == more) == (number > 5)


def test_batch_that_is_switched_off_compiles_nothing_and_still_cleans(sandbox: Sandbox) -> None:
    sandbox.write(f"{PUBLIC}/m.py")
    orphan = sandbox.write(pyc_of(f"{PUBLIC}/gone.py"), b"bytes")
    sandbox.write("/etc/pkgtools/bytecode.conf", "compile = no\n")
    assert sandbox.run("pkgtools-trigger").status == 0
    assert sandbox.pycs(PUBLIC) == set()
    assert not sandbox.exists(orphan)


def test_remove_all_takes_temporaries_of_dead_runs(sandbox: Sandbox) -> None:
    sandbox.write(f"{PUBLIC}/m.py")
    sandbox.run("pkgtools-trigger")
    dead = sandbox.write(f"{PUBLIC}/__pycache__/.pkgtools-0123456789abcdef-00000000-1.tmp", b"half a pyc")
    assert sandbox.run("pkgtools-trigger", "--remove-all").of(dead) == ("removed", "temporary")
    assert not sandbox.exists(f"{PUBLIC}/__pycache__")


@pytest.mark.parametrize("what", ["directory", "link-to-nowhere", "not-executable", "executable"])
def test_what_is_no_program_is_no_interpreter(what: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    other = "/usr/bin/python3.99"
    if what == "directory":
        sandbox.directory(other)
    elif what == "link-to-nowhere":
        os.symlink("python3.98", sandbox.path(other))
    else:
        sandbox.write(other, b"no program", mode=0o755 if what == "executable" else 0o644)
    ran = sandbox.compile(APP)
    assert (ran.all_of(other) == {("skipped", "broken-interpreter")}) == (what == "executable")
    assert sandbox.pycs() == {pyc_of(f"{APP}/m.py")}


@pytest.mark.parametrize("what", ["program", "directory"])
def test_system_without_an_interpreter_is_told(what: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    os.unlink(sandbox.path(f"/usr/bin/{HOST_PYTHON.name}"))
    if what == "directory":
        os.rmdir(sandbox.path("/usr/bin"))
    ran = sandbox.compile(APP)
    assert (ran.status, sandbox.pycs()) == (2, set())
    assert ran.talk.count("\n") == 1


def test_children_are_waited_for_whatever_the_caller_does_with_his(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/m{number}.py") for number in range(20)]
    ran = sandbox.compile(APP, wrapper=("/bin/sh", "-c", 'trap "" CHLD; exec "$@"', "sh"))
    assert (ran.status, ran.summary) == (0, {"compiled": len(sources)})


@pytest.mark.parametrize("line", ["dirs|3-|/opt", "|-|/opt", "re|3.x|/opt", "dir|-|opt", "dir|-|/", "re|-|/opt|("])
def test_bad_exclusion_of_py3compiles_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        parse_line(line, ours=False)


@pytest.mark.parametrize("name", [".hidden.conf", "foo.conf.dpkg-new", "foo.conf~", "conf"])
def test_file_that_is_no_drop_in_is_not_read(name: str, sandbox: Sandbox) -> None:
    sandbox.write("/usr/share/foo/m.py")
    sandbox.write(f"/usr/share/pkgtools/private.d/{name}", "compile|-|/usr/share/foo\nnonsense\n")
    ran = sandbox.run("pkgtools-trigger")
    assert (ran.status, ran.told, sandbox.pycs("/usr/share")) == (0, (), set())


def test_stand_ins_refuse_what_makes_no_sense() -> None:
    for arguments in ([], ["-X", "x", "-p", "foo"]):
        with pytest.raises(UsageError):
            parse_py3compile(arguments, None, None)
    with pytest.raises(UsageError):
        parse_py3clean([], None)


def test_standard_output_takes_one_of_two() -> None:
    with pytest.raises(UsageError):
        parse("compile", ["--json", "-", "--changed0", "-", "/x"], None)


def test_only_pairs_are_in_a_range_of_versions() -> None:
    assert "3.11" not in parse_version_range("3.9-")  # type: ignore[comparison-overlap] # that's the subject
    assert (3, 11) in parse_version_range("3.9-")


def test_all_workers_work_at_once(tmp_path: os.PathLike[str]) -> None:
    """Each waits for the others to begin: one after the other none would ever answer."""
    code = (
        "import os, sys, time\n"
        "def answer():\n"
        "    size = int.from_bytes(sys.stdin.buffer.read(4), 'little')\n"
        "    if not size: sys.exit()\n"
        "    name = sys.stdin.buffer.read(size).split(bytes(1))[0].decode()\n"
        f"    open(os.path.join({str(tmp_path)!r}, name), 'w').close()\n"
        f"    while len(os.listdir({str(tmp_path)!r})) < 3: time.sleep(0.01)\n"
        "    head = b'0' + bytes(1) + b'whole:0'\n"
        "    sys.stdout.buffer.write(len(head).to_bytes(4, 'little') + head)\n"
        "    sys.stdout.buffer.flush()\n"
        "while True: answer()\n"
    )
    requests = [(name, CompileRequest(name, b"", False, (LevelTask(0, "check", b""),))) for name in ("a", "b", "c")]
    found: dict[str, Answer] = dict(Pool[str]((str(HOST_PYTHON), "-I", "-c", code), 3, 60).run(iter(requests)))
    assert {name: one.results[0].status for name, one in found.items()} == dict.fromkeys("abc", "whole")


def test_drop_in_that_is_no_file_is_told(sandbox: Sandbox) -> None:
    sandbox.directory("/usr/share/pkgtools/private.d/foo.conf")
    os.symlink("foo.conf", sandbox.path("/usr/share/pkgtools/private.d/link.conf"))
    ran = sandbox.run("pkgtools-trigger")
    assert {one.reason for one in ran.told} == {"not-a-regular-file", "symlink"}


def test_bad_line_of_a_drop_in_costs_that_line_alone(sandbox: Sandbox) -> None:
    """Whatever is in it: one package's line must not end the batch for all others."""
    lines = [
        f"compile|3.{'9' * 5000}|/usr/share/foo",
        "exclude||/usr/share/foo|a{99999999999999999999}",
        f"exclude||/usr/share/foo|{'(' * 3000}",
        "exclude||/usr/share/foo|[",
    ]
    sandbox.write("/usr/share/pkgtools/private.d/bad.conf", "".join(f"{line}\n" for line in lines))
    sandbox.write("/usr/share/pkgtools/private.d/good.conf", f"compile||{APP}\n")
    source = sandbox.write(f"{APP}/m.py")
    ran = sandbox.run("pkgtools-trigger")
    assert sandbox.exists(pyc_of(source))
    assert len([one for one in ran.told if one.path.endswith("bad.conf")]) == len(lines), ran.talk
    assert "Traceback" not in ran.talk
