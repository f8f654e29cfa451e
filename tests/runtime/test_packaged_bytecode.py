# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode that packages own is known from the last batch for as long as dpkg has changed nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from pkgtools.runtime.record import digest
from tests.runtime.records import divert, know
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of

KEPT = "/var/lib/pkgtools/packaged"
LISTS = "/var/lib/dpkg/info"
SOURCE = f"{PUBLIC}/m.py"
PACKAGED = pyc_of(SOURCE, 1)


def _lay_out(sandbox: Sandbox) -> None:
    know(sandbox, [sandbox.write(SOURCE)])
    know(sandbox, [sandbox.write(PACKAGED)], "other")
    sandbox.write(pyc_of(SOURCE))


def _remember(sandbox: Sandbox) -> None:
    """Let a batch look at dpkg's files when a later change would leave another time."""
    time.sleep(0.03)
    assert sandbox.run("pkgtools-trigger").status == 0
    assert sandbox.exists(KEPT)


def _in_place(sandbox: Sandbox, name: str, content: str) -> None:
    """Change a list as dpkg never does: the directory stays as it was."""
    sandbox.write(f"{LISTS}/{name}.list", content)


def _as_dpkg_does(sandbox: Sandbox, name: str, content: str) -> None:
    sandbox.write(f"{LISTS}/{name}.list-new", content)
    os.rename(sandbox.path(f"{LISTS}/{name}.list-new"), sandbox.path(f"{LISTS}/{name}.list"))


def test_t18_packaged_pycs_stay_when_they_are_known_from_the_last_batch(sandbox: Sandbox) -> None:
    _lay_out(sandbox)
    _remember(sandbox)
    _in_place(sandbox, "other", "")  # nobody reads it
    assert sandbox.clean(SOURCE).of(PACKAGED) == ("kept", "packaged")
    assert sandbox.pycs(PUBLIC) == {PACKAGED}


def test_t18_what_another_version_of_ours_kept_is_not_believed(sandbox: Sandbox) -> None:
    _lay_out(sandbox)
    _remember(sandbox)
    kept = sandbox.read(KEPT)[20:]
    state = kept.partition(b"\n")[2].partition(b"\0")[0]
    for text in (b"\0".join((state, b"other.list", b"identity", b"0")), state, kept.replace(b" 2\n", b" 3\n", 1)):
        sandbox.write(KEPT, digest(text) + text, mode=0o600)
        assert sandbox.clean(SOURCE).of(PACKAGED) == ("kept", "packaged")


@pytest.mark.parametrize("name", ["other", "a-third"])
def test_t18_list_that_dpkg_has_written_since_is_read(name: str, sandbox: Sandbox) -> None:
    _lay_out(sandbox)
    _remember(sandbox)
    _as_dpkg_does(sandbox, name, f"{pyc_of(SOURCE)}\n")
    sandbox.clean(SOURCE)
    assert sandbox.pycs(PUBLIC) == {pyc_of(SOURCE)} | ({PACKAGED} if name == "a-third" else set())


def test_t18_list_that_is_gone_owns_nothing(sandbox: Sandbox) -> None:
    _lay_out(sandbox)
    _remember(sandbox)
    os.unlink(sandbox.path(f"{LISTS}/other.list"))
    sandbox.clean(SOURCE)
    assert sandbox.pycs(PUBLIC) == set()


def test_t18_diversion_since_the_last_batch_counts(sandbox: Sandbox) -> None:
    _lay_out(sandbox)
    _remember(sandbox)
    divert(sandbox, PACKAGED, pyc_of(SOURCE))
    sandbox.clean(SOURCE)
    assert sandbox.pycs(PUBLIC) == {PACKAGED, pyc_of(SOURCE)}


SPOILED: dict[str, Callable[[Sandbox], object]] = {
    "cut": lambda sandbox: os.truncate(sandbox.path(KEPT), 30),
    "empty": lambda sandbox: os.truncate(sandbox.path(KEPT), 0),
    "another's": lambda sandbox: os.chown(sandbox.path(KEPT), 1000, 1000),
    "open to others": lambda sandbox: os.chmod(sandbox.path(KEPT), 0o666),
    "changed": lambda sandbox: sandbox.write(KEPT, sandbox.read(KEPT).replace(b"m.cpython", b"x.cpython")),
    "gone": lambda sandbox: os.unlink(sandbox.path(KEPT)),
}


@pytest.mark.parametrize("how", SPOILED)
def test_t18_lists_are_read_where_what_is_known_cannot_be_trusted(how: str, sandbox: Sandbox) -> None:
    _lay_out(sandbox)
    _remember(sandbox)
    SPOILED[how](sandbox)
    sandbox.clean(SOURCE)
    assert sandbox.pycs(PUBLIC) == {PACKAGED}


def test_cleaning_writes_none_of_it(sandbox: Sandbox) -> None:
    _lay_out(sandbox)
    time.sleep(0.03)
    assert sandbox.clean("--dry-run", SOURCE).status == 0
    assert sandbox.clean(SOURCE).status == 0
    assert not sandbox.exists(KEPT)
