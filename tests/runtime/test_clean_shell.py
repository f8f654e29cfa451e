# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The clean in plain shell, for when Python doesn't run: does what the Python clean does, over any names."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.work import examples
from tests.runtime.records import PACKAGE, divert, know
from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, PUBLIC, TAG, TRIGGERS, Sandbox, pyc_of
from tests.runtime.test_clean import IN_CACHE

CACHE = f"{PUBLIC}/__pycache__"


@pytest.fixture
def dpkg() -> None:
    """Skip where there is no dpkg."""
    if shutil.which("dpkg-query", path="/usr/bin") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs dpkg-query")


def _shell_clean(sandbox: Sandbox, *packages: str, limit: float = 60) -> subprocess.CompletedProcess[str]:
    argv = ["/bin/sh", str(TRIGGERS / "clean-without-python")]
    for package in packages:
        argv += ["-p", package]
    env = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    return subprocess.run(argv, capture_output=True, text=True, env=env, cwd="/", check=False, timeout=limit)


def test_what_rpm_lists_is_cleaned_without_python(sandbox: Sandbox) -> None:
    """Where the interpreter goes in the same transaction, first."""
    gone = [sandbox.write(f"{PUBLIC}/{name}.py") for name in ("a b", "$(touch pwned)", "sub/c")]
    stays = sandbox.write(f"{PUBLIC}/stays.py")
    for source in (*gone, stays):
        sandbox.write(pyc_of(source), b"bytes")
    listed = "".join(f"{path}\n" for path in (*gone, f"{PUBLIC}/sub", f"{PUBLIC}/../x.py", "relative.py"))
    done = subprocess.run(
        ["/bin/sh", str(TRIGGERS / "clean-without-python"), "--rpm-stdin"],
        input=listed,
        capture_output=True,
        text=True,
        env={**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)},
        cwd="/",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.pycs(PUBLIC) == {pyc_of(stays)}
    assert not sandbox.exists(f"{PUBLIC}/sub/__pycache__")


def _left(sandbox: Sandbox) -> set[str]:
    return {path for path, entry in sandbox.below("/usr/lib").items() if entry.kind != "directory"} | {
        path for path in sandbox.below("/usr/lib") if path.endswith("__pycache__")
    }


@pytest.mark.usefixtures("dpkg")
def test_t11_t18_shell_and_python_leave_the_same(sandbox: Sandbox, scratch: Path) -> None:
    left = []
    for clean in ("python", "shell"):
        sandbox.directory(CACHE)
        sources = [sandbox.write(f"{PUBLIC}/{name}.py") for name in ("m", "[x]", "*", "$(touch pwned)", "a b", "-q")]
        know(sandbox, sources)
        sandbox.write(f"{PUBLIC}/other.py")
        for name in IN_CACHE:
            sandbox.write(f"{CACHE}/{name.name}", b"bytes")
        for source in sources:
            sandbox.write(pyc_of(source), b"bytes")
        sandbox.write(f"{PUBLIC}/m.pyc", b"legacy")
        sandbox.write(f"{PUBLIC}/only.pyc", b"program")
        if clean == "python":
            assert sandbox.clean("-p", PACKAGE).status == 0
        else:
            done = _shell_clean(sandbox, PACKAGE)
            assert (done.returncode, done.stderr) == (0, "")
        left.append(_left(sandbox))
        subprocess.run(["/bin/rm", "-rf", sandbox.path(PUBLIC), sandbox.path("/var/lib/dpkg")], check=True)
    assert left[0] == left[1]


STEMS = st.text(st.sampled_from("ab.*?[]$()`'\"\\ %-\t;&|~#\u00e4\u2028"), min_size=1, max_size=4).filter(
    lambda text: text not in {".", ".."}
)
ENDINGS = st.sampled_from(
    [
        f".{TAG}.pyc",
        f".{TAG}.opt-1.pyc",
        f".{TAG}.opt-x.pyc",
        ".cpython-39.pyc",
        ".pypy39.pyc",
        ".jython-27.pyc",
        f".{TAG}.pyc.123",
        f".{TAG}.pyc.12x",
        f".{TAG}",
        ".pyc",
        ".txt",
        f"{TAG}.pyc",
        f".x.{TAG}.pyc",
        f".{TAG}-pytest-7.4.0.pyc",
        ".f-12.py311.nbi",
        ".",
    ]
)
BESIDE = st.sampled_from([".hy", f".{TAG}-linux.so", ".f.so", ".x.py", ".pyc", ".pyi", ".d/file", "x.so"])
"""Ends of the names of files beside the package's modules."""


@pytest.mark.usefixtures("dpkg")
@settings(max_examples=examples(24))
@given(
    stems=st.sets(STEMS, min_size=1, max_size=4),
    names=st.sets(st.tuples(STEMS, ENDINGS), max_size=14),
    beside=st.dictionaries(st.tuples(STEMS, BESIDE), st.booleans(), max_size=4),
)
def test_t11_t18_shell_and_python_leave_the_same_of_random_trees(
    scratch: Path, stems: set[str], names: set[tuple[str, str]], beside: dict[tuple[str, str], bool]
) -> None:
    """`beside`: whether the package lists a file beside its modules."""
    left = []
    for clean in ("python", "shell"):
        sandbox = Sandbox(scratch / f"equal-{clean}-{os.getpid()}")
        sandbox.directory(CACHE)
        sources = [sandbox.write(f"{PUBLIC}/{stem}.py") for stem in stems]
        for (stem, ending), is_listed in sorted(beside.items()):
            path = sandbox.write(f"{PUBLIC}/{stem}{ending}", "other\n")
            sources.extend([path] if is_listed else [])
        know(sandbox, sources)
        for stem, ending in sorted(names | {(stem, f".{TAG}.pyc") for stem in stems}):
            sandbox.write(f"{CACHE}/{stem}{ending}", b"bytes")
        if clean == "python":
            assert sandbox.clean("-p", PACKAGE).status == 0
        else:
            assert _shell_clean(sandbox, PACKAGE).returncode == 0
        left.append(_left(sandbox))
        subprocess.run(["/bin/rm", "-rf", sandbox.root], check=True)
    assert left[0] == left[1]


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
def test_t18_packaged_pycs_stay(clean: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    brackets = sandbox.write(f"{PUBLIC}/[m].py")
    packaged = [sandbox.write(pyc_of(source, 1), b"bytes"), sandbox.write(f"{PUBLIC}/m.pyc", b"program")]
    ours = [sandbox.write(pyc_of(source), b"bytes"), sandbox.write(pyc_of(brackets, 1), b"bytes")]
    know(sandbox, [source, brackets])
    know(sandbox, packaged, "python3-other")
    if clean == "python":
        ran = sandbox.clean("-p", PACKAGE)
        assert (ran.status, {ran.of(path) for path in packaged}) == (0, {("kept", "packaged")})
    else:
        assert _shell_clean(sandbox, PACKAGE).returncode == 0
    assert [path for path in ours if sandbox.exists(path)] == []
    assert [path for path in packaged if not sandbox.exists(path)] == []


def _clean(clean: str, sandbox: Sandbox) -> None:
    if clean == "python":
        assert sandbox.clean("-p", PACKAGE).status == 0
    else:
        done = _shell_clean(sandbox, PACKAGE)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
@pytest.mark.parametrize("listed", ["/lib", "/usr/lib"])
def test_t18_packaged_pycs_and_directories_stay_by_either_name(clean: str, listed: str, sandbox: Sandbox) -> None:
    os.symlink("usr/lib", sandbox.path("/lib"))
    sources = [sandbox.write(f"{PUBLIC}/{name}/m.py") for name in ("a", "b")]
    packaged, ours = [sandbox.write(pyc_of(source), b"bytes") for source in sources]
    other = {"/lib": "/usr/lib", "/usr/lib": "/lib"}[listed]
    by_its_name = packaged.replace("/usr/lib", listed, 1)
    know(sandbox, [source.replace("/usr/lib", other, 1) for source in sources])
    know(sandbox, [by_its_name, f"{PUBLIC}/b/__pycache__".replace("/usr/lib", listed, 1)], "python3-other")
    _clean(clean, sandbox)
    assert (sandbox.exists(packaged), sandbox.exists(ours)) == (True, False)
    assert sandbox.exists(f"{PUBLIC}/b/__pycache__")


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
def test_t18_source_that_was_diverted_loses_its_caches_where_it_is(clean: str, sandbox: Sandbox) -> None:
    here, there = (sandbox.write(f"{PUBLIC}/{name}.py") for name in ("m", "m.distrib"))
    other = sandbox.write(f"{PUBLIC}/n.py")
    for source in (here, there, other):
        sandbox.write(pyc_of(source), b"bytes")
    know(sandbox, [here, other])
    know(sandbox, [here], "diverting")
    divert(sandbox, here, there, "diverting")
    _clean(clean, sandbox)
    assert sandbox.pycs(PUBLIC) == {pyc_of(here)}


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
def test_t18_packaged_pyc_that_was_diverted_stays(clean: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    diverted = sandbox.write(pyc_of(source, 1), b"bytes")
    know(sandbox, [source])
    know(sandbox, [pyc_of(source)], "python3-other")
    divert(sandbox, pyc_of(source), diverted)
    _clean(clean, sandbox)
    assert sandbox.exists(diverted)


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
def test_t22_shell_clean_takes_nothing_from_directories_of_others(clean: str, sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{PUBLIC}/{name}/m.py") for name in ("a", "b")]
    for source in sources:
        sandbox.write(pyc_of(source), b"bytes")
    know(sandbox, sources)
    sandbox.directory(f"{PUBLIC}/a", 0o755, (1000, 1000))
    if clean == "python":
        assert sandbox.clean("-p", PACKAGE).status == 2
    else:
        assert _shell_clean(sandbox, PACKAGE).returncode == 0
    assert sandbox.pycs(PUBLIC) == {pyc_of(sources[0])}


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
def test_t18_packaged_pyc_whose_name_is_not_utf_8_stays(clean: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/caf\udce9.py")
    packaged, ours = (sandbox.write(pyc_of(source, level), b"bytes") for level in (0, 1))
    know(sandbox, [source])
    know(sandbox, [packaged], "python3-other")
    _clean(clean, sandbox)
    assert (sandbox.exists(packaged), sandbox.exists(ours)) == (True, False)


@pytest.mark.usefixtures("dpkg")
def test_t22_shell_clean_leaves_a_cache_of_another_user_alone(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    pyc = sandbox.write(pyc_of(source), b"bytes")
    know(sandbox, [source])
    sandbox.directory(CACHE, 0o755, (1000, 1000))
    assert _shell_clean(sandbox, PACKAGE).returncode == 0
    assert sandbox.exists(pyc)


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
def test_lock_file_of_another_user_keeps_no_cache_directory(clean: str, sandbox: Sandbox) -> None:
    know(sandbox, [sandbox.write(f"{PUBLIC}/m.py")])
    planted = sandbox.write(f"{CACHE}/.pkgtools-0123456789abcdef.lock", mode=0o600, owner=(65534, 65534))
    with open(sandbox.path(planted), "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        _clean(clean, sandbox)
    assert not sandbox.exists(CACHE)


@pytest.mark.usefixtures("dpkg")
def test_t18_shell_clean_removes_nothing_when_dpkg_cannot_tell_what_is_packaged(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    sandbox.write(pyc_of(source), b"bytes")
    know(sandbox, [source])
    os.mkdir(sandbox.path("/var/lib/dpkg/info/broken.list"))
    assert _shell_clean(sandbox, PACKAGE).returncode == 2
    assert sandbox.exists(pyc_of(source))


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("name", ["*", "python3-*", "-a", "", "a b", "%{NAME}", "a/b", "a\nb", "$(touch x)"], ids=ascii)
def test_name_of_a_package_is_no_text_for_the_shell(name: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    sandbox.write(pyc_of(source), b"bytes")
    know(sandbox, [source])
    done = _shell_clean(sandbox, name)
    assert (done.returncode, done.stderr.partition(": ")[2].partition(":")[0]) == (2, "invalid package name")
    assert sandbox.exists(pyc_of(source))


@pytest.mark.usefixtures("dpkg")
@pytest.mark.parametrize("clean", ["python", "shell"])
def test_t5_unknown_package_ends_with_2(clean: str, sandbox: Sandbox) -> None:
    know(sandbox, [])
    if clean == "python":
        assert sandbox.clean("-p", "no-such-package").status == 2
    else:
        assert _shell_clean(sandbox, "no-such-package").returncode == 2


@pytest.mark.usefixtures("dpkg")
def test_t18_nothing_goes_when_dpkg_cannot_say_what_is_packaged(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    sandbox.write(pyc_of(source), b"bytes")
    sandbox.write("/var/lib/dpkg/status", "this is no status file\n")
    ran = sandbox.clean(PUBLIC)
    assert (ran.status, sandbox.exists(pyc_of(source))) == (2, True)


SHELL_REFUSES = [(), ("-p",), ("--orphans", "/x"), ("/opt/app",), ("-p", "x", "--json", "-"), ("--from0", "-")]


@pytest.mark.parametrize("arguments", SHELL_REFUSES, ids=" ".join)
def test_t5_shell_clean_refuses_what_it_cannot_do(arguments: tuple[str, ...]) -> None:
    argv = ["/bin/sh", str(TRIGGERS / "clean-without-python"), *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, env=CLEAN_ENVIRONMENT, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.usefixtures("dpkg")
def test_t22_shell_clean_follows_no_link(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py")
    victim = sandbox.write(f"/srv/victim/m.{TAG}.pyc", b"somebody's")
    os.symlink(sandbox.path("/srv/victim"), sandbox.path(CACHE))
    know(sandbox, [source])
    assert _shell_clean(sandbox, PACKAGE).returncode == 0
    assert sandbox.exists(victim)
    assert sandbox.exists(CACHE)
    assert APP


@pytest.mark.usefixtures("dpkg")
def test_t22_shell_clean_goes_no_way_up(sandbox: Sandbox) -> None:
    other = sandbox.write(pyc_of("/srv/other/m.py"))
    own = sandbox.write(pyc_of(f"{PUBLIC}/n.py"))
    know(sandbox, [f"{PUBLIC}/../../../../srv/other/m.py", f"{PUBLIC}/n.py"])
    assert _shell_clean(sandbox, PACKAGE).returncode == 0
    assert (sandbox.exists(other), sandbox.exists(own)) == (True, False)
