# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools audit --fix` repairs what it found and nothing else, starts nothing of the system, and says what it did."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import Result

from pkgtools.bytecode.compiling import find_compilers
from pkgtools.check.apply import judge_package
from pkgtools.check.registry import all_rules
from pkgtools.cli.audit import audit
from pkgtools.cli.inspect import inspect
from pkgtools.cli.repairing import Deed, Scope, carry_out, plan_repairs
from pkgtools.cli.systems import SystemQuestion, read_system
from pkgtools.cli.verify import verify
from pkgtools.model.finding import Severity
from tests.lab.cli import cli_runner
from tests.readers.test_root import make
from tests.rules.bytecode import PUBLIC, SOURCE, TAG, cached, of_version, pair, pyc
from tests.runtime.mounts import mounted

M, N = f"{PUBLIC}/m.py", f"{PUBLIC}/n.py"
PROGRAM = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
PLANTED = pyc(M, SOURCE.replace("42", "43"))
OTHER_TAG = "cpython-312" if TAG != "cpython-312" else "cpython-313"
OTHER_VERSION = (3, int(OTHER_TAG[-2:]))


def run(*arguments: str | Path) -> Result:
    return cli_runner().invoke(audit, [*map(str, arguments)], catch_exceptions=False)


def fix(top: Path, *arguments: str) -> dict[str, tuple[str, str]]:
    """Repair, and return what came of each path: result and command."""
    report = json.loads(run(top, "--fix", "--json", *arguments).stdout)
    return {one["path"]: (one["result"], one["command"] or "") for one in report["verdicts"][0]["repairs"]}


def system(top: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make a system with an interpreter that can't run."""
    make(top, {PROGRAM: "", **files})
    os.chmod(f"{top}{PROGRAM}", 0o755)
    return top


def content(top: Path, path: str) -> bytes:
    return Path(f"{top}{path}").read_bytes()


def test_a_planted_pyc_is_compiled_again_by_this_machine(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED})
    assert fix(top) == {cached(M): ("compiled", "")}
    assert content(top, cached(M))[16:] != PLANTED[16:]
    assert fix(top) == {}


def test_what_was_done_is_in_the_text(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED})
    assert f"planned: {cached(M)}: compile with {PROGRAM}: its code is not" in run(top, "--fix", "-n").stdout
    assert content(top, cached(M)) == PLANTED
    assert f"  compiled: {cached(M)}: its code is not what its source compiles to" in run(top, "--fix").stdout


def test_a_finding_below_the_limit_is_not_repaired(tmp_path: Path) -> None:
    stale = pyc(N, mtime=1)
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, N: SOURCE, cached(N): stale})
    assert fix(top) == {cached(M): ("compiled", "")}
    assert content(top, cached(N)) == stale
    assert fix(top, "--fail-on", "warning") == {cached(N): ("compiled", "")}


def test_sources_that_nobody_compiled_are_not_compiled(tmp_path: Path) -> None:
    """The command that is named compiles a directory; the repair is of one file."""
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, N: SOURCE, f"{PUBLIC}/below/o.py": SOURCE})
    fix(top, "--fail-on", "warning")
    assert [str(path).removeprefix(str(top)) for path in top.rglob("*.pyc")] == [cached(M)]


RUNTIME = "/usr/bin/pkgtools-compile"


@pytest.mark.parametrize(("compiler", "limit"), [("", "info"), (RUNTIME, "warning")])
def test_sources_that_a_severe_finding_names_are_compiled(tmp_path: Path, compiler: str, limit: str) -> None:
    other = f"{PUBLIC}/below/o.py"
    alone = "/srv/acme/alone.py"  # neither public nor registered
    files: dict[str, str | bytes] = {M: SOURCE, cached(M): PLANTED, N: SOURCE, other: SOURCE, alone: SOURCE}
    if compiler:
        files[compiler] = ""
    top = system(tmp_path, files)
    planned = json.loads(run(top, "--fix", "-n", "--json", "--fail-on", limit).stdout)["verdicts"][0]
    assert {one["path"] for one in planned["repairs"]} == {cached(M), cached(N), cached(other)}
    assert planned["findings"] == []
    assert fix(top, "--fail-on", limit) == dict.fromkeys((cached(M), cached(N), cached(other)), ("compiled", ""))
    assert {str(path).removeprefix(str(top)) for path in top.rglob("*.pyc")} == {cached(M), cached(N), cached(other)}
    assert run(top, "--fail-on", "info").exit_code == 0


def test_sources_for_an_interpreter_of_another_release_are_left_with_the_command(tmp_path: Path) -> None:
    theirs = f"/usr/lib/python3.{OTHER_VERSION[1]}/site-packages"
    top = system(tmp_path, {f"/usr/bin/python3.{OTHER_VERSION[1]}": "", RUNTIME: "", f"{theirs}/m.py": SOURCE})
    assert fix(top, "--fail-on", "warning") == {theirs: ("left", f"pkgtools-compile --root {top} {theirs}")}
    planned = json.loads(run(top, "--fix", "-n", "--json", "--fail-on", "warning").stdout)["verdicts"][0]
    assert [one["rule"] for one in planned["findings"]] == ["missing-bytecode"]


def test_missing_bytecode_on_another_file_system_is_left(tmp_path: Path) -> None:
    other = make(tmp_path / "other", {"/m.py": SOURCE})
    below = f"{PUBLIC}/below"
    top = system(tmp_path / "root", {RUNTIME: "", f"{below}/x": "", N: SOURCE})
    with mounted(f"{top}{below}", "--bind", str(other)):
        done = fix(top, "--fail-on", "warning")
    assert {path: result for path, (result, _) in done.items()} == {
        cached(N): "compiled",
        cached(f"{below}/m.py"): "left",
    }


def test_a_cache_that_others_could_write_is_mended_and_not_believed(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED})
    os.chmod(f"{top}{PUBLIC}/__pycache__", 0o777)
    done = fix(top)
    assert {path: result for path, (result, _) in done.items()} == {
        f"{PUBLIC}/__pycache__": "repaired",
        cached(M): "compiled",
    }
    assert run(top).exit_code == 0


def test_bytecode_that_goes_before_it_is_compiled_is_reported_once(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED})
    os.chmod(f"{top}{PUBLIC}/__pycache__", 0o777)
    assert [line.split(":")[0].strip() for line in run(top, "--fix").output.splitlines() if cached(M) in line] == [
        "compiled"
    ]


def test_a_milder_finding_in_the_same_cache_is_left(tmp_path: Path) -> None:
    """The runtime sweeps out what others can write wherever it compiles; a repair doesn't."""
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, **pair(N)})
    os.chmod(f"{top}{cached(N)}", 0o664)
    assert fix(top, "--fail-on", "danger") == {cached(M): ("compiled", "")}
    assert os.lstat(f"{top}{cached(N)}").st_mode & 0o7777 == 0o664


def test_orphans_go_with_their_directory(tmp_path: Path) -> None:
    gone = "/usr/share/acme/m.py"
    top = system(tmp_path, {cached(gone): pyc(gone), M: SOURCE})
    assert fix(top, "--fail-on", "warning") == {
        cached(gone): ("removed", ""),
        "/usr/share/acme/__pycache__": ("removed", ""),
    }
    assert not Path(f"{top}/usr/share/acme/__pycache__").exists()


def test_a_source_that_came_back_keeps_its_pyc(tmp_path: Path) -> None:
    top = system(tmp_path, {cached(N): pyc(N), M: SOURCE})
    read = read_system(SystemQuestion(path=top, compare=False)).package
    verdict = judge_package(read, all_rules())
    steps = plan_repairs(read, verdict, find_compilers(), Scope(fail_on=Severity.WARNING))
    cache = os.path.dirname(cached(N))
    assert [(step.deed, step.path) for step in steps] == [(Deed.REMOVE, cached(N)), (Deed.REMOVE, cache)]
    make(top, {N: SOURCE})
    assert carry_out(steps, top, 1) == ()
    assert Path(f"{top}{cached(N)}").exists()


@pytest.mark.parametrize(
    "interpreter",
    [
        "/opt/acme/python/bin/python3.{}",
        "/opt/acme/bin/python3.{}",
        pytest.param("", id="an interpreter that is somewhere else"),
    ],
)
def test_bytecode_of_an_application_with_its_own_interpreter_stays(tmp_path: Path, interpreter: str) -> None:
    source = f"/opt/acme/python/lib/python3.{OTHER_VERSION[1]}/site-packages/acme.py"
    theirs = cached(source, tag=OTHER_TAG)
    files: dict[str, str | bytes] = {source: SOURCE, theirs: of_version(pyc(source), OTHER_VERSION)}
    if interpreter:
        files[interpreter.format(OTHER_VERSION[1])] = ""
    top = system(tmp_path, files)
    assert fix(top, "--fail-on", "info") == {}
    assert content(top, theirs) == files[theirs]
    report = json.loads(run(top, "--json").stdout)
    found = [one["rule"] for one in report["verdicts"][0]["findings"] if one["path"] == theirs]
    assert found == ([] if interpreter else ["leftover-tag"])
    assert [one["repair"] for one in report["verdicts"][0]["findings"] if one["path"] == theirs] == (
        [] if interpreter else [None]
    )


def test_what_only_the_systems_own_interpreter_compiles_is_left_with_the_command(tmp_path: Path) -> None:
    program = f"/usr/bin/python3.{OTHER_VERSION[1]}"
    theirs = cached(M, tag=OTHER_TAG)
    top = system(tmp_path, {program: "", M: SOURCE, theirs: of_version(pyc(M), OTHER_VERSION)[:16]})
    assert fix(top) == {theirs: ("left", f"pkgtools-compile --root {top} --verify {PUBLIC}")}
    assert len(content(top, theirs)) == 16


def test_another_release_of_the_interpreter_compiles_nothing(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED[:16], PROGRAM: b"\0%s.99\0" % PROGRAM[15:].encode()})
    assert fix(top) == {cached(M): ("left", f"pkgtools-compile --root {top} --verify {PUBLIC}")}


def test_systems_within_the_system_are_left_alone(tmp_path: Path) -> None:
    inner = "/srv/chroot"
    planted = f"{inner}{cached(M)}"
    top = system(tmp_path, {f"{inner}{M}": SOURCE, planted: PLANTED, f"{inner}/etc/os-release": "", **pair(M)})
    done = run(top, "--fix", "--fail-on", "info")
    assert done.exit_code == 0
    assert f"note: {inner}: not looked at, it is a system of its own" in done.stdout
    assert content(top, planted) == PLANTED
    assert run(f"{top}{inner}", "--fail-on", "danger").exit_code == 1


def test_a_forged_mark_hides_no_modules_of_packages(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, f"{PUBLIC}/etc/os-release": ""})
    assert run(top).exit_code == 1


def test_a_link_makes_no_system(tmp_path: Path) -> None:
    top = system(tmp_path, {"/srv/acme/m.py": SOURCE, cached("/srv/acme/m.py"): PLANTED})
    Path(f"{top}/srv/acme/etc").symlink_to("/etc")
    assert run(top).exit_code == 1


def test_what_is_mounted_is_left_unless_told(tmp_path: Path) -> None:
    other = make(tmp_path / "other", {"/m.py": SOURCE, "/__pycache__/" + Path(cached(M)).name: PLANTED})
    path = "/srv/data/__pycache__/" + Path(cached(M)).name
    top = system(tmp_path / "root", {"/srv/data/x": "", **pair(M)})
    with mounted(f"{top}/srv/data", "--bind", str(other)):
        assert fix(top)[path][0] == "left"
        assert content(top, path) == PLANTED
        assert fix(top, "--cross-file-systems")[path][0] == "compiled"


def test_what_is_excluded_is_not_looked_at(tmp_path: Path) -> None:
    top = system(tmp_path, {"/srv/a b/m.py": SOURCE, cached("/srv/a b/m.py"): PLANTED, **pair(M)})
    assert run(top).exit_code == 1
    for pattern in ("/srv/a b", "/srv/a b/", "/srv/*"):
        done = run(top, "--fix", "--exclude", pattern)
        assert done.exit_code == 0
        assert f"note: not looked at, as --exclude says: {pattern.rstrip('/')}" in done.stdout
    assert content(top, cached("/srv/a b/m.py")) == PLANTED


def test_packaged_bytecode_is_its_package_managers(tmp_path: Path) -> None:
    lists = {"/var/lib/dpkg/info/acme.list": f"{M}\n{cached(M)}\n"}
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, **lists})
    report = json.loads(run(top, "--json").stdout)
    repairs = {one["repair"] for one in report["verdicts"][0]["findings"]}
    assert repairs == {f"chroot {top} apt-get install --reinstall acme"}
    assert fix(top) == {}
    assert content(top, cached(M)) == PLANTED


def stand_in(top: Path) -> None:
    """Put a program in the place of the system's interpreter that leaves a trace, with all that it needs to run."""
    for program in ("/bin/sh", "/bin/touch"):
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        needed = [word for word in listed.split() if word.startswith("/")]
        for file in (program, *needed):
            Path(f"{top}{file}").parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, f"{top}{file}")
    Path(f"{top}{PROGRAM}").write_text("#!/bin/sh\n/bin/touch /RAN\n")


@pytest.mark.parametrize(
    "command",
    [
        (verify,),
        (audit,),
        (audit, "--no-compile"),
        (audit, "--fix", "--fail-on", "info"),
        (audit, "--fix", "--dry-run"),
        (inspect, "--root"),
    ],
    ids=lambda command: " ".join([command[0].name, *command[1:]]),
)
def test_nothing_of_the_system_is_run(tmp_path: Path, command: tuple[object, ...]) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, N: SOURCE, cached(N): pyc(N)[:40]})
    stand_in(top)
    cli_runner().invoke(command[0], [*map(str, command[1:]), str(top)], catch_exceptions=False)  # type: ignore[arg-type] # click's
    assert not Path(f"{top}/RAN").exists()
    subprocess.run(["chroot", str(top), PROGRAM], check=True)
    assert Path(f"{top}/RAN").exists()


@pytest.mark.parametrize("pattern", ["usr/lib/python3", "*/dist-packages", "", "/", "//"])
def test_a_pattern_that_is_no_absolute_path_is_refused(tmp_path: Path, pattern: str) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED})
    done = run(top, "--exclude", pattern)
    assert done.exit_code == 2
    expected = (
        f"pkgtools audit: invalid --exclude {pattern!r}: expected an absolute path in ROOT, or a pattern for one\n"
    )
    assert done.stderr == expected


def test_a_pattern_that_matches_nothing_is_noted(tmp_path: Path) -> None:
    top = system(tmp_path, {"/srv/a/b/m.py": SOURCE, cached("/srv/a/b/m.py"): PLANTED, **pair(M)})
    done = run(top, "-X", "/srv/a", "-X", "/srv/a/b", "-X", "/srv/c/", "-X", "/srv/[d-f]", "-X", f"{M[:-1]}?")
    assert done.exit_code == 0
    notes = [line.strip() for line in done.stdout.splitlines() if "--exclude" in line]
    assert notes == [
        "note: not looked at, as --exclude says: /srv/a",
        "note: not looked at, as --exclude says: /srv/a/b",
        "note: --exclude matches nothing: /srv/c",
        "note: --exclude matches nothing: /srv/[d-f]",
        f"note: not looked at, as --exclude says: {M[:-1]}?",
    ]
