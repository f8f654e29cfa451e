# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The batch after a package-manager run: public and registered directories, exclusions, orphans, dead tags."""

from __future__ import annotations

import json
import os
import py_compile
import socket

import pytest

from tests.lab.tree import differences
from tests.runtime.sandbox import APP, HOST_PYTHON, PUBLIC, TAG, Ran, Sandbox, pyc_of

PRIVATE = "/usr/share/foo"
DROP_IN = "/usr/share/pkgtools/private.d/foo.conf"
BCEP = "/usr/share/python3/bcep/foo"
OWN = f"/usr/lib/{HOST_PYTHON.name}/dist-packages"


def _batch(sandbox: Sandbox, *options: str) -> Ran:
    return sandbox.run("pkgtools-trigger", *options)


def _by_another_tool(sandbox: Sandbox, source: str) -> str:
    pyc = pyc_of(source)
    sandbox.directory(os.path.dirname(pyc))
    py_compile.compile(sandbox.path(source), sandbox.path(pyc), source, doraise=True)
    os.chmod(sandbox.path(pyc), 0o644)
    return pyc


def test_public_and_registered_directories_are_compiled_and_nothing_else(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{base}/pkg/m.py") for base in (PUBLIC, OWN, PRIVATE)]
    for other in (APP, "/usr/share/other", "/usr/lib/python3.9/dist-packages", f"/usr/lib/{HOST_PYTHON.name}"):
        sandbox.write(f"{other}/m.py")
    sandbox.write(DROP_IN, f"# ours\n\ncompile|3.6-|{PRIVATE}\n")
    ran = _batch(sandbox)
    assert (ran.status, ran.talk.count("\n"), ran.talk.count("need Python 3.9")) == (0, 1, 1)
    assert sandbox.pycs("/") == {pyc_of(source) for source in sources}
    assert _batch(sandbox).summary["fresh"] == 3


def test_bad_source_is_reported_and_the_batch_succeeds(sandbox: Sandbox) -> None:
    sandbox.write(f"{PUBLIC}/bad.py", "print 1\n")
    good = sandbox.write(f"{PUBLIC}/good.py")
    ran = _batch(sandbox)
    assert (ran.status, ran.of(pyc_of(f"{PUBLIC}/bad.py"))) == (0, ("failed", "syntax-error"))
    assert json.loads(sandbox.read("/var/lib/pkgtools/trigger.json"))["exit"] == 0
    assert sandbox.pycs("/") == {pyc_of(good)}


def test_report_is_kept(sandbox: Sandbox) -> None:
    sandbox.write(f"{PUBLIC}/m.py")
    ran = _batch(sandbox)
    kept = json.loads(sandbox.read("/var/lib/pkgtools/trigger.json"))
    assert (kept["version"], kept["command"], kept["exit"]) == (1, "trigger", 0)
    assert {one["path"] for one in kept["outcomes"]} == {one.path for one in ran.told}
    assert sandbox.below("/var/lib")["/var/lib/pkgtools/trigger.json"].mode == 0o600


@pytest.mark.parametrize("mode", [0o777, 0o775], ids=oct)
def test_t22_state_directory_that_others_can_write_is_not_used(mode: int, sandbox: Sandbox) -> None:
    sandbox.write(f"{PUBLIC}/m.py")
    sandbox.directory("/var/lib/pkgtools", mode)
    assert _batch(sandbox).status == 2
    assert sandbox.below("/var/lib/pkgtools") == {}
    assert len(sandbox.pycs("/")) == 1


def test_t11_orphans_and_tags_of_removed_interpreters_go(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    gone = sandbox.write(f"{PUBLIC}/gone.py")
    sandbox.write(f"{PUBLIC}/old/x.py")
    _batch(sandbox)
    dead = [sandbox.write(pyc_of(source, level, "cpython-36"), b"bytes") for level in (0, 1)]
    foreign = sandbox.write(f"{PUBLIC}/__pycache__/notes.txt")
    for path in (gone, f"{PUBLIC}/old/x.py"):
        os.unlink(sandbox.path(path))
    ran = _batch(sandbox)
    assert ran.status == 0
    assert {ran.of(path) for path in dead} == {("removed", "dead-tag")}
    assert ran.of(pyc_of(gone)) == ("removed", "orphan")
    assert {p for p, e in sandbox.below(PUBLIC).items() if e.kind == "file"} == {source, pyc_of(source), foreign}
    assert not sandbox.exists(f"{PUBLIC}/old")


def test_pycs_of_an_interpreter_that_does_not_run_now_stay(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    sandbox.write("/usr/bin/python3.42", "broken", mode=0o755)
    kept = sandbox.write(pyc_of(source, 0, "cpython-342"), b"bytes")
    ran = _batch(sandbox)
    assert ran.of("/usr/bin/python3.42") == ("skipped", "broken-interpreter")
    assert sandbox.exists(kept)


def test_t5_no_interpreter_ends_with_2_and_removes_nothing(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    _batch(sandbox)
    os.unlink(sandbox.path(f"/usr/bin/{HOST_PYTHON.name}"))
    ran = _batch(sandbox)
    assert (ran.status, ran.talk.count("\n"), sandbox.exists(pyc_of(source))) == (2, 1, True)


BAD_LINES = [
    "compile|3.6-",
    "compile|3.6-|relative/dir",
    "compile|x|/usr/share/x",
    "compile|3.6-|/",
    "compile|3.6-|//",
    "compile|3.6-|/usr/share/x|extra",
    "exclude|3.6-|/usr/share/x",
    "exclude|3.6-|/usr/share/x|(",
    "Compile|3.6-|/usr/share/x",
    "compile-for|3.6-|/usr/share/x",
    "compile-for|3.6-|/usr/share/x|python3",
    "nonsense",
    "|||",
]


@pytest.mark.parametrize("line", BAD_LINES)
def test_t5_bad_line_costs_that_line_and_is_told(line: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PRIVATE}/m.py")
    sandbox.write("/usr/share/x/m.py")
    sandbox.write(DROP_IN, f"{line}\ncompile|3.6-|{PRIVATE}\n")
    ran = _batch(sandbox)
    assert (ran.status, ran.of(DROP_IN)) == (0, ("skipped", "bad-drop-in"))
    assert sandbox.pycs("/") == {pyc_of(source)}
    assert "bad-drop-in" in ran.talk


EXCLUSIONS = [
    pytest.param(DROP_IN, f"exclude|3.6-|{PRIVATE}|b", {"b.py"}, id="ours-relative"),
    pytest.param(DROP_IN, f"exclude|3.6-|{PRIVATE}|.*/sub/", {"sub/c.py"}, id="ours-absolute"),
    pytest.param(DROP_IN, f"exclude|3.6-|{PRIVATE}/sub/|.*", {"sub/c.py"}, id="ours-below"),
    pytest.param(DROP_IN, f"exclude|-3.6|{PRIVATE}|.*", set(), id="ours-other-version"),
    pytest.param(DROP_IN, "exclude|-|/usr/share/fo|.*", set(), id="ours-name-that-only-begins-alike"),
    pytest.param(BCEP, f"re|3.0-|{PRIVATE}/|.*c[.]py", {"sub/c.py"}, id="bcep-re"),
    pytest.param(BCEP, f"re|-3.0|{PRIVATE}/|.*", set(), id="bcep-re-other-version"),
    pytest.param(BCEP, f"dir|-|{PRIVATE}/sub", {"sub/c.py"}, id="bcep-dir"),
    pytest.param(BCEP, f"dir|3.0-|{PRIVATE}/sub/", {"sub/c.py"}, id="bcep-dir-slash"),
    pytest.param(BCEP, f"file|-|{PRIVATE}/a.py", {"a.py"}, id="bcep-file"),
    pytest.param(BCEP, f"file|-|{PRIVATE}/a", set(), id="bcep-file-prefix"),
]


@pytest.mark.parametrize(("drop_in", "line", "excluded"), EXCLUSIONS)
def test_excluded_sources_are_skipped_with_that_reason(
    drop_in: str, line: str, excluded: set[str], sandbox: Sandbox
) -> None:
    names = {"a.py", "b.py", "sub/c.py"}
    for name in names:
        sandbox.write(f"{PRIVATE}/{name}")
    sandbox.write("/usr/share/pkgtools/private.d/other.conf", f"compile|-|{PRIVATE}\n")
    sandbox.write(drop_in, f"{line}\n")
    ran = _batch(sandbox)
    assert ran.status == 0
    assert sandbox.pycs("/") == {pyc_of(f"{PRIVATE}/{name}") for name in names - excluded}
    skipped = {one.path for one in ran.told if (one.status, one.reason) == ("skipped", "excluded")}
    assert skipped == {f"{PRIVATE}/{name}" for name in excluded}


def test_t22_drop_in_that_others_can_write_is_not_obeyed(sandbox: Sandbox) -> None:
    sandbox.write(f"{PRIVATE}/m.py")
    sandbox.write(DROP_IN, f"compile|-|{PRIVATE}\n", mode=0o666)
    sandbox.write("/usr/share/pkgtools/private.d/freds.conf", f"compile|-|{PRIVATE}\n", owner=(1000, 1000))
    ran = _batch(sandbox)
    assert sandbox.pycs("/") == set()
    assert {one.path for one in ran.told} == {DROP_IN, "/usr/share/pkgtools/private.d/freds.conf"}


def test_t11_directory_that_is_no_longer_registered_loses_what_we_made(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PRIVATE}/m.py")
    other = sandbox.write(f"{PRIVATE}/n.py")
    sandbox.write(DROP_IN, f"compile|-|{PRIVATE}\n")
    theirs = _by_another_tool(sandbox, other)
    assert _batch(sandbox).status == 0
    assert sandbox.pycs("/") == {pyc_of(source), theirs}
    os.unlink(sandbox.path(DROP_IN))
    assert _batch(sandbox).status == 0
    assert sandbox.pycs("/") == {theirs}


@pytest.mark.parametrize("now", [f"{PRIVATE}/sub", "/usr/share"], ids=["narrower", "wider"])
def test_directory_registered_more_narrowly_or_widely_keeps_what_it_still_has(now: str, sandbox: Sandbox) -> None:
    kept = sandbox.write(f"{PRIVATE}/sub/m.py")
    sandbox.write(f"{PRIVATE}/n.py")
    sandbox.write(DROP_IN, f"compile|-|{PRIVATE}\n")
    _batch(sandbox)
    sandbox.write(DROP_IN, f"compile|-|{now}\n")
    for _ in range(2):
        assert _batch(sandbox).status == 0
        assert pyc_of(kept) in sandbox.pycs("/")
    assert (pyc_of(f"{PRIVATE}/n.py") in sandbox.pycs("/")) is (now == "/usr/share")


def test_t11_remove_all_leaves_nothing_of_ours_and_all_of_others(sandbox: Sandbox) -> None:
    for base in (PUBLIC, OWN, PRIVATE):
        sandbox.write(f"{base}/pkg/m.py")
    sandbox.write(DROP_IN, f"compile|-|{PRIVATE}\n")
    theirs = sandbox.write(f"{PUBLIC}/theirs.py")
    _by_another_tool(sandbox, theirs)
    sandbox.write(f"{PUBLIC}/only.pyc", b"program")
    before = sandbox.below("/usr")
    _batch(sandbox)
    ran = _batch(sandbox, "--remove-all")
    assert (ran.status, ran.talk) == (0, "")
    changed = [line for line in differences(before, sandbox.below("/usr")) if pyc_of(theirs) not in line]
    assert changed == []
    assert sandbox.exists(pyc_of(theirs))


def test_t10_t16_batch_heals_what_was_done_to_it(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{PUBLIC}/m{number}.py") for number in range(5)]
    _batch(sandbox)
    right = {path: (e.mode, e.uid, e.size) for path, e in sandbox.below(PUBLIC).items()}
    os.chmod(sandbox.path(pyc_of(sources[0])), 0o600)
    os.chown(sandbox.path(pyc_of(sources[1])), 1000, 1000)
    os.truncate(sandbox.path(pyc_of(sources[2])), 20)
    os.unlink(sandbox.path(pyc_of(sources[3])))
    os.chmod(sandbox.path(f"{PUBLIC}/__pycache__"), 0o777)
    assert _batch(sandbox).status == 0
    assert {path: (e.mode, e.uid, e.size) for path, e in sandbox.below(PUBLIC).items()} == right
    assert TAG in pyc_of(sources[0])


def test_bytecode_of_an_interpreter_beside_its_library_stays(sandbox: Sandbox) -> None:
    """A vendor registers the modules that its own interpreter imports: that one is alive, wherever it lies."""
    library = "/opt/acme/lib/python3.7/site-packages"
    sandbox.write(DROP_IN, f"compile|3.7|{library}\ncompile||/opt/aaa\n")
    ours = pyc_of(sandbox.write("/opt/aaa/m.py"))  # for which the vendor's interpreter isn't alive
    theirs = _by_another_tool(sandbox, sandbox.write(f"{library}/m.py"))
    vendors = theirs.replace(TAG, "cpython-37")
    os.rename(sandbox.path(theirs), sandbox.path(vendors))
    sandbox.write("/opt/acme/bin/python3.7", "")
    _batch(sandbox)
    assert sandbox.pycs("/opt") == {vendors, ours}
    os.unlink(sandbox.path("/opt/acme/bin/python3.7"))
    _batch(sandbox)
    assert sandbox.pycs("/opt") == {ours}


def test_registration_with_carriage_returns_is_read(sandbox: Sandbox) -> None:
    """Else a directory is registered that isn't there, and its modules are compiled by nobody."""
    source = sandbox.write(f"{PRIVATE}/m.py")
    sandbox.write(f"{PRIVATE}/old.py")
    sandbox.write(DROP_IN, f"# ours\r\n\r\ncompile||{PRIVATE}\r\nexclude||{PRIVATE}|old\\.py$\r\n")
    assert sandbox.run("pkgtools-trigger").talk == ""
    assert sandbox.pycs(PRIVATE) == {pyc_of(source)}


@pytest.mark.parametrize("what", ["NUL", "socket"])
def test_a_drop_in_that_is_none_costs_itself_alone(what: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    bad = "/usr/share/pkgtools/private.d/zz.conf"
    sandbox.write(bad, "compile|3.6-|/usr/share/f\0oo\n")
    if what == "socket":
        os.unlink(sandbox.path(bad))
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(sandbox.path(bad))
    ran = sandbox.run("pkgtools-trigger")
    assert pyc_of(source) in sandbox.pycs(PUBLIC)
    assert bad in {one.path for one in ran.told}
