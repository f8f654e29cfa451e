# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is wrong after a step, by what was seen before and after it."""

from __future__ import annotations

import stat
from collections.abc import Mapping

import pytest

from pkgtools.model.finding import Severity
from pkgtools.model.trial import ImportTrial, LifeStep, TrialFault
from pkgtools.trial.judging import Memory, changes_of, judge_step, remember, warnings_of
from pkgtools.trial.sight import SeenFile, Sight

PYC = "/usr/lib/python3/dist-packages/a/__pycache__/m.cpython-311.pyc"


def seen(mode: int = 0o644, mtime: int = 1, owner: tuple[int, int] = (0, 0)) -> SeenFile:
    return SeenFile(mode=stat.S_IFREG | mode, owner=owner, size=10, mtime_ns=mtime)


def sight(files: Mapping[str, SeenFile] | None = None, *, batch: int = 0, owned: bool = False) -> Sight:
    return Sight(files=files or {}, owners={PYC: "a"} if owned else {}, findings=(), batch=batch)


def found(step: LifeStep, start: Sight, before: Sight, after: Sight) -> set[tuple[str, str]]:
    memory = Memory(start=start)
    remember(LifeStep.INSTALL, memory, start, before)
    return {(one.check, one.path) for one in judge_step(step, memory, before, after, ())}


@pytest.mark.parametrize(
    ("step", "path", "is_left"),
    [
        (LifeStep.REMOVE, PYC, True),
        (LifeStep.REMOVE, "/etc/a.conf", False),
        (LifeStep.PURGE, "/etc/a.conf", True),
        (LifeStep.PURGE, "/var/lib/dpkg/info/a.list", False),
        (LifeStep.PURGE, "/var/log/dpkg.log", False),
        (LifeStep.PURGE, "/var/lib/dpkg-not/x", True),
        (LifeStep.PURGE, "/etc/shadow-", False),
        (LifeStep.PURGE, "/etc/.pwd.lock", False),
        (LifeStep.PURGE, "/etc/shadow-x", True),
    ],
)
def test_what_counts_as_left_behind(step: LifeStep, path: str, is_left: bool) -> None:
    nothing = sight()
    assert found(step, nothing, nothing, sight({path: seen()})) == ({("left-behind", path)} if is_left else set())


@pytest.mark.parametrize("after", [None, seen(mtime=2), seen(mode=0o600), seen(owner=(1, 0))], ids=str)
def test_files_of_others_that_change_are_told_but_not_of_var(after: SeenFile | None) -> None:
    start = sight({"/usr/lib/x.py": seen(), "/var/lib/x": seen()})
    now = sight(dict.fromkeys(start.files, after) if after else {})
    assert found(LifeStep.INSTALL, start, start, now) == {("others-changed", "/usr/lib/x.py")}


def test_bytecode_is_to_be_restored_with_mode_and_owner() -> None:
    installed = sight({PYC: seen()})
    assert found(LifeStep.KILLED, sight(), installed, sight({PYC: seen(mtime=5)})) == set()
    for now in (sight(), sight({PYC: seen(mode=0o640)}), sight({PYC: seen(), PYC + "x.pyc": seen()})):
        assert {check for check, _ in found(LifeStep.KILLED, sight(), installed, now)} == {"not-restored"}


@pytest.mark.parametrize(
    ("after", "by"),
    [
        (sight({PYC: seen()}, owned=True), "package"),
        (sight({PYC: seen()}, batch=9), "pkgtools-runtime"),
        (sight({PYC: seen()}), "scripts"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_who_made_it(after: Sight, by: str) -> None:
    (change,) = changes_of(sight(), after)
    assert (change.change, change.by, change.mode, change.owner) == ("new", by, "0644", "0:0")


@pytest.mark.parametrize(
    ("error", "severity"),
    [
        ("ModuleNotFoundError: No module named 'msvcrt'", Severity.WARNING),
        ("IndexError: list index out of range", Severity.WARNING),
        ("EOFError: marshal data too short", Severity.ERROR),
        ("SyntaxError: invalid syntax", Severity.ERROR),
        ("the interpreter ended with status -11", Severity.ERROR),
    ],
)
def test_import_that_never_worked_is_a_warning_unless_it_can_not_be_meant(error: str, severity: Severity) -> None:
    tried = ImportTrial(module="a", error=error, has_cache=False, from_cache=False, seconds=0, seconds_without=0)
    for imported, expected in ((set[str](), severity), ({"a"}, Severity.ERROR)):
        memory = Memory(start=sight(), imported=imported)
        (fault,) = judge_step(LifeStep.INSTALL, memory, sight(), sight(), [tried])
        assert (fault.check, fault.severity) == ("import-failed", expected)


@pytest.mark.parametrize(
    ("output", "number"),
    [
        ("dpkg: warning: while removing a, directory '/x' not empty so not removed\n", 1),
        ("dpkg: warning: downgrading a from 2 to 1\n", 0),
        ("Traceback (most recent call last):\n  File x\n", 1),
        ("/var/lib/dpkg/info/a.postinst: 3: nope: not found\n", 1),
        ("warning: %post(a-1-1.noarch) scriptlet failed, exit status 126\n", 1),
        ("Setting up a (1) ...\nno warning: at all\n", 0),
    ],
)
def test_warnings_of_package_managers(output: str, number: int) -> None:
    assert len(list(warnings_of(output))) == number


def test_fault_is_told_once_and_the_worst_comes_first() -> None:
    memory = Memory(start=sight())
    faults = [
        TrialFault(check="warned", severity=Severity.WARNING, text="x"),
        TrialFault(check="left-behind", severity=Severity.ERROR, text="y", path="/p"),
    ]
    assert [one.check for one in memory.new(iter(faults))] == ["left-behind", "warned"]
    assert memory.new(iter(faults)) == ()


def test_directory_that_holds_what_is_left_is_not_told_beside_it() -> None:
    directory = SeenFile(mode=stat.S_IFDIR | 0o755, owner=(0, 0), size=0, mtime_ns=0)
    after = sight({"/opt/a": directory, "/opt/a/b": directory, "/opt/a/b/c": seen(), "/opt/a-": directory})
    told = {("left-behind", "/opt/a/b/c"), ("left-behind", "/opt/a-")}
    assert found(LifeStep.PURGE, sight(), sight(), after) == told


def test_a_line_of_any_length_is_read_once() -> None:
    assert list(warnings_of("x" * 250_000)) == []


def test_warnings_are_lines() -> None:
    said = "a\r\nsh: 1: foo: not found\r\n" + "warning: b\n" * 60
    assert [one.text for one in warnings_of(said)] == ["sh: 1: foo: not found", *["warning: b"] * 49]
