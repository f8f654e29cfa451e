# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""One bad module harms nobody: the package configures, its siblings are cached, the report names the file."""

from __future__ import annotations

import json

import pytest

from tests.lab.debs import SamplePackage, downstream
from tests.lab.machine import DIST, Machine, caches

GOOD = {f"{DIST}/mixed/__init__.py": "", f"{DIST}/mixed/a.py": "A = 1\n", f"{DIST}/mixed/z.py": "Z = 1\n"}

BAD = {
    "python2": (b"print 'hello'\n", "syntax-error"),
    "bad_cookie": (b"# -*- coding: no-such-codec -*-\n", "unknown-encoding"),
    "not_utf8": (b"x = '\xff\xfe'\n", "syntax-error"),
    "nul_bytes": (b"x = 1\0\n", "syntax-error"),
    "tab_mix": (b"if 1:\n\tx = 1\n        y = 2\n", "syntax-error"),
    "too_deep": (b"x = " + b"-" * 100_000 + b"1\n", "too-deep"),
    "too_nested": (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", "syntax-error"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_module_is_reported_and_its_siblings_are_cached(machine: Machine, name: str) -> None:
    source = f"{DIST}/mixed/{name}.py"
    content, _reason = BAD[name]
    machine.install(downstream("mixed", {**GOOD, source: content}))
    assert machine.cached() == caches(GOOD, "3.11")
    assert {path for _, _, path in machine.outcomes("failed")} == {source}
    assert machine.system.run("dpkg-query", "-Wf${db:Status-Status}", "mixed").stdout == "installed"
    machine.dpkg("--purge", "mixed")
    machine.assert_nothing_left()


def test_reasons_of_all_bad_modules_are_in_the_report(machine: Machine) -> None:
    bad = {f"{DIST}/mixed/{name}.py": content for name, (content, _) in BAD.items()}
    machine.install(downstream("mixed", {**GOOD, **bad}))
    assert machine.cached() == caches(GOOD, "3.11")
    reasons = {path: reason for _, reason, path in machine.outcomes("failed")}
    expected = {f"{DIST}/mixed/{name}.py": reason for name, (_, reason) in BAD.items()}
    deep = {f"{DIST}/mixed/too_deep.py", f"{DIST}/mixed/too_nested.py"}  # CPython's own answers differ by version
    assert reasons.keys() == expected.keys()
    assert {path: reasons[path] for path in reasons if path not in deep} == {
        path: expected[path] for path in expected if path not in deep
    }
    assert {reasons[path] for path in deep} <= {"syntax-error", "too-deep", "out-of-memory", "worker-crash"}


def test_warnings_of_modules_are_not_shown(machine: Machine) -> None:
    """No SyntaxWarning spam while apt runs."""
    source = f"{DIST}/noisy.py"
    machine.install(downstream("noisy", {source: "x = '\\d'\nassert (1, 'always')\n1 is 1\n"}))
    result = machine.install(downstream("noisy", {source: "y = '\\d'\n"}, version="2"))
    assert "Warning" not in result.output
    assert machine.cached() == caches([source], "3.11")


def test_symlinked_module_is_not_compiled_nor_followed(machine: Machine) -> None:
    real = "/usr/share/linked/real.py"
    package = SamplePackage(name="linked", files={real: "R = 1\n", **GOOD}, symlinks={f"{DIST}/mixed/link.py": real})
    machine.install(package)
    assert machine.cached(DIST, "/usr/share/linked") == caches(GOOD, "3.11")


def test_directory_called_like_a_module_is_passed_over(machine: Machine) -> None:
    files = {**GOOD, f"{DIST}/mixed/dir.py/data.txt": "no module\n"}
    machine.install(downstream("mixed", files))
    assert machine.cached() == caches(GOOD, "3.11")
    machine.dpkg("--purge", "mixed")
    machine.assert_nothing_left()


def test_fifo_called_like_a_module_does_not_hang_the_run(machine: Machine) -> None:
    machine.system.run("mkfifo", f"{DIST}/pipe.py")
    machine.install(downstream("mixed", GOOD))
    assert machine.cached() == caches(GOOD, "3.11")


def test_name_too_long_for_its_cache_is_reported(machine: Machine) -> None:
    source = f"{DIST}/mixed/{'n' * 240}.py"
    machine.install(downstream("mixed", {**GOOD, source: ""}))
    assert machine.cached() == caches(GOOD, "3.11")
    assert ("skipped", "name-too-long", source) in machine.outcomes("skipped", "failed")
    machine.dpkg("--purge", "mixed")
    machine.assert_nothing_left()


def test_symlinked_cache_directory_is_refused_and_nothing_written_through_it(machine: Machine) -> None:
    """T22: root does not write where a link leads."""
    machine.system.run("mkdir", "-p", "/srv/elsewhere", f"{DIST}/mixed")
    machine.system.run("ln", "-s", "/srv/elsewhere", f"{DIST}/mixed/__pycache__")
    machine.install(downstream("mixed", GOOD))
    assert machine.system.tree("/srv/elsewhere") == {}
    assert machine.report()["summary"].get("refused", 0) >= 1


def test_unknown_file_in_a_cache_directory_stays_and_is_reported(machine: Machine) -> None:
    machine.install(downstream("mixed", GOOD))
    foreign = f"{DIST}/mixed/__pycache__/notes.txt"
    machine.system.write(foreign, "mine\n")
    report = json.loads(machine.system.run("pkgtools-clean", "--dry-run", "--json", "-", "-p", "mixed").stdout)
    assert ("kept", "unknown-sibling", foreign) in {(o["status"], o["reason"], o["path"]) for o in report["outcomes"]}
    result = machine.system.run("dpkg", "--purge", "mixed")
    assert "not empty" in result.output  # dpkg is right: somebody's file is in there
    assert machine.cached() == {
        foreign.rpartition("/")[0]: "directory 0755 0:0",
        foreign: "file 0644 0:0",
    }


def test_temporary_file_of_a_killed_run_is_swept(machine: Machine) -> None:
    machine.install(downstream("mixed", GOOD))
    machine.system.write(f"{DIST}/mixed/__pycache__/.pkgtools-0123456789abcdef-00000000-1.tmp", "half")
    machine.install(downstream("mixed", GOOD))
    assert machine.cached() == caches(GOOD, "3.11")


def test_temporary_file_of_a_killed_run_does_not_outlive_the_package(machine: Machine) -> None:
    machine.install(downstream("mixed", GOOD))
    machine.system.write(f"{DIST}/mixed/__pycache__/.pkgtools-0123456789abcdef-00000000-1.tmp", "half")
    machine.dpkg("--purge", "mixed")
    machine.assert_nothing_left()
