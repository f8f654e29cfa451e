# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Sources right in the root directory, as containers have them: their paths have one slash."""

from __future__ import annotations

import marshal
import os

import pytest

from tests.runtime.sandbox import Ran, Sandbox, pyc_of, reference_pyc

SOURCE, PYC = "/m.py", pyc_of("/m.py")


def _paths(ran: Ran) -> set[str]:
    return {path for one in ran.told for path in (one.path, one.source) if path}


@pytest.mark.parametrize("forks", [False, True])
@pytest.mark.parametrize("named", ["/", SOURCE, "list"])
def test_a_source_in_the_root_directory_is_compiled_and_cleaned(named: str, forks: bool, sandbox: Sandbox) -> None:
    sandbox.forks = forks
    sandbox.write(SOURCE)
    options = ("--from0", "-") if named == "list" else (named,)
    given = SOURCE.encode() + b"\0"
    ran = sandbox.compile(*options, given=given)
    assert (ran.of(PYC), ran.status) == (("compiled", "missing"), 0)
    assert _paths(ran) == {PYC, SOURCE}
    assert sandbox.read(PYC) == reference_pyc(sandbox, SOURCE)
    assert marshal.loads(sandbox.read(PYC)[16:]).co_filename == SOURCE
    assert sandbox.compile(*options, given=given).summary == {"fresh": 1}
    legacy = sandbox.write("/m.pyc", b"old")
    ran = sandbox.clean(*options, given=given)
    assert _paths(ran) == {PYC, legacy, SOURCE, "/__pycache__"}
    assert (sandbox.exists("/__pycache__"), sandbox.exists(legacy), sandbox.exists(SOURCE)) == (False, False, True)


def test_what_is_said_of_a_source_in_the_root_directory_names_it(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, "x = (\n")
    os.symlink("m.py", sandbox.path("/n.py"))
    ran = sandbox.compile("-X", ".*/x[.]py", "/", SOURCE, "/n.py", "/x.py")
    assert "//" not in "".join(_paths(ran) | {ran.talk})


def test_a_central_cache_has_a_place_for_it(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    ran = sandbox.compile("--cache-prefix", "/var/cache/python", SOURCE)
    assert (ran.status, _paths(ran)) == (0, {f"/var/cache/python/{os.path.basename(PYC)}", SOURCE})
    ran = sandbox.clean("--cache-prefix", "/var/cache/python", SOURCE)
    assert (ran.status, sandbox.pycs("/")) == (0, set())
