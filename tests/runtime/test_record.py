# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The record: what makes an old pyc look right, and how nothing of it is believed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable

import pytest

from pkgtools.runtime.record import RECORD, digest
from tests.runtime.faults import require_strace
from tests.runtime.sandbox import APP, CHECKOUT, CLEAN_ENVIRONMENT, PUBLIC, Sandbox, pyc_of, reference_pyc

OLD, NEW = "value = 'old'\n", "value = 'new'\n"
WHEN = 1_700_000_000
MANY = 30
CACHE = f"{APP}/__pycache__"
Disguise = Callable[[Sandbox, str], None]


def _replace(sandbox: Sandbox, path: str, text: str) -> None:
    """Replace a source as dpkg and rpm do, by one of the same size and second."""
    sandbox.write(f"{path}.new", text, mtime=WHEN)
    os.rename(sandbox.path(f"{path}.new"), sandbox.path(path))


def _shell(command: str) -> Disguise:
    def disguise(sandbox: Sandbox, pyc: str) -> None:
        subprocess.run(["/bin/sh", "-ec", command, "sh", sandbox.path(pyc)], check=True)

    return disguise


DISGUISES = [
    pytest.param(_shell("chmod 600 $1; chmod 644 $1"), id="chmod-there-and-back"),
    pytest.param(_shell("chown -R root:root ${1%/*/*}"), id="chown-R"),
    pytest.param(_shell("chmod -R go+rX ${1%/*/*}"), id="chmod-R"),
    pytest.param(_shell("cp -al ${1%/*} ${1%/*/*}/b; rm -r ${1%/*/*}/b"), id="cp-al"),
    pytest.param(_shell("mv $1 $1.x; mv $1.x $1"), id="moved-away-and-back"),
    pytest.param(_shell("touch -a $1"), id="touch-a"),
]


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("named", [True, False], ids=["named", "packaged"])
def test_t23_younger_change_time_of_a_pyc_hides_no_replaced_source(
    named: bool, disguise: Disguise, sandbox: Sandbox
) -> None:
    source = sandbox.write(f"{PUBLIC}/pkg/m.py", OLD, mtime=WHEN)
    sandbox.compile(PUBLIC)
    _replace(sandbox, source, NEW)
    disguise(sandbox, pyc_of(source))
    ran = sandbox.compile(PUBLIC) if named else sandbox.compile_brought(source)
    assert ran.of(pyc_of(source))[0] == "compiled"
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def _lose_the_record(sandbox: Sandbox) -> None:
    shutil.rmtree(sandbox.path(RECORD))


def _damage_the_record(sandbox: Sandbox) -> None:
    for path in sandbox.below(RECORD):
        data = sandbox.read(path)
        sandbox.write(path, data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], mode=0o600)


def _let_others_write(sandbox: Sandbox) -> None:
    os.chmod(sandbox.path(RECORD), 0o777)


LOSSES = [_lose_the_record, _damage_the_record, _let_others_write]


@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__.strip("_"))
def test_t23_without_a_record_what_a_package_manager_brought_is_compared(
    lose: Callable[[Sandbox], None], sandbox: Sandbox
) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py", OLD, mtime=WHEN)
    sandbox.compile(PUBLIC)
    _replace(sandbox, source, NEW)
    lose(sandbox)
    assert sandbox.compile_brought(source).of(pyc_of(source))[0] == "compiled"
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__.strip("_"))
def test_right_pycs_are_not_rewritten_where_the_record_is_lost(
    lose: Callable[[Sandbox], None], sandbox: Sandbox
) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py", OLD, mtime=WHEN)
    sandbox.compile(PUBLIC)
    before = os.lstat(sandbox.path(pyc_of(source)))
    lose(sandbox)
    for ran in (sandbox.compile(PUBLIC), sandbox.compile_brought(source)):
        assert (ran.status, ran.summary) == (0, {"fresh": 1})
    after = os.lstat(sandbox.path(pyc_of(source)))
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def test_t23_cut_by_any_length_with_its_time_restored_is_healed(sandbox: Sandbox) -> None:
    """The seal of earlier versions let a multiple of 511 bytes pass."""
    source = sandbox.write(f"{APP}/m.py", "x = [" + "'abc', " * 1000 + "object()]\n")
    sandbox.compile(APP)
    right = sandbox.read(pyc_of(source))
    for cut in (1, 511, 1022):
        found = os.stat(sandbox.path(pyc_of(source)))
        os.truncate(sandbox.path(pyc_of(source)), len(right) - cut)
        os.utime(sandbox.path(pyc_of(source)), ns=(found.st_mtime_ns, found.st_mtime_ns))
        assert sandbox.compile(APP).status == 0
        assert sandbox.read(pyc_of(source)) == right


def test_t23_no_pair_of_one_size_and_second_is_kept(sandbox: Sandbox) -> None:
    """Many sources that differ in a few characters, replaced by one another."""
    random.seed(3)
    paths = [sandbox.write(f"{PUBLIC}/m{n}.py", f"v = {n:06}\n", mtime=WHEN) for n in range(MANY)]
    assert sandbox.compile_brought(*paths).status == 0
    for _ in range(3):
        for path in paths:
            _replace(sandbox, path, f"v = {random.randrange(10**6):06}\n".replace("= 0", "= 1"))
        assert sandbox.compile_brought(*paths).status == 0
        assert [path for path in paths if sandbox.read(pyc_of(path)) != reference_pyc(sandbox, path)] == []


@pytest.mark.slow
def test_digest_tells_three_million_pairs_of_one_size_apart() -> None:
    before, same = b"", 0
    for number in range(3_000_000):
        found = digest(b"v = %07d\n" % number)
        same += found == before
        before = found
    assert same == 0


def test_copy_of_a_system_compiles_and_writes_nothing_again(sandbox: Sandbox) -> None:
    """An image layer keeps whole seconds only, and gives each file another inode."""
    source = sandbox.write(f"{PUBLIC}/m.py", OLD, mtime=WHEN)
    sandbox.compile_brought(source)
    copy = Sandbox(sandbox.root.parent / "copy")
    tar = f"tar -cf - -C {sandbox.root} . | tar -xpf - -C {copy.root}"
    subprocess.run(["/bin/sh", "-c", tar], check=True)
    before = os.lstat(copy.path(pyc_of(source)))
    ran = copy.compile_brought(source)
    assert (ran.status, ran.summary, ran.told) == (0, {"fresh": 1}, ())
    assert os.lstat(copy.path(pyc_of(source))).st_ctime_ns == before.st_ctime_ns


def test_run_with_nothing_to_do_opens_no_pyc_and_no_source(sandbox: Sandbox) -> None:
    require_strace()
    for number in range(5):
        sandbox.write(f"{PUBLIC}/m{number}.py", OLD, mtime=WHEN)
    os.sync()
    assert sandbox.run("pkgtools-trigger").summary == {"compiled": 5}
    log = sandbox.root.parent / "log"
    wrapper = ("/usr/bin/strace", "-f", "-o", str(log), "--trace=openat")
    assert sandbox.run("pkgtools-trigger", wrapper=wrapper).summary == {"fresh": 5}
    opened = [line for line in log.read_text(errors="replace").splitlines() if '"m' in line]
    assert opened == []


def test_t23_all_levels_of_a_replaced_source_go_unless_they_are_made_again(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py", OLD, mtime=WHEN)
    other = sandbox.write(f"{PUBLIC}/other.py", OLD, mtime=WHEN)
    sandbox.compile_brought(source, other, options=("-O", "0,1,2"))
    _lose_the_record(sandbox)  # root made levels 1 and 2 with python3 -O
    sandbox.compile_brought(source, other)
    _replace(sandbox, source, NEW)
    ran = sandbox.compile_brought(source, other)
    for level in (1, 2):
        assert ran.of(pyc_of(source, level)) == ("removed", "replaced-source")
    assert sandbox.pycs(PUBLIC) == {pyc_of(source), *(pyc_of(other, level) for level in (0, 1, 2))}


def test_record_of_a_directory_is_not_read_again_for_each_of_its_sources(sandbox: Sandbox) -> None:
    """2,000 replaced modules with pycs of a second level took a minute: each read what is known of all of them."""
    require_strace()
    sources = [sandbox.write(f"{PUBLIC}/m{number}.py", OLD, mtime=WHEN) for number in range(MANY)]
    sandbox.compile_brought(*sources, options=("-O", "0,1"))
    for source in sources:
        _replace(sandbox, source, NEW)
    log = sandbox.root.parent / "log"
    wrapper = ("/usr/bin/strace", "-f", "-o", str(log), "--trace=openat")
    given = "".join(f"{path}\n" for path in sources).encode()
    ran = sandbox.compile("--rpm-stdin", given=given, wrapper=wrapper)
    assert ran.summary == {"compiled": MANY, "removed": MANY}
    (known,) = os.listdir(sandbox.path(RECORD))
    assert (
        log.read_text(errors="replace").count(f'"{known}"') <= 4
    )  # to look, to choose siblings, to remove them, to write it


def test_level_that_fits_a_touched_source_stays(sandbox: Sandbox) -> None:
    """Another tool's level 0 is older than the source; python3 -O has made level 1 of it since."""
    source = sandbox.write(f"{PUBLIC}/m.py", OLD, mtime=WHEN)
    sandbox.directory(f"{PUBLIC}/__pycache__")
    sandbox.write(pyc_of(source), reference_pyc(sandbox, source))
    os.utime(sandbox.path(source), (WHEN + 9, WHEN + 9))
    fitting = sandbox.write(pyc_of(source, 1), reference_pyc(sandbox, source, 1))
    stale = sandbox.write(pyc_of(source, 2), reference_pyc(sandbox, source, 2)[:8] + bytes(8) + b"old")
    assert sandbox.compile_brought(source).of(stale) == ("removed", "replaced-source")
    assert sandbox.pycs(PUBLIC) == {pyc_of(source), fitting}


def test_level_that_another_run_made_of_the_new_source_stays(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py", OLD, mtime=WHEN)
    sandbox.compile_brought(source, options=("-O", "0,1"))
    _replace(sandbox, source, NEW)
    sandbox.compile_brought(source, options=("-O", "1"))
    assert sandbox.pycs(PUBLIC) == {pyc_of(source, 1)}
    sandbox.compile_brought(source, options=("-O", "0"))
    assert sandbox.pycs(PUBLIC) == {pyc_of(source), pyc_of(source, 1)}


@pytest.mark.parametrize("bad", ["def f(:\n", "x = 'old'\0\n"], ids=["syntax", "nul"])
def test_pyc_goes_with_its_source_only_when_that_is_known_to_be_another(bad: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py", OLD.ljust(20) + "\n", mtime=WHEN)
    sandbox.compile_brought(source)
    _replace(sandbox, source, bad.rstrip("\n").ljust(20) + "\n\n")
    ran = sandbox.compile_brought(source)
    assert ran.of(pyc_of(source)) == ("failed", "syntax-error")
    assert sandbox.pycs(PUBLIC) == set()


def test_t23_source_replaced_after_its_last_look_before_the_name_leaves_no_stale_pyc(sandbox: Sandbox) -> None:
    require_strace()
    source = sandbox.write(f"{APP}/m.py", OLD, mtime=WHEN)
    wrapper = [
        "/usr/bin/strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "--trace=renameat",
        "--inject=renameat:delay_enter=1s:when=1",
    ]
    command = ["/bin/sh", "-c", '"$@"', "sh", *wrapper, "triggers/pkgtools-compile", "--root", str(sandbox.root), APP]
    process = subprocess.Popen(command)
    temporary = sandbox.path(f"{APP}/__pycache__")
    while not (os.path.isdir(temporary) and any(name.endswith(".tmp") for name in os.listdir(temporary))):
        assert process.poll() is None
    _replace(sandbox, source, NEW)
    process.wait()
    if sandbox.exists(pyc_of(source)):
        assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    sandbox.compile(APP)
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


@pytest.mark.parametrize("seconds", [-(2**31), 2**32 + 5, 2**34 - 2**31 - 70], ids=["1901", "2106", "2446"])
def test_source_of_any_time_is_known_by_its_content(seconds: int, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py", OLD, mtime=seconds)
    for expected in ("compiled", "fresh"):
        ran = sandbox.compile(APP)
        assert (ran.status, ran.summary) == (0, {expected: 1})
    sandbox.write(f"{source}.new", NEW, mtime=seconds)
    os.rename(sandbox.path(f"{source}.new"), sandbox.path(source))
    assert sandbox.compile(APP).of(pyc_of(source))[0] == "compiled"
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


@pytest.mark.parametrize("root", [False, True], ids=["this-system", "another-root"])
def test_state_is_made_where_it_is_missing_but_in_no_other_root(root: bool, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    os.rmdir(sandbox.path("/var/lib/pkgtools"))
    script = 'mount -t tmpfs -o mode=755 none /var/lib; "$@"; find "$STATE" -type d -printf "%m %f\\n"'
    command = [
        f"{CHECKOUT}/triggers/pkgtools-compile",
        *(("--root", str(sandbox.root), APP) if root else (sandbox.path(APP),)),
    ]
    state = sandbox.path("/var/lib/pkgtools") if root else "/var/lib/pkgtools"
    environment = {**CLEAN_ENVIRONMENT, "STATE": state}
    argv = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", script, "sh", *command]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
    assert sandbox.exists(pyc_of(source))
    assert done.stdout.splitlines() == ([] if root else ["700 pkgtools", "700 record"])
