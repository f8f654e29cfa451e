# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which interpreters and levels batches compile for, as Debian and the administrator say, and what changes then."""

from __future__ import annotations

import os

import pytest

from tests.runtime.batches import HOST, WHEN, batch, install, paths_of, spoil
from tests.runtime.records import know
from tests.runtime.sandbox import HOST_PYTHON, PUBLIC, Sandbox, pyc_of, reference_pyc
from tests.runtime.test_unserved import found_in

DEFAULTS = "/usr/share/python3/debian_defaults"
OTHER_TAG = "cpython-313"


def _with_another_interpreter(sandbox: Sandbox, supported: str) -> None:
    """Add an interpreter that says what it is, and can do no more."""
    found_in(sandbox, python3_13="cpython 3 13 cpython-313 f30d0d0a 030d0ff000000000")
    text = f"[DEFAULT]\ndefault-version = {HOST_PYTHON.name}\nsupported-versions = {HOST_PYTHON.name}{supported}\n"
    sandbox.write(DEFAULTS, text)


def test_public_modules_are_for_the_interpreters_that_debian_supports(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    _with_another_interpreter(sandbox, "")
    assert (batch(sandbox).status, sandbox.pycs("/")) == (0, {pyc_of(source)})
    sandbox.clean(PUBLIC)
    assert (sandbox.compile(PUBLIC).status, sandbox.pycs("/")) == (0, {pyc_of(source)})


@pytest.mark.parametrize("how", ["supported", "named"])
def test_an_interpreter_that_is_supported_or_named_is_served(how: str, sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    _with_another_interpreter(sandbox, "")
    batch(sandbox)
    if how == "supported":
        _with_another_interpreter(sandbox, ", python3.13")
    else:
        sandbox.write("/etc/pkgtools/bytecode.conf", "interpreters = python3.13\n")
    assert pyc_of(source, 0, OTHER_TAG) in paths_of(batch(sandbox))


def test_an_unsupported_interpreter_is_no_event_when_it_comes_and_takes_its_bytecode_along(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    sandbox.write(DEFAULTS, f"default-version = {HOST_PYTHON.name}\nsupported-versions = {HOST_PYTHON.name}\n")
    batch(sandbox)
    spoilt = spoil(sandbox, source)
    _with_another_interpreter(sandbox, "")
    assert batch(sandbox).told == ()
    assert sandbox.read(pyc_of(source)) == spoilt
    theirs = sandbox.write(pyc_of(source, 0, OTHER_TAG), b"bytes")
    assert (batch(sandbox, "--all").status, sandbox.exists(theirs)) == (0, True)
    os.unlink(sandbox.path("/usr/bin/python3.13"))
    assert batch(sandbox).of(theirs) == ("removed", "dead-tag")


def test_an_unsupported_interpreter_serves_the_directories_that_only_it_can(sandbox: Sandbox) -> None:
    sandbox.write(DEFAULTS, f"default-version = {HOST_PYTHON.name}\nsupported-versions = {HOST_PYTHON.name}\n")
    source = sandbox.write(f"{HOST}/host.py")
    drop_in = sandbox.write("/usr/share/pkgtools/private.d/host.conf", f"compile|3.13-|{HOST}\n")
    know(sandbox, [drop_in, source], "host")
    own = sandbox.write("/usr/lib/python3.13/dist-packages/m.py")
    know(sandbox, [own], "own")
    assert batch(sandbox).all_of(own) == {("skipped", "not-served")}
    _with_another_interpreter(sandbox, "")
    assert {pyc_of(source, 0, OTHER_TAG), pyc_of(own, 0, OTHER_TAG)} <= paths_of(batch(sandbox))


def test_a_level_that_goes_takes_its_bytecode_along(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    sandbox.write("/etc/pkgtools/bytecode.conf", "levels = 0,1,2\n")
    batch(sandbox)
    theirs = sandbox.write(f"{PUBLIC}/small/theirs.py", mtime=WHEN)
    of_theirs = sandbox.write(pyc_of(theirs, 2), reference_pyc(sandbox, theirs, 2))
    sandbox.write("/etc/pkgtools/bytecode.conf", "levels = 1\n")
    ran = batch(sandbox)
    assert {ran.of(pyc_of(source, level)) for level in (0, 2)} == {("removed", "unwanted-level")}
    assert sandbox.pycs("/") == {pyc_of(source, 1), pyc_of(theirs, 1), of_theirs}


@pytest.mark.parametrize("value", ["python", "3.13", "python3.13,python2"])
def test_interpreters_of_other_names_are_a_bad_setting(value: str, sandbox: Sandbox) -> None:
    sandbox.write("/etc/pkgtools/bytecode.conf", f"interpreters = {value}\n")
    assert batch(sandbox).of("/etc/pkgtools/bytecode.conf") == ("skipped", "bad-setting")


_WITHOUT_LOCK = "/usr/lib/python3.13t/site-packages"


@pytest.mark.parametrize("library", [_WITHOUT_LOCK, f"{PUBLIC}/app/lib/python3.13t/site-packages"])
def test_bytecode_of_an_interpreter_that_is_gone_goes_though_another_has_its_tag(
    library: str, sandbox: Sandbox
) -> None:
    """CPython without the global lock has the cache tag of the other one, and a library of its own."""
    says = "cpython 3 13 cpython-313 f30d0d0a 030d0ff000000000"
    found_in(sandbox, python3_13=says, python3_13t=f"{says} t:0")
    sandbox.directory(_WITHOUT_LOCK)
    source, other = sandbox.write(f"{library}/m.py"), sandbox.write("/usr/lib/python3.13/site-packages/m.py")
    pycs = [sandbox.write(pyc_of(one, 0, OTHER_TAG), b"bytes") for one in (source, other)]
    batch(sandbox)
    assert all(map(sandbox.exists, pycs))
    sandbox.write("/usr/bin/python3.13t", "#!/bin/false\n", mode=0o755)
    batch(sandbox)
    assert all(map(sandbox.exists, pycs))
    os.unlink(sandbox.path("/usr/bin/python3.13t"))
    assert batch(sandbox).of(pycs[0]) == ("removed", "dead-tag")
    assert sandbox.exists(pycs[1])
