# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The runtime's commands, from the checkout, where any import beyond python3-minimal fails."""

from __future__ import annotations

import json

import pytest

from tests.lab.ours import CHECKOUT
from tests.lab.system import Result, System
from tests.lab.tree import bytecode

APP = "/srv/app"
GOOD = (f"{APP}/a.py", f"{APP}/sub/b.py")
COMMANDS = ("pkgtools-compile", "pkgtools-clean", "pkgtools-trigger")


def run(system: System, command: str, *arguments: str, check: bool = True, stdin: str = "") -> Result:
    return system.run(f"/srv/pkgtools/triggers/{command}", *arguments, check=check, stdin=stdin)


def make_app(system: System) -> None:
    for path in GOOD:
        system.write(path, "X = 1\n")
    system.write(f"{APP}/bad.py", "print 'two'\n")


def cached_stems(system: System) -> set[str]:
    return {path.rpartition("/")[2].partition(".")[0] for path in bytecode(system.tree(APP)) if path.endswith(".pyc")}


def test_stdlib_is_really_minimal(minimal: System) -> None:
    for module in ("concurrent.futures", "multiprocessing", "tarfile", "asyncio"):
        assert minimal.run("python3", "-c", f"import {module}", check=False).exit == 1


MODULES = sorted(
    ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
    for path in (CHECKOUT / "pkgtools/runtime").rglob("*.py")
    if path.stem != "__init__"
)


@pytest.mark.parametrize("module", MODULES)
def test_module_can_be_imported(minimal: System, module: str) -> None:
    program = f"import sys; sys.path.insert(0, '/srv/pkgtools'); import {module}"
    minimal.run("python3", "-IBWerror", "-c", program)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_printed(minimal: System, command: str) -> None:
    assert "usage: " in run(minimal, command, "--help").stdout


def test_tree_is_compiled_and_cleaned(minimal: System) -> None:
    make_app(minimal)
    result = run(minimal, "pkgtools-compile", APP)
    assert result.stdout == ""
    assert f"{APP}/bad.py: syntax-error" in result.stderr
    assert cached_stems(minimal) == {"a", "b"}
    run(minimal, "pkgtools-clean", APP)
    assert bytecode(minimal.tree(APP)) == {}


@pytest.mark.parametrize(
    "options",
    [
        ("--verify",),
        ("--force", "-v"),
        ("-O", "0,1,2"),
        ("--invalidation-mode", "checked-hash"),
        ("--invalidation-mode", "unchecked-hash"),
        ("--cache-prefix", "/var/cache/python"),
        ("--no-sync", "-j", "2"),
        ("-j", "1"),
        ("--timeout", "20"),
        ("--dry-run", "-v"),
        ("-V", "3.9-", "-X", "sub/.*"),
        ("--as-owner",),
    ],
    ids=" ".join,
)
def test_option_needs_no_more_than_the_minimal_library(minimal: System, options: tuple[str, ...]) -> None:
    make_app(minimal)
    for _ in range(2):
        result = run(minimal, "pkgtools-compile", *options, "--json", "-", APP)
        report = json.loads(result.stdout)
        assert report["exit"] == 0
        assert {o["source"] for o in report["outcomes"] if o["status"] == "failed"} <= {f"{APP}/bad.py"}


def test_file_lists_are_read_from_standard_input(minimal: System) -> None:
    make_app(minimal)
    run(minimal, "pkgtools-compile", "--from0", "-", stdin="\0".join(GOOD))
    assert cached_stems(minimal) == {"a", "b"}
    run(minimal, "pkgtools-clean", "--rpm-stdin", stdin="".join(f"{path}\n" for path in GOOD))
    assert cached_stems(minimal) == set()


def test_many_files_are_compiled_by_workers(minimal: System) -> None:
    names = [f"{APP}/m{n}.py" for n in range(120)]
    minimal.run("mkdir", APP)
    program = f"for n in range(120): open('{APP}/m%d.py' % n, 'w').write('X = %d\\n' % n * 50)"
    minimal.run("python3", "-c", program)
    run(minimal, "pkgtools-compile", "-j", "2", APP)
    assert len(cached_stems(minimal)) == len(names)


def test_strict_ends_with_one(minimal: System) -> None:
    make_app(minimal)
    assert run(minimal, "pkgtools-compile", "--strict", APP, check=False).exit == 1


def test_trigger_serves_a_system_without_any_package_of_ours(minimal: System) -> None:
    minimal.write("/usr/lib/python3/dist-packages/lone.py", "X = 1\n")
    run(minimal, "pkgtools-trigger")
    found = bytecode(minimal.tree("/usr/lib/python3/dist-packages"))
    assert [path.rpartition("/")[2].partition(".")[0] for path in found if path.endswith(".pyc")] == ["lone"]
    run(minimal, "pkgtools-trigger", "--remove-all")
    assert bytecode(minimal.tree("/usr/lib/python3/dist-packages")) == {}
