# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a batch compares by content, and what it leaves where nothing is compiled."""

from __future__ import annotations

import os

from tests.runtime.batches import NEW, batch, install
from tests.runtime.sandbox import Sandbox, pyc_of, reference_pyc


def test_a_look_at_everything_compares_what_a_package_brought_by_content(sandbox: Sandbox) -> None:
    """The new text has the old one's size and time, so a header can't tell them apart."""
    install(sandbox, "small", "m")
    batch(sandbox)
    (source,) = install(sandbox, "small", "m", version="2", text=NEW)
    batch(sandbox, "--all")
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_right_bytecode_of_a_secret_module_stays_where_nothing_is_compiled(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    os.chmod(sandbox.path(source), 0o600)
    batch(sandbox)
    before = os.stat(sandbox.path(pyc_of(source)))
    assert before.st_mode & 0o777 == 0o600
    sandbox.write("/etc/pkgtools/bytecode.conf", "compile = no\n")
    ran = batch(sandbox, "--all")
    assert (ran.status, os.stat(sandbox.path(pyc_of(source)))) == (0, before)
