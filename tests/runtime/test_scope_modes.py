# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Owners and modes that dpkg-statoverride gives modules: their bytecode follows in the next batch."""

from __future__ import annotations

import os
import stat

import pytest

from tests.runtime.batches import HOST, batch, install, spoil
from tests.runtime.records import know
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of

_OVERRIDES = "/var/lib/dpkg/statoverride"


def _mode(sandbox: Sandbox, path: str) -> int:
    return stat.S_IMODE(os.stat(sandbox.path(path)).st_mode)


def test_a_module_that_is_made_secret_takes_its_bytecode_along(sandbox: Sandbox) -> None:
    (source,), (other,) = install(sandbox, "small", "m"), install(sandbox, "other", "m")
    batch(sandbox)
    os.chmod(sandbox.path(source), 0o600)
    spoilt = spoil(sandbox, other)
    sandbox.write(_OVERRIDES, f"root root 0600 {source}\n")
    assert batch(sandbox).status == 0
    assert (_mode(sandbox, pyc_of(source)), sandbox.read(pyc_of(other))) == (0o600, spoilt)
    os.chmod(sandbox.path(source), 0o644)
    sandbox.write(_OVERRIDES, "")
    assert batch(sandbox).status == 0
    assert _mode(sandbox, pyc_of(source)) == 0o644
    assert batch(sandbox).told == ()


@pytest.mark.parametrize("secret", ["directory", "above"])
def test_a_directory_that_is_made_secret_takes_its_cache_directory_along(secret: str, sandbox: Sandbox) -> None:
    source = sandbox.write(f"{HOST}/host.py")
    know(sandbox, [source, sandbox.write("/usr/share/pkgtools/private.d/h.conf", f"compile||{HOST}\n")], "host")
    batch(sandbox)
    os.chmod(sandbox.path(HOST), 0o700)
    path = HOST if secret == "directory" else os.path.dirname(HOST)
    sandbox.write(_OVERRIDES, f"root root 0700 {path}\n")
    assert batch(sandbox).status == 0
    assert _mode(sandbox, f"{HOST}/__pycache__") == 0o700


def test_what_holds_no_modules_is_left_alone(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    text = sandbox.write(f"{PUBLIC}/small/text with spaces")
    batch(sandbox)
    spoilt = spoil(sandbox, source)
    lines = [f"root root 0600 {path}\n" for path in (text, f"{PUBLIC}/small/gone.py", f"{PUBLIC}/gone", "/usr/bin/x")]
    sandbox.write(_OVERRIDES, "".join(lines) + "root root\n")
    ran = batch(sandbox)
    assert (ran.status, ran.told, ran.talk, sandbox.read(pyc_of(source))) == (0, (), "", spoilt)
