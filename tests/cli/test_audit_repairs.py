# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Commands that `pkgtools audit` names do what they are named for, and `--fix --dry-run` tells what `--fix` does."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_audit_fix import OTHER_TAG, OTHER_VERSION, PLANTED, M, N, content, fix, run, system
from tests.rules.bytecode import PUBLIC, SOURCE, TAG, cached, of_version, pair, pyc


def runtime(command: str, *arguments: str) -> None:
    """Run a command of the runtime as a report names it."""
    code = "import sys; from pkgtools.runtime.main import main; main(sys.argv.pop(1))"
    subprocess.run([sys.executable, "-c", code, command, *arguments], check=True)


def repairs_of(top: Path, rule: str) -> dict[str, str | None]:
    """Return the repairs that a rule names, by path."""
    findings = json.loads(run(top, "--json").stdout)["verdicts"][0]["findings"]
    return {one["path"]: one["repair"] for one in findings if one["rule"] == rule}


@pytest.mark.parametrize(
    ("rule", "content", "mode"),
    [
        ("broken-pyc", b"", 0o644),
        ("broken-pyc", pyc(N)[:40], 0o644),
        ("wrong-magic", of_version(pyc(N), OTHER_VERSION), 0o644),
        ("wrong-cache-mode", pyc(N), 0o666),
    ],
)
def test_a_pyc_without_a_source_is_not_compiled_but_removed(
    tmp_path: Path, rule: str, content: bytes, mode: int
) -> None:
    top = system(tmp_path, {**pair(M), cached(N): content})
    os.chmod(f"{top}{cached(N)}", mode)
    assert repairs_of(top, rule) == {cached(N): f"pkgtools-clean --root {top} --orphans {PUBLIC}"}
    runtime("clean", "--root", str(top), "--orphans", PUBLIC)
    assert not Path(f"{top}{cached(N)}").exists()
    assert run(top).exit_code == 0


def test_fix_removes_a_broken_pyc_without_a_source(tmp_path: Path) -> None:
    top = system(tmp_path, {**pair(M), cached(N): pyc(N)[:16]})
    assert fix(top) == {cached(N): ("removed", "")}
    assert run(top).exit_code == 0


def test_a_broken_pyc_of_a_link_is_removed_by_name(tmp_path: Path) -> None:
    """pkgtools-compile passes links over, and to pkgtools-clean the source is there."""
    top = system(tmp_path, {**pair(M), cached(N): b""})
    Path(f"{top}{N}").symlink_to("m.py")
    assert repairs_of(top, "broken-pyc") == {cached(N): f"chroot {top} rm -- {cached(N)}"}


def test_a_cache_directory_without_sources_is_cleaned(tmp_path: Path) -> None:
    gone = "/usr/share/acme/gone.py"
    cache = "/usr/share/acme/__pycache__"
    top = system(tmp_path, {**pair(M), cached(gone): pyc(gone)})
    os.chmod(f"{top}{cache}", 0o777)
    assert repairs_of(top, "wrong-cache-mode") == {cache: f"pkgtools-clean --root {top} --orphans /usr/share/acme"}
    runtime("clean", "--root", str(top), "--orphans", "/usr/share/acme")
    assert not Path(f"{top}{cache}").exists()


@pytest.mark.parametrize("has_source", [True, False])
def test_the_temporary_file_of_an_import_is_removed_by_a_command_that_does_it(tmp_path: Path, has_source: bool) -> None:
    left = f"{cached(N)}.140231"
    top = system(tmp_path, {**pair(M), left: b"half", **(pair(N) if has_source else {})})
    by_clean = f"pkgtools-clean --root {top} --orphans {PUBLIC}"
    assert repairs_of(top, "temporary-file") == {left: f"chroot {top} rm -- {left}" if has_source else by_clean}


def test_an_orphan_in_a_central_cache_is_removed_by_the_command_that_is_named(tmp_path: Path) -> None:
    theirs = f"/var/cache/python{PUBLIC}/n.{TAG}.pyc"
    top = system(tmp_path, {**pair(M), theirs: b""})
    command = f"pkgtools-clean --root {top} --cache-prefix /var/cache/python --orphans {PUBLIC}"
    assert repairs_of(top, "broken-pyc") == {theirs: command}
    runtime("clean", *shlex.split(command)[1:])
    assert not Path(f"{top}{theirs}").exists()


def dry(top: Path, *arguments: str) -> tuple[int, dict[str, str], set[tuple[str, str]]]:
    """Plan, and return the exit status, what would become of each path, and the findings that would be left."""
    done = run(top, "--fix", "--dry-run", "--json", *arguments)
    report = json.loads(done.stdout)
    assert report["exit"] == done.exit_code
    assert run(top, "--fix", "--dry-run", *arguments).exit_code == done.exit_code
    verdict = report["verdicts"][0]
    planned = {one["path"]: one["result"] for one in verdict["repairs"]}
    return done.exit_code, planned, {(one["rule"], one["path"]) for one in verdict["findings"]}


def test_a_dry_run_tells_of_the_danger_that_no_repair_ends(tmp_path: Path) -> None:
    top = system(tmp_path, pair(M))
    os.chmod(f"{top}{PUBLIC}", 0o777)
    code, planned, found = dry(top)
    assert (code, planned) == (1, {})
    assert ("modules-writable-by-others", PUBLIC) in found
    said = run(top, "--fix", "--dry-run").stdout
    assert "note: nothing would be repaired" in said
    assert f"      repair: chroot {top} chmod go-w {PUBLIC}" in said
    assert run(top, "--fix").exit_code == 1


def test_a_dry_run_foretells_what_is_refused(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED})
    os.chmod(f"{top}{PUBLIC}", 0o777)
    code, planned, found = dry(top)
    assert (code, set(planned.values())) == (1, {"left"} if planned else set())
    assert ("code-differs", cached(M)) in found
    assert content(top, cached(M)) == PLANTED
    done = json.loads(run(top, "--fix", "--json").stdout)["verdicts"][0]["repairs"]
    assert {one["path"]: one["result"] for one in done} == planned


def test_a_dry_run_in_which_all_would_be_repaired_is_clean(tmp_path: Path) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED})
    assert dry(top) == (0, {cached(M): "planned"}, set())
    assert content(top, cached(M)) == PLANTED
    assert run(top, "--fix").exit_code == 0


def test_a_plan_holds_all_that_goes_with_a_cache_that_others_could_write(tmp_path: Path) -> None:
    strange = cached(M, tag=OTHER_TAG)
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, cached(N): pyc(N), strange: b""})
    os.chmod(f"{top}{PUBLIC}/__pycache__", 0o777)
    planned = dry(top)[1]
    assert planned == dict.fromkeys((f"{PUBLIC}/__pycache__", cached(M), cached(N), strange), "planned")
    done = fix(top)
    assert {path: result for path, (result, _) in done.items()} == {
        f"{PUBLIC}/__pycache__": "repaired",
        cached(M): "compiled",
        cached(N): "removed",
        strange: "removed",
    }
    assert run(top).exit_code == 0


@pytest.mark.parametrize("files", [{}, {cached(N): pyc(N)}])
def test_a_cache_that_others_could_write_is_mended_without_a_pyc_to_compile(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    top = system(tmp_path, {M: SOURCE, **files})
    cache = Path(f"{top}{PUBLIC}/__pycache__")
    cache.mkdir(exist_ok=True)
    cache.chmod(0o777)
    assert dry(top)[:2] == (0, dict.fromkeys((f"{PUBLIC}/__pycache__", *files), "planned"))
    fix(top)
    assert [path.name for path in cache.glob("*")] == []
    assert run(top).exit_code == 0


@pytest.mark.parametrize("files", [(), ("gone.cpython-311.pyc",), ("gone.cpython-311.pyc", "notes.txt")])
def test_a_cache_without_sources_goes_unless_it_holds_more(tmp_path: Path, files: tuple[str, ...]) -> None:
    cache = "/usr/share/acme/__pycache__"
    top = system(tmp_path, {**pair(M), **{f"{cache}/{name}": b"" for name in files}})
    Path(f"{top}{cache}").mkdir(parents=True, exist_ok=True)
    os.chmod(f"{top}{cache}", 0o777)
    code, planned, _ = dry(top)
    stays = "notes.txt" in files
    assert (code, planned[cache]) == ((1, "left") if stays else (0, "planned"))
    assert fix(top)[cache][0] == ("left" if stays else "removed")
    assert run(top).exit_code == code


def test_a_dry_run_foretells_that_an_orphan_can_not_be_removed(tmp_path: Path) -> None:
    """Its directory is no root's, and whose it is to be nobody can tell."""
    top = system(tmp_path, {**pair(M), cached(N): pyc(N)[:16]})
    os.chown(f"{top}{PUBLIC}", 1234, -1)
    code, planned, found = dry(top)
    assert (code, planned) == (1, {PUBLIC: "left"})
    assert ("broken-pyc", cached(N)) in found
    assert {path: result for path, (result, _) in fix(top).items()} == planned


@pytest.mark.parametrize("rule", ["wrong-cache-mode", "code-differs", "pyc-without-source"])
@pytest.mark.parametrize("open_to", [PUBLIC, os.path.dirname(PUBLIC)])
def test_directories_that_stop_a_repair_are_closed_first(tmp_path: Path, rule: str, open_to: str) -> None:
    top = system(tmp_path, {M: SOURCE, cached(M): PLANTED, cached(N): pyc(N)})
    path = {"wrong-cache-mode": f"{PUBLIC}/__pycache__", "code-differs": cached(M)}.get(rule, cached(N))
    if rule == "wrong-cache-mode":
        os.chmod(f"{top}{path}", 0o777)
    command = repairs_of(top, rule)[path] or ""
    assert command.startswith("pkgtools-")
    os.chmod(f"{top}{open_to}", 0o777)
    assert repairs_of(top, rule)[path] == f"chroot {top} chmod go-w {open_to}; {command}"
    assert fix(top, "--fail-on", "warning")[path] == ("left", f"chroot {top} chmod go-w {open_to}; {command}")
    os.chmod(f"{top}{open_to}", 0o755)
    assert fix(top, "--fail-on", "warning")[path][0] in {"compiled", "repaired", "removed"}


def test_a_directory_that_stops_a_repair_and_is_no_roots_is_left_to_people(tmp_path: Path) -> None:
    """Whose it is to be, nobody can tell."""
    app = "/srv/app/m.py"
    top = system(tmp_path, {app: SOURCE, cached(app): PLANTED})
    os.chown(f"{top}/srv/app", 1234, -1)
    assert (repairs_of(top, "code-differs")[cached(app)] or "").startswith("pkgtools-compile")
