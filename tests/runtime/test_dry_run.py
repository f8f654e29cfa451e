# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A dry run changes nothing, not even in /var, and tells what the real run then does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

from tests.lab.tree import differences
from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, PUBLIC, TAG, TRIGGERS, Ran, Sandbox, pyc_of

Scene = Callable[[Sandbox], None]
DONE = {"linked": "compiled"}
"""What only the real run can know: that two levels have the same bytes."""


def _everything(sandbox: Sandbox) -> None:
    """Lay out one of each: to compile, stale, wrong mode, planted, truncated, bad, orphaned, foreign, refused."""
    for name in ("fresh", "stale", "moded", "planted", "cut", "gone", "killed"):
        sandbox.write(f"{APP}/{name}.py", f"def {name}():\n    return 1\n")
    sandbox.write(f"{APP}/pkg/other.py")
    sandbox.compile(APP)
    sandbox.write(f"{APP}/new.py")
    sandbox.write(f"{APP}/stale.py", "def stale():\n    return 'changed'\n")
    os.chmod(sandbox.path(pyc_of(f"{APP}/moded.py")), 0o600)
    os.chown(sandbox.path(pyc_of(f"{APP}/planted.py")), 1000, 1000)
    os.truncate(sandbox.path(pyc_of(f"{APP}/cut.py")), 10)
    os.unlink(sandbox.path(f"{APP}/gone.py"))
    sandbox.write(f"{APP}/__pycache__/killed.{TAG}.pyc.99", b"half")
    sandbox.write(f"{APP}/__pycache__/.pkgtools-0123456789abcdef-00000000-1.tmp", b"half")
    sandbox.write(f"{APP}/__pycache__/README", b"foreign")
    sandbox.write(f"{APP}/fresh.pyc", b"legacy")
    os.chmod(sandbox.path(f"{APP}/pkg/__pycache__"), 0o700)
    sandbox.write(f"{APP}/open/m.py")
    sandbox.directory(f"{APP}/open", 0o777)
    sandbox.write(f"{PUBLIC}/p.py")


COMMANDS = [
    pytest.param(("pkgtools-compile", APP, PUBLIC), id="compile"),
    pytest.param(("pkgtools-compile", "-f", APP, PUBLIC), id="compile-force"),
    pytest.param(("pkgtools-compile", "-O", "0,1,2", APP), id="compile-levels"),
    pytest.param(("pkgtools-compile", "--cache-prefix", "/var/cache/python", APP, PUBLIC), id="compile-prefix"),
    pytest.param(("pkgtools-clean", APP, PUBLIC), id="clean"),
    pytest.param(("pkgtools-clean", "-V", "3.11", APP), id="clean-version"),
    pytest.param(("pkgtools-clean", "--orphans", APP), id="clean-orphans"),
    pytest.param(("pkgtools-trigger",), id="trigger"),
    pytest.param(("pkgtools-trigger", "--remove-all"), id="remove-all"),
]


def _facts(ran: Ran) -> set[tuple[str, str, str, int | None]]:
    return {
        (DONE.get(one.status, one.status), one.path, "" if one.status == "linked" else one.reason, one.level)
        for one in ran.told
    }


def _comparable(facts: set[tuple[str, str, str, int | None]]) -> set[tuple[str, str, int | None]]:
    return {(status, path, level) for status, path, _, level in facts}


@pytest.mark.parametrize("command", COMMANDS)
def test_dry_run_changes_nothing_and_foretells_the_real_run(command: tuple[str, ...], sandbox: Sandbox) -> None:
    _everything(sandbox)
    sandbox.directory("/var/cache/python")
    for name in ("interpreters",):
        if sandbox.exists(f"/var/cache/pkgtools/{name}"):
            os.unlink(sandbox.path(f"/var/cache/pkgtools/{name}"))
    before = sandbox.below()
    foretold = sandbox.run(command[0], "--dry-run", *command[1:])
    assert differences(before, sandbox.below()) == []
    done = sandbox.run(*command)
    open_ = {(path, level) for status, path, level in _comparable(_facts(foretold)) if status == "undecided"}
    decided = [{one for one in _comparable(_facts(ran)) if one[1:] not in open_} for ran in (foretold, done)]
    assert decided[0] == decided[1]
    became = {status for status, path, level in _comparable(_facts(done)) if (path, level) in open_}
    assert became <= {"fresh", "repaired", "compiled"}
    assert foretold.status == done.status


@pytest.mark.parametrize("command", COMMANDS)
def test_report_tells_every_change_of_the_real_run(command: tuple[str, ...], sandbox: Sandbox) -> None:
    _everything(sandbox)
    sandbox.directory("/var/cache/python")
    before = sandbox.below(APP, PUBLIC)
    ran = sandbox.run(*command)
    after = sandbox.below(APP, PUBLIC)
    went = before.keys() - after.keys()
    came = {path for path in after.keys() - before.keys() if not path.endswith("__pycache__")}
    told = {
        status: {one.path for one in ran.told if one.status == status} for status in ("removed", "compiled", "linked")
    }
    assert went == told["removed"] - after.keys()
    assert came <= told["compiled"] | told["linked"]


def test_dry_run_calls_nothing_fresh_that_nobody_looked_into(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py", "x = [1, 2, 3]\n" * 9)
    sandbox.compile(APP)
    os.truncate(sandbox.path(pyc_of(source)), 40)
    assert sandbox.compile("-n", APP).of(pyc_of(source)) == ("undecided", "unrecorded")
    assert sandbox.compile(APP).of(pyc_of(source))[0] == "compiled"


def test_dry_run_says_on_standard_output_what_would_be_done(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    argv = [str(TRIGGERS / "pkgtools-compile"), "--root", str(sandbox.root), "-n", APP]
    done = subprocess.run(argv, capture_output=True, text=True, env=CLEAN_ENVIRONMENT, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == f"{pyc_of(source)}: compiled (missing)"
    assert lines[1].startswith("1 compiled")
    assert done.stderr == ""


def test_a_dry_run_of_the_trigger_names_each_file_with_the_reason(sandbox: Sandbox) -> None:
    """On standard output, without -v; the run itself then does that and nothing else."""
    _everything(sandbox)
    sandbox.write("/usr/share/pkgtools/private.d/app.conf", f"compile||{APP}\n")
    argv = [str(TRIGGERS / "pkgtools-trigger"), "--root", str(sandbox.root), "-n"]
    done = subprocess.run(argv, capture_output=True, text=True, env=CLEAN_ENVIRONMENT, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("/")]
    assert {
        f"{pyc_of(f'{APP}/new.py')}: compiled (missing)",
        f"{pyc_of(f'{APP}/stale.py')}: compiled (stale-source)",
        f"{pyc_of(f'{APP}/gone.py')}: removed (orphan)",
        f"{APP}/pkg/__pycache__: repaired (wrong-mode)",
    } <= set(lines)
    changes = {"compiled", "linked", "repaired", "removed"}
    real = {one.path for one in sandbox.run("pkgtools-trigger").told if one.status in changes}
    undecided = {line.partition(": ")[0] for line in lines if ": undecided (" in line}
    named = {line.partition(": ")[0] for line in lines if line.partition(": ")[2].partition(" ")[0] in changes}
    assert named <= real <= named | undecided
